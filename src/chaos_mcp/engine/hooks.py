"""Where a run can be listened in on: before and after each of its parts."""

from __future__ import annotations

from typing import Any, Literal, Protocol

Level = Literal["experiment", "hypothesis", "method", "rollbacks", "activity"]


class Hooks(Protocol):
    """Told of each part of a run, before it begins and after it ended."""

    async def before(self, level: Level, context: Any) -> None:
        """Be told that a part is about to begin."""
        ...

    async def after(self, level: Level, context: Any, state: Any) -> None:
        """Be told that a part has ended, and with what."""
        ...


class NoHooks:
    """Nobody listens."""

    async def before(self, level: Level, context: Any) -> None:
        """Do nothing."""

    async def after(self, level: Level, context: Any, state: Any) -> None:
        """Do nothing."""
