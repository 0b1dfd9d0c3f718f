"""The management commands of Flotilla."""
