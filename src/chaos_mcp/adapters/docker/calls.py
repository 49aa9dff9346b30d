"""Calls of the Docker Engine: each in a thread, each with a time limit of its own."""

from __future__ import annotations

import os
import re
import socket
from contextlib import closing
from functools import partial
from threading import Lock
from time import sleep
from typing import TYPE_CHECKING, Any, TypeVar
from weakref import finalize

import anyio
import anyio.to_thread

from chaos_mcp.errors import ActivityFailed, PartMissing

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from docker import APIClient

T = TypeVar("T")

API = "1.41"
"""What we speak: what Debian 12's engine has, and whatever is newer."""
DEFAULT = "unix:///var/run/docker.sock"
CALL = 5.0
"""Seconds that the engine may be silent in a call."""
LONG = 60.0
"""The same, for a call that carries an image."""
SETTLING = 0.3
"""Seconds for a change that was given up on to land, once the engine answers again."""


def load() -> None:
    """Load the SDK now, not at the first call."""
    import docker  # noqa: F401, PLC0415 - 200 ms


class Calls:
    """One engine, by where it listens."""

    def __init__(self, url: str = "", patience: float = CALL) -> None:
        self.url = url or os.environ.get("DOCKER_HOST") or DEFAULT
        self.patience = patience
        self._lock = Lock()
        self._client: APIClient | None = None
        self._doubtful = False

    async def ask(self, function: Callable[[APIClient], T]) -> T:
        """Return an answer; if the caller is cancelled, the thread is left behind."""
        call = partial(self._asked, function)
        return await anyio.to_thread.run_sync(call, abandon_on_cancel=True)

    async def change(self, function: Callable[[APIClient], T]) -> T:
        """Do something to its end even when cancelled: it may not land after its undo.

        One that was given up on may still land. So the next waits until the engine
        answers, and a little longer.
        """
        with anyio.CancelScope(shield=True) as scope:
            return await anyio.to_thread.run_sync(partial(self._changed, function))
        raise AssertionError(scope)  # a shield lets nothing pass

    def client(self) -> APIClient:
        """Return what speaks to it; see first that it answers, and not of old."""
        with self._lock:
            if self._client is None:
                self._client = self._connected()
                finalize(self, self._client.close)
            return self._client

    def _connected(self) -> APIClient:
        from docker import APIClient  # noqa: PLC0415 - 200 ms
        from docker.utils import kwargs_from_env  # noqa: PLC0415 - as above

        wanted: Any = kwargs_from_env(
            environment={**os.environ, "DOCKER_HOST": self.url}
        )
        timeout: Any = self.patience  # fractions of a second are all right
        client = APIClient(**wanted, version=API, timeout=timeout)
        try:
            self._see(client)
        except BaseException:
            client.close()
            raise
        return client

    def _see(self, client: APIClient) -> None:
        """Raise `PartMissing` if the engine is too old."""
        spoken = str(client.version(api_version=False).get("ApiVersion", "0"))
        if _number(spoken) < _number(API):
            raise PartMissing(
                f"the Docker Engine at {self.url} speaks API {spoken}; {API} or "
                "later is needed"
            )

    def _asked(self, function: Callable[[APIClient], T]) -> T:
        try:
            return self._try(function)
        except _Lost:  # a connection to an engine that was restarted since
            try:
                return self._try(function)
            except _Lost as error:
                raise PartMissing(str(error)) from error

    def _changed(self, function: Callable[[APIClient], T]) -> T:
        try:
            if self._doubtful:
                self._try(lambda client: client.ping())
                sleep(SETTLING)
                self._doubtful = False
            return self._try(function)
        except _Lost as error:
            raise PartMissing(str(error)) from error

    def _try(self, function: Callable[[APIClient], T]) -> T:
        from docker.errors import APIError, DockerException  # noqa: PLC0415 - 200 ms

        try:
            self._knock()
            return function(self.client())
        except APIError as error:
            said = error.explanation or str(error)
            raise ActivityFailed(f"the Docker Engine refuses: {said}") from error
        except (OSError, DockerException) as error:  # all that requests raises, too
            raise self._unreachable(error) from error

    def _knock(self) -> None:
        """See that somebody listens; the SDK does not close what it cannot open."""
        if self.url.startswith("unix://") and hasattr(socket, "AF_UNIX"):
            with closing(socket.socket(socket.AF_UNIX)) as one:
                one.settimeout(self.patience)
                one.connect(self.url.removeprefix("unix://"))

    def _unreachable(self, error: BaseException) -> Exception:
        """Return what it means that a call did not come through."""
        *_, cause = _causes(error)
        if isinstance(cause, TimeoutError):
            self._doubtful = True
            wait = f"nothing for {self.patience:g} s"
            return PartMissing(
                f"the Docker Engine at {self.url} does not answer: {wait}"
            )
        if isinstance(cause, PermissionError):
            return PartMissing(
                f"we may not speak to the Docker Engine at {self.url}: permission "
                "denied (be root, or in the group docker)"
            )
        if isinstance(cause, ConnectionRefusedError | FileNotFoundError):
            return PartMissing(f"no Docker Engine listens at {self.url}")
        return _Lost(f"the Docker Engine at {self.url} hung up: {cause}")


class _Lost(Exception):
    """The connection was cut."""


def _causes(error: BaseException) -> Iterator[BaseException]:
    """Yield an error and what lies behind it; the libraries wrap it twice or more."""
    yield error
    for one in (*error.args, error.__cause__, error.__context__):
        if isinstance(one, BaseException):
            yield from _causes(one)
            return


def _number(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split(".") if part.isdigit())


async def aside(function: Callable[[], T]) -> T:
    """Do what may block; if the caller is cancelled, the thread is left behind."""
    return await anyio.to_thread.run_sync(function, abandon_on_cancel=True)


def found(function: Callable[[], T]) -> T | None:
    """Return what a function does, or None if the engine knows no such thing."""
    from docker.errors import NotFound  # noqa: PLC0415 - 200 ms

    try:
        return function()
    except NotFound:
        return None


def unless(words: str, function: Callable[[], Any]) -> None:
    """Do something; that the engine refuses it in these words is all right."""
    from docker.errors import APIError  # noqa: PLC0415 - 200 ms

    try:
        function()
    except APIError as error:
        if not re.search(words, error.explanation or ""):
            raise
