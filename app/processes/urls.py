"""The site's addresses over plain HTTP; those over WebSocket are in `app.processes.routing`."""

from django.urls import path

from app.web.views import page, upgrade_required

urlpatterns = [
    path("", page, name="page"),
    path("ws/game/", upgrade_required, name="upgrade-required"),
]
