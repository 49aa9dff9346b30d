"""Sockets that listen on an address, and how they and those they accept are set."""

from __future__ import annotations

import errno
import os
import socket
from contextlib import suppress

from chaos_mcp.proxy import unix
from chaos_mcp.proxy.addresses import UDP, AddressError, first, parse, write
from chaos_mcp.proxy.limits import is_kept
from chaos_mcp.proxy.names import Place, place

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
    found = first(host) if host else ANY
    if found not in (ANY, ALL):
        return found
    return ALL if socket.has_dualstack_ipv6() else ANY


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
