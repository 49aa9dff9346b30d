"""What annotations may say besides a type: bounds, and which of several it is."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any, get_args

from pydantic_core import core_schema as core

if TYPE_CHECKING:
    from collections.abc import Callable

    from pydantic import GetCoreSchemaHandler
    from pydantic_core import CoreSchema

    from chaos_mcp.checked.kinds import KindOf


class Marked(ABC):
    """A mark that means to pydantic itself what it means to us."""

    __slots__ = ()

    @abstractmethod
    def made(self, kind: Any, kind_of: KindOf) -> CoreSchema:
        """Return what the type means with what this says of it."""

    def __get_pydantic_core_schema__(
        self, kind: Any, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        """Return the same, for a model of pydantic's own and for the JSON Schema."""
        return self.made(kind, handler)


class Within(Marked):
    """Bounds, under pydantic's names: `ge`, `gt`, `le`, `min_length`, `pattern`."""

    __slots__ = ("bounds",)

    def __init__(self, **bounds: float | str) -> None:
        self.bounds = bounds

    def made(self, kind: Any, kind_of: KindOf) -> CoreSchema:
        """Return the type with its bounds."""
        return {**kind_of(kind), **self.bounds}


class OneOf(Marked):
    """One of several models, each with a word of its own under the same key."""

    __slots__ = ("key",)

    def __init__(self, key: str) -> None:
        self.key = key

    def made(self, kind: Any, kind_of: KindOf) -> CoreSchema:
        """Return the choice, which would else be made by trial and error."""
        choices = {self._word(one): kind_of(one) for one in get_args(kind)}
        return core.tagged_union_schema(choices, self.key)

    def _word(self, model: Any) -> str:
        (word,) = get_args(model.model_fields[self.key].annotation)
        return str(word)


class Told(Marked):
    """One of several models; a function tells which of the value."""

    __slots__ = ("tell", "words")

    def __init__(self, tell: Callable[[Any], str | None], *words: str) -> None:
        self.tell = tell
        self.words = words

    def made(self, kind: Any, kind_of: KindOf) -> CoreSchema:
        """Return the choice between the models, in the order of their words."""
        choices = dict(zip(self.words, map(kind_of, get_args(kind)), strict=True))
        return core.tagged_union_schema(choices, self.tell)
