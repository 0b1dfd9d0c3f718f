"""The manifests of k8s/, for people without Helm: applied as its README says, but in a namespace of our own."""

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
from loadtest.scenarios.cluster_stage import Layout, Scenario, Seen, Stage
from loadtest.scenarios.releases.tried import tried
from loadtest.scenarios.rollout_checks import rolled
from loadtest.sites.kubernetes.release import Site

PLAIN: Final = ROOT / "k8s"
PATIENCE_S: Final = 120.0
OPERATORS: Final = frozenset({"PodMonitor"})  # kinds that a cluster may lack
OF_A_SITE: Final = frozenset(
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
NOT_SERVED: Final = "no matches for kind"  # what kubectl says of an operator's object where that operator is not

_KIND: Final = re.compile(r"^kind: (\S+)$", re.MULTILINE)


def apply_plain(stage: Stage) -> Seen:
    """The manifests of k8s/ without Helm: applied, played, restarted; those for production taken by the API server."""
    site = stage.site
    stage.tools.addons.issuer()  # whose kinds cluster-issuers.yaml is of
    _make_secrets(site)
    site.kubectl.run("apply", "-k", str(_here(stage, "development")))
    door = site.door()
    visitor.first_frame(door, PATIENCE_S)
    site.settle()
    stage.say("all pods are ready")
    by_hand = [
        tried("a tutorial player flies", lambda: visitor.fly_as_in_the_tutorial(door)),
        tried("a flotilla.v1 player flies", lambda: visitor.fly_v1(door)),
    ]
    stage.join(door)
    stage.begin()
    site.restart("gateway")
    stage.say("gateways restarted")
    seen, watch = stage.seen()
    production = list(documents(_rendered(site, _here(stage, "production"))))
    unknown = set(_not_taken(site, production))
    issuers = tried("the API server takes cluster-issuers.yaml", lambda: _dry(site, _text("cluster-issuers.yaml")))
    return Seen(
        [
            *by_hand,
            *rolled(seen, watch),
            Check(
                "the API server takes overlays/production, but for kinds of operators that are not here",
                unknown <= OPERATORS and {kind for kind, _ in production} >= OF_A_SITE,
                f"{len(production)} objects, but for {', '.join(sorted(unknown)) or 'none'}",
            ),
            issuers,
        ],
        seen,
    )


def documents(text: str) -> Iterator[tuple[str, str]]:
    """Return the objects of a YAML text, each with its kind. Pure."""
    for part in re.split(r"^---$", text, flags=re.MULTILINE):
        if found := _KIND.search(part):
            yield found[1], part


def _make_secrets(site: Site) -> None:
    """Make what README lets a person make."""
    password = secrets.token_hex(16)
    for name, literals in {
        "flotilla-key": {"secret-key": secrets.token_hex(32)},
        "flotilla-redis": {
            "redis-password": password,
            "redis-url": f"redis://:{password}@flotilla-redis:6379/0",
        },
    }.items():
        words = [f"--from-literal={key}={value}" for key, value in literals.items()]
        site.kubectl.run("create", "secret", "generic", name, *words)


def _here(stage: Stage, overlay: str) -> Path:
    """Return a folder with an overlay, moved to the namespace of this release."""
    folder = stage.tools.folder / f"plain-{overlay}"
    folder.mkdir(parents=True, exist_ok=True)
    base = os.path.relpath((PLAIN / "overlays" / overlay).resolve(), folder.resolve())  # kustomize wants them relative
    lines = ["kind: Kustomization", f"namespace: {stage.site.namespace}", "resources:", f"  - {base}", ""]
    (folder / "kustomization.yaml").write_text("\n".join(lines), encoding="utf-8")
    return folder


def _rendered(site: Site, folder: Path) -> str:
    return site.kubectl.run("kustomize", str(folder))


def _not_taken(site: Site, objects: Iterable[tuple[str, str]]) -> Iterator[str]:
    """Give each object to the API server without keeping it; return the kinds that it does not know."""
    for kind, part in objects:
        try:
            _dry(site, part)
        except SiteError as error:
            if NOT_SERVED not in str(error):
                raise
            yield kind


def _dry(site: Site, text: str) -> None:
    site.kubectl.run("apply", "--dry-run=server", "-f", "-", given=text)


def _text(name: str) -> str:
    return (PLAIN / name).read_text(encoding="utf-8")


ALL: Final = (
    Scenario("plain-manifests", apply_plain, Layout(release="plain", values=None), needs=frozenset({"cert-manager"})),
)
