"""What is made once for each site: a secret key, and a certificate until there is a real one."""

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
    """A folder with the two that the volumes would be."""
    (tmp_path / "tls").mkdir()
    (tmp_path / "secret").mkdir()
    return tmp_path


def prepared(folder: Path, hosts: str = "localhost") -> str:
    """What it said."""
    command = [COMPOSE / "prepare", "tls", "secret", hosts]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True).stdout


def of(certificate: Path, *what: str) -> str:
    """What openssl says about a certificate."""
    command = ["openssl", "x509", "-in", certificate, "-noout", *what]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def replace(folder: Path, owner: str, days: int) -> bytes:
    """Put another certificate there, and return it."""
    command = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    command += ["-days", str(days), "-subj", f"/O={owner}", "-keyout", "tls/tls.key", "-out", "tls/tls.crt"]
    subprocess.run(command, cwd=folder, capture_output=True, check=True)
    return (folder / "tls" / "tls.crt").read_bytes()


def test_the_key_is_good_enough_for_production(folder: Path) -> None:
    """Random, and accepted as it is."""
    prepared(folder)
    key = (folder / "secret" / "secret-key").read_text(encoding="ascii").strip()
    settings = {"FLOTILLA_ENV": "production", "FLOTILLA_ALLOWED_HOSTS": "a.example", "FLOTILLA_SECRET_KEY": key}
    assert key == Environment.load(settings).secret_key


def test_no_two_sites_get_the_same(folder: Path) -> None:
    """Each has a key and a certificate of its own."""
    prepared(folder)
    first = [path.read_bytes() for path in sorted(folder.glob("*/*"))]
    for path in folder.glob("*/*"):
        path.unlink()
    prepared(folder)
    second = [path.read_bytes() for path in sorted(folder.glob("*/*"))]
    assert 3 == len(first)
    assert set() == set(first) & set(second)


def test_what_is_there_stays(folder: Path) -> None:
    """A second start changes nothing, or all players would have to start anew."""
    prepared(folder)
    before = {path: path.read_bytes() for path in folder.glob("*/*")}
    assert "" == prepared(folder)
    assert before == {path: path.read_bytes() for path in folder.glob("*/*")}


def test_the_certificate_names_all_hosts(folder: Path) -> None:
    """Names, a domain with all below it, and addresses of both kinds."""
    prepared(folder, "localhost, .flotilla.example,127.0.0.1,[::1]")
    names = of(folder / "tls" / "tls.crt", "-ext", "subjectAltName")
    assert "DNS:localhost, DNS:flotilla.example, DNS:*.flotilla.example, IP Address:127.0.0.1, IP Address:0:0" in names


def test_files_can_be_read_by_roles_that_are_not_root(folder: Path) -> None:
    """And written by nobody."""
    prepared(folder)
    assert {0o444} == {stat.S_IMODE(path.stat().st_mode) for path in folder.glob("*/*")}


def test_a_certificate_of_ours_that_ends_soon_is_made_anew(folder: Path) -> None:
    """With a year to go."""
    prepared(folder)
    old = replace(folder, "Flotilla throwaway certificate", 20)
    assert "made a certificate for localhost\n" == prepared(folder)
    assert old != (folder / "tls" / "tls.crt").read_bytes()
    of(folder / "tls" / "tls.crt", "-checkend", str(396 * 86_400))


def test_a_certificate_of_somebody_else_stays_whatever_it_is(folder: Path) -> None:
    """It is theirs to renew."""
    prepared(folder)
    old = replace(folder, "Somebody", 1)
    assert "" == prepared(folder)
    assert old == (folder / "tls" / "tls.crt").read_bytes()
