"""A process with up to a thousand flotilla.v1 players, who come back by the protocol's rules and note what they see."""
