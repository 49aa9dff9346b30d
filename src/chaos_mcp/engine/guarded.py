"""What whoever injects faults asks of a guardian, or of nobody in its place."""

from __future__ import annotations

from typing import Protocol


class Guardian(Protocol):
    """Whoever undoes when the runner cannot."""

    async def listening(self) -> None:
        """Return once it is there; raise `PartMissing` if it never will be."""
        ...

    async def ready(self) -> None:
        """Return once it would; raise `PartMissing` if it never will."""
        ...

    def armed(self, fault: str, seconds: float) -> None:
        """Say that a fault may stand from now on, and for how long at most."""
        ...

    def closed(self, fault: str) -> None:
        """Say that a fault is gone."""
        ...


class NoGuardian:
    """Nobody: where nothing can be left behind, and in tests of the engine."""

    async def listening(self) -> None:
        """Return at once."""

    async def ready(self) -> None:
        """Return at once."""

    def armed(self, fault: str, seconds: float) -> None:
        """Do nothing."""

    def closed(self, fault: str) -> None:
        """Do nothing."""
