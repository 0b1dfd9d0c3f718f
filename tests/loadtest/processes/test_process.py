import os
import signal
import sys
from pathlib import Path

import pytest

from loadtest.processes.process import Process, SiteError, program

DEAF = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); "
READY = "import signal, sys, time; print('ready', flush=True); "


def started(folder: Path, code: str) -> Process:
    return Process("the example", [sys.executable, "-u", "-c", code], folder / "example.log", dict(os.environ))


def test_what_it_says_is_in_its_log_and_can_be_waited_for(tmp_path: Path) -> None:
    """A later start adds to the log, but only its own words count."""
    for _ in range(2):
        process = started(tmp_path, "print('port', 1234)")
        assert "1234" == process.wait_for(r"port (\d+)")[1]
        assert 0 == process.wait()
    assert "port 1234\n" == process.said()
    assert "port 1234\n" * 2 == process.log.read_text()


def test_one_that_ends_before_it_is_ready_is_named_with_its_last_words(tmp_path: Path) -> None:
    """Waiting does not go on until the time is over."""
    process = started(tmp_path, "raise SystemExit('no configuration')")
    with pytest.raises(SiteError, match=r"(?s)the example ended\..*no configuration"):
        process.wait_for("ready")


def test_one_that_says_nothing_is_waited_for_only_so_long(tmp_path: Path) -> None:
    """Every wait is bounded."""
    process = started(tmp_path, READY + "signal.pause()")
    try:
        with pytest.raises(SiteError, match=r"did not say 'never' within 0\.1 s"):
            process.wait_for("never", patience_s=0.1)
        with pytest.raises(SiteError, match=r"did not end within 0\.1 s"):
            process.wait(0.1)
    finally:
        process.kill()


@pytest.mark.parametrize(
    "code", [READY + "signal.pause()", READY + "signal.signal(15, signal.SIG_IGN); signal.pause()"]
)
def test_stop_ends_it_kindly_or_not(tmp_path: Path, code: str) -> None:
    """Also one that is stopped, or that does not listen."""
    process = started(tmp_path, code)
    process.wait_for("ready")
    process.signal(signal.SIGSTOP)
    process.stop(patience_s=0.5)
    assert not process.running
    process.stop()


def test_a_missing_program_is_said_with_the_remedy() -> None:
    """One sentence that names what to install."""
    with pytest.raises(SiteError, match="There is no no-such-server on this machine: install it"):
        program("no-such-server")
