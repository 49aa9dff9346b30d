"""What is known of a field besides its type: its default, and what it is written as."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, get_origin

from pydantic_core import core_schema as core

if TYPE_CHECKING:
    from collections.abc import Callable

    from chaos_mcp.checked.kinds import KindOf

CLASS_ONLY: Any = ClassVar
WITH_MARKS: Any = Annotated
REQUIRED: Any = ...
"""The default of a field that has none."""


class Facts:
    """A field of a model, as `model_fields` tells of it."""

    __slots__ = ("alias", "default", "exclude", "factory", "kind")

    def __init__(
        self,
        default: Any = REQUIRED,
        factory: Callable[[], Any] | None = None,
        alias: str | None = None,
        *,
        exclude: bool = False,
    ) -> None:
        self.kind: Any = None
        self.default = default
        self.factory = factory
        self.alias = alias
        self.exclude = exclude

    @property
    def annotation(self) -> Any:
        """Return the type, without what is said of it besides."""
        if get_origin(self.kind) is WITH_MARKS:
            return self.kind.__origin__
        return self.kind

    def is_required(self) -> bool:
        """Tell whether it has to be given."""
        return self.default is REQUIRED and self.factory is None

    def get_default(self, *, call_default_factory: bool = True) -> Any:
        """Return what it is if nothing is given."""
        if self.factory and call_default_factory:
            return self.factory()
        return self.default

    def schema(self, kind_of: KindOf) -> core.ModelField:
        """Return what it means to pydantic's core."""
        return core.model_field(
            self._value(kind_of),
            validation_alias=self.alias,
            serialization_alias=self.alias,
            serialization_exclude=self.exclude or None,
        )

    def argument(self, name: str, kind_of: KindOf) -> core.DataclassField:
        """Return what it means as a field of a plain model."""
        return core.dataclass_field(
            name,
            self._value(kind_of),
            kw_only=True,
            validation_alias=self.alias,
            serialization_alias=self.alias,
            serialization_exclude=self.exclude or None,
        )

    def _value(self, kind_of: KindOf) -> core.CoreSchema:
        made = kind_of(self.kind)
        if self.factory:
            return core.with_default_schema(made, default_factory=self.factory)
        if self.default is not REQUIRED:
            return core.with_default_schema(made, default=self.default)
        return made


def field(
    *,
    default: Any = REQUIRED,
    default_factory: Callable[[], Any] | None = None,
    alias: str | None = None,
    exclude: bool = False,
) -> Any:
    """Say more of a field than its type and default."""
    return Facts(default, default_factory, alias, exclude=exclude)


def own_fields(cls: type, alias: Callable[[str], str] | None) -> dict[str, Facts]:
    """Return the fields that a class adds to those of its bases."""
    return {
        name: _facts(vars(cls).get(name, REQUIRED), name, kind, alias)
        for name, kind in inspect.get_annotations(cls).items()
        if get_origin(kind) is not CLASS_ONLY
    }


def _facts(
    value: Any, name: str, kind: Any, alias: Callable[[str], str] | None
) -> Facts:
    """Return what is known of a field from its line in the class."""
    facts = value if isinstance(value, Facts) else Facts(value)
    facts.kind = kind
    if facts.alias is None and alias:
        facts.alias = alias(name)
    return facts
