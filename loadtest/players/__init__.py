"""Virtual players, one socket each at a time: the load test measures what they get, the fault suite judges it."""
