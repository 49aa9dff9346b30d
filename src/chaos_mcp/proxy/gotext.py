"""JSON as Go writes it: compact, `<` escaped, 32-bit numbers as short as can be."""

from __future__ import annotations

import json
import struct
from json.encoder import encode_basestring
from typing import Any

from chaos_mcp.proxy.gojson import Float32, float32

_ESCAPES = {ord(one): f"\\u{ord(one):04x}" for one in "<>&\u2028\u2029"}
_SMALLEST, _LARGEST = (
    struct.unpack("f", struct.pack("f", one))[0] for one in (1e-6, 1e21)
)
"""Between them Go writes no exponent."""
_DIGITS = 9
"""So many digits after the first tell all 32-bit numbers apart."""


def encode(value: Any) -> bytes:
    """Return compact JSON with Go's escapes for HTML."""
    # What is escaped occurs in strings only.
    return _text(value).translate(_ESCAPES).encode("utf-8", "replace")


def _text(value: Any) -> str:
    if isinstance(value, str):
        return encode_basestring(value)
    if isinstance(value, dict):
        pairs = [f"{encode_basestring(key)}:{_text(value[key])}" for key in value]
        return f"{{{','.join(pairs)}}}"
    if isinstance(value, list):
        return f"[{','.join(map(_text, value))}]"
    if isinstance(value, bool):
        return "true" if value else "false"
    return _number(value) if isinstance(value, Float32) else json.dumps(value)


def _number(value: Float32) -> str:
    """Return the shortest text that is read as the same 32-bit number."""
    texts = (f"{value:.{count}e}" for count in range(_DIGITS + 1))
    shortest = next(text for text in texts if float32(float(text)) == value)
    mantissa, _, exponent = shortest.partition("e")
    if value and not _SMALLEST <= abs(value) < _LARGEST:
        return f"{mantissa}e{int(exponent):+d}"
    return _plain(mantissa, int(exponent))


def _plain(mantissa: str, exponent: int) -> str:
    """Return digits without an exponent, the point where it belongs."""
    sign = "-" if mantissa.startswith("-") else ""
    digits = mantissa.lstrip("-").replace(".", "")
    if exponent < 0:
        return f"{sign}0.{'0' * (-exponent - 1)}{digits}"
    whole = digits[: exponent + 1].ljust(exponent + 1, "0")
    rest = digits[exponent + 1 :].rstrip("0")
    return f"{sign}{whole}{'.' if rest else ''}{rest}"
