"""Addresses as Go writes them: `host:port`, `[::1]:80`, `:0`, `localhost:http`."""

from __future__ import annotations

import socket
from dataclasses import dataclass

HIGHEST_PORT = 65535


class AddressError(Exception):
    """The text is no address; the message is Go's."""


@dataclass(frozen=True, slots=True)
class Address:
    """A host, which may be empty (all interfaces), and a port."""

    host: str
    port: int


def parse(text: str) -> Address:
    """Return the address that a text writes; raise `AddressError` as Go would."""
    if text.startswith("["):
        host, bracket, rest = text[1:].partition("]")
        port = rest.removeprefix(":")
        if not bracket or not rest.startswith(":"):
            raise AddressError(f"address {text}: missing port in address")
    else:
        host, colon, port = text.rpartition(":")
        if not colon:
            raise AddressError(f"address {text}: missing port in address")
        if ":" in host:
            raise AddressError(f"address {text}: too many colons in address")
    return Address(host, _port(port))


def _port(text: str) -> int:
    if not text:
        return 0
    if text.isascii() and text.isdigit():
        if int(text) > HIGHEST_PORT:
            raise AddressError(f"address {text}: invalid port")
        return int(text)
    try:
        return socket.getservbyname(text, "tcp")
    except OSError:
        raise AddressError(f"lookup tcp/{text}: unknown port") from None


def write(address: tuple[str, int]) -> str:
    """Return the text of a socket's address."""
    host, port = address[:2]
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def listen(text: str) -> socket.socket:
    """Return a socket that listens on an address, with a long queue.

    Raise `AddressError` with Go's message if that cannot be.
    """
    try:
        address = parse(text)
    except AddressError as error:
        raise AddressError(f"listen tcp: {error}") from None
    family, place = _place(address)
    one = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6 and not address.host:
            one.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
        one.bind(place)
        one.listen(4096)
    except OSError as error:
        one.close()
        said = (error.strerror or str(error)).lower()
        where = write((place[0], place[1]))
        raise AddressError(f"listen tcp {where}: bind: {said}") from None
    one.setblocking(False)  # noqa: FBT003 - the name of the method says what
    return one


def _place(address: Address) -> tuple[socket.AddressFamily, tuple[str, int]]:
    if not address.host:
        if socket.has_dualstack_ipv6():
            return socket.AF_INET6, ("::", address.port)
        return socket.AF_INET, ("0.0.0.0", address.port)  # noqa: S104 - asked for
    try:
        found = socket.getaddrinfo(
            address.host,
            address.port,
            type=socket.SOCK_STREAM,
            proto=socket.IPPROTO_TCP,
        )
    except OSError:
        raise AddressError(f"listen tcp: lookup {address.host}: no such host") from None
    family, _, _, _, place = min(found, key=lambda one: one[0] != socket.AF_INET)
    return family, (str(place[0]), int(place[1]))
