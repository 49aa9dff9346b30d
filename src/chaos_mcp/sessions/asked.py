"""What a program asks for: a fault by name, with arguments as Python has them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any, get_args

from pydantic import PlainSerializer
from pydantic_core import ValidationError

from chaos_mcp.errors import FaultRefused
from chaos_mcp.experiment.mistakes import mistakes_of
from chaos_mcp.experiment.units import Quantity, parse_duration

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from chaos_mcp.experiment.substitute import Scope
    from chaos_mcp.faults.base import Fault

TARGETS = ("proxy", "process", "container", "path")
"""The arguments by which faults call what they are for."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A fault that is wanted, and how long it may stand."""

    kind: str
    arguments: Mapping[str, Any] = field(default_factory=dict)
    duration: float | None = None
    """Seconds after which it is taken back, if the block has not ended before."""
    prove: bool = True
    """Whether it is a failure that nothing shows its effect."""


def asked(
    kind: str,
    arguments: Mapping[str, Any],
    duration: float | str | timedelta | None,
    *,
    prove: bool,
) -> Asked:
    """Return what is wanted; raise `FaultRefused` if the duration is none."""
    return Asked(kind, arguments, seconds(duration), prove)


def seconds(duration: float | str | timedelta | None) -> float | None:
    """Return seconds for 5, 0.5, "500ms" or a timedelta."""
    if isinstance(duration, timedelta):
        return duration.total_seconds()
    if not isinstance(duration, str):
        return duration
    try:
        return parse_duration(duration)
    except ValueError as error:
        raise FaultRefused(str(error)) from error


def fault_with(cls: type[Fault], arguments: Mapping[str, Any], scope: Scope) -> Fault:
    """Make a fault; raise `FaultRefused` with all that is wrong with its arguments."""
    given = _written(cls, arguments)
    try:
        fault = cls.model_validate(scope.resolve(given))
        late = {**given, **fault.late()}
        return cls.model_validate(scope.resolve(late))
    except ValidationError as error:
        wrong = "; ".join(str(one) for one in mistakes_of(error, given))
        raise FaultRefused(f"{cls.kind}: {wrong}") from error


def _written(cls: type[Fault], arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Return arguments as an experiment would write them: with units, by alias."""
    fields = cls.model_fields
    said = {key: value for key, value in arguments.items() if value is not None}
    given = {_key(fields, key): value for key, value in said.items()}
    for field_name, info in fields.items():
        key = info.alias or field_name
        if key in given:
            given[key] = _value(info, given[key])
    return given


def _key(fields: Mapping[str, Any], key: str) -> str:
    """Return how a key is written; `name` is whatever the fault is for."""
    if key == "name" and key not in fields:
        return next((one for one in TARGETS if one in fields), key)
    found = fields.get(key)
    return found.alias or key if found else key


def _value(info: Any, value: Any) -> Any:
    """Return a value with its unit, and a thing by its name."""
    if isinstance(value, timedelta):
        value = value.total_seconds()
    if isinstance(value, int | float) and not isinstance(value, bool):
        return next((text(value) for text in _writers(info)), value)
    return getattr(value, "name", value)


def _writers(info: Any) -> Iterator[Any]:
    """Yield what writes a number of this field with its unit."""
    marks = [*info.metadata]
    for kind in get_args(info.annotation):
        marks += getattr(kind, "__metadata__", ())
    for mark in marks:
        if isinstance(mark, Quantity) and mark.write:
            yield mark.write
        elif isinstance(mark, PlainSerializer):
            yield mark.func
