from pathlib import Path

import pytest

from loadtest.processes.process import SiteError
from loadtest.sites.kubernetes.addons import Addons, address, issuer
from tests.loadtest.conftest import program


def test_the_issuer_and_its_authority_are_read_from_the_output() -> None:
    """The issuer from the annotation, the authority from a path."""
    text = "cert-manager v1 is up: annotation cert-manager.io/cluster-issuer: test-ca   CA certificate /x/test-ca.crt\n"
    found = issuer(text)
    assert ("test-ca", Path("/x/test-ca.crt")) == (found.name, found.authority)


def test_the_address_is_the_https_one() -> None:
    """Of all addresses in the output."""
    assert "127.0.0.1:30444" == address("nginx: http://127.0.0.1:30081 https://127.0.0.1:30444 (log: /x)")


@pytest.mark.parametrize("read", [issuer, address])
def test_an_output_without_a_result_is_an_error(read: object) -> None:
    """The error quotes the output."""
    assert callable(read)
    with pytest.raises(SiteError, match="all is well"):
        read("all is well")


def test_an_add_on_is_a_program_in_the_folder(tmp_path: Path) -> None:
    """A file without permission to execute is no add-on."""
    program(tmp_path, "nginx", 'echo "https://127.0.0.1:1 $*" >"$0.said"; cat "$0.said"')
    (tmp_path / "cert-manager").write_text("", encoding="utf-8")
    addons = Addons(tmp_path)

    assert (True, False, False) == (addons.has("nginx"), addons.has("cert-manager"), addons.has("metrics"))
    assert "127.0.0.1:1" == addons.nginx("f5", "20s")
    assert "--flavor=f5 --worker-shutdown-timeout=20s" in (tmp_path / "nginx.said").read_text(encoding="utf-8")


def test_without_a_folder_there_is_no_add_on() -> None:
    """A start is an error."""
    assert not Addons(None).has("nginx")
    with pytest.raises(SiteError, match="There is no nginx"):
        Addons(None).nginx("f5")
