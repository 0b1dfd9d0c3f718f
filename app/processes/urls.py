"""The site's HTTP URLs; `app.processes.routing` has the WebSocket URLs."""

from django.urls import path, re_path

from app.web.views import not_found, page, upgrade_required

urlpatterns = [
    path("", page, name="page"),
    path("ws/game/", upgrade_required, name="upgrade-required"),
    re_path("", not_found),
]
