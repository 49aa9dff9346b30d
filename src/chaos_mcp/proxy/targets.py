"""What a request asks for, read as Go reads it: `/path?query`, or a whole URL."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import quote, unquote_to_bytes

_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")
_BROKEN = re.compile(r"%(?![0-9A-Fa-f]{2})")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_AUTHORITY = re.compile(r"([^@\[\]]*@)?(\[[^\[\]]*\]|[^:\[\]]*)(:[0-9]*)?\Z")
_PLAIN = "$&+,:;=@"
"""What Go leaves as it is in a part of a path, beside letters and the like."""


class BadTarget(Exception):
    """The text is no target of a request."""


@dataclass(frozen=True, slots=True)
class Target:
    """A path as it was written, without what is before and after it."""

    path: str
    origin: str = ""
    """What is before the path: nothing, mostly."""
    query: str = ""
    """The query with its question mark."""
    opaque: bool = False
    """Whether there is no path, but a scheme and something."""

    def elsewhere(self, path: str) -> str:
        """Return where to find another path, in letters that a header may have."""
        if self.opaque:
            return self.origin + self.query
        parts = (quote(unquoted(part), safe=_PLAIN) for part in path.split("/"))
        return f"{self.origin}{'/'.join(parts)}{self.query}"


def unquoted(part: str) -> bytes:
    """Return a part of a path with its %20s and the like made bytes."""
    return unquote_to_bytes(part.encode("latin-1"))


def target(text: str, method: str = "GET") -> Target:
    """Return what a request asks for; raise `BadTarget` where Go would refuse it."""
    if _CONTROL.search(text):
        raise BadTarget(text)
    if method == "CONNECT" and not text.startswith("/"):
        return Target("", origin=f"//{_checked(text)}")
    if text == "*":
        return Target(text)
    rest, mark, query = text.partition("?")
    scheme = _SCHEME.match(rest)
    if scheme is None:
        return _rooted(rest, "", mark + query)
    after = rest[scheme.end() :]
    if after.startswith("//"):
        host, slash, path = after[2:].partition("/")
        origin = f"{scheme[0].lower()}//{_checked(host)}"
        return _rooted(slash + path, origin, mark + query)
    if after.startswith("/"):
        return _rooted(after, scheme[0].lower(), mark + query)
    return Target("", origin=rest, query=mark + query, opaque=True)


def _rooted(path: str, origin: str, query: str) -> Target:
    """Return a target with a path from the root on; a whole URL may have none."""
    if not (path.startswith("/") or (origin and not path)) or _BROKEN.search(path):
        raise BadTarget(path)
    return Target(path, origin, query)


def _checked(authority: str) -> str:
    if not _AUTHORITY.match(authority) or _BROKEN.search(authority):
        raise BadTarget(authority)
    return authority
