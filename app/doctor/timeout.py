"""A time limit for a check, for any behaviour of the server."""

import threading
from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class _Work(Generic[T]):
    def __init__(self, work: Callable[[], T]) -> None:
        self._work = work
        self.result: T | None = None
        self.error: BaseException | None = None

    def run(self) -> None:
        try:
            self.result = self._work()
        except BaseException as error:  # noqa: BLE001  # raised again in the waiting thread
            self.error = error


def run_within(seconds: float, work: Callable[[], T]) -> T:
    """Return the result of `work`, or raise its exception. Raises TimeoutError if it takes longer.

    The work runs in a daemon thread, which may outlive this call: the timeouts of sockets begin again with each byte,
    and the resolution of names has none.
    """
    running = _Work(work)
    thread = threading.Thread(target=running.run, daemon=True)
    thread.start()
    thread.join(seconds)
    if thread.is_alive():
        raise TimeoutError(f"it took longer than {seconds:g} s")
    if running.error is not None:
        raise running.error
    return running.result  # type: ignore[return-value]  # the work is done, so it is a T
