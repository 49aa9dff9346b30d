"""Reading what is one of several models, such as a line of a journal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Generic, TypeVar

from chaos_mcp.checked.building import validator_of

if TYPE_CHECKING:
    from pydantic_core import SchemaValidator

T = TypeVar("T")


class Reader(Generic[T]):
    """Tells which of several models it is, and makes that one."""

    def __init__(self, kind: Any) -> None:
        self.kind = kind
        self._validator: SchemaValidator | None = None

    def validate_json(self, text: str | bytes) -> T:
        """Return the model that a JSON text writes; raise `ValidationError` if none."""
        # Looked up once: a journal may have a million lines.
        validator = self._validator
        if validator is None:
            validator = self._validator = validator_of(self.kind)
        made: T = validator.validate_json(text)
        return made

    def rebuild(self) -> None:
        """Get ready, for who cannot wait when there is something to read."""
        validator_of(self.kind)
