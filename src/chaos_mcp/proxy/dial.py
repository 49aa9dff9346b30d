"""Reach an upstream: each of its addresses in turn, within a time, without waiting."""

from __future__ import annotations

import asyncio
import errno
import socket
from collections import deque
from typing import TYPE_CHECKING

from chaos_mcp.proxy import unix
from chaos_mcp.proxy.addresses import AddressError, parse
from chaos_mcp.proxy.names import NoSuchName, Place, Unresolved, literal, look_up, place
from chaos_mcp.proxy.sockets import tune

if TYPE_CHECKING:
    from collections.abc import Callable

PATIENCE = 10.0
"""Seconds that an upstream has to accept a connection."""
AGAIN = 0.01
"""Seconds after which a Unix socket whose queue was full is tried again."""
_DONE = (0, errno.EISCONN)
_UNDER_WAY = (errno.EINPROGRESS, errno.EALREADY)


class Dial:
    """One attempt to connect; `done` is called once, with the socket or None."""

    def __init__(
        self, upstream: str, done: Callable[[socket.socket | None], None]
    ) -> None:
        self._loop = asyncio.get_running_loop()
        self._done = done
        self._socket: socket.socket | None = None
        self._left: deque[Place] = deque()
        self._port = 0
        self._over = False
        self._timer: asyncio.TimerHandle | None = None
        self._start(upstream)
        if not self._over:
            self._timer = self._loop.call_later(PATIENCE, self.give_up)

    def _start(self, upstream: str) -> None:
        try:
            if path := unix.path_of(upstream):
                self._found([(socket.AF_UNIX, path)])
                return
            address = parse(upstream)
            self._port = address.port
            self._found(literal(address.host or "127.0.0.1"))
        except Unresolved as unresolved:
            look_up(unresolved.host).add_done_callback(
                lambda found: self._found(found.result())
            )
        except (AddressError, NoSuchName):
            self.give_up()

    def _found(self, places: list[Place]) -> None:
        self._left.extend(places)
        self._next()

    def _next(self) -> None:
        """Try the next address, or give up if there is none."""
        while self._left and not self._over:
            family, host = self._left.popleft()
            if self._connect(family, host):
                return
        self.give_up()

    def _connect(self, family: socket.AddressFamily, host: str) -> bool:
        """Begin to connect; tell whether that is under way, or done."""
        try:
            one = socket.socket(family, socket.SOCK_STREAM)
        except OSError:
            return False
        one.setblocking(False)  # noqa: FBT003 - the name of the method says what
        where = host if family == socket.AF_UNIX else place(host, self._port)
        error = one.connect_ex(where)
        if error == errno.EINPROGRESS:
            # On the same machine it is decided by now, without a wait.
            error = one.connect_ex(where)
        if error in _DONE:
            self._have(one)
        elif error in _UNDER_WAY:
            self._await(one)
        elif error == errno.EAGAIN:  # the queue of a Unix socket is full
            one.close()
            self._loop.call_later(AGAIN, self._again, family, host)
        else:
            one.close()
            return False
        return True

    def _again(self, family: socket.AddressFamily, host: str) -> None:
        if not self._over and not self._connect(family, host):
            self._next()

    def _await(self, one: socket.socket) -> None:
        """Go on when it is decided, or in time."""
        self._socket = one
        self._loop.add_writer(one.fileno(), self._decided, one)

    def _decided(self, one: socket.socket) -> None:
        """Go on with a connection that stands, or with the next address."""
        self._loop.remove_writer(one.fileno())
        self._socket = None
        if one.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR):
            one.close()
            self._next()
        else:
            self._have(one)

    def _have(self, one: socket.socket) -> None:
        tune(one)
        self._end(one)

    def give_up(self) -> None:
        """End without a connection, unless it has ended already."""
        if self._socket is not None:
            self._loop.remove_writer(self._socket.fileno())
            self._socket.close()
            self._socket = None
        self._end(None)

    def _end(self, one: socket.socket | None) -> None:
        if not self._over:
            self._over = True
            if self._timer:
                self._timer.cancel()
            self._done(one)
