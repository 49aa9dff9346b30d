"""An echo server in a thread: an upstream that gives back what it gets."""

from __future__ import annotations

import socket
import threading
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


class Client:
    """A connection that sends and expects the same back."""

    def __init__(self, address: str, timeout: float = 5.0) -> None:
        host, _, port = address.rpartition(":")
        self.socket = socket.create_connection((host, int(port)), timeout)

    def send(self, data: bytes) -> None:
        self.socket.sendall(data)

    def receive(self, size: int) -> bytes:
        """Return so many bytes, or fewer if the connection ends."""
        got = b""
        while len(got) < size:
            part = self.socket.recv(size - len(got))
            if not part:
                break
            got += part
        return got

    def echo(self, data: bytes = b"hello") -> bytes:
        self.send(data)
        return self.receive(len(data))

    def silent(self, seconds: float) -> bool:
        """Tell whether nothing comes for so long, not even an end."""
        self.socket.settimeout(seconds)
        try:
            self.socket.recv(1)
        except TimeoutError:
            return True
        finally:
            self.socket.settimeout(5)
        return False

    def close(self) -> None:
        self.socket.close()


@contextmanager
def echo_server() -> Iterator[str]:
    """Listen on a free port, echo what comes, and yield the address."""
    listener = socket.create_server(("127.0.0.1", 0))
    open_ones: list[socket.socket] = []

    def serve(one: socket.socket) -> None:
        with suppress(OSError), one:
            while data := one.recv(65536):
                one.sendall(data)
            one.shutdown(socket.SHUT_WR)

    def accept() -> None:
        with suppress(OSError):
            while True:
                one, _ = listener.accept()
                open_ones.append(one)
                threading.Thread(target=serve, args=(one,), daemon=True).start()

    thread = threading.Thread(target=accept, daemon=True)
    thread.start()
    try:
        yield f"127.0.0.1:{listener.getsockname()[1]}"
    finally:
        with suppress(OSError):
            listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        for one in open_ones:
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()
        thread.join(5)
