"""Makes the load and measures: a schedule, processes of players, what they noted, and one result of all that."""
