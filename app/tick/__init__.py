"""The clock and the I/O around the simulation: one process steps the world and publishes it."""
