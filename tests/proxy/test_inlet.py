"""Reading from a socket, through a pipe in the kernel or without one."""

import fcntl
import os
import socket
import struct
import sys
import termios
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, cast

import pytest

from chaos_mcp.proxy import inlet
from chaos_mcp.proxy.inlet import STREAK, Inlet
from chaos_mcp.proxy.pipe import Pipe
from chaos_mcp.proxy.toxics.base import Ending
from tests.proxy.running import until

if TYPE_CHECKING:
    import asyncio

MUCH, LITTLE = b"m" * 4096, b"l"

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="needs splice")


class Reader:
    """Reads when it is told to, and keeps what came, and which way."""

    def __init__(self, near: socket.socket, far: socket.socket) -> None:
        self.near, self.far = near, far
        self.came: list[tuple[str, bytes]] = []
        self.ending: Ending | None = None
        self.inlet = Inlet(cast("asyncio.AbstractEventLoop", self), far, self)
        self.inlet.gate(wanted=True)

    def add_reader(self, _: int, readable: Callable[[], None]) -> None:
        self.readable: Callable[[], None] = readable

    def remove_reader(self, _: int) -> None:
        """Read no more: here only when it is all over."""

    def arrived(self, data: memoryview | Pipe) -> None:
        if isinstance(data, Pipe):
            self.came.append(("pipe", drained(data)))
        else:
            self.came.append(("buffer", bytes(data)))

    def cut(self, ending: Ending) -> None:
        self.ending = ending

    def takes(self, data: bytes, times: int = 1) -> list[str]:
        """Return the ways on which the same data comes, sent so many times."""
        self.came.clear()
        for _ in range(times):
            self.near.sendall(data)
            until(lambda: waiting(self.far) == len(data))
            self.readable()
        assert [one for _, one in self.came] == [data] * times
        return [way for way, _ in self.came]


def waiting(one: socket.socket) -> int:
    """Return the bytes that a socket has for its reader."""
    number: int
    (number,) = struct.unpack("i", fcntl.ioctl(one, termios.FIONREAD, bytes(4)))
    return number


def drained(pipe: Pipe) -> bytes:
    """Return what is inside a pipe, which is empty then."""
    size, file = len(pipe), os.memfd_create("drained")
    try:
        while pipe:
            pipe.give(file)
        return os.pread(file, size, 0)
    finally:
        os.close(file)


@pytest.fixture
def reader(monkeypatch: pytest.MonkeyPatch) -> Iterator[Reader]:
    """Give the reader of a TCP connection, to whom a few kilobytes are much."""
    buffer = memoryview(bytearray(len(MUCH)))
    for name, value in {
        "READ": len(MUCH),
        "SIP": len(MUCH) // 2,
        "_BUFFER": buffer,
        "_START": buffer[: len(MUCH) // 2],
    }.items():
        monkeypatch.setattr(inlet, name, value)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        near = socket.create_connection(listener.getsockname(), timeout=10)
        far, _ = listener.accept()
    with near, far:
        near.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        far.setblocking(False)  # noqa: FBT003 - the name says what
        made = Reader(near, far)
        yield made
        made.inlet.stop()


def test_bulk_traffic_takes_the_pipe_and_a_conversation_none(reader: Reader) -> None:
    assert reader.takes(MUCH, STREAK + 2) == ["buffer"] * STREAK + ["pipe"] * 2
    assert reader.takes(LITTLE, STREAK + 2) == ["pipe"] * STREAK + ["buffer"] * 2


def test_urgent_data_does_not_stop_what_comes_after_it(reader: Reader) -> None:
    """A pipe gets nothing from there on, though the socket is readable."""
    reader.takes(MUCH, STREAK)
    reader.near.send(b"!", socket.MSG_OOB)
    reader.near.sendall(b"after")
    reader.came.clear()

    def came() -> bytes:
        reader.readable()
        return b"".join(data for _, data in reader.came)

    assert until(lambda: came() == b"after")
    assert reader.takes(MUCH) == ["pipe"]


def test_an_end_right_after_urgent_data_loses_nothing(reader: Reader) -> None:
    """To a pipe it looks like the end of the stream."""
    reader.takes(MUCH, STREAK)
    reader.near.send(b"!", socket.MSG_OOB)
    reader.near.sendall(b"after")
    reader.near.shutdown(socket.SHUT_WR)
    reader.came.clear()

    def ending() -> Ending | None:
        reader.readable()
        return reader.ending

    assert until(ending) == "end"
    assert b"".join(data for _, data in reader.came) == b"after"


def test_the_end_of_bulk_traffic_is_told_once_all_is_read(reader: Reader) -> None:
    reader.takes(MUCH, STREAK + 1)
    reader.near.shutdown(socket.SHUT_WR)

    until(lambda: reader.readable() or reader.ending)

    assert reader.ending == "end"
