"""Registers the templates and static files of this folder with Django."""

from django.apps import AppConfig


class WebConfig(AppConfig):
    name = "app.web"
