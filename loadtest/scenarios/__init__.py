"""Faults and releases under players: what is done to a site, what players see, and what must hold."""
