"""How each role is put together, runs and ends: `all_in_one` (the command `run`), `gateway`, `tick` and `web`."""
