"""Two versions by several rounds of each: what changed, how sure that is, and what so few rounds cannot tell."""
