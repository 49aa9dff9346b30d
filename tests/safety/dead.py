"""A writer that is dead, as far as its journal can tell."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from chaos_mcp.journal.log import Journal


def killed(journal: Journal) -> None:
    """Let go of a journal as `kill -9` does: unlocked, with nothing given back."""
    journal._closed = True  # noqa: SLF001 - nobody is there to close it any more
    journal._file.close(keep=True)  # noqa: SLF001 - the kernel does no more
