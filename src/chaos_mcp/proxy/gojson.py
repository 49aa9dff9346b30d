"""JSON as Go reads it: keys in any case, types strict, every error in Go's words."""

from __future__ import annotations

import json
import re
import struct
from dataclasses import dataclass
from json import JSONDecodeError
from typing import TYPE_CHECKING, Any

from chaos_mcp.proxy.gosyntax import ENDED, complaint

if TYPE_CHECKING:
    from collections.abc import Mapping

LONG = 64 * 1024
"""Bytes that are gone through for the right complaint; more would take too long."""
PREFIX = "bad request body: "
_SPACE = b" \t\n\r"
_WHOLE = re.compile(r"-?[0-9]+\Z")
_SURROGATE = re.compile("[\ud800-\udfff]")
_LIMITS = (-(2**63), 2**63)
_TYPES = {"bool": bool, "array": list}


class BadBody(Exception):
    """A body that cannot be read; the message is Go's."""


class Number(str):
    """A number as it was written."""

    __slots__ = ()


class Object(list[tuple[str, Any]]):
    """The pairs of a JSON object, in order; a key may come again."""

    __slots__ = ()


class Float32(float):
    """A number that Go keeps in 32 bits, and writes accordingly."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Struct:
    """A Go type that an object is read into; names are as Go's errors say them.

    `fields` has for each key where it is and what it is: one of Go's basic types,
    or a struct again.
    """

    type: str
    fields: Mapping[str, tuple[str, str | Struct]]


def _refuse(text: str) -> Any:
    raise ValueError(text)


_DECODER = json.JSONDecoder(
    object_pairs_hook=Object,
    parse_float=Number,
    parse_int=Number,
    parse_constant=_refuse,
)


def decode(body: bytes) -> Any:
    """Return the first JSON value of a body; raise `BadBody` as Go would."""
    begun = body.lstrip(_SPACE)
    cut: str = getattr(body, "cut", "")
    if not begun:
        raise BadBody(PREFIX + (cut or "EOF"))
    try:
        value, _ = _DECODER.raw_decode(begun.decode("utf-8", "replace"))
    except (JSONDecodeError, RecursionError, ValueError):
        why = complaint(begun[:LONG]) or "exceeded max depth"
        raise BadBody(PREFIX + ((why == ENDED and cut) or why)) from None
    # Python takes the 1 of 1e for a number and is content.
    if isinstance(value, Number) and (said := complaint(begun[:LONG])):
        raise BadBody(PREFIX + said)
    return value


def fields(value: Any, into: Struct, where: str = "Go value") -> dict[str, Any]:
    """Return the known fields of a JSON object, of the right types.

    Keys count in any case; `null` leaves a field out; unknown keys are ignored.
    """
    if value is None:
        return {}
    if not isinstance(value, Object):
        raise _mismatch(value, where, into.type)
    found: dict[str, Any] = {}
    for key, given in value:
        name = _known(key, into)
        if name and given is not None:
            typed = _typed(given, *into.fields[name])
            # An object that comes twice adds to what the first one said.
            merged = isinstance(typed, dict) and name in found
            found[name] = {**found[name], **typed} if merged else typed
    return found


def elements(value: Any, kind: str) -> list[Any]:
    """Return the elements of a JSON array of a Go type; `null` has none."""
    if value is None:
        return []
    if type(value) is not list:
        raise _mismatch(value, "Go value", f"[]{kind}")
    return value


def _known(key: str, into: Struct) -> str | None:
    if key in into.fields:
        return key
    folded = key.casefold()
    return next((name for name in into.fields if name.casefold() == folded), None)


def _typed(value: Any, path: str, kind: str | Struct) -> Any:
    where = f"Go struct field {path}"
    if isinstance(kind, Struct):
        return fields(value, kind, where)
    found = _basic(value, kind)
    if found is None:
        raise _mismatch(value, where, kind)
    return found


def _basic(value: Any, kind: str) -> Any:
    """Return a value as one of Go's basic types; None if it is none of that."""
    if isinstance(value, Number):
        return _number(value, kind)
    if kind == "string" and isinstance(value, str):
        return _SURROGATE.sub("\ufffd", value)
    if kind == "map[string]string" and isinstance(value, Object):
        return _texts(value)
    return value if type(value) is _TYPES.get(kind) else None


def _texts(value: Object) -> dict[str, str] | None:
    """Return an object of nothing but texts; None if it is another."""
    if all(type(one) is str for _, one in value):
        return {key: _SURROGATE.sub("\ufffd", one) for key, one in value}
    return None


def _number(text: Number, kind: str) -> Any:
    if kind.startswith("int"):
        low, high = _LIMITS
        whole = len(text) <= len(str(low)) and _WHOLE.match(text)
        return int(text) if whole and low <= int(text) < high else None
    if kind == "float32":
        return float32(float(text))
    return float(text) if kind == "float64" else None


def float32(value: float) -> Float32 | None:
    """Return the nearest number that fits 32 bits; None if it is too large."""
    try:
        (near,) = struct.unpack("f", struct.pack("f", value))
    except OverflowError:
        return None
    return Float32(near) if abs(near) != float("inf") else None


def _mismatch(value: Any, where: str, kind: str) -> BadBody:
    numeric = kind.startswith(("int", "float")) and isinstance(value, Number)
    given = f"number {value}" if numeric else _kind(value)
    return BadBody(
        f"{PREFIX}json: cannot unmarshal {given} into {where} of type {kind}"
    )


def _kind(value: Any) -> str:
    names = {Number: "number", bool: "bool", str: "string", Object: "object"}
    return names.get(type(value), "array")
