import os
import signal
from pathlib import Path

import pytest

from loadtest.load.crowd_process import RemoteCrowd
from loadtest.players.door import Door
from loadtest.processes.ports import HOST, free_port
from loadtest.processes.process import SiteError

NOWHERE = Door([f"ws://{HOST}:{free_port()}/ws/game/"])


def test_a_crowd_without_a_server_counts_its_refusals(tmp_path: Path) -> None:
    """The error of a wait has the observation."""
    with RemoteCrowd(NOWHERE, tmp_path) as crowd:
        crowd.join(3, per_second=1000)
        with pytest.raises(SiteError, match=r"Not 3 players live within 0\.5 s: 0 live, 0 new"):
            crowd.wait_live(3, patience_s=0.5)
        seen = crowd.report()
    assert (3, 0) == (seen.players, seen.live)
    assert ["0"] == list(seen.refusals)
    assert all("Connection refused" in words for words in seen.refused_because)
    assert seen.refusals["0"] == sum(seen.refused_because.values())


def test_a_crowd_ends_with_its_block(tmp_path: Path) -> None:
    """It ends by itself, because its input ended."""
    with RemoteCrowd(NOWHERE, tmp_path) as crowd:
        assert crowd.running
    assert 0 == crowd.wait()


def test_a_crowd_that_died_is_an_error(tmp_path: Path) -> None:
    """At once, without a wait."""
    with RemoteCrowd(NOWHERE, tmp_path) as crowd:
        os.kill(crowd.pid, signal.SIGKILL)
        with pytest.raises(SiteError, match="A process of players ended by itself"):
            crowd.report()
