"""What a run may break here, and how it is seen whether all of it was put back."""

from __future__ import annotations

from typing import Any

STORE = {
    "name": "store",
    "command": ["sleep", "120"],
    "ready": {"probe": "process", "command": ["true"]},
}
CUT: dict[str, Any] = {"fault": "network.partition", "proxy": "cache"}
KNOCK = {
    "action": "process",
    "name": "go through the proxy",
    "command": [
        *("bash", "-c"),
        "printf hi > /dev/tcp/${proxy.cache.host}/${proxy.cache.port}",
    ],
}


def embedded(upstream: str) -> dict[str, Any]:
    """Return an experiment on a proxy of the run's own."""
    proxies = [{"name": "cache", "upstream": upstream}]
    return {
        "system": {"processes": [STORE], "proxies": proxies},
        "perturbations": [CUT, KNOCK],
    }
