"""One connected player: controls, session and ticket, and the uplink that sends inputs to the tick."""
