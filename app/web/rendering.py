"""Renders a template without the cycle that each of Django's contexts is."""

from typing import Any, cast

from django.http import HttpRequest, HttpResponse
from django.template import loader
from django.template.backends.django import Template
from django.template.context import make_context


def rendered(
    request: HttpRequest, template: str, values: dict[str, Any] | None = None, *, status: int = 200
) -> HttpResponse:
    """Return the page as `django.shortcuts.render` does, and cut what its context refers to."""
    found = cast("Template", loader.get_template(template))
    context = make_context(values, request)
    try:
        return HttpResponse(found.template.render(context), status=status)
    finally:
        context.dicts.clear()  # each of them refers to the context
