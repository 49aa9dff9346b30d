"""The engine is tested on both loops; on trio, time is virtual."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

import pytest
import trio.testing

from chaos_mcp.engine.activity import Activities
from chaos_mcp.engine.hooks import NoHooks
from chaos_mcp.engine.injection import Injections
from chaos_mcp.experiment.substitute import Scope
from chaos_mcp.journal.log import Journal
from tests.engine.fakes import Doors, world_with

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from chaos_mcp.events import BaseEvent

E = TypeVar("E", bound="BaseEvent")


@pytest.fixture
def anyio_backend() -> tuple[str, dict[str, Any]]:
    """Let an hour pass in a millisecond."""
    return "trio", {"clock": trio.testing.MockClock(autojump_threshold=0)}


@pytest.fixture
def doors() -> Doors:
    return Doors()


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    made = StillJournal(tmp_path, "test-run", clock=trio_time)
    yield made
    made.close()


class StillJournal(Journal):
    """Syncs in the loop: virtual time would jump while a thread does it."""

    async def record_durably(self, event: E) -> E:
        stamped = self.record(event)
        self._file.sync()
        return stamped

    async def keep_room(self) -> None:
        self._file.keep_room()


def trio_time() -> float:
    """Return virtual seconds inside a test, and nothing outside."""
    try:
        return trio.current_time()
    except RuntimeError:
        return 0.0


@pytest.fixture
def activities(journal: Journal, doors: Doors) -> Activities:
    return Activities(journal, world_with(doors), Scope(), NoHooks())


@pytest.fixture
def injections(activities: Activities) -> Injections:
    return Injections(activities.journal, activities.world, activities.scope)
