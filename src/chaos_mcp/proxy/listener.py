"""A port that accepts connections, in batches, as long as there are descriptors."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from chaos_mcp.proxy import addresses, sockets
from chaos_mcp.proxy.addresses import AddressError
from chaos_mcp.proxy.limits import is_kept, limit

if TYPE_CHECKING:
    import socket

BATCH = 64
"""Connections accepted at one go."""
QUIET = 10.0
"""Seconds after a complaint in which there is no other."""
PAUSE = 0.1
"""Seconds to wait when no descriptor is left for another connection."""

INHERITED = sys.platform == "linux"
"""Whether an accepted socket has its listener's options."""
Accept = Callable[[Any], None]
"""Called with the socket of each client; of datagrams, with who sends them."""


class Listener:
    """Listens on an address, and hands over each client that connects."""

    def __init__(self, listen: str, accept: Accept) -> None:
        self._socket = self._open(listen)
        self.address = self._named(self._socket)
        self._accept = accept
        self._paused: asyncio.TimerHandle | None = None
        self._tuned = self._inherited = False
        self._quiet_until = 0.0
        self._loop = asyncio.get_running_loop()
        self._watch()

    def _open(self, listen: str) -> socket.socket:
        """Return a socket that listens."""
        return sockets.listen(listen)

    def _named(self, one: socket.socket) -> str:
        """Return the address that a socket has."""
        return sockets.address_of(one)

    def given_to(self, accept: Accept) -> Listener:
        """Hand the clients over to somebody else from now on."""
        self._accept = accept
        return self

    def shared(self, listen: str, accept: Accept) -> Listener:
        """Return a listener on another address, which may take this one's port.

        Raise `AddressError` and go on as before if that address cannot be had.
        """
        try:
            return type(self)(listen, accept)
        except AddressError as error:
            if not error.busy or not addresses.overlap(listen, self.address):
                raise
        return self._replaced(listen, accept)

    def _replaced(self, listen: str, accept: Accept) -> Listener:
        """Return a listener on the port of this one, which has to let go for it."""
        self.close()
        try:
            return type(self)(listen, accept)
        except AddressError:
            self._socket = self._open(self.address)
            self._watch()
            raise

    def _watch(self) -> None:
        self._paused = None
        self._loop.add_reader(self._socket.fileno(), self._acceptable)

    def _acceptable(self) -> None:
        self._tune()
        for _ in range(BATCH):
            try:
                client, _ = self._socket.accept()
            except BlockingIOError:
                self._inherited = INHERITED
                return
            except (InterruptedError, ConnectionError):
                return
            except OSError as error:
                self._pause(error)
                return
            if is_kept(client.fileno()):
                self._refuse(client)
                continue
            client.setblocking(False)  # noqa: FBT003 - the name says what
            if not self._inherited:
                sockets.tune(client)
            self._accept(client)

    def _tune(self) -> None:
        """Have those accepted have options from here, once those before are gone.

        Of a thousand ports most are never used: it is time enough when one is.
        """
        if not self._tuned:
            self._tuned = True
            sockets.tune(self._socket)

    def _pause(self, error: OSError) -> None:
        """Accept nothing for a while: there is no descriptor left."""
        self._complain(f"cannot accept: {error}")
        self._loop.remove_reader(self._socket.fileno())
        self._paused = self._loop.call_later(PAUSE, self._watch)

    def _refuse(self, client: socket.socket) -> None:
        """Close a connection for which there would be no other descriptors."""
        client.close()
        all_ = f"all {limit()} descriptors are taken (ulimit -n)"
        self._complain(f"refuses connections: {all_}")

    def _complain(self, text: str) -> None:
        """Say what is wrong, but not again and again."""
        now = self._loop.time()
        if now >= self._quiet_until:
            self._quiet_until = now + QUIET
            sys.stderr.write(f"chaos proxy: {self.address} {text}\n")

    def close(self) -> None:
        """Give the port back; once is enough."""
        if self._paused:
            self._paused.cancel()
            self._paused = None
        elif self._socket.fileno() >= 0:
            self._loop.remove_reader(self._socket.fileno())
        self._socket.close()
