"""The redis-server of the tests: as in the laboratory, with the names that tests use."""

from pathlib import Path

from loadtest.processes import redis_server


class RedisServer(redis_server.RedisServer):
    """One redis-server without persistence, always at the same address."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)

    def restart(self) -> None:
        """Start it again, empty. A running one is killed before."""
        self.kill()
        self.start()

    def unpause(self) -> None:
        """Let it continue after `pause`."""
        self.resume()
