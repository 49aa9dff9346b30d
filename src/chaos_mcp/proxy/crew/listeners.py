"""Ports that several processes have: one holds them, the others listen on them."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from chaos_mcp.proxy import addresses, sockets
from chaos_mcp.proxy.addresses import AddressError
from chaos_mcp.proxy.listener import Listener

if TYPE_CHECKING:
    import socket


class Held(Listener):
    """Keeps an address for the workers; nobody connects to it here."""

    released: ClassVar[set[int]] = set()
    """Ports let go of here on which workers still listen: they are ours."""

    def _open(self, listen: str) -> socket.socket:
        return sockets.hold(listen, ours=_port(listen) in self.released)

    def _watch(self) -> None:
        """Wait for nobody."""

    def close(self) -> None:
        """Keep the address no longer."""
        self.released.add(_port(self.address))
        self._socket.close()


class Among(Listener):
    """Listens where others of our own do as well."""

    def _open(self, listen: str) -> socket.socket:
        return sockets.listen(listen, among=True)


def _port(listen: str) -> int:
    try:
        return addresses.parse(listen).port
    except AddressError:
        return 0
