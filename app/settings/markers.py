"""Between two markers, a page of docs/ is made by a command; the rest of it is written by hand."""


def filled(text: str, begin: str, end: str, content: str) -> str:
    """Return the page with `content` between its markers. Raises ValueError if it has none."""
    before, found_begin, rest = text.partition(begin)
    _, found_end, after = rest.partition(end)
    if not (found_begin and found_end):
        raise ValueError(f"no place for the table: the page must have the lines {begin} and {end}")
    return f"{before}{begin}\n{content}\n{end}{after}"
