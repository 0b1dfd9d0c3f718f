from pathlib import Path

import pytest

from loadtest.outcome import CannotRunError
from loadtest.processes.process import SiteError
from loadtest.sites.kubernetes.addons import Addons
from loadtest.sites.kubernetes.api import Api
from loadtest.sites.kubernetes.tools import HELM_4, PREVIOUS, Tools, cluster_programs, load
from tests.loadtest.conftest import program


def test_a_missing_program_is_an_error_in_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The error names it."""
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(CannotRunError, match=r"^There is no kubectl on the PATH of this machine\.$"):
        cluster_programs()
    program(tmp_path, "kubectl", "exit 0")
    with pytest.raises(CannotRunError, match=r"There is no helm"):
        cluster_programs()


def test_a_cluster_that_does_not_answer_is_an_error_in_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The error has the last line of kubectl."""
    program(tmp_path, "kubectl", "echo some noise; echo refused >&2; exit 1")
    program(tmp_path, "helm", "exit 0")
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    with pytest.raises(CannotRunError, match=r"^kubectl reaches no cluster \(refused\)\.$"):
        cluster_programs()


def test_the_paths_of_both_programs_are_returned_if_a_cluster_answers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first of each on the PATH."""
    program(tmp_path, "kubectl", "exit 0")
    program(tmp_path, "helm", "exit 0")
    monkeypatch.setenv("PATH", str(tmp_path))
    assert (str(tmp_path / "kubectl"), str(tmp_path / "helm")) == cluster_programs()


def test_missing_needs_of_a_scenario_are_returned(tmp_path: Path, api: Api) -> None:
    """Programs, images and add-ons alike."""
    program(tmp_path, "nginx", "exit 0")
    tools = Tools("kubectl", "helm", None, "127.0.0.1", Addons(tmp_path), "flotilla:previous", tmp_path, api)
    assert ["cert-manager", HELM_4] == tools.missing(frozenset({"cert-manager", "nginx", HELM_4, PREVIOUS}))


def test_images_are_loaded_with_the_command_of_the_environment(tmp_path: Path) -> None:
    """They follow its arguments. Without a command the cluster pulls them."""
    program(tmp_path, "kind", f'echo "$@" >{tmp_path}/output')
    load(f"{tmp_path}/kind load docker-image", ["a:1", "b:2"])
    assert "load docker-image a:1 b:2\n" == (tmp_path / "output").read_text(encoding="utf-8")
    load("", ["a:1"])


def test_a_failed_load_is_an_error(tmp_path: Path) -> None:
    """The error quotes the command's output."""
    program(tmp_path, "kind", "echo no such image >&2; exit 1")
    with pytest.raises(SiteError, match="no such image"):
        load(f"{tmp_path}/kind", ["a:1"])
