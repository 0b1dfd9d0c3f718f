"""The only room that knows all others: environment, settings, addresses, entry points and management commands."""
