"""The embedded proxy server: started as a child process and spoken to over HTTP."""

from __future__ import annotations

import json
import subprocess
import sys
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import anyio
from anyio.streams.buffered import BufferedByteReceiveStream

from chaos_mcp.adapters.asking import NoAnswer, ask
from chaos_mcp.adapters.world import SKIPS, Effects, ProxyState, Toxic
from chaos_mcp.errors import ActivityFailed, PartMissing
from chaos_mcp.machine.identity import identity_of

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping, Sequence

    from anyio.abc import Process

    from chaos_mcp.adapters.asking import Answer
    from chaos_mcp.machine.identity import Identity

READY = 15.0
"""Seconds that the server has to listen."""
CALL = 5.0
"""Seconds that one call may take."""
STOPPING = 3.0
LINE = 4096
NOT_FOUND = 404


class EmbeddedProxies:
    """Speaks to a server of our own; see `Proxies` for what each verb does."""

    def __init__(self, url: str, server: Identity | None = None) -> None:
        self._url = url
        self._server = server

    @property
    def url(self) -> str:
        """Where it listens."""
        return self._url

    def place(self) -> Mapping[str, Any]:
        """Return how another process reaches it."""
        server = self._server.as_json() if self._server else None
        return {"kind": "embedded", "url": self._url, "server": server}

    async def create(self, name: str, upstream: str, listen: str) -> ProxyState:
        """Make a proxy."""
        body = {"name": name, "upstream": upstream, "listen": listen}
        return _state(await self._change("POST", "/proxies", body))

    async def delete(self, name: str) -> None:
        """Remove a proxy, if there is one."""
        await self._change("DELETE", f"/proxies/{_path(name)}", missing=True)

    async def state(self, name: str) -> ProxyState | None:
        """Return a proxy as it is now."""
        found = await self._call("GET", f"/proxies/{_path(name)}", missing=True)
        return _state(found) if found else None

    async def states(self) -> tuple[ProxyState, ...]:
        """Return all proxies as they are now."""
        return tuple(
            _state(one) for one in (await self._call("GET", "/proxies")).values()
        )

    async def add_toxic(self, proxy: str, toxic: Toxic) -> None:
        """Add a toxic."""
        await self.add_toxics(proxy, [toxic])

    async def add_toxics(self, proxy: str, toxics: Sequence[Toxic]) -> None:
        """Add several in one request: they hold from the same moment on."""
        bodies = [as_written(toxic) for toxic in toxics]
        await self._change("POST", f"/proxies/{_path(proxy)}/toxics", bodies, many=True)

    async def remove_toxic(self, proxy: str, name: str) -> None:
        """Remove a toxic, if there is one."""
        place = f"/proxies/{_path(proxy)}/toxics/{_path(name)}"
        await self._change("DELETE", place, missing=True)

    async def effects(self, proxy: str, name: str) -> Effects | None:
        """Return what a toxic has done so far."""
        place = f"/proxies/{_path(proxy)}/toxics/{_path(name)}/effects"
        found = await self._call("GET", place, missing=True)
        if not found:
            return None
        return Effects(
            connections=found["connections"],
            bytes=found["bytes"],
            dropped_bytes=found["dropped_bytes"],
            delayed_seconds=found["delayed_seconds"],
            closed=found["closed"],
        )

    async def _change(
        self, method: str, path: str, body: Any = None, **expected: bool
    ) -> Any:
        """Call to the end even when cancelled: no change may land after its undo."""
        with anyio.CancelScope(shield=True):
            return await self._call(method, path, body, **expected)

    async def _call(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        missing: bool = False,
        many: bool = False,
    ) -> Any:
        answer = await self._answer(method, path, body)
        if missing and answer.status == NOT_FOUND:
            return None
        if not answer.good:
            said = _said(answer.text)
            raise ActivityFailed(f"the proxy server refuses {path}: {said}")
        if not answer.content:
            return None
        with suppress(ValueError):
            if type(found := json.loads(answer.content)) is (list if many else dict):
                return found
        raise ActivityFailed(f"the proxy server at {self._url} answers as none does")

    async def _answer(self, method: str, path: str, body: Any) -> Answer:
        """Return an answer that is whole in time: one that drips is none."""
        try:
            with anyio.fail_after(CALL):
                return await ask(self._url, method, path, body)
        except (NoAnswer, OSError) as error:
            said = str(error) or "it does not answer"
            raise PartMissing(f"the proxy server at {self._url}: {said}") from error


