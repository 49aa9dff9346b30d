"""The machine as faults see it: its processes, its files, and the room for them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, Protocol

if TYPE_CHECKING:
    import signal
    from collections.abc import Mapping, Sequence

    from chaos_mcp.machine.identity import Identity


@dataclass(frozen=True, slots=True)
class ProcessSeen:
    """A process as it was at one moment."""

    who: Identity
    born: float
    """Seconds, by `Processes.clock`."""
    parent: int
    session: int
    state: str
    """As ps has it: R runs, S and D sleep, T is stopped, t is traced, Z is dead."""
    cpu: float
    """Seconds of processor time that it has used."""
    name: str
    kernel: bool = False
    """Whether it is a thread of the kernel."""
    dying: bool = False
    """Whether it is on its way out; in the end it is dead."""

    @property
    def pid(self) -> int:
        """Return the number that it has while it lives."""
        return self.who.pid


Disposition = Literal["default", "caught", "ignored"]


class Processes(Protocol):
    """The processes of this machine."""

    def clock(self) -> float:
        """Return seconds, as births are counted."""
        ...

    def space(self) -> str:
        """Return which numbering of processes we see: a container has its own."""
        ...

    def protected(self) -> Mapping[int, str]:
        """Return the processes that no fault may touch, by number, and why not."""
        ...

    def command(self, pid: int) -> str:
        """Return the command line of a process; empty if there is none to be seen."""
        ...

    async def everyone(self) -> Sequence[ProcessSeen]:
        """Return all processes."""
        ...

    def at_once(self) -> list[ProcessSeen]:
        """Return all processes, for a caller that need not wait for them: a plan."""
        ...

    def look(self, pid: int) -> ProcessSeen | None:
        """Return a process, or None if there is none."""
        ...

    def allowed(self, pid: int) -> bool:
        """Tell whether we may send it signals."""
        ...

    def send(self, who: Identity, number: signal.Signals) -> bool:
        """Send exactly this process a signal; tell whether it is there."""
        ...

    def disposition(self, who: Identity, number: signal.Signals) -> Disposition:
        """Return what a process does about a signal."""
        ...

    def waits(self, who: Identity, number: signal.Signals) -> bool:
        """Tell whether a signal is on its way to a process."""
        ...

    def stopped(self, who: Identity) -> bool:
        """Tell, by another path, whether this process is there and stopped."""
        ...


@dataclass(frozen=True, slots=True)
class Room:
    """A file system and the room on it, in bytes."""

    total: int
    used: int
    free: int
    """What is free to everybody; root may have more."""
    reserved: int
    """What is free to root alone."""
    kind: str
    """Such as ext4 or tmpfs; empty if nobody knows."""
    identity: str
    """What tells it from other file systems, also after a restart where it can."""
    device: int
    read_only: bool = False

    @property
    def in_memory(self) -> bool:
        """Tell whether it takes the machine's memory, and ends with it."""
        return self.kind in ("tmpfs", "ramfs")

    def shares(self, other: Room) -> bool:
        """Tell whether filling one fills the other.

        Volumes of one pool are not one device, but equally large and equally full.
        """
        if self.device == other.device:
            return True
        near = abs(self.free - other.free) <= max(self.total // 1000, 2**24)
        return self.total == other.total and near and not self.in_memory


@dataclass(frozen=True, slots=True)
class Place:
    """A directory, known again even if it was renamed where it is."""

    path: str
    device: int
    inode: int


Presence = Literal["there", "gone", "unmounted"]


class Files(Protocol):
    """The files of this machine. What goes wrong with them is an `OSError`."""

    async def place(self, path: str) -> Place | None:
        """Return a directory that we may write to, or None if there is none."""
        ...

    async def names(self, path: str) -> frozenset[str]:
        """Return what is in a directory."""
        ...

    async def room(self, path: str) -> Room:
        """Return the room on the file system of a path."""
        ...

    async def size(self, path: str) -> int:
        """Return the bytes in all files of a directory and those below it."""
        ...

    async def memory(self) -> int:
        """Return the bytes of memory that programs can still have."""
        ...

    def vital(self) -> tuple[str, ...]:
        """Return paths without whose file systems this machine does not work."""
        ...

    async def create(self, place: Place, name: str, header: bytes) -> None:
        """Make a file that begins with a header; fail if the name is taken."""
        ...

    async def grow(self, place: Place, name: str, size: int) -> int:
        """Let a file take up to so many bytes on the disk; return how many it has.

        That may be fewer, also none more, if there is no room or to do it in steps.
        """
        ...

    async def held(self, place: Place, name: str) -> int:
        """Return how many bytes on the disk a file takes."""
        ...

    async def refuses(self, place: Place, name: str) -> bool | None:
        """Tell whether one more block is refused for want of room.

        None: we are root, for whom there is always some room.
        """
        ...

    async def remove(self, place: Place, name: str, header: bytes) -> None:
        """Remove a file if it begins with the header, or with a torn one."""
        ...

    async def presence(self, place: Place, name: str, identity: str) -> Presence:
        """Tell, by another path than `remove`, whether a file is there.

        A file system that is not mounted any more may still hold it.
        """
        ...
