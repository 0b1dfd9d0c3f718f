"""The section of a documentation page, between two marker lines, that a command generates."""


def replace_section(page: str, begin: str, end: str, content: str) -> str:
    """Return the page with `content` between its markers. Raises ValueError if a marker is missing."""
    before, found_begin, rest = page.partition(begin)
    _, found_end, after = rest.partition(end)
    if not (found_begin and found_end):
        raise ValueError(f"no place for the table: the page must have the lines {begin} and {end}")
    return f"{before}{begin}\n{content}\n{end}{after}"
