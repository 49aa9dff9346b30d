"""A process that dies at some step, played within the test's own."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from chaos_mcp import failpoints
from chaos_mcp.journal.file import JournalFile

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import pytest


class Died(BaseException):
    """Goes through everything, and at no further step is anything done."""


class Steps:
    """Counts the steps that are passed, and lets nobody pass the last one."""

    def __init__(self) -> None:
        self.left: int | None = None

    def passing(self, _: str) -> None:
        if self.left is not None:
            self.left = max(0, self.left - 1)
            if not self.left:
                raise Died

    @contextmanager
    def dying_at(self, step: int | None) -> Iterator[None]:
        """Let whoever passes so many steps be dead; None: they live."""
        self.left = step
        try:
            yield
        finally:
            self.left = None

    def enter(self, patch: pytest.MonkeyPatch) -> None:
        """Take the place of what the failpoints do."""
        patch.setattr(failpoints, "_ASKED", "anything")
        patch.setattr(failpoints, "_POINTS", self)


class Synced:
    """Knows how much of each journal a power cut would leave."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        sizes: dict[Path, int] = {}
        self.sizes = sizes

        def sync(file: JournalFile) -> None:
            sizes[file.path] = file.size

        patch.setattr(JournalFile, "sync", sync)

    def cut(self, path: Path, share: float) -> None:
        """Keep what was synced of a journal, and a share of the rest."""
        content = path.read_bytes()
        safe = self.sizes.get(path, 0)
        path.write_bytes(content[: safe + round(share * (len(content) - safe))])
