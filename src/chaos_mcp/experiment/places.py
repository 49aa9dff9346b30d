"""Where a key stands in a file: line and column, for messages that can be acted on."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from chaos_mcp.errors import KeyPath

Positions = dict[tuple[str | int, ...], tuple[int, int]]


@dataclass(frozen=True)
class Places:
    """Key paths to lines and columns, looked up only when somebody asks."""

    file: str = ""
    find: Callable[[], Positions] = field(default=dict)

    @cached_property
    def positions(self) -> Positions:
        """Return the line and column (from 1) of every key path of the file."""
        return self.find()

    def of(self, path: KeyPath) -> tuple[int, int]:
        """Return the place of a key, or of the nearest thing around it."""
        for length in range(len(path), -1, -1):
            if path[:length] in self.positions:
                return self.positions[path[:length]]
        return (0, 0)
