"""JSON as Go reads and writes it: keys in any case, types strict, `<` escaped."""

from __future__ import annotations

import json
from json import JSONDecodeError
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

PREFIX = "bad request body: "
_SPACE = " \t\n\r"


class BadBody(Exception):
    """A body that cannot be read; the message is Go's."""


class _Number(str):
    """A number that is not whole, as it was written."""

    __slots__ = ()


_DECODER = json.JSONDecoder(parse_float=_Number)


def decode(body: bytes) -> Any:
    """Return the first JSON value of a body; raise `BadBody` as Go would."""
    text = body.decode("utf-8", "replace").lstrip(_SPACE)
    if not text:
        raise BadBody(f"{PREFIX}EOF")
    try:
        value, _ = _DECODER.raw_decode(text)
    except JSONDecodeError as error:
        if error.pos >= len(text.rstrip(_SPACE)) or "Unterminated" in error.msg:
            raise BadBody(f"{PREFIX}unexpected EOF") from None
        wrong = text[error.pos]
        said = f"invalid character {_quoted(wrong)} looking for beginning of value"
        raise BadBody(PREFIX + said) from None
    except (RecursionError, ValueError):
        raise BadBody(f"{PREFIX}exceeded max depth") from None
    return value


def _quoted(character: str) -> str:
    return "'\"'" if character == '"' else repr(character)


def fields(value: Any, struct: str, kinds: Mapping[str, str]) -> dict[str, Any]:
    """Return the known fields of a JSON object, of the right kinds.

    Keys count in any case; `null` leaves a field out; unknown keys are ignored.
    `kinds` are Go's: string, bool, int64, float32, any.
    """
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise _mismatch(value, struct, "", struct)
    found: dict[str, Any] = {}
    for key, given in value.items():
        name = _known(key, kinds)
        if name and given is not None:
            found[name] = _typed(given, struct, name, kinds[name])
    return found


def _known(key: str, kinds: Mapping[str, str]) -> str | None:
    if key in kinds:
        return key
    lower = key.lower()
    return next((name for name in kinds if name.lower() == lower), None)


def _typed(value: Any, struct: str, field: str, kind: str) -> Any:
    fits = {
        "any": True,
        "string": isinstance(value, str) and not isinstance(value, _Number),
        "bool": isinstance(value, bool),
        "int64": _whole(value),
        "float32": isinstance(value, _Number) or _whole(value),
    }
    if not fits[kind]:
        raise _mismatch(value, struct, field, kind)
    return float(value) if kind == "float32" else value


def _whole(value: Any) -> bool:
    return (
        isinstance(value, int)
        and not isinstance(value, bool)
        and -(2**63) <= value < 2**63
    )


def _mismatch(value: Any, struct: str, field: str, kind: str) -> BadBody:
    where = f"Go struct field {struct}.{field}" if field else "Go value"
    said = f"json: cannot unmarshal {_kind(value)} into {where} of type {kind}"
    return BadBody(PREFIX + said)


def _kind(value: Any) -> str:
    if isinstance(value, _Number):
        return f"number {value}"
    if isinstance(value, bool):
        return "bool"
    if isinstance(value, int):
        return f"number {value}" if not _whole(value) else "number"
    return "string" if isinstance(value, str) else _container(value)


def _container(value: Any) -> str:
    return "array" if isinstance(value, list) else "object"


def encode(value: Any) -> bytes:
    """Return compact JSON with Go's escapes for HTML."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    for plain, escaped in (("<", "\\u003c"), (">", "\\u003e"), ("&", "\\u0026")):
        text = text.replace(plain, escaped)
    return text.encode("utf-8", "replace")
