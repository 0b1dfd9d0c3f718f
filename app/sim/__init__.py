"""The rules of the world: pure, exact, without clock, socket or framework."""
