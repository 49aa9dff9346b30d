"""Quantities as people write them, with units: `10s`, `50/s`, `64 MiB`, `99%`."""

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Any

from pydantic_core import PydanticKnownError
from pydantic_core import core_schema as core

from chaos_mcp.checked.marks import Marked

if TYPE_CHECKING:
    from pydantic import GetJsonSchemaHandler
    from pydantic_core import CoreSchema

    from chaos_mcp.checked.kinds import KindOf

_NUMBER = r"([-+]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][-+]?\d+)?)"
_DURATION = re.compile(rf"{_NUMBER}\s*(us|µs|ms|s|m|h|d)")
_QUANTITY = re.compile(rf"^\s*{_NUMBER}\s*([a-zA-Zµ%/]*)\s*$")

SECONDS = {
    "us": 1e-6,
    "µs": 1e-6,
    "ms": 1e-3,
    "s": 1.0,
    "m": 60.0,
    "h": 3600.0,
    "d": 86400.0,
}
BYTES = {
    "B": 1,
    "kB": 10**3,
    "KB": 10**3,
    "MB": 10**6,
    "GB": 10**9,
    "TB": 10**12,
    "KiB": 2**10,
    "MiB": 2**20,
    "GiB": 2**30,
    "TiB": 2**40,
}
PER_SECOND = {"/s": 1.0, "/m": 1 / 60, "/min": 1 / 60, "/h": 1 / 3600}


def _finite(value: float, text: str) -> float:
    if value in (float("inf"), float("-inf")) or value != value:  # noqa: PLR0124 - NaN
        msg = f"{text!r} is not a finite quantity"
        raise ValueError(msg)
    return value


def _quantity(text: str, units: dict[str, float], what: str, example: str) -> float:
    found = _QUANTITY.match(text)
    if not found or found[2] not in units:
        msg = f"{text!r} is not {what}; write it with its unit, such as {example}"
        raise ValueError(msg)
    return _finite(float(found[1]) * units[found[2]], text)


def _text(value: Any, what: str, example: str) -> str:
    if isinstance(value, str):
        return value
    msg = f"{value!r} has no unit: write {what} such as {example}"
    raise ValueError(msg)


def parse_duration(value: Any) -> float:
    """Return seconds for `10s`, `500ms`, `1m30s`; raise ValueError otherwise."""
    if value == 0 and not isinstance(value, bool):
        return 0.0
    text = _text(value, "a duration", '"10s" or "500ms"').strip()
    if text in {"0", "-0"}:
        return 0.0
    sign = -1.0 if text.startswith("-") else 1.0
    rest = text.lstrip("+-")
    parts = _DURATION.findall(rest)
    if not parts or _DURATION.sub("", rest).strip():
        msg = (
            f"{text!r} is not a duration; write it with its unit, such as 10s or 500ms"
        )
        raise ValueError(msg)
    return _finite(sign * sum(float(n) * SECONDS[unit] for n, unit in parts), text)


def parse_rate(value: Any) -> float:
    """Return events a second for `50/s` or `600/m`; raise ValueError otherwise."""
    text = _text(value, "a rate", '"50/s"')
    return _quantity(text, PER_SECOND, "a rate", "50/s")


def parse_size(value: Any) -> float:
    """Return bytes for `64 MiB` or `10 kB`; raise ValueError otherwise."""
    text = _text(value, "a size", '"64 MiB"')
    return _quantity(text, {u: float(n) for u, n in BYTES.items()}, "a size", "64 MiB")


