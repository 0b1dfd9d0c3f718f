"""Makes load: schedules, processes of players, the compiled generator, and one result of all."""
