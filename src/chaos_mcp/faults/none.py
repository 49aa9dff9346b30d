"""Do no harm: for trying an experiment out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from chaos_mcp.faults.base import Fault

if TYPE_CHECKING:
    from chaos_mcp.adapters.world import World
    from chaos_mcp.faults.base import Memo


class NoFault(Fault):
    """Do nothing, and take nothing back."""

    kind: ClassVar[str] = "none"
    example: ClassVar[str] = """\
fault: none
for: 1s
"""
    undo_in_words: ClassVar[str] = "nothing, since nothing is done"

    @classmethod
    def warm(cls) -> None:
        """Need nothing."""

    def ends_with_us(self, world: World) -> bool:
        """Tell that nothing stands in the first place."""
        del world
        return True

    async def arm(self, world: World) -> Memo:
        """Need nothing."""
        del world
        return {}

    async def inject(self, world: World, memo: Memo) -> None:
        """Do nothing."""

    async def prove(self, world: World, memo: Memo) -> Any:
        """Show that nothing was promised."""
        del world, memo
        return {"seen": "nothing, as promised"}

    async def undo(self, world: World, memo: Memo) -> None:
        """Take nothing back."""

    async def verify(self, world: World, memo: Memo) -> Any:
        """See that there is nothing to see."""
        del world, memo
        return {"left": 0}
