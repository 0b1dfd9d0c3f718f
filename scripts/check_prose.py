"""Checks that prose is plain: `check_prose.py PATH…`, where each PATH is a file or a folder; prose.toml has the rules.

Markdown: forbidden words, sentences and lines that are too long, links and paths that lead nowhere.
Python docstrings and comments, YAML comments: forbidden words. Python docstrings: not only the name repeated.

Prints `file:line: problem: suggestion` for each finding and exits 1 if there are any.
"""

import ast
import io
import re
import sys
import tokenize
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

from markdown_it import MarkdownIt
from markdown_it.token import Token

ROOT: Final = Path(__file__).resolve().parent.parent
RULES: Final = Path(__file__).with_name("prose.toml")

SKIPPED_FOLDERS: Final = frozenset({"node_modules", "__pycache__"})
# A path in backticks is checked if it starts with one of these folders and has no placeholder.
CHECKED_FOLDERS: Final = ("app", "docs", "frontend/src", "helm", "k8s", "loadtest", "scripts", "tests")

_PATH: Final = re.compile(rf"(?:{'|'.join(CHECKED_FOLDERS)})/[\w./-]*")
# The end of a sentence, before the start of the next one; "e.g. this" and "1.5" do not end one.
_SENTENCE_END: Final = re.compile(r"(?<!\be\.g)(?<!\bi\.e)[.!?][)\"'”]*(?=\s+\S|\s*$)")
_WORD: Final = re.compile(r"\w+(?:[-'’./]\w+)*")
_CODE_SPAN: Final = re.compile(r"`[^`]*`")
_NAME_PART: Final = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
_FILLERS: Final = frozenset({"return", "the", "a", "an", "it", "this", "of", "to"})


@dataclass(frozen=True)
class Rules:
    """The content of prose.toml."""

    max_words: int
    max_columns: int
    words: Mapping[str, str]
    """The suggestion for each forbidden word or phrase, in lower case."""
    allow: Mapping[str, Sequence[str]]
    """Excerpts that are not searched for words, by path relative to the root; `*` holds for all files."""

    @property
    def pattern(self) -> re.Pattern[str]:
        alternatives = (r"\s+".join(map(re.escape, phrase.split())) for phrase in sorted(self.words, key=len)[::-1])
        return re.compile(rf"\b(?:{'|'.join(alternatives)})\b", re.IGNORECASE)


@dataclass(frozen=True)
class Text:
    """A run of prose without code, and the line of the file on which it starts. Newlines are those of the file."""

    line: int
    text: str

    def line_at(self, position: int) -> int:
        return self.line + self.text.count("\n", 0, position)


@dataclass(frozen=True, order=True)
class Finding:
    line: int
    problem: str
    suggestion: str


# Markdown


def markdown_findings(path: Path, source: str, rules: Rules) -> Iterator[Finding]:
    """Yield every finding in a Markdown page except forbidden words."""
    tokens = parsed(source)
    yield from _long_lines(source, tokens, rules.max_columns)
    for token in _prose(tokens, tables=False):
        yield from long_sentences(_text(token), rules.max_words)
    for token in (token for token in tokens if token.type == "inline"):
        yield from _dead_links(path, token)


def parsed(source: str) -> list[Token]:
    return MarkdownIt("commonmark").enable("table").parse(source)


def markdown_texts(source: str) -> Iterator[Text]:
    return map(_text, _prose(parsed(source), tables=True))


def _prose(tokens: Sequence[Token], *, tables: bool) -> Iterator[Token]:
    """Yield the inline content of paragraphs and, with `tables`, of cells and headings."""
    for before, token in pairwise(tokens):
        if token.type == "inline" and (tables or before.type == "paragraph_open"):
            yield token


def _text(token: Token) -> Text:
    """Return the words of an inline token; code becomes one neutral word, addresses of links vanish."""
    parts = []
    for child in token.children or ():
        if child.type == "text":
            parts.append(child.content)
        elif child.type in {"softbreak", "hardbreak"}:
            parts.append("\n")
        elif child.type == "code_inline":
            parts.append("code")
    return Text(_line(token), "".join(parts))


def _line(token: Token) -> int:
    return (token.map or [0])[0] + 1


def _long_lines(source: str, tokens: Sequence[Token], limit: int) -> Iterator[Finding]:
    exempt: set[int] = set()
    for token in tokens:
        if token.map and token.type in {"fence", "code_block", "table_open", "html_block"}:
            exempt.update(range(token.map[0] + 1, token.map[1] + 1))
    for number, line in enumerate(source.splitlines(), 1):
        if len(line) > limit and number not in exempt:
            yield Finding(number, f"line of {len(line)} columns", f"wrap it at {limit}")


def long_sentences(text: Text, limit: int) -> Iterator[Finding]:
    """Yield each sentence of more than `limit` words."""
    start = 0
    for end in [match.end() for match in _SENTENCE_END.finditer(text.text)] + [len(text.text)]:
        count = len(_WORD.findall(text.text, start, end))
        if count > limit:
            first = start + len(text.text[start:end]) - len(text.text[start:end].lstrip())
            yield Finding(text.line_at(first), f"sentence of {count} words", f"split it: at most {limit}")
        start = end