def as_written(toxic: Toxic) -> dict[str, Any]:
    """Return a toxic as the API has it."""
    body = {
        "name": toxic.name,
        "type": toxic.type,
        "stream": toxic.stream,
        "toxicity": toxic.toxicity,
        "attributes": dict(toxic.attributes),
        **toxic.skips,
    }
    return body if toxic.ttl is None else {**body, "ttl": toxic.ttl}


def _said(text: str) -> str:
    with suppress(ValueError):
        return str(json.loads(text)["error"])
    return text.strip()


def _path(name: str) -> str:
    return quote(name, safe="")


def _state(found: dict[str, Any]) -> ProxyState:
    return ProxyState(
        name=found["name"],
        listen=found["listen"],
        upstream=found["upstream"],
        enabled=found["enabled"],
        toxics=tuple(
            Toxic(
                one["name"],
                one["type"],
                one["stream"].lower(),
                one["attributes"],
                one["toxicity"],
                one.get("ttl"),
                {key: one[key] for key in SKIPS if key in one},
            )
            for one in found["toxics"]
        ),
    )


@asynccontextmanager
async def attach(
    url: str, server: Identity | None = None
) -> AsyncIterator[EmbeddedProxies]:
    """Speak to a server that runs already, for as long as the body does."""
    yield EmbeddedProxies(url, server)


@asynccontextmanager
async def start_embedded(
    seed: int = 0,
    lifeline: int = subprocess.PIPE,
    environment: Mapping[str, str] | None = None,
) -> AsyncIterator[EmbeddedProxies]:
    """Start a server of our own, and end it after the body.

    It has a session of its own, so that Ctrl-C does not reach it, and ends by itself
    once nobody holds the other end of `lifeline` (ours alone, if none is given).
    Raise `PartMissing` if it does not come up.
    """
    process = await anyio.open_process(
        [
            *(sys.executable, "-m", "chaos_mcp.proxy"),
            *("--port", "0", "--seed", str(seed)),
            *("--announce", "--exit-with-parent"),
        ],
        stdin=lifeline,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
        env=environment,
    )
    try:
        url, server = await _ready(process), identity_of(process.pid)
        async with attach(url, server) as proxies:
            yield proxies
    finally:
        with anyio.CancelScope(shield=True):
            await _end(process)


async def _ready(process: Process) -> str:
    assert process.stdout is not None  # noqa: S101 - it is a pipe
    try:
        with anyio.fail_after(READY):
            buffered = BufferedByteReceiveStream(process.stdout)
            line = await buffered.receive_until(b"\n", LINE)
            return str(json.loads(line)["url"])
    except (anyio.EndOfStream, anyio.IncompleteRead, TimeoutError, ValueError) as error:
        raise PartMissing(
            f"the proxy server did not start: {await _last_words(process)}"
        ) from error


async def _last_words(process: Process) -> str:
    assert process.stderr is not None  # noqa: S101 - it is a pipe
    said = b""
    with anyio.move_on_after(1), suppress(anyio.EndOfStream):
        while len(said) < LINE:
            said += await process.stderr.receive()
    return said.decode("utf-8", "replace").strip() or "it said nothing"


async def _end(process: Process) -> None:
    with suppress(ProcessLookupError):
        process.terminate()
    with anyio.move_on_after(STOPPING):
        await process.wait()
    with suppress(ProcessLookupError):
        process.kill()
    with anyio.move_on_after(STOPPING):
        await process.wait()
        await process.aclose()
