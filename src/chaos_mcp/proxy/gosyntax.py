"""What Go says of text that is not JSON: its first wrong character, and where it is."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import NoReturn

_Step = Callable[[], "_Step | None"]
_SPACE = " \t\n\r"
_PLAIN = re.compile(r'[^"\\\x00-\x1f]*')
_DIGITS = re.compile(r"[0-9]*")
_HEX = frozenset("0123456789abcdefABCDEF")
_ESCAPES = frozenset('bfnrt\\/"')
_CLOSES = {"{": "}", "[": "]"}
_AFTER = {"{": "after object key:value pair", "[": "after array element"}
_WORDS = {"t": "true", "f": "false", "n": "null"}
_NAMED = {
    "'": "\\'",
    '"': '"',
    "\\": "\\\\",
    "\a": "\\a",
    "\b": "\\b",
    "\f": "\\f",
    "\n": "\\n",
    "\r": "\\r",
    "\t": "\\t",
    "\v": "\\v",
}
ENDED = "unexpected EOF"
DEEPEST = 10_000
"""Lists and objects that may be in each other."""
_INVISIBLE = ("\xa0", "\xad")


class _Wrong(Exception):
    """A character that cannot be here."""


class _Ended(Exception):
    """The text is over too early."""


def complaint(body: bytes) -> str | None:
    """Return Go's message on the first JSON value of a body; None if it is one."""
    try:
        _Scanner(body.decode("latin-1")).value()
    except _Wrong as wrong:
        return str(wrong)
    except _Ended:
        return ENDED
    return None


def _quoted(character: str) -> str:
    """Return a byte as Go quotes it, as if it were a character."""
    if character in _NAMED:
        return f"'{_NAMED[character]}'"
    if character < " " or character == "\x7f":
        return f"'\\x{ord(character):02x}'"
    if "\x80" <= character < "\xa0" or character in _INVISIBLE:
        return f"'\\u{ord(character):04x}'"
    return f"'{character}'"


class _Scanner:
    """Walks over one value without recursion, as Go's own does."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self._open: list[str] = []

    def value(self) -> None:
        """Go over the first value; raise at the first thing that is wrong."""
        step: _Step | None = self._value
        while step:
            step = step()

    def _value(self) -> _Step:
        found = self._skip()
        if found in _CLOSES:
            if len(self._open) == DEEPEST:
                self._wrong(found, "exceeded max depth")
            self._open.append(found)
            return self._first_element if found == "[" else self._first_key
        self._simple(found)
        return self._after

    def _simple(self, found: str) -> None:
        if found == '"':
            self._string()
        elif found in _WORDS:
            self._word(_WORDS[found])
        elif found in "-0123456789":
            self._number(found)
        else:
            self._wrong(found, "looking for beginning of value")

    def _first_element(self) -> _Step:
        if self._skip() == "]":
            return self._close
        self._at -= 1
        return self._value

    def _first_key(self) -> _Step:
        if self._skip() == "}":
            return self._close
        self._at -= 1
        return self._key

    def _key(self) -> _Step:
        found = self._skip()
        if found != '"':
            self._wrong(found, "looking for beginning of object key string")
        self._string()
        found = self._skip()
        if found != ":":
            self._wrong(found, "after object key")
        return self._value

    def _close(self) -> _Step:
        self._open.pop()
        return self._after

    def _after(self) -> _Step | None:
        if not self._open:
            return None
        kind, found = self._open[-1], self._skip()
        if found == _CLOSES[kind]:
            return self._close
        if found != ",":
            self._wrong(found, _AFTER[kind])
        return self._key if kind == "{" else self._value

    def _word(self, word: str) -> None:
        for expected in word[1:]:
            found = self._next()
            if found != expected:
                self._wrong(found, f"in literal {word} (expecting '{expected}')")

    def _number(self, found: str) -> None:
        if found == "-":
            found = self._digit("in numeric literal")
        if found != "0":
            self._over(_DIGITS)
        if self._peek() == ".":
            self._next()
            self._digit("after decimal point in numeric literal")
            self._over(_DIGITS)
        if self._peek() in ("e", "E"):
            self._next()
            if self._peek() in ("+", "-"):
                self._next()
            self._digit("in exponent of numeric literal")
            self._over(_DIGITS)

    def _digit(self, where: str) -> str:
        found = self._next()
        if found not in "0123456789":
            self._wrong(found, where)
        return found

    def _string(self) -> None:
        while True:
            self._over(_PLAIN)
            found = self._next()
            if found == '"':
                return
            if found != "\\":
                self._wrong(found, "in string literal")
            self._escape(self._next())

    def _escape(self, found: str) -> None:
        if found == "u":
            for _ in range(4):
                digit = self._next()
                if digit not in _HEX:
                    self._wrong(digit, "in \\u hexadecimal character escape")
        elif found not in _ESCAPES:
            self._wrong(found, "in string escape code")

    def _skip(self) -> str:
        found = self._next()
        while found in _SPACE:
            found = self._next()
        return found

    def _next(self) -> str:
        found = self._peek()
        if not found:
            raise _Ended
        self._at += 1
        return found

    def _peek(self) -> str:
        return self._text[self._at : self._at + 1]

    def _over(self, pattern: re.Pattern[str]) -> None:
        found = pattern.match(self._text, self._at)
        self._at = found.end() if found else self._at

    def _wrong(self, found: str, where: str) -> NoReturn:
        raise _Wrong(f"invalid character {_quoted(found)} {where}")
