"""All proxies of a server, and what the API may do to them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chaos_mcp.proxy.addresses import AddressError, parse
from chaos_mcp.proxy.connection import STREAMS
from chaos_mcp.proxy.gojson import PREFIX, BadBody, fields
from chaos_mcp.proxy.proxy import Proxy
from chaos_mcp.proxy.toxics import TOXICS
from chaos_mcp.proxy.toxics.base import Toxic

if TYPE_CHECKING:
    from collections.abc import Mapping

PROXY = {"name": "string", "listen": "string", "upstream": "string", "enabled": "bool"}
WRAPPER = {
    "name": "string",
    "type": "string",
    "stream": "string",
    "toxicity": "float32",
    "attributes": "any",
    "ttl": "float32",
}
STRUCTS = {
    "bandwidth": "BandwidthToxic",
    "latency": "LatencyToxic",
    "limit_data": "LimitDataToxic",
    "noop": "NoopToxic",
    "reset_peer": "ResetToxic",
    "slicer": "SlicerToxic",
    "slow_close": "SlowCloseToxic",
    "timeout": "TimeoutToxic",
}
BAD, MISSING, TAKEN, BROKEN = 400, 404, 409, 500


class Refusal(Exception):
    """A request that is not granted: Toxiproxy's message and status."""

    def __init__(self, message: str, status: int) -> None:
        super().__init__(message)
        self.message = message
        self.status = status