def parse_share(value: Any) -> float:
    """Return a share of one for `99%`; 0.99 and 1 are taken as they are."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return _finite(float(value), str(value))
    text = _text(value, "a percentage", '"99%"')
    return _quantity(text, {"%": 0.01}, "a percentage", "99%")


def parse_quantity(text: str) -> float:
    """Return the number that any of the above writes, in its base unit.

    A number without a unit is itself. Raise ValueError for anything else.
    """
    for parse in (parse_duration, parse_rate, parse_size, parse_share):
        try:
            return parse(text)
        except ValueError:
            continue
    return _finite(float(text), text)


def write_duration(seconds: float) -> str:
    """Write seconds so that `parse_duration` reads the same number back."""
    return f"{seconds!r}s" if seconds != int(seconds) else f"{int(seconds)}s"


def human_duration(seconds: float) -> str:
    """Write seconds for people: `12 µs`, `350 ms`, `1.5 s`, `2 m 05 s`."""
    if seconds < 0:
        return f"-{human_duration(-seconds)}"
    if seconds < 1e-3:  # noqa: PLR2004 - a millisecond
        return f"{seconds * 1e6:.0f} µs"
    if seconds < 1:
        return f"{seconds * 1e3:.0f} ms"
    if seconds < 60:  # noqa: PLR2004 - a minute
        return f"{seconds:.3g} s"
    return f"{int(seconds // 60)} m {int(seconds % 60):02d} s"


def human_size(size: float) -> str:
    """Write bytes for people: `512 B`, `64 MiB`, `1.5 GiB`."""
    unit = "B"
    for larger in ("KiB", "MiB", "GiB", "TiB"):
        if abs(size) < 2**10:
            break
        size, unit = size / 2**10, larger
    return f"{size:.0f} {unit}" if abs(size) >= 100 else f"{size:.3g} {unit}"  # noqa: PLR2004 - three digits


_BOUNDS: dict[str, tuple[Callable[[float, float], bool], Any]] = {
    "ge": (lambda value, bound: value >= bound, "greater_than_equal"),
    "gt": (lambda value, bound: value > bound, "greater_than"),
    "le": (lambda value, bound: value <= bound, "less_than_equal"),
}
"""Bounds by name: when they are kept, and the error if they are not."""


class Quantity(Marked):
    """A number that is written with its unit."""

    __slots__ = ("bounds", "parse", "schema", "write")

    def __init__(
        self,
        parse: Callable[[Any], float],
        schema: dict[str, Any],
        write: Callable[[Any], str] | None = None,
        **bounds: float,
    ) -> None:
        self.bounds = bounds
        self.parse = parse
        self.schema = schema
        self.write = write

    def made(self, kind: Any, kind_of: "KindOf") -> "CoreSchema":
        """Return the number with what reads it, what bounds it, and what writes it."""
        read = core.no_info_before_validator_function(self.parse, kind_of(kind))
        made = core.no_info_after_validator_function(self._bounded, read)
        if self.write:
            made["serialization"] = core.plain_serializer_function_ser_schema(
                self.write, return_schema=core.str_schema()
            )
        return made

    def _bounded(self, value: float) -> float:
        """Return a number within the bounds; the error shows it as it was written."""
        for name, bound in self.bounds.items():
            kept, error = _BOUNDS[name]
            if not kept(value, bound):
                raise PydanticKnownError(error, {name: bound})
        return value

    def __get_pydantic_json_schema__(
        self, schema: "CoreSchema", handler: "GetJsonSchemaHandler"
    ) -> dict[str, Any]:
        """Return how it is written, for the JSON Schema."""
        del schema, handler
        return dict(self.schema)


_PLACE = r"|\$\{[^}]+\}"


def _text_like(pattern: str, example: str = "") -> dict[str, Any]:
    found = {"type": "string", "pattern": pattern}
    return {**found, "examples": [example]} if example else found


Duration = Annotated[
    float,
    Quantity(
        parse_duration,
        {
            "anyOf": [
                _text_like(
                    rf"^(\d+(\.\d+)?\s*(us|µs|ms|s|m|h|d)\s*)+$|^0$|^{_PLACE[1:]}$",
                    "10s",
                ),
                {"const": 0},
            ]
        },
        write_duration,
        ge=0,
    ),
]
"""Seconds, 0 or more, written with a unit."""

Rate = Annotated[
    float,
    Quantity(
        parse_rate,
        _text_like(rf"^\d+(\.\d+)?\s*/(s|m|min|h)$|^{_PLACE[1:]}$", "50/s"),
        lambda rate: f"{rate!r}/s",
        gt=0,
        le=100_000,
    ),
]
"""Events a second, more than 0, written with a unit."""

Size = Annotated[
    int,
    Quantity(
        lambda value: round(parse_size(value)),
        _text_like(rf"^\d+(\.\d+)?\s*([kKMGT]i?)?B$|^{_PLACE[1:]}$", "64 MiB"),
        lambda size: f"{size} B",
        ge=0,
    ),
]
"""Bytes, 0 or more, written with a unit."""


def _parse_percent(value: Any) -> float:
    return parse_share(_text(value, "a percentage", '"15%"'))


Percent = Annotated[
    float,
    Quantity(
        _parse_percent,
        _text_like(rf"^\d+(\.\d+)?\s*%$|^{_PLACE[1:]}$", "15%"),
        lambda share: f"{100 * share!r}%",
        ge=0,
    ),
]
"""A share of what was before, 0 or more, written as a percentage; 150% is one."""

Share = Annotated[
    float,
    Quantity(
        parse_share,
        {
            "anyOf": [
                _text_like(rf"^\d+(\.\d+)?\s*%$|^{_PLACE[1:]}$"),
                {"type": "number", "minimum": 0, "maximum": 1},
            ]
        },
        ge=0,
        le=1,
    ),
]
"""A share of one, written as a percentage or as a number from 0 to 1."""
