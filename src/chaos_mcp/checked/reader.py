"""Reading what is one of several models, such as a line of a journal."""

from __future__ import annotations

from typing import Any, Generic, TypeVar

from chaos_mcp.checked.building import validator_of

T = TypeVar("T")


class Reader(Generic[T]):
    """Tells which of several models it is, and makes that one."""

    def __init__(self, kind: Any) -> None:
        self.kind = kind

    def validate_json(self, text: str | bytes) -> T:
        """Return the model that a JSON text writes; raise `ValidationError` if none."""
        made: T = validator_of(self.kind).validate_json(text)
        return made

    def rebuild(self) -> None:
        """Get ready, for who cannot wait when there is something to read."""
        validator_of(self.kind)
