"""Requests and answers of HTTP/1.1, with the bytes that Go's server writes."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from chaos_mcp.proxy.targets import Target

ALPHABET = "0123456789abcdefghijklmnopqrstuv"
DATE = "%a, %d %b %Y %H:%M:%S GMT"
TEXT = "text/plain; charset=utf-8"
OLD = "HTTP/1.0"
NEW = "HTTP/1.1"


class BadRequest(Exception):
    """What came is no request; the connection ends with this status, in Go's words."""

    def __init__(
        self,
        why: str = "",
        status: HTTPStatus = HTTPStatus.BAD_REQUEST,
        body: str | None = None,
    ) -> None:
        text = f"{status.value} {status.phrase}"
        super().__init__(f"{text}: {why}" if why else text)
        self.body = str(self) if body is None else body


class Body(bytes):
    """The body of a request, and what was wrong with the rest of it, if anything."""

    cut: str = ""


@dataclass(frozen=True, slots=True)
class Request:
    """An HTTP request, read to its end."""

    method: str
    target: Target
    headers: dict[str, str]
    body: Body
    version: str = NEW
    keep: bool = True


@dataclass(frozen=True, slots=True)
class Response:
    """What is answered; `routed` ones carry an id."""

    status: int
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    routed: bool = True


def refused(refusal: BadRequest) -> bytes:
    """Return the last answer on a connection that talks no sense."""
    kind = {"Content-Type": TEXT} if refusal.body else {"Content-Length": "0"}
    head = _head(f"{NEW} {refusal}", {**kind, "Connection": "close"})
    return head + refusal.body.encode()


def written(response: Response, request: Request) -> bytes:
    """Return the bytes of an answer; one to HEAD has no body."""
    status = HTTPStatus(response.status)
    headers = dict(response.headers)
    if response.routed:
        headers["X-Toxiproxy-Request-Id"] = identity()
    headers["Date"] = time.strftime(DATE, time.gmtime())
    if response.body or (status != HTTPStatus.NO_CONTENT and request.method != "HEAD"):
        headers["Content-Length"] = str(len(response.body))
    headers |= _connection(request)
    head = _head(f"{request.version} {status.value} {status.phrase}", headers)
    return head if request.method == "HEAD" else head + response.body


def _connection(request: Request) -> dict[str, str]:
    """Return what is said of the connection: only what is not understood."""
    if request.version == OLD:
        return {"Connection": "keep-alive"} if request.keep else {}
    return {} if request.keep else {"Connection": "close"}


def _head(first: str, headers: dict[str, str]) -> bytes:
    lines = [first, *(f"{key}: {value}" for key, value in headers.items())]
    return "\r\n".join([*lines, "", ""]).encode("utf-8")


def identity() -> str:
    """Return twenty characters that no other request has (as xid's are)."""
    value = int.from_bytes(int(time.time()).to_bytes(4, "big") + os.urandom(9), "big")
    return "".join(ALPHABET[(value >> shift) & 31] for shift in range(99, 0, -5))
