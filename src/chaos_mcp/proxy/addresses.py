"""Addresses as Go writes them: `host:port`, `[::1]:80`, `:0`, `localhost:http`."""

from __future__ import annotations

import re
import socket
from dataclasses import dataclass
from functools import lru_cache

from chaos_mcp.proxy import unix
from chaos_mcp.proxy.names import NoSuchName, Place, literal

HIGHEST_PORT = 65535
UDP = "udp://"
"""What an address of datagrams begins with; Toxiproxy has none."""
_WHOLE = re.compile(r"[+-]?[0-9]*\Z", re.ASCII)


class AddressError(Exception):
    """The text is no address, or it cannot be had; the message is Go's."""

    busy = False
    """Whether somebody else listens there."""


@dataclass(frozen=True, slots=True)
class Address:
    """A host, which may be empty (all interfaces), and a port."""

    host: str
    port: int


@lru_cache
def parse(text: str) -> Address:
    """Return the address that a text writes; raise `AddressError` as Go would.

    No text at all is any port on all interfaces; a Unix socket has none.
    """
    if unix.path_of(text):
        return Address(text, 0)
    if not text:
        return Address("", 0)
    if ":" not in text:
        raise AddressError(f"address {text}: missing port in address")
    host, _, port = text.rpartition(":")
    before, after = text, text
    if text.startswith("["):
        host = _bracketed(text)
        before, after = text[1:], text[text.index("]") + 1 :]
    elif ":" in host:
        raise AddressError(f"address {text}: too many colons in address")
    for bracket, where in (("[", before), ("]", after)):
        if bracket in where:
            raise AddressError(f"address {text}: unexpected '{bracket}' in address")
    return Address(host, _port(port))


def _bracketed(text: str) -> str:
    """Return the host between the brackets of `[host]:port`."""
    host, bracket, rest = text[1:].partition("]")
    if not bracket:
        raise AddressError(f"address {text}: missing ']' in address")
    if text.rindex(":") != len(host) + 2:
        many = rest.startswith(":")
        said = "too many colons in address" if many else "missing port in address"
        raise AddressError(f"address {text}: {said}")
    return host


def _port(text: str) -> int:
    if _WHOLE.match(text):
        digits = text.lstrip("+-").lstrip("0") or "0"
        # A longer one is too high, and may be too long for int() as well.
        if len(digits) > len("65535") or not 0 <= _signed(text, digits) <= HIGHEST_PORT:
            raise AddressError(f"address {text}: invalid port")
        return int(digits)
    try:
        return socket.getservbyname(text.lower(), "tcp")
    except (OSError, ValueError):
        raise AddressError(f"lookup tcp/{text}: unknown port") from None


def _signed(text: str, digits: str) -> int:
    return -int(digits) if text.startswith("-") else int(digits)


def write(host: str, port: int) -> str:
    """Return the text of a socket's address."""
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def resolved(text: str) -> str:
    """Return an address with its name resolved; raise `AddressError` as Go would.

    Raise `Unresolved` if the name has yet to be looked up.
    """
    if unix.path_of(text):
        return text
    if text.startswith(UDP):
        return UDP + resolved(text.removeprefix(UDP))
    address = parse(text)
    if not address.host:
        return f":{address.port}"
    return write(first(address.host)[1], address.port)


def overlap(one: str, other: str) -> bool:
    """Tell whether two addresses may have the same port, or are the same file."""
    if unix.path_of(one) or unix.path_of(other):
        return one == other
    return parse(one.removeprefix(UDP)).port == parse(other.removeprefix(UDP)).port


def check_upstream(text: str, listen: str) -> None:
    """Raise `AddressError` if nothing that is listened for can ever go there.

    Toxiproxy never does; it has neither Unix sockets nor datagrams.
    """
    try:
        if unix.path_of(text):
            unix.check(text)
    except unix.UnixError as error:
        raise AddressError(f"upstream {text}: {error}") from None
    if text.startswith(UDP) and not listen.startswith(UDP):
        raise AddressError(f"upstream {text}: {listen} is for streams")
    if listen.startswith(UDP):
        if unix.path_of(text):
            raise AddressError(f"upstream {text}: {listen} is for datagrams")
        parse(text.removeprefix(UDP))


def first(host: str) -> Place:
    """Return the address of a host: IPv4 if it has both, as Go does."""
    try:
        found = literal(host)
    except NoSuchName as error:
        raise AddressError(str(error)) from None
    return min(found, key=lambda one: one[0] != socket.AF_INET)
