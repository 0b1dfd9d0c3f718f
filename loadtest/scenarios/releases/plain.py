"""The manifests of k8s/, for people without Helm, applied as its README describes, in a namespace of ours."""

import os
import re
import secrets
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

from loadtest.judge.checks import Check
from loadtest.paths import ROOT
from loadtest.processes.process import SiteError
from loadtest.scenarios import visitor
from loadtest.scenarios.attempt import attempt, flights
from loadtest.scenarios.rollout_checks import rolled
from loadtest.scenarios.stage import ClusterStage, Scenario, Seen
from loadtest.sites.kubernetes.release import Release
from loadtest.sites.kubernetes.shared_release import ReleaseLayout

PLAIN: Final = ROOT / "k8s"
PATIENCE_S: Final = 120.0
OPERATORS: Final = frozenset({"PodMonitor"})  # kinds that a cluster may lack
PRODUCTION: Final = frozenset(
    {
        "Deployment",
        "Service",
        "NetworkPolicy",
        "HorizontalPodAutoscaler",
        "PodDisruptionBudget",
        "Ingress",
        "PodMonitor",
    }
)
NOT_SERVED: Final = "no matches for kind"  # kubectl's error for an object of a missing operator

_KIND: Final = re.compile(r"^kind: (\S+)$", re.MULTILINE)


def apply_plain(stage: ClusterStage) -> Seen:
    """The manifests of k8s/ without Helm: applied, played, restarted. The API server accepts those for production."""
    site = stage.site
    stage.site.tools.addons.issuer()  # cluster-issuers.yaml has its kinds
    _make_secrets(site)
    site.kubectl.run("apply", "-k", str(_here(stage, "development")))
    door = site.door()
    visitor.first_frame(door, PATIENCE_S)
    site.settle()
    stage.log("all pods are ready")
    by_hand = flights(door)
    stage.join(door)
    seen, history = stage.observed(lambda: site.restart("gateway"), "gateways restarted")
    production = list(documents(_rendered(site, _here(stage, "production"))))
    unknown = set(_refused_kinds(site, production))
    issuers = attempt("the API server accepts cluster-issuers.yaml", lambda: _dry(site, _text("cluster-issuers.yaml")))
    return Seen(
        [
            *by_hand,
            *rolled(seen, history),
            Check(
                "the API server accepts overlays/production, except kinds of missing operators",
                unknown <= OPERATORS and {kind for kind, _ in production} >= PRODUCTION,
                f"{len(production)} objects, except {', '.join(sorted(unknown)) or 'none'}",
            ),
            issuers,
        ],
        seen,
    )


def documents(text: str) -> Iterator[tuple[str, str]]:
    """Yield the objects of a YAML text, each after its kind. Pure."""
    for part in re.split(r"^---$", text, flags=re.MULTILINE):
        if found := _KIND.search(part):
            yield found[1], part


def _make_secrets(site: Release) -> None:
    """Create the Secrets of the README."""
    password = secrets.token_hex(16)
    for name, literals in {
        "flotilla-key": {"secret-key": secrets.token_hex(32)},
        "flotilla-redis": {"redis-password": password, "redis-url": f"redis://:{password}@flotilla-redis:6379/0"},
    }.items():
        words = [f"--from-literal={key}={value}" for key, value in literals.items()]
        site.kubectl.run("create", "secret", "generic", name, *words)


def _here(stage: ClusterStage, overlay: str) -> Path:
    """Return a folder with an overlay for the namespace of this release."""
    folder = stage.site.tools.folder / f"plain-{overlay}"
    folder.mkdir(parents=True, exist_ok=True)
    # kustomize needs a relative path
    base = os.path.relpath((PLAIN / "overlays" / overlay).resolve(), folder.resolve())
    lines = ["kind: Kustomization", f"namespace: {stage.site.namespace}", "resources:", f"  - {base}", ""]
    (folder / "kustomization.yaml").write_text("\n".join(lines), encoding="utf-8")
    return folder


def _rendered(site: Release, folder: Path) -> str:
    return site.kubectl.run("kustomize", str(folder))


def _refused_kinds(site: Release, objects: Iterable[tuple[str, str]]) -> Iterator[str]:
    """Send each object to the API server as a dry run. Yield the kinds that it does not have."""
    for kind, part in objects:
        try:
            _dry(site, part)
        except SiteError as error:
            if NOT_SERVED not in str(error):
                raise
            yield kind


def _dry(site: Release, text: str) -> None:
    site.kubectl.run("apply", "--dry-run=server", "-f", "-", stdin=text)


def _text(name: str) -> str:
    return (PLAIN / name).read_text(encoding="utf-8")


ALL: Final = (
    Scenario("plain-manifests", apply_plain, cluster=ReleaseLayout(None, "plain"), needs=frozenset({"cert-manager"})),
)
