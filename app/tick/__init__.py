"""The tick process: one process at a time steps the world at fixed deadlines and publishes it."""
