"""What may be configured: every environment variable with its type, default and meaning, and Django's settings."""
