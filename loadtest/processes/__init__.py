"""The roles of Flotilla as real processes on this machine, between a real Redis and a real nginx."""
