"""One connected player: its session, its controls, its ticket, and the uplink that carries its inputs to the tick."""
