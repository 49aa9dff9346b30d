"""A circuit breaker: stop asking what has stopped answering, and look again soon.

After M. Nygard, *Release It!* (2007): closed while calls succeed, open after too many
failures in a row, half-open when one call may find out whether it is over.
"""

import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from types import TracebackType
from typing import Literal

State = Literal["closed", "open", "half-open"]


class BreakerOpen(Exception):
    """The call was not made: the last ones failed, and it is too early to look."""


class Breaker:
    """Count failures in a row, and refuse calls for a while after too many.

    `failures` in a row open it; after `rest` seconds one trial call at a time is let
    through, and its outcome closes the breaker or opens it again. Time comes from
    `now`, in seconds. Calls that began before the latest change of state have no say:
    what hung during an outage says nothing about the time after it.
    """

    def __init__(
        self,
        *,
        failures: int = 5,
        rest: float = 1.0,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self.opened = 0
        self._allowed, self._rest, self._now = failures, rest, now
        self._failed = 0
        self._era = 0
        self._trying = False
        self._opened_at: float | None = None

    @property
    def state(self) -> State:
        """Return what a call made now would meet."""
        if self._opened_at is None:
            return "closed"
        rested = self._now() - self._opened_at >= self._rest
        return "half-open" if rested else "open"

    def attempt(self) -> AbstractContextManager[None]:
        """Return the scope of one call; leaving it by an exception is a failure.

        A cancelled call is neither a failure nor a success. Raises `BreakerOpen` if
        the call must not be made.
        """
        if self.state == "open" or self._trying:
            raise BreakerOpen
        self._trying = self.state == "half-open"
        return _Attempt(self, self._era)

    def reset(self) -> None:
        """Forget everything and let calls through."""
        self.opened = 0
        self._close()

    def _settle(self, era: int, *, succeeded: bool | None) -> None:
        if era != self._era:
            return
        self._trying = False
        if succeeded:
            self._succeed()
        elif succeeded is False:
            self._fail()

    def _succeed(self) -> None:
        self._failed = 0
        if self._opened_at is not None:
            self._close()

    def _fail(self) -> None:
        self._failed += 1
        if self._opened_at is not None or self._failed >= self._allowed:
            self._open()

    def _open(self) -> None:
        self.opened += 1
        self._era += 1
        self._opened_at = self._now()

    def _close(self) -> None:
        self._failed = 0
        self._era += 1
        self._trying = False
        self._opened_at = None


class _Attempt(AbstractContextManager[None]):
    def __init__(self, breaker: Breaker, era: int) -> None:
        self._breaker, self._era = breaker, era

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        cancelled = kind is not None and not issubclass(kind, Exception)
        succeeded = None if cancelled else kind is None
        self._breaker._settle(self._era, succeeded=succeeded)  # noqa: SLF001 - its own half
