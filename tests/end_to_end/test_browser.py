import asyncio
import contextlib
import functools
import http.server
import threading
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any, Final

import pytest
import pytest_asyncio
from playwright.async_api import Browser, ConsoleMessage, Page, async_playwright

from tests.end_to_end.clients import TutorialClient
from tests.end_to_end.conftest import Serve
from tests.end_to_end.server import Server
from tests.pacing import PATIENCE_S, until

pytestmark = pytest.mark.browser

ARTIFACTS: Final = Path(__file__).parents[1] / "artifacts"
CHROMIUM: Final = "/usr/bin/chromium"
# No graphics card, no sandbox inside containers, and no background traffic.
ARGUMENTS: Final = [
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
]

GAME: Final = "document.querySelector('flotilla-game')"

# Records every state and the exact ships after each drawn tick. The random delay before a page reconnects is up to
# 20 s; here it is fixed.
NOTES: Final = """
Math.random = () => 0.3;
window.states = [];
window.reasons = [];
window.seen = {};
document.addEventListener("flotilla-status", ({ detail }) => {
  states.push(detail.state);
  reasons.push(detail.reason);
});
const note = () => {
  const game = document.querySelector("flotilla-game");
  if (game?.frame?.tick) seen[game.frame.tick] = JSON.stringify(game.ships);
  requestAnimationFrame(note);
};
requestAnimationFrame(note);
"""


class Window:
    """A page with the game."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.troubles: list[str] = []
        page.on("console", self._on_console)
        page.on("pageerror", lambda error: self.troubles.append(str(error)))

    def _on_console(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            self.troubles.append(message.text)

    async def until(self, condition: str, argument: Any = None) -> None:
        """Wait until the JavaScript expression over `game` and `it` holds."""
        expression = f"(it) => {{ const game = {GAME}; return Boolean({condition}); }}"
        await self.page.wait_for_function(expression, arg=argument, timeout=PATIENCE_S * 1000)

    async def evaluate(self, expression: str, argument: Any = None) -> Any:
        """Return the value of the JavaScript expression over `game` and `it`."""
        return await self.page.evaluate(f"(it) => {{ const game = {GAME}; return {expression}; }}", argument)

    async def flying(self) -> int:
        """Wait for the player's ship. Return its id."""
        await self.until("game?.dataset.state === 'live' && game.status.shipId !== null")
        return int(await self.evaluate("game.status.shipId"))

    async def ship(self, number: int) -> dict[str, Any]:
        """Return the exact state of a ship in this window."""
        ship: dict[str, Any] = await self.evaluate("game.ships.find((ship) => ship.id === it)", number)
        return ship

    async def point(self, right: float, down: float) -> None:
        """Move the pointer to a position on the canvas, given as fractions of its size."""
        box = await self.page.locator("flotilla-game").bounding_box()
        assert box is not None
        await self.page.mouse.move(box["x"] + box["width"] * right, box["y"] + box["height"] * down)

    async def picture(self, name: str) -> None:
        """Save a screenshot."""
        ARTIFACTS.mkdir(exist_ok=True)
        (ARTIFACTS / ".gitignore").write_text("*\n")
        await self.page.screenshot(path=ARTIFACTS / f"{name}.png")


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def browser() -> AsyncIterator[Browser]:
    """Run one Chromium for all windows."""
    async with async_playwright() as playwright:
        chromium = await playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield chromium
        await chromium.close()


@contextlib.asynccontextmanager
async def window(browser: Browser, url: str) -> AsyncIterator[Window]:
    """Open a page in a separate browser context."""
    context = await browser.new_context(viewport={"width": 900, "height": 700})
    page = await context.new_page()
    await page.add_init_script(NOTES)
    opened = Window(page)
    await page.goto(url)
    yield opened
    await context.close()


@pytest.fixture
def other_site(tmp_path: Path) -> Iterator[http.server.ThreadingHTTPServer]:
    """Run the web server of another site, which serves `tmp_path`."""
    quiet = type("Quiet", (http.server.SimpleHTTPRequestHandler,), {"log_message": lambda *_: None})
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(quiet, directory=tmp_path)) as site:
        thread = threading.Thread(target=site.serve_forever)
        thread.start()
        yield site
        site.shutdown()
        thread.join()


def embed(folder: Path, server: Server) -> None:
    script = f"http://{server.address}/static/flotilla/flotilla-game.js"
    (folder / "bare.html").write_text(
        f'<!doctype html><link rel="icon" href="data:,"><script src="{script}"></script><flotilla-game></flotilla-game>'
    )


