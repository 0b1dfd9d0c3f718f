"""The names under which gateways and tick find each other in the channel layer, and the types of their messages."""

from typing import Final

UPLINK_GROUP: Final = "flotilla.uplink"  # every tick process listens here, so that a spare hears the rosters too
FRAME_TYPE: Final = "flotilla.frame"
ANSWER_TYPE: Final = "flotilla.answer"
BATCH_TYPE: Final = "flotilla.batch"


def arena_group(arena: int) -> str:
    """Return the group that receives the snapshots of `arena`."""
    return f"flotilla.arena.{arena}"
