""".compose/prepare generates a secret key and a self-signed certificate once per site."""

import stat
import subprocess
from pathlib import Path

import pytest

from app.settings.environment import Environment
from loadtest.paths import ROOT
from tests.compose.edge import COMPOSE


@pytest.fixture(scope="module", autouse=True)
def _programs() -> None:
    subprocess.run([ROOT / ".ci" / "system-packages", "openssl"], check=True)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder with two folders in place of the volumes."""
    (tmp_path / "tls").mkdir()
    (tmp_path / "secret").mkdir()
    return tmp_path


def prepared(folder: Path, hosts: str = "localhost") -> str:
    """Run the script. Return its output."""
    command = [COMPOSE / "prepare", "tls", "secret", hosts]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True).stdout


def of(certificate: Path, *what: str) -> str:
    """Return openssl's output about a certificate."""
    command = ["openssl", "x509", "-in", certificate, "-noout", *what]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def replace(folder: Path, owner: str, days: int) -> bytes:
    """Replace the certificate by another one. Return it."""
    command = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    command += ["-days", str(days), "-subj", f"/O={owner}", "-keyout", "tls/tls.key", "-out", "tls/tls.crt"]
    subprocess.run(command, cwd=folder, capture_output=True, check=True)
    return (folder / "tls" / "tls.crt").read_bytes()


def test_the_key_is_good_enough_for_production(folder: Path) -> None:
    """Production settings accept the key."""
    prepared(folder)
    key = (folder / "secret" / "secret-key").read_text(encoding="ascii").strip()
    settings = {"FLOTILLA_ENV": "production", "FLOTILLA_ALLOWED_HOSTS": "a.example", "FLOTILLA_SECRET_KEY": key}
    assert key == Environment.load(settings).secret_key


def test_two_sites_get_different_files(folder: Path) -> None:
    """Key and certificate are random."""
    prepared(folder)
    first = [path.read_bytes() for path in sorted(folder.glob("*/*"))]
    for path in folder.glob("*/*"):
        path.unlink()
    prepared(folder)
    second = [path.read_bytes() for path in sorted(folder.glob("*/*"))]
    assert 3 == len(first)
    assert set() == set(first) & set(second)


def test_existing_files_stay(folder: Path) -> None:
    """A second start changes nothing. A new key would make all tickets invalid."""
    prepared(folder)
    before = {path: path.read_bytes() for path in folder.glob("*/*")}
    assert "" == prepared(folder)
    assert before == {path: path.read_bytes() for path in folder.glob("*/*")}


def test_the_certificate_names_all_hosts(folder: Path) -> None:
    """It contains names, a domain with subdomains, and addresses of IPv4 and IPv6."""
    prepared(folder, "localhost, .flotilla.example,127.0.0.1,[::1]")
    names = of(folder / "tls" / "tls.crt", "-ext", "subjectAltName")
    assert "DNS:localhost, DNS:flotilla.example, DNS:*.flotilla.example, IP Address:127.0.0.1, IP Address:0:0" in names


def test_files_are_readable_without_root(folder: Path) -> None:
    """No user may write them."""
    prepared(folder)
    assert {0o444} == {stat.S_IMODE(path.stat().st_mode) for path in folder.glob("*/*")}


def test_a_generated_certificate_is_renewed_before_it_expires(folder: Path) -> None:
    """The new one is valid for more than a year."""
    prepared(folder)
    old = replace(folder, "Flotilla throwaway certificate", 20)
    assert "Generated a certificate for localhost.\n" == prepared(folder)
    assert old != (folder / "tls" / "tls.crt").read_bytes()
    of(folder / "tls" / "tls.crt", "-checkend", str(396 * 86_400))


def test_a_certificate_of_another_owner_stays(folder: Path) -> None:
    """Its owner must renew it."""
    prepared(folder)
    old = replace(folder, "Another owner", 1)
    assert "" == prepared(folder)
    assert old == (folder / "tls" / "tls.crt").read_bytes()
