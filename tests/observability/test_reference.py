"""app/observability/reference.py: the page of metrics is the declarations of metrics."""

from pathlib import Path

from prometheus_client import REGISTRY

from app.commands.generated_section import replace_section
from app.observability.reference import BEGIN, END, NOTES, declared, name, table

PAGE = Path(__file__).parents[2] / "docs" / "metrics.md"


def test_page_is_up_to_date() -> None:
    """docs/metrics.md has the metrics of the code."""
    assert PAGE.read_text() == replace_section(PAGE.read_text(), BEGIN, END, table())


def test_every_metric_has_a_note() -> None:
    """The roles and the reading in an incident; there is no note without its metric."""
    assert set(NOTES) == {name(metric) for metric in declared()}
    assert all(role and meaning for role, meaning in NOTES.values())


def test_every_metric_has_one_row() -> None:
    """Each with all its cells, under the name that dashboards use."""
    rows = table().splitlines()[2:]
    names = [row.split("`")[1] for row in rows]
    families = {f"{family.name}_total" if family.type == "counter" else family.name for family in REGISTRY.collect()}
    assert sorted(family for family in families if family.startswith("flotilla_")) == sorted(names)
    assert {row.count(" | ") for row in rows} == {5}
