"""Work with an end: whatever a server does or does not, a check is over in time."""

import threading
from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class _Work(Generic[T]):
    """What a thread found out."""

    def __init__(self, work: Callable[[], T]) -> None:
        self._work = work
        self.result: T | None = None
        self.error: BaseException | None = None

    def run(self) -> None:
        try:
            self.result = self._work()
        except BaseException as error:  # noqa: BLE001  # it is raised again where it is waited for
            self.error = error


def within(seconds: float, work: Callable[[], T]) -> T:
    """Return what `work` returns, or raise what it raises; raises TimeoutError when it takes longer.

    A thread of its own, which is left behind if need be: timeouts of sockets begin anew with each byte, and names are
    resolved without any.
    """
    found = _Work(work)
    thread = threading.Thread(target=found.run, daemon=True)
    thread.start()
    thread.join(seconds)
    if thread.is_alive():
        raise TimeoutError(f"it took longer than {seconds:g} s")
    if found.error is not None:
        raise found.error
    return found.result  # type: ignore[return-value]  # the work is done, so it is a T
