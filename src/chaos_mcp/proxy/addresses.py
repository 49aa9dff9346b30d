"""Addresses as Go writes them: `host:port`, `[::1]:80`, `:0`, `localhost:http`."""

from __future__ import annotations

import errno
import os
import re
import socket
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache

from chaos_mcp.proxy import unix
from chaos_mcp.proxy.limits import is_kept
from chaos_mcp.proxy.names import NoSuchName, Place, literal, place

HIGHEST_PORT = 65535
UDP = "udp://"
"""What an address of datagrams begins with; Toxiproxy has none."""
ANY: Place = (socket.AF_INET, "0.0.0.0")  # noqa: S104 - as it was asked for
ALL: Place = (socket.AF_INET6, "::")
QUEUE = 4096
"""Connections that may wait to be accepted."""
KEEPALIVE = {
    "TCP_KEEPIDLE": 60,
    "TCP_KEEPALIVE": 60,  # what macOS calls it
    "TCP_KEEPINTVL": 10,
    "TCP_KEEPCNT": 6,
}
"""A peer that says nothing for a minute is asked, six times in another minute."""
_OPTIONS = (
    (socket.IPPROTO_TCP, socket.TCP_NODELAY, 1),
    (socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1),
    *(
        (socket.IPPROTO_TCP, getattr(socket, name), value)
        for name, value in KEEPALIVE.items()
        if hasattr(socket, name)
    ),
)
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
    return write(_first(address.host)[1], address.port)


def overlap(one: str, other: str) -> bool:
    """Tell whether two addresses may have the same port, or are the same file."""
    if unix.path_of(one) or unix.path_of(other):
        return one == other
    return parse(one.removeprefix(UDP)).port == parse(other.removeprefix(UDP)).port


def listen(text: str, *, among: bool = False) -> socket.socket:
    """Return a socket that listens on an address, with a long queue.

    It may be one `among` several of our own that listen there. Raise `AddressError`
    with Go's message if that cannot be, `Unresolved` if the name has yet to be looked
    up.
    """
    if unix.path_of(text):
        return _listen_unix(text)
    one, where = _bound(text, among=among)
    try:
        one.listen(QUEUE)
    except OSError as error:
        one.close()
        raise _refused(where, error) from None
    return one


def hold(text: str, *, ours: bool) -> socket.socket:
    """Return a socket that keeps an address for others of our own to listen on.

    Unless it is `ours` already, raise `AddressError` if anybody has it.
    """
    if unix.path_of(text) or text.startswith(UDP):
        raise AddressError(f"listen {text}: several workers cannot share it")
    if not ours:
        with listen(text) as alone:
            text = address_of(alone)
    return _bound(text, among=True)[0]


def _bound(text: str, *, among: bool) -> tuple[socket.socket, str]:
    try:
        address = parse(text)
        family, host = _place(address.host)
    except AddressError as error:
        raise AddressError(f"listen tcp: {error}") from None
    where = write(address.host and host, address.port)
    one = _spare(family, write(host, address.port))
    try:
        one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if among:
            one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        if family == socket.AF_INET6:
            one.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, host != "::")
        one.bind(place(host, address.port))
    except OSError as error:
        one.close()
        raise _refused(where, error) from None
    one.setblocking(False)  # noqa: FBT003 - the name of the method says what
    return one, where


def _listen_unix(text: str) -> socket.socket:
    try:
        return unix.listen(text, QUEUE)
    except unix.UnixError as error:
        refusal = AddressError(f"listen {text}: {error}")
        refusal.busy = error.busy
        raise refusal from None


def listen_datagrams(text: str) -> socket.socket:
    """Return a socket that takes the datagrams of an address; see `listen`."""
    try:
        address = parse(text.removeprefix(UDP))
        family, host = _place(address.host)
    except AddressError as error:
        raise AddressError(f"listen udp: {error}") from None
    where = write(address.host and host, address.port)
    one = _spare(family, where, socket.SOCK_DGRAM)
    try:
        if family == socket.AF_INET6:
            one.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, host != "::")
        one.bind(place(host, address.port))
    except OSError as error:
        one.close()
        raise _refused(where, error, "udp") from None
    one.setblocking(False)  # noqa: FBT003 - the name of the method says what
    return one


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


def _spare(
    family: socket.AddressFamily, where: str, kind: int = socket.SOCK_STREAM
) -> socket.socket:
    """Return a socket if there is a descriptor for one."""
    try:
        one = socket.socket(family, kind)
    except OSError as error:
        raise _without(where, error) from None
    if is_kept(one.fileno()):
        one.close()
        raise _without(where, OSError(errno.EMFILE, os.strerror(errno.EMFILE)))
    return one


def _without(where: str, error: OSError) -> AddressError:
    said = (error.strerror or str(error)).lower()
    return AddressError(f"listen tcp {where}: socket: {said}")


def _refused(where: str, error: OSError, what: str = "tcp") -> AddressError:
    said = (error.strerror or str(error)).lower()
    refusal = AddressError(f"listen {what} {where}: bind: {said}")
    refusal.busy = said == "address already in use"
    return refusal


def _place(host: str) -> Place:
    """Return where to listen: on all interfaces, of both kinds, if on any."""
    first = _first(host) if host else ANY
    if first not in (ANY, ALL):
        return first
    return ALL if socket.has_dualstack_ipv6() else ANY


def _first(host: str) -> Place:
    """Return the address of a host: IPv4 if it has both, as Go does."""
    try:
        found = literal(host)
    except NoSuchName as error:
        raise AddressError(str(error)) from None
    return min(found, key=lambda one: one[0] != socket.AF_INET)


def address_of(one: socket.socket) -> str:
    """Return the text of the address that a socket is bound to."""
    if one.family == socket.AF_UNIX:
        return f"unix:{one.getsockname()}"
    host, port, *more = one.getsockname()
    scope = more[1] if more else 0
    return write(f"{host}%{socket.if_indextoname(scope)}" if scope else host, port)


def tune(one: socket.socket) -> None:
    """Send at once, and notice within two minutes when a peer is gone."""
    with suppress(OSError):  # it may be gone already
        for level, option, value in _OPTIONS:
            one.setsockopt(level, option, value)
