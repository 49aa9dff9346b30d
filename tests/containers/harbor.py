"""Containers that runs may break in every way at once, looked at from outside."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

from tests.containers.engine import IMAGE, container, network, real
from tests.faults.containers import rules_of

if TYPE_CHECKING:
    from pathlib import Path

SPEAKS = "trap exit TERM; while :; do ping -c 1 -W 1 -q $0 >/dev/null; sleep 0.05; done"


class Harbor:
    """A container that is harmed in many ways at once, and one that is killed."""

    def __init__(self, folder: Path) -> None:
        del folder
        self.stack = ExitStack()
        client = real()
        net = self.stack.enter_context(network())
        (pool,) = client.inspect_network(net.id)["IPAM"]["Config"]
        gateway = pool["Gateway"]
        self.held = self.stack.enter_context(
            net.container("", "held", command=("sh", "-c", SPEAKS, gateway))
        )
        alone = {"network_mode": "none"}
        self.ended = self.stack.enter_context(container(host=alone))

    @property
    def experiment(self) -> dict[str, Any]:
        """Make a container, and break two in six ways."""
        held, ended = self.held.id, self.ended.id
        own = {
            "name": "own",
            "image": IMAGE,
            "env": {"PATH": "/bin"},
            "command": ["sleep", "100"],
        }
        return {
            "system": {"containers": [own]},
            "perturbations": [
                {"fault": "container.limit", "container": held, "cpus": 0.5},
                {"fault": "container.partition", "container": held, "loss": "50%"},
                # Inside, it would stand still as soon as its container is paused.
                {
                    "fault": "container.cpu-stress",
                    "container": held,
                    "load": "5%",
                    "inside": False,
                },
                {"fault": "container.disconnect", "container": held},
                {"fault": "container.pause", "container": held},
                {"fault": "container.kill", "container": ended},
                {"fault": "container.pause", "container": "own"},
            ],
        }

    def look(self) -> dict[str, Any]:
        """Return the state of both, and of what was made on top."""
        said = self.held.said()
        networks = said["NetworkSettings"]["Networks"]
        return {
            "states": [said["State"]["Status"], self.ended.status],
            "quota": max(0, said["HostConfig"]["CpuQuota"]),
            "networks": {
                name: sorted(one["Aliases"]) for name, one in networks.items()
            },
            "rules": rules_of(self.held) if self.held.status == "running" else [],
            "stress": self._stress(),
        }

    def _stress(self) -> list[str]:
        wanted = {"label": "chaos.owner", "name": self.held.id[:12]}
        found = self.held.client.containers(all=True, filters=wanted)
        return [one["Names"][0] for one in found]

    def close(self) -> None:
        """Remove both, and whatever was not put back."""
        for name in self._stress():
            self.held.client.remove_container(name.lstrip("/"), force=True)
        self.stack.close()


def of_run(run: str) -> list[Any]:
    """Return what an engine still has of a run."""
    client = real()
    label = {"label": f"chaos.run={run}"}
    found = client.containers(all=True, filters=label)
    return [*found, *client.networks(filters=label)]
