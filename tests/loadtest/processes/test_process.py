import os
import signal
import sys
from pathlib import Path

import pytest

from loadtest.processes.process import Process, SiteError, program

READY = "import signal, sys, time; print('ready', flush=True); "


def started(folder: Path, code: str) -> Process:
    return Process("the example", [sys.executable, "-u", "-c", code], folder / "example.log", dict(os.environ))


def test_output_is_in_the_log_and_can_be_waited_for(tmp_path: Path) -> None:
    """A second start appends to the log, but `output` returns only its own part."""
    for _ in range(2):
        process = started(tmp_path, "print('port', 1234)")
        assert "1234" == process.wait_for(r"port (\d+)")[1]
        assert 0 == process.wait()
    assert "port 1234\n" == process.output()
    assert "port 1234\n" * 2 == process.log.read_text()


def test_a_process_that_ends_before_it_is_ready_is_an_error_with_the_end_of_its_log(tmp_path: Path) -> None:
    """The wait ends with the process, not with the time limit."""
    process = started(tmp_path, "raise SystemExit('no configuration')")
    with pytest.raises(SiteError, match=r"(?s)the example ended\..*no configuration"):
        process.wait_for("ready")


def test_a_wait_for_a_silent_process_is_bounded(tmp_path: Path) -> None:
    """For its output, and for its end."""
    process = started(tmp_path, READY + "signal.pause()")
    try:
        with pytest.raises(SiteError, match=r"did not log 'never' within 0\.1 s"):
            process.wait_for("never", patience_s=0.1)
        with pytest.raises(SiteError, match=r"did not end within 0\.1 s"):
            process.wait(0.1)
    finally:
        process.kill()


@pytest.mark.parametrize(
    "code", [READY + "signal.pause()", READY + "signal.signal(15, signal.SIG_IGN); signal.pause()"]
)
def test_stop_ends_a_process_in_any_state(tmp_path: Path, code: str) -> None:
    """One under SIGSTOP, and one that ignores SIGTERM."""
    process = started(tmp_path, code)
    process.wait_for("ready")
    process.signal(signal.SIGSTOP)
    process.stop(patience_s=0.5)
    assert not process.running
    process.stop()


def test_a_missing_program_is_an_error_with_the_remedy() -> None:
    """The message names what to install."""
    with pytest.raises(SiteError, match="There is no no-such-server on this machine: install it"):
        program("no-such-server")
