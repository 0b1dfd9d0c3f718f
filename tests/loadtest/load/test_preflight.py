import datetime as dt
import http
import ssl
from collections.abc import Callable
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from websockets.asyncio.server import ServerConnection

from loadtest.load import preflight, target
from loadtest.load.preflight import listening, reachable
from loadtest.load.target import Target
from loadtest.outcome import CannotRunError
from tests.loadtest.players.sites import site, world

Complaint = Callable[[Target], object]


def aim(port: int, scheme: str = "ws", host: str = "127.0.0.1", ca: Path | None = None) -> Target:
    return target.parse(f"{scheme}://{host}:{port}/ws/game/", host_header=None, origin=None, ca=ca)


@pytest.fixture
def authority(tmp_path: Path) -> Path:
    """A self-signed certificate of 127.0.0.1, with its key in the same file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "loadtest")])
    now = dt.datetime.now(dt.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - dt.timedelta(hours=1))
        .not_valid_after(now + dt.timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    private = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    path = tmp_path / "authority.pem"
    path.write_bytes(certificate.public_bytes(pem) + private)
    return path


async def test_a_door_has_the_addresses_that_work() -> None:
    """A name may have an address at which nothing listens."""
    async with site(world, v1=True) as port:
        both = target.Target(
            *(f"ws://localhost:{port}/", "localhost", port, ("127.0.0.2", "127.0.0.1"), "/ws/game/"),
            secure=False,
            host_header=f"localhost:{port}",
            origin="http://localhost",
        )
        door = await reachable(both, "v1")
    assert [f"ws://127.0.0.1:{port}/ws/game/"] == door.urls


async def test_a_private_certificate_needs_its_authority(authority: Path) -> None:
    """With it frames arrive; without it there is an error."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(authority)
    async with site(world, v1=True, tls=context) as port:
        assert (await reachable(aim(port, "wss", ca=authority), "v1")).urls
        with pytest.raises(CannotRunError, match=r"TLS with 127\.0\.0\.1 failed.*--ca"):
            await reachable(aim(port, "wss"), "v1")


async def test_a_busy_server_is_reported_by_its_status() -> None:
    """With the meaning of that status."""

    def refuse(socket: ServerConnection, _request: object) -> object:
        return socket.respond(http.HTTPStatus.SERVICE_UNAVAILABLE, "draining\n")

    async with site(world, v1=True, process_request=refuse) as port:
        with pytest.raises(CannotRunError, match=r"answers 503 .* full or about to stop"):
            await reachable(aim(port), "v1")


async def test_a_world_that_does_not_move_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    """After the longest wait for a frame."""

    async def waiting(socket: ServerConnection) -> None:
        await socket.wait_closed()

    monkeypatch.setattr(preflight, "FRAME_S", 0.2)
    monkeypatch.setattr(preflight, "HANDSHAKE_S", 0.2)
    async with site(waiting, v1=True) as port:
        with pytest.raises(CannotRunError, match="sends no frame of the world within"):
            await reachable(aim(port), "v1")


async def test_a_server_for_machine_players_only_has_to_listen() -> None:
    """Its protocol is not checked."""
    async with site(world) as port:
        await listening(aim(port))
    with pytest.raises(CannotRunError, match="Nothing listens"):
        await listening(aim(1))
