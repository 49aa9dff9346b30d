"""The head of a message: its first line, its headers, and how long its body is."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import IntEnum

_TOKEN = rb"[!#$%&'*+.^_`|~0-9A-Za-z-]"
REQUEST = re.compile(rb"(" + _TOKEN + rb"{1,32}) ([\x21-\xff]+) HTTP/1\.([01])")
STATUS = re.compile(rb"HTTP/1\.([01]) ([1-9][0-9]{2})(?: [^\r\n\0]*)?")
REQUEST_BEGUN = re.compile(
    rb"%s{1,32}( [\x21-\xff]*( [HTP/1.0]{0,8})?)?\r?" % _TOKEN  # as much as there is
)
STATUS_BEGUN = re.compile(rb"H(T(T(P(/(1(\.([01]([ ][^\r\n\0]*)?)?)?)?)?)?)?)?\r?")
_HEADER = re.compile(rb"(%s+):[ \t]*([^\r\n\0]*)" % _TOKEN)
_LENGTH = re.compile(r"[0-9]{1,18}")
SWITCHING, NO_CONTENT, NOT_MODIFIED = 101, 204, 304


class Strange(Exception):
    """What came is not HTTP/1, or not such that one could tell where it ends."""


class Framing(IntEnum):
    """How a body ends that does not end after so many bytes."""

    CHUNKED = -1
    UNTIL_END = -2
    TUNNEL = -3


@dataclass(frozen=True, slots=True)
class Head:
    """The beginning of a message, as it was sent."""

    raw: bytes
    words: tuple[str, ...]
    """Method, target and minor version, or minor version and status."""
    headers: tuple[tuple[str, str], ...]
    """Names in small letters, and values."""

    def values(self, name: str) -> list[str]:
        """Return the elements of all headers of a name, in small letters."""
        found = (value for key, value in self.headers if key == name)
        return [one.strip().lower() for value in found for one in value.split(",")]


def parsed(raw: bytes, first: re.Pattern[bytes]) -> Head:
    """Return a head that is whole; raise `Strange` if it is none."""
    line, *lines = raw[:-4].split(b"\r\n")
    words = first.fullmatch(line)
    found = [_HEADER.fullmatch(one) for one in lines]
    if words is None or not all(found):
        raise Strange
    headers = tuple(
        (one[1].decode("ascii").lower(), one[2].decode("latin-1").strip())
        for one in found
        if one is not None
    )
    return Head(raw, tuple(one.decode("latin-1") for one in words.groups()), headers)


def of_request(head: Head) -> int:
    """Return how the body of a request ends."""
    framing = _framing(head, otherwise=0)
    if framing == Framing.UNTIL_END:
        raise Strange
    return framing


def of_answer(head: Head, method: str) -> int:
    """Return how the body of an answer to such a request ends."""
    status = int(head.words[1])
    taken = method == "CONNECT" and 200 <= status < 300  # noqa: PLR2004 - a success
    if status == SWITCHING or taken:
        return Framing.TUNNEL
    if method == "HEAD" or bodiless(status):
        return 0
    return _framing(head, otherwise=Framing.UNTIL_END)


def bodiless(status: int) -> bool:
    """Tell whether answers of a status have no body, whatever their headers say."""
    return status < 200 or status in (NO_CONTENT, NOT_MODIFIED)  # noqa: PLR2004 - 1xx


def _framing(head: Head, otherwise: int) -> int:
    codings = head.values("transfer-encoding")
    lengths = set(head.values("content-length"))
    if codings and lengths:  # RFC 9112, 6.1: two who disagree, or an attack
        raise Strange
    if codings:
        return Framing.CHUNKED if codings[-1] == "chunked" else Framing.UNTIL_END
    if not lengths:
        return otherwise
    length = lengths.pop()
    if lengths or not _LENGTH.fullmatch(length):
        raise Strange
    return int(length)
