"""What the run itself has started, and so may start again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chaos_mcp.machine.identity import Identity


class System(Protocol):
    """The processes of the experiment's `system:`, while the run lasts."""

    def owns(self, name: str) -> bool:
        """Tell whether it has started such a process, and not ended it for good."""
        ...

    def running(self, name: str) -> Identity | None:
        """Return who the process is now; None if it is dead."""
        ...

    async def restart(self, name: str, env: Mapping[str, str] | None = None) -> None:
        """End a process and start it again: same command, environment and address.

        `env` is added to the environment for this time. It is ready on return; raise
        `ActivityFailed` if it does not get ready.
        """
        ...

    def names(self) -> Mapping[str, Any]:
        """Return what has changed of the names: `store.pid`, say."""
        ...
