"""Upstreams to put behind a proxy: each client is served by a thread of its own."""

import contextlib
import hashlib
import socket
import struct
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from tests.proxy.running import PATIENCE

STEP = 65536
"""Bytes that are sent or received at one go."""
RESET = struct.pack("ii", 1, 0)
"""SO_LINGER: close with a TCP RST."""


@dataclass(slots=True)
class Upstream:
    """A server that is listening, and the clients that it has had."""

    address: str
    clients: list[socket.socket] = field(default_factory=list)


def close(one: socket.socket, *, reset: bool = False) -> None:
    """Close a socket, also under a thread that is reading from it."""
    with contextlib.suppress(OSError):
        if reset:
            one.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
        else:
            one.shutdown(socket.SHUT_RDWR)
    one.close()


@contextlib.contextmanager
def upstream(serve: Callable[[socket.socket], None]) -> Iterator[Upstream]:
    """Listen on a free port, and have `serve` called with each client's socket."""
    with socket.create_server(("127.0.0.1", 0), backlog=512) as listener:
        made = Upstream(f"127.0.0.1:{listener.getsockname()[1]}")
        threads = [threading.Thread(target=_accept, args=(listener, made, serve))]
        threads[0].start()
        try:
            yield made
        finally:
            listener.shutdown(socket.SHUT_RDWR)
            threads[0].join(PATIENCE)
            for client in made.clients:
                close(client)


def _accept(
    listener: socket.socket, made: Upstream, serve: Callable[[socket.socket], None]
) -> None:
    with contextlib.suppress(OSError):
        while True:
            client, _ = listener.accept()
            client.settimeout(PATIENCE)
            client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            made.clients.append(client)
            threading.Thread(target=_serve, args=(serve, client), daemon=True).start()


def _serve(serve: Callable[[socket.socket], None], client: socket.socket) -> None:
    with contextlib.suppress(OSError):
        serve(client)


def echo(client: socket.socket) -> None:
    """Send back what comes, and end when the client does."""
    while data := client.recv(65536):
        client.sendall(data)
    # Both have ended: a descriptor less, of which a suite may come to have thousands.
    close(client)


def nothing(client: socket.socket) -> None:
    """Do nothing at all with a client, until the test does."""


def says(data: bytes) -> Callable[[socket.socket], None]:
    """Return a server that says something to everybody, and then ends."""

    def say(client: socket.socket) -> None:
        client.sendall(data)
        client.shutdown(socket.SHUT_WR)

    return say


def exactly(one: socket.socket, size: int) -> bytes:
    """Return so many bytes from a socket, fewer only if it ends before."""
    data = bytearray()
    while len(data) < size and (more := one.recv(min(size - len(data), STEP))):
        data += more
    return bytes(data)


def rest(one: socket.socket) -> bytes:
    """Return all bytes from a socket up to its end."""
    data = bytearray()
    while more := one.recv(STEP):
        data += more
    return bytes(data)


def _send(one: socket.socket, data: bytes, *, end: bool) -> None:
    """Send much: every step has the time that `sendall` would give to all of it."""
    for start in range(0, len(data), STEP):
        one.sendall(data[start : start + STEP])
    if end:
        one.shutdown(socket.SHUT_WR)


@contextlib.contextmanager
def sending(one: socket.socket, data: bytes, *, end: bool = False) -> Iterator[None]:
    """Send data in a thread while the block runs, and see that all of it was sent."""
    with ThreadPoolExecutor(1) as pool:
        sent = pool.submit(_send, one, data, end=end)
        yield
        sent.result(PATIENCE)


def told(data: bytes) -> tuple[int, str]:
    """Return what tells data apart, and can be shown where it is megabytes."""
    return len(data), hashlib.sha256(data).hexdigest()
