"""All proxies of a server, and what the API may do to them.

Everything is checked before anything is changed: what is refused changes nothing.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any

from chaos_mcp.proxy.addresses import UDP, AddressError, check_upstream, resolved
from chaos_mcp.proxy.bodies import (
    BAD,
    BROKEN,
    MISSING,
    TAKEN,
    Refusal,
    change_toxic,
    changed_proxy,
    listed_proxies,
    new_proxy,
    new_toxic,
    new_toxics,
)
from chaos_mcp.proxy.proxy import Proxy
from chaos_mcp.proxy.toxics import carries

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from chaos_mcp.proxy.bodies import Wanted
    from chaos_mcp.proxy.toxics.toxic import Toxic


class _AsRefusal:
    """Answers an address that cannot be had as Toxiproxy does."""

    def __enter__(self) -> None:
        """Begin."""

    def __exit__(self, kind: object, error: object, traceback: object) -> None:
        if isinstance(error, AddressError):
            raise Refusal(str(error), BROKEN) from None


_AS_REFUSAL = _AsRefusal()


class Collection:
    """Proxies by name.

    A verb raises `Refusal`, or `Unresolved` if a name has to be looked up first.
    """

    def __init__(self, seed: int = 0, make: Callable[..., Proxy] = Proxy) -> None:
        self.proxies: dict[str, Proxy] = {}
        self._seed = seed
        self._make = make

    def get(self, name: str) -> Proxy:
        """Return a proxy by its name."""
        if name not in self.proxies:
            raise Refusal("proxy not found", MISSING)
        return self.proxies[name]

    def create(self, body: Any) -> Proxy:
        """Make a proxy of what a request says."""
        wanted = new_proxy(body)
        if wanted.name in self.proxies:
            raise Refusal("proxy already exists", TAKEN)
        return self._add(self._new(wanted), wanted)

    def _new(self, wanted: Wanted) -> Proxy:
        return self._make(
            wanted.name, wanted.listen or "", wanted.upstream or "", self._seed
        )

    def _add(self, proxy: Proxy, wanted: Wanted, old: Proxy | None = None) -> Proxy:
        """Take a proxy in, in the place of one of its name if there is one.

        That one stays as it was if the new one cannot listen.
        """
        _fit(proxy, wanted.toxics or ())
        with _AS_REFUSAL:
            check_upstream(proxy.upstream, proxy.listen)
            if wanted.enabled is not False:
                proxy.start_instead_of(old)
        if old:
            old.end()
        proxy.add(*wanted.toxics or ())
        self.proxies[proxy.name] = proxy
        return proxy

    def update(self, proxy: Proxy, body: Any) -> Proxy:
        """Change a proxy; its connections end if its addresses change."""
        wanted = changed_proxy(body)
        listen = proxy.listen if wanted.listen is None else wanted.listen
        upstream = proxy.upstream if wanted.upstream is None else wanted.upstream
        enabled = proxy.enabled if wanted.enabled is None else wanted.enabled
        if listen.startswith(UDP) != proxy.datagrams:
            raise Refusal("streams and datagrams cannot become each other", BAD)
        with _AS_REFUSAL:
            check_upstream(upstream, listen)
            if resolved(listen) != proxy.listen:
                proxy.move(listen, enabled=enabled)
            elif enabled:
                proxy.start()
            else:
                proxy.stop()
        if upstream != proxy.upstream:
            proxy.redirect(upstream)
            if not enabled:
                proxy.listen = listen
        return proxy

    def delete(self, proxy: Proxy) -> None:
        """Remove a proxy; its port is free afterwards."""
        proxy.end()
        del self.proxies[proxy.name]

    def populate(self, body: Any) -> tuple[list[Proxy], Refusal | None]:
        """Make or replace several proxies; what is the same already is left alone.

        Return those made so far and what stopped it.
        """
        made: list[Proxy] = []
        try:
            wanted = listed_proxies(body)
            _look_up(wanted)
            for one in wanted:
                proxy = self._replaced(one)
                made.append(proxy)
        except Refusal as refusal:
            return made, refusal
        return made, None

    def _replaced(self, wanted: Wanted) -> Proxy:
        old = self.proxies.get(wanted.name)
        proxy = self._new(wanted)
        if old:
            with _AS_REFUSAL:
                same = resolved(proxy.listen), proxy.upstream
            if same == (old.listen, old.upstream):
                if wanted.toxics is not None:
                    _fit(old, wanted.toxics)
                    old.have(wanted.toxics)
                return old
        return self._add(proxy, wanted, old)

    def reset(self) -> None:
        """Remove all toxics and enable all proxies.

        One that cannot listen is told of when all others have been seen to.
        """
        failures = []
        for proxy in self.proxies.values():
            proxy.remove(*proxy.toxics)
            try:
                proxy.start()
            except AddressError as error:
                failures.append(str(error))
        if failures:
            raise Refusal(failures[0], BROKEN)

    def toxic(self, proxy: Proxy, name: str) -> Toxic:
        """Return a toxic by its name."""
        if name not in proxy.toxics:
            raise Refusal("toxic not found", MISSING)
        return proxy.toxics[name]

    def add_toxic(self, proxy: Proxy, body: Any) -> Toxic:
        """Add what a request says; it holds for open connections at once."""
        toxic = new_toxic(body, proxy.toxics)
        _fit(proxy, [toxic])
        proxy.add(toxic)
        return toxic

    def add_toxics(self, proxy: Proxy, bodies: list[Any]) -> list[Toxic]:
        """Add several at the same moment, or none if one of them cannot be had."""
        toxics = new_toxics(bodies, proxy.toxics)
        _fit(proxy, toxics)
        proxy.add(*toxics)
        return toxics

    def update_toxic(self, proxy: Proxy, toxic: Toxic, body: Any) -> Toxic:
        """Change a toxic's attributes, toxicity or time; the rest stays as it is."""
        if change_toxic(toxic, body):
            proxy.renew(toxic)
        proxy.updated(toxic)
        return toxic

    def remove_toxic(self, proxy: Proxy, toxic: Toxic) -> None:
        """Remove a toxic."""
        proxy.remove(toxic.name)

    def stop(self) -> None:
        """Give all ports back."""
        for proxy in self.proxies.values():
            proxy.end()


def _fit(proxy: Proxy, toxics: Iterable[Toxic]) -> None:
    """Refuse toxics that are not for what a proxy carries."""
    what = "datagrams" if proxy.datagrams else "streams"
    for one in toxics:
        if not carries(one.type, datagrams=proxy.datagrams):
            raise Refusal(f"{one.type} is not for {what}", BAD)
        if proxy.datagrams and (one.skips.bytes or one.skips.seconds):
            raise Refusal(f"skip_bytes and skip_seconds are not for {what}", BAD)


def _look_up(wanted: list[Wanted]) -> None:
    """See that all names are looked up; what is wrong is said in its turn."""
    for one in wanted:
        with suppress(AddressError):
            resolved(one.listen or "")