def _dead_links(path: Path, token: Token) -> Iterator[Finding]:
    line = _line(token)
    for child in token.children or ():
        if child.type in {"softbreak", "hardbreak"}:
            line += 1
        target = child.attrGet("href") or child.attrGet("src")
        if target is not None and not _leads_somewhere(path, str(target)):
            yield Finding(line, str(target), "the link leads nowhere")
        if child.type == "code_inline" and _PATH.fullmatch(child.content) and not _exists(child.content):
            yield Finding(line, child.content, "there is no such file")


def _leads_somewhere(path: Path, target: str) -> bool:
    if re.match(r"[a-z]+:", target):  # another site
        return True
    name, _, anchor = target.partition("#")
    page = (path.parent / name).resolve() if name else path
    if not page.exists():
        return False
    return not anchor or page.suffix != ".md" or anchor in anchors(page)


def _exists(name: str) -> bool:
    return (ROOT / name).exists() or (ROOT / f"{name}.py").exists()


@cache
def anchors(page: Path) -> frozenset[str]:
    """Return the anchors that GitHub gives the headings of a page."""
    found: list[str] = []
    tokens = parsed(page.read_text(encoding="utf-8"))
    for before, token in pairwise(tokens):
        if before.type == "heading_open":
            words = "".join(child.content for child in token.children or ())
            found.append(re.sub(r"[^\w\- ]", "", words.lower()).replace(" ", "-"))
    return frozenset(name if (n := found[:i].count(name)) == 0 else f"{name}-{n}" for i, name in enumerate(found))


# Python and YAML


def python_texts(source: str) -> Iterator[Text]:
    """Yield docstrings, and comments, of which consecutive lines are one text."""
    for node in _documented(source):
        expression = node.body[0]
        yield Text(expression.lineno, str(expression.value.value))
    comments: dict[int, str] = {}
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT:
            comments[token.start[0]] = token.string.lstrip("#")
    yield from _joined(comments)


def yaml_texts(source: str) -> Iterator[Text]:
    """Yield comments: from a `#` at the start of a line or after a blank to the end of the line."""
    found = ((n, re.search(r"(?:^|\s)#(?!!)(.*)", line)) for n, line in enumerate(source.splitlines(), 1))
    return _joined({number: match[1] for number, match in found if match})


def _joined(comments: Mapping[int, str]) -> Iterator[Text]:
    block: list[str] = []
    for number, comment in comments.items():
        block.append(comment)
        if number + 1 not in comments:
            yield Text(number - len(block) + 1, "\n".join(block))
            block = []


def _documented(source: str) -> Iterator[Any]:
    documented = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, documented) and ast.get_docstring(node, clean=False) is not None:
            yield node


def empty_docstrings(source: str) -> Iterator[Finding]:
    """Yield each one-line docstring with no content word that is not in the name of its function or class."""
    for node in _documented(source):
        text = str(node.body[0].value.value)
        if isinstance(node, ast.Module) or "\n" in text.strip():
            continue
        name = {part.lower() for part in _NAME_PART.findall(node.name)}
        words = {word.lower() for word in re.findall(r"\w+", text)} - _FILLERS
        if all(word in name or word.removesuffix("s") in name for word in words):
            yield Finding(node.body[0].lineno, f'"{text}"', "the docstring repeats the name: delete it")


# Words, files, the command


def forbidden_words(texts: Iterator[Text], rules: Rules, path: str) -> Iterator[Finding]:
    """Yield each forbidden word in `texts`, of a file at `path` relative to the root."""
    excerpts = [*rules.allow.get("*", ()), *rules.allow.get(path, ())]
    for text in texts:
        prose = _CODE_SPAN.sub(lambda span: re.sub(r"[^\n]", "_", span[0]), text.text)
        for excerpt in excerpts:
            prose = prose.replace(excerpt, "_" * len(excerpt))
        for match in rules.pattern.finditer(prose):
            word = re.sub(r"\s+", " ", match[0])
            yield Finding(text.line_at(match.start()), word, rules.words[word.lower()])


def findings(path: Path, rules: Rules) -> list[Finding]:
    """Return what is wrong with a .md, .py or .yaml file, in the order of its lines."""
    source = path.read_text(encoding="utf-8")
    if path.suffix == ".md":
        found, texts = markdown_findings(path, source, rules), markdown_texts(source)
    elif path.suffix == ".py":
        found, texts = empty_docstrings(source), python_texts(source)
    else:
        found, texts = iter(()), yaml_texts(source)
    return sorted([*found, *forbidden_words(texts, rules, _relative(path))])


def files(paths: Sequence[str]) -> Iterator[Path]:
    """Yield each file, and the .md, .py and .yaml files of each folder."""
    for path in (Path(name).resolve() for name in paths):
        inside = (file for suffix in ("md", "py", "yaml") for file in path.rglob(f"*.{suffix}"))
        yield from sorted(file for file in inside if not SKIPPED_FOLDERS & set(file.parts)) if path.is_dir() else [path]


def _relative(path: Path) -> str:
    return str(path.relative_to(ROOT)) if path.is_relative_to(ROOT) else str(path)


def main(paths: Sequence[str]) -> int:
    rules = Rules(**tomllib.loads(RULES.read_text(encoding="utf-8")))
    total = 0
    for path in files(paths):
        for found in findings(path, rules):
            print(f"{_relative(path)}:{found.line}: {found.problem}: {found.suggestion}")
            total += 1
    if total:
        print(f"{total} findings; CONTRIBUTING.md, How we write, has the rules.", file=sys.stderr)
    return 1 if total else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
