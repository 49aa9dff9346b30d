"""A port of UDP: every client that sends something is handed over once."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any

from chaos_mcp.proxy import sockets
from chaos_mcp.proxy.addresses import UDP
from chaos_mcp.proxy.listener import BATCH, Listener

if TYPE_CHECKING:
    import socket

    from chaos_mcp.proxy.datagrams.session import Session

MOST = 1024
"""Sessions of a port; another client ends the one that has been silent longest."""
LARGEST = 65536


class Peer:
    """A client of a port, by its address."""

    def __init__(self, port: Port, address: Any) -> None:
        self._port, self.address = port, address
        self.session: Session | None = None

    def send(self, data: bytes) -> bool:
        """Send to it; tell whether it went."""
        return self._port.send(data, self.address)

    def gone(self) -> None:
        """Be forgotten."""
        self._port.forget(self.address)


class Port(Listener):
    """Listens for datagrams."""

    def __init__(self, listen: str, accept: Any) -> None:
        self._peers: dict[Any, Peer] = {}
        super().__init__(listen, accept)

    def _open(self, listen: str) -> socket.socket:
        return sockets.listen_datagrams(listen)

    def _named(self, one: socket.socket) -> str:
        return UDP + sockets.address_of(one)

    def _acceptable(self) -> None:
        for _ in range(BATCH):
            try:
                data, address = self._socket.recvfrom(LARGEST)
            except (BlockingIOError, InterruptedError):
                return
            except OSError:  # somebody is no longer there for what was sent
                continue
            if (peer := self._peer(address)) and peer.session:
                peer.session.arrived(data)
            if self._socket.fileno() < 0:
                return

    def _peer(self, address: Any) -> Peer | None:
        """Return who sends, known or new, as the latest; None if that cannot be."""
        peer = self._peers.pop(address, None)
        if peer is None:
            self._make_room()
            peer = Peer(self, address)
            self._accept(peer)
            if peer.session is None or peer.session.why:
                return None
        self._peers[address] = peer
        return peer

    def _make_room(self) -> None:
        if len(self._peers) >= MOST:
            oldest = next(iter(self._peers.values()))
            if oldest.session:
                oldest.session.close("crowded out")

    def send(self, data: bytes, address: Any) -> bool:
        """Send a datagram to a client; tell whether it went."""
        with suppress(OSError):
            return self._socket.sendto(data, address) >= 0
        return False

    def forget(self, address: Any) -> None:
        """Know a client no longer."""
        self._peers.pop(address, None)
