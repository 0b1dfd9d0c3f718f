"""Django is set up once for all tests, with the settings of a machine on which nothing is configured."""

import os

import django

for name in [name for name in os.environ if name.startswith("FLOTILLA_")]:
    del os.environ[name]
os.environ["DJANGO_SETTINGS_MODULE"] = "app.config.settings"
django.setup()
