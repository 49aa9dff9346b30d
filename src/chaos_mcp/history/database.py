"""What a store needs of a database: statements with named values, all or nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol, TypeVar

T = TypeVar("T")
Rows = Sequence[Sequence[Any]]
Execute = Callable[[str, Mapping[str, Any]], Rows]
"""Carry out one statement, with values for its `:names`; return its rows."""


class Database(Protocol):
    """Somewhere that tables are kept."""

    @property
    def name(self) -> str:
        """Return where it is, as people may read it: without a password."""
        ...

    def transaction(self, work: Callable[[Execute], T]) -> T:
        """Do all of `work` or nothing of it; raise `StoreFailed` if it cannot be."""
        ...
