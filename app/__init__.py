"""Flotilla: a shared arena in the browser, simulated on the server twenty times a second."""

__version__ = "0.1.0"
