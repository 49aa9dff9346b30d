"""A loop, two sockets and a kernel's pipe without a kernel: to try any order of events.

Whatever the real ones may do at some moment, these may do as well, and a seed says
which it is. So a link can be led through thousands of schedules in a second.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random

from chaos_mcp.proxy.toxics import at_work
from chaos_mcp.proxy.toxics.base import Ending, Stage
from chaos_mcp.proxy.toxics.place import Place
from chaos_mcp.proxy.toxics.toxic import Toxic

Work = Callable[[], None]


@dataclass(eq=False)
class Socket:
    """A socket that has so much to give, and takes so much."""

    number: int
    has: bytes = b""
    ended: bool = False
    room: int = 0
    taken: bytearray = field(default_factory=bytearray)

    def fileno(self) -> int:
        return self.number

    def read(self, most: int) -> bytes:
        if not self.has and not self.ended:
            raise BlockingIOError
        data, self.has = self.has[:most], self.has[most:]
        return data

    def recv_into(self, buffer: memoryview) -> int:
        data = self.read(len(buffer))
        buffer[: len(data)] = data
        return len(data)

    def send(self, data: bytes | memoryview) -> int:
        size = min(len(data), self.room)
        if not size:
            raise BlockingIOError
        self.taken += data[:size]
        self.room -= size
        return size


class Pipe:
    """Holds so much, and is only ever filled when it is empty."""

    def __init__(self, sockets: list[Socket], holds: int) -> None:
        self._sockets, self._holds = sockets, holds
        self._inside = b""

    def __len__(self) -> int:
        return len(self._inside)

    def fill(self, source: int) -> int:
        assert not self._inside
        self._inside = self._sockets[source].read(self._holds)
        return len(self._inside)

    def give(self, target: int) -> int:
        given = self._sockets[target].send(self._inside)
        self._inside = self._inside[given:]
        return given

    def close(self) -> None:
        self._inside = b""


@dataclass(eq=False)
class Timer:
    """Something that is to be done at a time."""

    at: float
    work: Work
    cancelled: bool = False

    def when(self) -> float:
        return self.at

    def cancel(self) -> None:
        self.cancelled = True


class Loop:
    """Calls whom it may, one at a time, in any order; its clock stands still."""

    def __init__(self, chance: Random, source: Socket, target: Socket) -> None:
        self.now = 0.0
        self._chance, self._source, self._target = chance, source, target
        self._readers: dict[int, Work] = {}
        self._writers: dict[int, Work] = {}
        self._timers: list[Timer] = []

    def time(self) -> float:
        return self.now

    def add_reader(self, number: int, work: Work) -> None:
        self._readers[number] = work

    def remove_reader(self, number: int) -> None:
        self._readers.pop(number, None)

    def add_writer(self, number: int, work: Work) -> None:
        self._writers[number] = work

    def remove_writer(self, number: int) -> None:
        self._writers.pop(number, None)

    def call_at(self, at: float, work: Work) -> Timer:
        self._timers.append(Timer(at, work))
        return self._timers[-1]

    def _waiting(self) -> list[Timer]:
        self._timers = [one for one in self._timers if not one.cancelled]
        return self._timers

    def _ready(self) -> list[Work]:
        ready = [one.work for one in self._waiting() if one.at <= self.now]
        if self._source.has or self._source.ended:
            ready += self._readers.values()
        # A system tells of room only where there is some more of it.
        if self._target.room >= self._chance.choice([1, 30]):
            ready += self._writers.values()
        return ready

    def step(self) -> bool:
        """Do one of the things that may be done now; tell whether there was one."""
        ready = self._ready()
        if not ready:
            return False
        work = self._chance.choice(ready)
        self._timers = [one for one in self._timers if one.work is not work]
        work()
        return True

    def skip(self) -> bool:
        """Go to the next moment for which something waits, if there is one."""
        self.now = max(self.now, min((one.at for one in self._waiting()), default=-1))
        return bool(self._timers)


@dataclass
class Owner:
    """Remembers how a link ended."""

    ending: Ending | str = ""

    def stage(self, _: object, toxic: Toxic) -> Stage:
        return at_work(toxic, Place())

    def link_finished(self, _: object, ending: Ending) -> None:
        self.ending = ending

    def link_broken(self, _: object) -> None:
        self.ending = "broken"
