"""The groups through which gateways and ticks reach each other in the channel layer, and their message types."""

from typing import Final

UPLINK_GROUP: Final = "flotilla.uplink"  # every tick process is a member, so that a spare receives the rosters too
FRAME_TYPE: Final = "flotilla.frame"
ANSWER_TYPE: Final = "flotilla.answer"
BATCH_TYPE: Final = "flotilla.batch"


def arena_group(arena: int) -> str:
    """Return the group that receives the snapshots of `arena`."""
    return f"flotilla.arena.{arena}"