async def test_two_windows_and_a_tutorial_client_share_an_arena(browser: Browser, serve: Serve) -> None:
    """Each sees the others turn and move, and both windows have exactly the same ships."""
    server = serve()
    page = f"http://{server.address}/"
    async with (
        window(browser, page) as one,
        window(browser, page) as two,
        TutorialClient.connected(server) as three,
    ):
        first, second = await one.flying(), await two.flying()
        await three.until(lambda: len(three.ships) == 3)
        third = int(three.player_id or 0)
        for seer in (one, two):
            await seer.until("game.status.players === 3")

        for pilot, ship, other, place in ((one, first, two, (0.5, 0.02)), (two, second, one, (0.02, 0.5))):
            await pilot.point(0.9, 0.9)
            await pilot.point(*place)
            await other.until("game.ships.find((ship) => ship.id === it)?.heading > 96", ship)
            heading = (await other.ship(ship))["heading"]
            assert heading == (await pilot.ship(ship))["heading"]
            await three.until(lambda ship=ship: abs(three.ships[str(ship)]["facing"]) > 1)
            await pilot.page.mouse.down()
            await other.until("game.ships.find((ship) => ship.id === it)?.thrusting", ship)
            await three.until(lambda ship=ship: three.ships[str(ship)]["thrusting"])
            before = await other.ship(ship)
            await other.until(
                "((now) => now && Math.hypot(now.x - it.x, now.y - it.y) > 20 * 1024)"
                "(game.ships.find((ship) => ship.id === it.id))",
                before,
            )
            await pilot.picture(f"shared-{ship}")
            await pilot.page.mouse.up()
            await other.until("!game.ships.find((ship) => ship.id === it)?.thrusting", ship)
            await three.until(lambda ship=ship: not three.ships[str(ship)]["thrusting"])
            assert three.ships[str(ship)]["dx"] or three.ships[str(ship)]["dy"]

        await three.send_message("facing", facing=2.5)
        await three.send_message("mouseDown")
        for seer in (one, two):
            await seer.until(
                "((ship) => ship.thrusting && ship.heading === 102 && ship.vx < -1024)"
                "(game.ships.find((ship) => ship.id === it))",
                third,
            )
        assert_same(*[await seer.evaluate("window.seen") for seer in (one, two)])
        assert [] == one.troubles + two.troubles
    counters = server.counters()
    refused = {name: count for name, count in counters.items() if name.startswith("flotilla_refusals_total{") and count}
    assert {} == refused


def assert_same(one: dict[str, str], other: dict[str, str]) -> None:
    """Fail unless the two windows have the same ships after each common tick."""
    common = one.keys() & other.keys()
    assert len(common) > 20
    assert {tick: one[tick] for tick in common} == {tick: other[tick] for tick in common}


async def test_the_element_plays_on_a_page_of_an_allowed_origin(
    browser: Browser, serve: Serve, other_site: http.server.ThreadingHTTPServer, tmp_path: Path
) -> None:
    """Another site only needs a script tag and the element."""
    origin = f"http://friends.localhost:{other_site.server_port}"
    server = serve(FLOTILLA_ALLOWED_ORIGINS=origin)
    embed(tmp_path, server)
    async with window(browser, f"{origin}/bare.html") as guest:
        ship = await guest.flying()
        await guest.until("game.ships.some((ship) => ship.id === it)", ship)
        await guest.picture("embedded")
        assert [] == guest.troubles


async def test_a_page_of_another_origin_never_flies(
    browser: Browser, serve: Serve, other_site: http.server.ThreadingHTTPServer, tmp_path: Path
) -> None:
    """All its sockets are refused, and the element shows the state `lost`."""
    server = serve(FLOTILLA_ALLOWED_ORIGINS="http://friends.localhost")
    embed(tmp_path, server)
    async with window(browser, f"http://evil.localhost:{other_site.server_port}/bare.html") as guest:
        await guest.until("game?.dataset.state === 'lost'")
        await until(lambda: server.counters()['flotilla_refusals_total{reason="origin"}'] >= 2)
        await guest.until("game.dataset.state === 'lost' && game.status.retryInMs !== null")
        await guest.picture("refused")
        assert {"connecting", "lost"} >= set(await guest.evaluate("window.states"))
        assert await guest.evaluate("game.status.shipId") is None
        assert all("WebSocket" in trouble for trouble in guest.troubles)
    assert 0 == server.counters()["flotilla_connections"]


async def test_a_window_comes_back_after_a_restart(browser: Browser, serve: Serve) -> None:
    """After a restart of the server at the same port, the page reconnects by itself."""
    server = serve()
    async with window(browser, f"http://{server.address}/") as pilot:
        await pilot.flying()
        epoch = await pilot.evaluate("game.frame.epoch")
        server.terminate()
        await pilot.until("states.includes('lost') && reasons.includes('restart')")
        await pilot.picture("lost")
        assert 0 == await asyncio.to_thread(server.wait)
        successor = serve(port=server.port)
        ship = await pilot.flying()
        await pilot.until("game.frame.epoch > it", epoch)
        await pilot.until("game.ships.some((ship) => ship.id === it)", ship)
        await pilot.picture("back")
        assert all("WebSocket" in trouble for trouble in pilot.troubles)
        assert 1 == successor.counters()["flotilla_ships"]
