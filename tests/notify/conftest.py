"""Runs to tell of, and nobody else's settings to tell them by."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import anyio
import pytest

from chaos_mcp.notify.news import trial
from chaos_mcp.notify.settings import Chosen
from chaos_mcp.notify.telling import Telling
from tests.notify.receiver import receiving

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chaos_mcp.notify.base import Channel
    from chaos_mcp.notify.news import News
    from chaos_mcp.notify.telling import Told
    from tests.notify.receiver import Receiver

GOOD: dict[str, Any] = {
    "steady-state-hypothesis": {
        "probes": [{"name": "room", "probe": "disk.free", "path": "/", "expect": "> 0"}]
    },
    "perturbations": [{"fault": "none"}],
}
BAD: dict[str, Any] = {
    **GOOD,
    "steady-state-hypothesis": {
        "probes": [
            {"name": "room", "probe": "disk.free", "path": "/", "expect": "> 9000 TiB"}
        ]
    },
}
OTHERS = ("GITHUB_", "GH_", "CI_", "BUILD_", "CHAOS_NOTIFY")


@pytest.fixture(autouse=True)
def _alone(state: object, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a test have a history of its own, and no settings from outside."""
    del state
    for name in os.environ:
        if name.startswith(OTHERS) or name.lower().endswith("_proxy"):
            monkeypatch.delenv(name)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as made:
        yield made


def told(*channels: Channel, news: News | None = None) -> Told:
    """Tell channels something."""
    return anyio.run(Telling(Chosen(channels)).tell, news or trial(0.0))