class Collection:
    """Proxies by name."""

    def __init__(self, seed: int = 0) -> None:
        self.seed = seed
        self.proxies: dict[str, Proxy] = {}

    def get(self, name: str) -> Proxy:
        """Return a proxy by its name."""
        if name not in self.proxies:
            raise Refusal("proxy not found", MISSING)
        return self.proxies[name]

    def create(self, body: Any) -> Proxy:
        """Make a proxy of what a request says."""
        given = _checked(body, "Proxy", PROXY)
        for key in ("name", "upstream"):
            if not given.get(key):
                raise Refusal(f"missing required field: {key}", BAD)
        if given["name"] in self.proxies:
            raise Refusal("proxy already exists", TAKEN)
        proxy = self._make(given)
        self.proxies[proxy.name] = proxy
        return proxy

    def _make(self, given: Mapping[str, Any]) -> Proxy:
        proxy = Proxy(
            given["name"], given.get("listen", ""), given["upstream"], self.seed
        )
        proxy.listen = proxy.listen or ":0"
        if given.get("enabled", True):
            self._start(proxy)
        return proxy

    def _start(self, proxy: Proxy) -> None:
        try:
            proxy.start()
        except AddressError as error:
            raise Refusal(str(error), BROKEN) from None

    def update(self, name: str, body: Any) -> Proxy:
        """Change a proxy; its connections end if its addresses change."""
        proxy = self.get(name)
        given = _checked(body, "Proxy", PROXY)
        listen = given.get("listen", proxy.listen)
        upstream = given.get("upstream", proxy.upstream)
        try:
            parse(listen)
        except AddressError as error:
            raise Refusal(str(error), BROKEN) from None
        enabled = given.get("enabled", proxy.enabled)
        if (listen, upstream) != (proxy.listen, proxy.upstream):
            proxy.stop()
            proxy.listen, proxy.upstream = listen, upstream
        if enabled:
            self._start(proxy)
        else:
            proxy.stop()
        return proxy

    def delete(self, name: str) -> None:
        """Remove a proxy; its port is free afterwards."""
        self.get(name).stop()
        del self.proxies[name]

    def populate(self, body: Any) -> tuple[list[Proxy] | None, Refusal | None]:
        """Make or replace several proxies; what is the same already is left alone.

        Return those made so far and what stopped it.
        """
        if body is None or body == []:
            return None, None
        if not isinstance(body, list):
            kind = "object" if isinstance(body, dict) else "value"
            said = f"cannot unmarshal {kind} into Go value of type []server.Proxy"
            return None, Refusal(f"{PREFIX}json: {said}", BAD)
        try:
            wanted = [_complete(one, index + 1) for index, one in enumerate(body)]
        except Refusal as refusal:
            return None, refusal
        return self._populate(wanted)

    def _populate(
        self, wanted: list[dict[str, Any]]
    ) -> tuple[list[Proxy] | None, Refusal | None]:
        made: list[Proxy] = []
        for given in wanted:
            try:
                made.append(self._replace(given))
            except Refusal as refusal:
                return made or None, refusal
        return made, None

    def _replace(self, given: dict[str, Any]) -> Proxy:
        old = self.proxies.get(given["name"])
        if old is not None:
            same = (given.get("listen", ""), given["upstream"])
            if same == (old.listen, old.upstream):
                return old
            old.stop()
            del self.proxies[old.name]
        proxy = self._make(given)
        self.proxies[proxy.name] = proxy
        return proxy

    def reset(self) -> None:
        """Remove all toxics and enable all proxies."""
        for proxy in self.proxies.values():
            proxy.reset()
            self._start(proxy)

    def toxic(self, proxy: Proxy, name: str) -> Toxic:
        """Return a toxic by its name."""
        if name not in proxy.toxics:
            raise Refusal("toxic not found", MISSING)
        return proxy.toxics[name]

    def add_toxic(self, proxy: Proxy, body: Any) -> Toxic:
        """Add what a request says; it holds for open connections at once."""
        given = _checked(body, "ToxicWrapper", WRAPPER)
        stream = given.get("stream") or "downstream"
        kind = given.get("type", "")
        if stream.lower() not in STREAMS:
            text = "stream was invalid, can be either upstream or downstream"
            raise Refusal(text, BAD)
        if kind not in TOXICS:
            raise Refusal("invalid toxic type", BAD)
        name = given.get("name") or f"{kind}_{stream}"
        attributes = _attributes(kind, given.get("attributes"), TOXICS[kind].defaults)
        if name in proxy.toxics:
            raise Refusal("toxic already exists", TAKEN)
        toxic = Toxic(
            name, kind, stream, given.get("toxicity", 1.0), attributes, _ttl(given)
        )
        proxy.add(toxic)
        return toxic

    def update_toxic(self, proxy: Proxy, name: str, body: Any) -> Toxic:
        """Change a toxic's attributes and toxicity; the rest stays as it is."""
        toxic = self.toxic(proxy, name)
        given = _checked(body, "ToxicWrapper", WRAPPER)
        attributes = _attributes(toxic.type, given.get("attributes"), toxic.attributes)
        toxic.attributes = attributes
        toxic.toxicity = given.get("toxicity", toxic.toxicity)
        proxy.changed(name)
        return toxic

    def remove_toxic(self, proxy: Proxy, name: str) -> None:
        """Remove a toxic."""
        self.toxic(proxy, name)
        proxy.remove(name)

    def stop(self) -> None:
        """Give all ports back."""
        for proxy in self.proxies.values():
            proxy.stop()


def _complete(body: Any, number: int) -> dict[str, Any]:
    """Return a proxy of a list, which has all that it needs."""
    given = _checked(body, "Proxy", PROXY)
    for key in ("name", "upstream"):
        if not given.get(key):
            raise Refusal(f"missing required field: {key} at proxy {number}", BAD)
    return given


def _checked(body: Any, struct: str, kinds: Mapping[str, str]) -> dict[str, Any]:
    try:
        return fields(body, struct, kinds)
    except BadBody as error:
        raise Refusal(str(error), BAD) from None


def _attributes(kind: str, given: Any, before: Mapping[str, int]) -> dict[str, int]:
    struct = f"{STRUCTS[kind]}.attributes"
    changed = _checked(given, struct, dict.fromkeys(before, "int64"))
    return {**before, **changed}


def _ttl(given: Mapping[str, Any]) -> float | None:
    ttl = given.get("ttl")
    if ttl is not None and not 0 < ttl < 10**9:
        raise Refusal("ttl must be a number of seconds, more than 0", BAD)
    return ttl
