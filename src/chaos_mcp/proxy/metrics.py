"""Figures of the traffic, for people and for Prometheus."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chaos_mcp.proxy.connection import STREAMS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chaos_mcp.proxy.collection import Collection
    from chaos_mcp.proxy.proxy import Proxy

COUNTERS = ("received", "sent")


def stats(proxy: Proxy) -> dict[str, Any]:
    """Return connections and bytes of a proxy, open connections included."""
    return {
        "accepted": proxy.traffic.accepted,
        "open": len(proxy.open_numbers()),
        **{
            f"{which}_bytes": {one: proxy.bytes(which, one) for one in STREAMS}
            for which in COUNTERS
        },
    }


def metrics(all_: Collection) -> str:
    """Return the counters in Prometheus' text format, under Toxiproxy's names."""
    return "\n".join([*_lines(all_), ""])


def _lines(all_: Collection) -> Iterator[str]:
    for which in COUNTERS:
        name = f"toxiproxy_proxy_{which}_bytes_total"
        yield f"# HELP {name} "
        yield f"# TYPE {name} counter"
        for proxy in all_.proxies.values():
            for stream in STREAMS:
                labels = _labels(proxy, stream)
                yield f"{name}{{{labels}}} {proxy.bytes(which, stream)}"


def _labels(proxy: Proxy, stream: str) -> str:
    named = {
        "direction": stream,
        "listener": proxy.listen,
        "proxy": proxy.name,
        "upstream": proxy.upstream,
    }
    return ",".join(f'{key}="{_escaped(value)}"' for key, value in named.items())


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
