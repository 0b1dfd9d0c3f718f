"""Faults and releases under players: an action on a site, the observations of players, and the checks."""
