"""What annotations mean to pydantic's core: those that our models use, and no more."""

from __future__ import annotations

from types import NoneType, UnionType
from typing import (
    TYPE_CHECKING,
    Annotated,
    Any,
    Literal,
    Protocol,
    Union,
    get_args,
    get_origin,
)

from pydantic_core import core_schema as core

if TYPE_CHECKING:
    from collections.abc import Callable

    from pydantic_core import CoreSchema

    KindOf = Callable[[Any], CoreSchema]


class Mark(Protocol):
    """What stands in `Annotated` besides a type, and says more of it."""

    def made(self, kind: Any, kind_of: KindOf) -> CoreSchema:
        """Return what the type means with what this says of it."""
        ...


PLAIN: dict[Any, Callable[[], CoreSchema]] = {
    str: core.str_schema,
    int: core.int_schema,
    float: core.float_schema,
    bool: core.bool_schema,
    Any: core.any_schema,
    NoneType: core.none_schema,
}


def schema_of(kind: Any, kind_of: KindOf) -> CoreSchema:
    """Return what an annotation means; what it holds is told by `kind_of`."""
    if kind in PLAIN:
        return PLAIN[kind]()
    origin, arguments = get_origin(kind), get_args(kind)
    if origin is Annotated:
        return marked(arguments[0], arguments[1:], kind_of)
    if origin is Literal:
        return core.literal_schema(list(arguments))
    if origin in (Union, UnionType):
        return _either(arguments, kind_of)
    return _collection(kind, kind_of)


def _collection(kind: Any, kind_of: KindOf) -> CoreSchema:
    """Return what a tuple of any length, a list or a mapping means."""
    origin, arguments = get_origin(kind), get_args(kind)
    if origin is tuple:
        return core.tuple_schema([kind_of(arguments[0])], variadic_item_index=0)
    if origin is list:
        return core.list_schema(kind_of(arguments[0]))
    if origin is dict:
        return core.dict_schema(*map(kind_of, arguments))
    msg = f"no model of ours may hold {kind!r}"
    raise TypeError(msg)


def marked(kind: Any, marks: tuple[Mark, ...], kind_of: KindOf) -> CoreSchema:
    """Return what a type means with everything that is said of it."""
    if not marks:
        return kind_of(kind)
    *inner, last = marks
    return last.made(kind, lambda one: marked(one, tuple(inner), kind_of))


def _either(kinds: tuple[Any, ...], kind_of: KindOf) -> CoreSchema:
    first, *others = [kind_of(one) for one in kinds if one is not NoneType]
    one = core.union_schema([first, *others]) if others else first
    return core.nullable_schema(one) if NoneType in kinds else one
