"""The process's one channel in the channel layer, and the Redis behind it."""
