"""A Toxiproxy that runs already, spoken to by toxiproxy-python."""

from __future__ import annotations

from contextlib import suppress
from functools import partial
from threading import Lock
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlsplit

import anyio
import anyio.to_thread

from chaos_mcp.adapters.world import SKIPS, Effects, ProxyState, Toxic
from chaos_mcp.errors import ActivityFailed, PartMissing

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

CALL = 5.0
"""Seconds that one call may take; the library itself has no limit."""
PORT = 8474

# The library keeps host and port in a class, so one call at a time may use them.
_LOCK = Lock()


def load() -> None:
    """Load the library now, not at the first call."""
    import toxiproxy.api  # noqa: F401, PLC0415 - 330 ms


class ForeignToxiproxy:
    """Speaks to a server of somebody else's; see `Proxies` for what each verb does."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url if "//" in url else f"//{url}")
        if not parts.hostname or parts.scheme not in ("", "http"):
            raise PartMissing(
                f"{url!r} is not the URL of a Toxiproxy (http://host:port)"
            )
        self.host, self.port = parts.hostname, parts.port or PORT

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://{self.host}:{self.port}"

    def place(self) -> Mapping[str, Any]:
        """Return how another process reaches it."""
        return {"kind": "toxiproxy", "url": self.url}

    async def create(self, name: str, upstream: str, listen: str) -> ProxyState:
        """Make a proxy."""
        body = {"name": name, "upstream": upstream, "listen": listen, "enabled": True}
        return _state(await self._change("post", "/proxies", json=body))

    async def delete(self, name: str) -> None:
        """Remove a proxy, if there is one."""
        await self._change("delete", f"/proxies/{_path(name)}", missing=True)

    async def state(self, name: str) -> ProxyState | None:
        """Return a proxy as it is now."""
        found = await self._call("get", f"/proxies/{_path(name)}", missing=True)
        return _state(found) if found else None

    async def states(self) -> tuple[ProxyState, ...]:
        """Return all proxies as they are now."""
        return tuple(
            _state(one) for one in (await self._call("get", "/proxies")).values()
        )

    async def add_toxic(self, proxy: str, toxic: Toxic) -> None:
        """Add a toxic; it cannot expire by itself there."""
        body = {
            "name": toxic.name,
            "type": toxic.type,
            "stream": toxic.stream,
            "toxicity": toxic.toxicity,
            "attributes": dict(toxic.attributes),
            **toxic.skips,
        }
        place = f"/proxies/{_path(proxy)}/toxics"
        made = await self._change("post", place, json=body)
        if unknown := _unknown(body, made):
            await self.remove_toxic(proxy, toxic.name)
            raise ActivityFailed(
                f"Toxiproxy at {self.url} knows no {unknown}; leave it out, or use the"
                " embedded proxy, which does"
            )

    async def add_toxics(self, proxy: str, toxics: Sequence[Toxic]) -> None:
        """Add several, one after the other."""
        for toxic in toxics:
            await self.add_toxic(proxy, toxic)

    async def remove_toxic(self, proxy: str, name: str) -> None:
        """Remove a toxic, if there is one."""
        place = f"/proxies/{_path(proxy)}/toxics/{_path(name)}"
        await self._change("delete", place, missing=True)

    async def effects(self, proxy: str, name: str) -> Effects | None:
        """Return what a toxic has done, where the server counts it (ours does)."""
        place = f"/proxies/{_path(proxy)}/toxics/{_path(name)}/effects"
        found = await self._call("get", place, missing=True)
        if not isinstance(found, dict) or "connections" not in found:
            return None
        return Effects(
            connections=found["connections"],
            bytes=found["bytes"],
            dropped_bytes=found["dropped_bytes"],
            delayed_seconds=found["delayed_seconds"],
            closed=found["closed"],
        )

    async def _change(self, verb: str, path: str, **arguments: Any) -> Any:
        """Call to the end even when cancelled: no change may land after its undo."""
        with anyio.CancelScope(shield=True):
            return await self._call(verb, path, **arguments)

    async def _call(
        self, verb: str, path: str, *, missing: bool = False, **arguments: Any
    ) -> Any:
        call = partial(self._blocking, verb, path, missing=missing, **arguments)
        return await anyio.to_thread.run_sync(call)

    def _blocking(
        self, verb: str, path: str, *, missing: bool, **arguments: Any
    ) -> Any:
        from toxiproxy import api, exceptions  # noqa: PLC0415 - 330 ms

        with _LOCK:
            api.APIConsumer.host, api.APIConsumer.port = self.host, self.port
            try:
                answer = getattr(api.APIConsumer, verb)(
                    path,
                    timeout=CALL,
                    proxies={"http": None},  # none of the environment's
                    **arguments,
                )
            except exceptions.NotFound:
                if missing:
                    return None
                raise ActivityFailed(f"Toxiproxy at {self.url} has no {path}") from None
            except (exceptions.ProxyExists, exceptions.InvalidToxic) as error:
                raise ActivityFailed(
                    f"Toxiproxy at {self.url} refuses {path}: {_said(error)}"
                ) from None
            except OSError as error:  # what requests raises, all of it
                raise PartMissing(
                    f"no Toxiproxy answers at {self.url}: {type(error).__name__}"
                ) from error
        return _answer(answer, path)


def _answer(answer: Any, path: str) -> Any:
    if answer.status_code >= 400:  # noqa: PLR2004 - every HTTP error
        raise ActivityFailed(f"Toxiproxy refuses {path}: {answer.text.strip()}")
    with suppress(ValueError):
        return answer.json()
    return None


def _unknown(wanted: Mapping[str, Any], made: Any) -> str:
    """Return what a server has left out, as Toxiproxy does with what it has not."""
    has = {*made, *made["attributes"]} if isinstance(made, dict) else set()
    missing = {*wanted, *wanted["attributes"]} - has
    return ", ".join(repr(one) for one in sorted(missing))


def _said(error: Exception) -> str:
    said = error.args[0] if error.args else error
    return (
        said.decode("utf-8", "replace").strip()
        if isinstance(said, bytes)
        else str(said)
    )


def _path(name: str) -> str:
    return quote(name, safe="")


def _state(found: Mapping[str, Any]) -> ProxyState:
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
                skips={key: one[key] for key in SKIPS if key in one},
            )
            for one in found["toxics"]
        ),
    )
