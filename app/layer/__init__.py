"""The channel layer between gateways and tick, and the Redis behind it."""
