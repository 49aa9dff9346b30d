"""Which requests are harmed, and how."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from chaos_mcp.proxy.toxics.base import MILLISECOND
from chaos_mcp.proxy.toxics.delays import LAWS
from chaos_mcp.proxy.toxics.http.heads import bodiless

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from chaos_mcp.proxy.toxics.http.heads import Head

WHEN = ("before", "after")
FRAMING = {"content-length", "transfer-encoding", "connection", "upgrade", "trailer"}
_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_VALUE = re.compile(r"[^\r\n\0]*")
_ABSOLUTE = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://[^/?]*")
_PLAIN = ("Content-Type", "text/plain; charset=utf-8")


@dataclass(frozen=True, slots=True)
class Rule:
    """What the attributes of the toxic say, read once."""

    methods: frozenset[str]
    path: str
    host: str
    probability: float
    after: bool
    status: int
    delay: int
    jitter: int
    law: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes | None = None
    truncate: int | None = None
    corrupt: float = 0.0
    skip_requests: int = 0

    def is_for(self, head: Head) -> bool:
        """Tell whether a request is one that it is for."""
        method, target, _ = head.words
        return (
            (not self.methods or method in self.methods)
            and (not self.path or fnmatchcase(path_of(target), self.path))
            and (not self.host or _is_at(head, self.host))
        )

    @property
    def answers(self) -> bool:
        """Tell whether the upstream does not get the request."""
        return bool(self.status) and not self.after

    @property
    def changes(self) -> bool:
        """Tell whether the head of the upstream's answer becomes another."""
        return bool(self.status or self.headers) or self.body is not None

    def seconds(self, draw: Callable[[], float]) -> float:
        """Return for how long a request or answer waits."""
        delay: float = self.delay
        if self.jitter:
            delay = LAWS[self.law](draw(), self.delay, self.jitter)
        return max(0.0, delay) * MILLISECOND

    def made(self, method: str, *, closes: bool) -> bytes:
        """Return an answer with the status, made of nothing else."""
        headers = {key.lower() for key in self.headers}
        body = self.body or b""
        more = [("Connection", "close")] if closes else []
        if not bodiless(self.status):
            typed = not body or _PLAIN[0].lower() in headers
            more += [] if typed else [_PLAIN]
            more.append(("Content-Length", str(len(body))))
        given = [(key, value) for key, value in self.headers.items() if value]
        head = _written(_status_line(self.status), [*given, *more])
        return head if method == "HEAD" or bodiless(self.status) else head + body

    def changed(self, head: Head, method: str) -> bytes:
        """Return the head of an answer with our headers, and our body if there is one.

        What is not ours stays as it was, byte for byte.
        """
        status = int(head.words[1])
        replaced = self.body is not None and not bodiless(status)
        drop = {key.lower() for key in self.headers}
        if replaced:
            drop |= {"content-length", "transfer-encoding", "content-encoding"}
        first, *lines = head.raw[:-4].split(b"\r\n")
        kept = [line for line in lines if _name(line) not in drop]
        given = [(key, value) for key, value in self.headers.items() if value]
        if replaced:
            given.append(("Content-Length", str(len(self.body or b""))))
        made = _written(b"\r\n".join([first, *kept]), given)
        return made + (self.body or b"") if replaced and method != "HEAD" else made

    def replaces_body(self, status: int) -> bool:
        """Tell whether the body of the upstream's answer is left out."""
        return bool(self.status) or (self.body is not None and not bodiless(status))


def rule_of(given: Mapping[str, Any]) -> Rule:
    """Return the rule that attributes say."""
    body = given.get("body")
    return Rule(
        methods=frozenset(_words(given["method"])),
        path=given["path"],
        host=given["host"].lower(),
        probability=given["probability"],
        after=given["when"] == "after",
        status=given["status"],
        delay=max(0, given["delay"]),
        jitter=max(0, given["jitter"]),
        law=given.get("distribution", "uniform"),
        headers=given.get("headers", {}),
        body=None if body is None else body.encode(),
        truncate=given.get("truncate"),
        corrupt=given.get("corrupt", 0.0),
        skip_requests=given.get("skip_requests", 0),
    )


def check(given: Mapping[str, Any]) -> None:
    """Raise ValueError for the first thing that makes no sense."""
    for said in _complaints(given):
        raise ValueError(said)


def _complaints(given: Mapping[str, Any]) -> Iterator[str]:
    if given["status"] and not 200 <= given["status"] <= 599:  # noqa: PLR2004 - final
        yield "status must be from 200 to 599"
    for name in ("probability", "corrupt"):
        if not 0 <= given.get(name, 0) <= 1:
            yield f"{name} must be from 0 to 1"
    if given["when"] not in WHEN:
        yield f"when must be one of {', '.join(WHEN)}"
    if given.get("distribution", "uniform") not in LAWS:
        yield f"distribution must be one of {', '.join(LAWS)}"
    for name in ("truncate", "skip_requests"):
        if given.get(name, 0) < 0:
            yield f"{name} must be 0 or more"
    made = given["status"] or "body" in given
    if made and ("truncate" in given or given.get("corrupt")):
        yield "truncate and corrupt are not for a status or body of your own"
    yield from bad_headers(given.get("headers", {}))


def bad_headers(headers: Mapping[str, str]) -> Iterator[str]:
    """Yield what is wrong with headers that somebody wants to set."""
    for name, value in headers.items():
        if not _NAME.fullmatch(name):
            yield f"{name!r} is no name of a header; write such as `Retry-After`"
        elif name.lower() in FRAMING:
            yield f"the header {name!r} follows from the body; leave it out"
        if not _VALUE.fullmatch(value) or not value.isascii():
            yield f"the header {name!r} cannot be {value!r}; write plain ASCII"


def path_of(target: str) -> str:
    """Return the path of a request's target, as it was written."""
    return _ABSOLUTE.sub("", target).partition("?")[0] or "/"


def _is_at(head: Head, pattern: str) -> bool:
    hosts = head.values("host") or [""]
    name = hosts[0].rpartition(":")[0] if ":" in hosts[0] else hosts[0]
    return any(fnmatchcase(one, pattern) for one in (hosts[0], name))


def _words(text: str) -> list[str]:
    return [one.strip().upper() for one in text.split(",") if one.strip()]


def _name(line: bytes) -> str:
    return line.partition(b":")[0].decode("latin-1").lower()


def _status_line(status: int) -> bytes:
    known = status in HTTPStatus._value2member_map_
    phrase = HTTPStatus(status).phrase if known else "Unknown"
    return f"HTTP/1.1 {status} {phrase}".encode()


def _written(first: bytes, headers: list[tuple[str, str]]) -> bytes:
    lines = [f"{key}: {value}".encode("latin-1") for key, value in headers]
    return b"\r\n".join([first, *lines, b"", b""])
