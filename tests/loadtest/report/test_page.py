"""Tests of loadtest/report/page.py: it loads nothing, describes every chart in words, and escapes a result."""

import re
from html.parser import HTMLParser

import msgspec
import pytest

from loadtest.judge import slo
from loadtest.judge.verdict import judge
from loadtest.measure.latencies import Spread
from loadtest.measure.result import Result
from loadtest.report.page import page
from loadtest.report.palette import DARK, LIGHT
from tests.loadtest.measure import results

HOSTILE = '"><script>alert(1)</script><img src=x onerror=alert(1)>$\\frac$&amp;'


class Elements(HTMLParser):
    """All elements of a page with their attributes, the words, and whether all are closed."""

    VOID = frozenset({"meta", "path", "use", "rect"})

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self.open: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        if tag not in self.VOID:
            assert tag == self.open.pop()

    def handle_data(self, data: str) -> None:
        self.words.append(data)

    def all(self, tag: str) -> list[dict[str, str | None]]:
        """The attributes of all such elements."""
        return [attributes for name, attributes in self.found if name == tag]


@pytest.fixture(scope="module")
def judged() -> Result:
    """A ramp that broke, with its verdict."""
    return msgspec.structs.replace(results.bad(), verdict=judge(results.bad(), slo.load("ramp")))


def test_a_page_asks_for_nothing(judged: Result) -> None:
    """No script, no address, and a policy under which a browser would refuse both."""
    text = page(judged)
    elements = Elements(text)
    assert [] == elements.open
    assert {"script", "link", "img", "iframe", "base"}.isdisjoint(name for name, _ in elements.found)
    assert [] == [value for _, attributes in elements.found for name, value in attributes.items() if name == "src"]
    assert [] == re.findall(r"https?://|@import|url\((?!#)", text)
    assert "default-src 'none'" in str(elements.all("meta")[1]["content"])


def test_every_chart_has_words_and_every_table_has_heads(judged: Result) -> None:
    """A reader who does not see a chart can read its content."""
    elements = Elements(page(judged))
    charts = elements.all("svg")
    assert 4 == len(charts)
    assert all(chart["role"] == "img" and len(str(chart["aria-label"])) > 40 for chart in charts)
    assert len(elements.all("figcaption")) == len(charts)
    assert all(head["scope"] in {"col", "row"} for head in elements.all("th"))
    assert "en" == elements.all("html")[0]["lang"]
    assert 2 == len(elements.all("details"))


def test_the_players_with_the_longest_gaps_are_listed(judged: Result) -> None:
    """Twenty of ninety, the worst first."""
    words = Elements(page(judged)).words
    assert "The 20 players with the longest gaps as a table" in words
    worst = max(judged.players, key=lambda one: one.gap.p99_ms)
    heads = words[words.index("closed with") :]
    assert f"{worst.number}" == next(word for word in heads[1:] if word.strip())


def test_charts_share_no_identifier(judged: Result) -> None:
    """A clip of one chart must not cut another."""
    identifiers = [str(attributes["id"]) for _, attributes in Elements(page(judged)).found if "id" in attributes]
    text = page(judged)
    assert len(identifiers) == len(set(identifiers))
    assert set(re.findall(r"url\(#([^)]*)\)", text)) | set(re.findall(r'href="#([^"]*)"', text)) <= set(identifiers)


def test_light_and_dark_name_the_same_colours_and_charts_use_only_these(judged: Result) -> None:
    """A chart in a dark page has no light line left."""
    text = page(judged)
    assert LIGHT.keys() == DARK.keys()
    assert "prefers-color-scheme: dark" in text
    charts = "".join(re.findall(r"<svg.*?</svg>", text, re.DOTALL))
    assert set() == set(re.findall(r"#[0-9a-f]{6}\b", charts))
    assert set(re.findall(r"var\(--([a-z0-9]+)\)", charts)) <= {*LIGHT, "font"}


def test_the_verdict_comes_first(judged: Result) -> None:
    """Its outcome and its reasons stand above all charts."""
    text = page(judged)
    assert text.index("first broken at 30 players") < text.index("<svg")
    assert '<span class="badge fail">fail</span>' in text


@pytest.mark.parametrize("field", ["url", "scenario", "protocol", "inputs"])
def test_what_a_result_says_stays_words(field: str) -> None:
    """Markup and formulas in it are shown, not obeyed."""
    good = results.good()
    hostile = msgspec.structs.replace(
        good, plan=msgspec.structs.replace(good.plan, **{field: HOSTILE}), machine={HOSTILE: HOSTILE}, version=HOSTILE
    )
    elements = Elements(page(hostile))
    assert [] == elements.all("script") + elements.all("img")
    assert HOSTILE in elements.words


def test_a_run_in_which_nothing_happened_has_a_page() -> None:
    """A run that was interrupted at once has a page without charts."""
    nothing = msgspec.structs.replace(
        results.good(), interrupted=True, gap=Spread(), series=[], steps=[], players=[], histograms={}, server=None
    )
    elements = Elements(page(nothing))
    assert [] == elements.all("svg")
    assert "No player received a frame" in elements.words


def test_a_histogram_that_cannot_be_read_costs_one_chart() -> None:
    """The rest is drawn."""
    broken = msgspec.structs.replace(results.good(), histograms={"gap": "no histogram"})
    assert 3 == len(Elements(page(broken)).all("svg"))
