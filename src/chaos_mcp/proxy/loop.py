"""An event loop with little between a socket that is ready and who waits for it.

asyncio's own has a handle, a context and a key for every wake-up, which together
cost as much as a small message, and it waits in whole milliseconds. Here the sockets
of the data path have an epoll of their own, which calls whoever waits; asyncio's is
one of its descriptors. Nothing else changes: tasks, timers and streams are asyncio's.
"""

from __future__ import annotations

import asyncio
import select
import selectors
import sys
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVarTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from _typeshed import FileDescriptorLike

    Call = Callable[[], object]
    Calls = dict[int, Call]
    Ready = list[tuple[selectors.SelectorKey, int]]

Given = TypeVarTuple("Given")
FINE = 0.003
"""Seconds before a moment from which on it is waited for to the microsecond."""
EVENTS = 256
"""Descriptors that have their turn before asyncio has its own."""


class Direct(selectors.BaseSelector):
    """Asyncio's selector, and descriptors beside it with somebody to call at once."""

    def __init__(self, failed: Callable[[Call, Exception], None]) -> None:
        self.readers: Calls = {}
        self.writers: Calls = {}
        self._failed = failed
        self._asyncio = selectors.EpollSelector()
        self._inner = self._asyncio.fileno()
        self._epoll = select.epoll()
        self._epoll.register(self._inner, select.EPOLLIN)
        self._new: set[int] = set()
        """Descriptors watched since the last look, which saw who had them before."""

    def select(self, timeout: float | None = None) -> Ready:
        """Wait; call those who are called directly, and return the rest."""
        events = self._wait(timeout)
        rest: Ready = []
        self._new.clear()
        for number, event in events:
            if event & ~select.EPOLLOUT:
                if call := self.readers.get(number):
                    self._do(call, number)
                elif number == self._inner:
                    rest = self._asyncio.select(0)
            if event & ~select.EPOLLIN and (call := self.writers.get(number)):
                self._do(call, number)
        return rest

    def _wait(self, timeout: float | None) -> list[tuple[int, int]]:
        if timeout is None:
            return self._epoll.poll(None, EVENTS)
        if timeout > FINE:
            return self._epoll.poll(timeout - FINE, EVENTS)
        if timeout > 0:
            select.select([self._epoll], [], [], timeout)
        return self._epoll.poll(0, EVENTS)

    def _do(self, call: Call, number: int) -> None:
        if number in self._new:
            return
        try:
            call()
        except Exception as error:  # noqa: BLE001 - the loop says it, and goes on
            self._failed(call, error)

    def add(self, calls: Calls, number: int, call: Call) -> None:
        """Call somebody whenever a descriptor is ready; `calls` says for what."""
        before = self._events(number)
        calls[number] = call
        self._new.add(number)
        try:
            change = self._epoll.modify if before else self._epoll.register
            change(number, self._events(number))
        except OSError:
            del calls[number]
            raise

    def remove(self, calls: Calls, number: int) -> bool:
        """Call nobody any more; tell whether there was somebody."""
        if calls.pop(number, None) is None:
            return False
        if events := self._events(number):
            self._epoll.modify(number, events)
        else:
            self._epoll.unregister(number)
        return True

    def _events(self, number: int) -> int:
        reads = select.EPOLLIN if number in self.readers else 0
        return reads | (select.EPOLLOUT if number in self.writers else 0)

    def register(
        self, fileobj: FileDescriptorLike, events: int, data: Any = None
    ) -> selectors.SelectorKey:
        """Watch something for asyncio."""
        return self._asyncio.register(fileobj, events, data)

    def unregister(self, fileobj: FileDescriptorLike) -> selectors.SelectorKey:
        """Watch something no more for asyncio."""
        return self._asyncio.unregister(fileobj)

    def modify(
        self, fileobj: FileDescriptorLike, events: int, data: Any = None
    ) -> selectors.SelectorKey:
        """Watch something for something else for asyncio."""
        return self._asyncio.modify(fileobj, events, data)

    def get_map(self) -> Mapping[FileDescriptorLike, selectors.SelectorKey]:
        """Return what is watched for asyncio."""
        return self._asyncio.get_map()

    def close(self) -> None:
        """Watch nothing any more."""
        self._asyncio.close()
        self._epoll.close()


class Loop(asyncio.SelectorEventLoop):
    """Asyncio's loop; whom `add_reader` and `add_writer` name is called directly."""

    def __init__(self) -> None:
        self._direct = Direct(self._failed)
        super().__init__(self._direct)

    def _failed(self, call: Call, error: Exception) -> None:
        context = {"message": f"Exception in callback {call}", "exception": error}
        self.call_exception_handler(context)

    def add_reader(
        self, fd: FileDescriptorLike, callback: Callable[[*Given], Any], *args: *Given
    ) -> None:
        """Call back whenever there is something to read."""
        call = partial(callback, *args) if args else callback
        self._direct.add(self._direct.readers, _number(fd), call)

    def remove_reader(self, fd: FileDescriptorLike) -> bool:
        """Call back no more."""
        return self._direct.remove(self._direct.readers, _number(fd))

    def add_writer(
        self, fd: FileDescriptorLike, callback: Callable[[*Given], Any], *args: *Given
    ) -> None:
        """Call back whenever there is room to write."""
        call = partial(callback, *args) if args else callback
        self._direct.add(self._direct.writers, _number(fd), call)

    def remove_writer(self, fd: FileDescriptorLike) -> bool:
        """Call back no more."""
        return self._direct.remove(self._direct.writers, _number(fd))


def _number(one: FileDescriptorLike) -> int:
    return one if isinstance(one, int) else one.fileno()


def new() -> asyncio.AbstractEventLoop:
    """Return such a loop; where there is no epoll, the one that there is."""
    return Loop() if sys.platform == "linux" else asyncio.new_event_loop()
