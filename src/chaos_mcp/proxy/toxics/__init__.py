"""Toxics, one a module: Toxiproxy's own, under Toxiproxy's names, and more."""

from collections.abc import Mapping

from chaos_mcp.proxy.toxics.bandwidth import Bandwidth
from chaos_mcp.proxy.toxics.base import Stage
from chaos_mcp.proxy.toxics.cut import Cut
from chaos_mcp.proxy.toxics.datagrams import ALONE, DATAGRAMS
from chaos_mcp.proxy.toxics.http import Http
from chaos_mcp.proxy.toxics.latency import Latency
from chaos_mcp.proxy.toxics.limit_data import LimitData
from chaos_mcp.proxy.toxics.loss import Loss
from chaos_mcp.proxy.toxics.noop import Noop
from chaos_mcp.proxy.toxics.place import Place
from chaos_mcp.proxy.toxics.reset_peer import ResetPeer
from chaos_mcp.proxy.toxics.skipping import Skipping
from chaos_mcp.proxy.toxics.slicer import Slicer
from chaos_mcp.proxy.toxics.slow_close import SlowClose
from chaos_mcp.proxy.toxics.timeout import Timeout
from chaos_mcp.proxy.toxics.toxic import Toxic

TOXICS: Mapping[str, type[Stage]] = {
    "bandwidth": Bandwidth,
    "cut": Cut,
    "http": Http,
    "latency": Latency,
    "limit_data": LimitData,
    "loss": Loss,
    "noop": Noop,
    "reset_peer": ResetPeer,
    "slicer": Slicer,
    "slow_close": SlowClose,
    "timeout": Timeout,
    **ALONE,
}


def carries(kind: str, *, datagrams: bool) -> bool:
    """Tell whether a toxic is for datagrams, or for streams."""
    return kind in DATAGRAMS if datagrams else kind not in ALONE


def at_work(toxic: Toxic, place: Place) -> Stage:
    """Return a toxic as it works on one direction of a connection."""
    stage = TOXICS[toxic.type].on(toxic, place)
    if not stage.both_ways and (toxic.skips.bytes or toxic.skips.seconds):
        return Skipping(stage, place)
    return stage


def directions(toxic: Toxic) -> tuple[str, ...]:
    """Return the streams on which a toxic is at work."""
    if TOXICS[toxic.type].both_ways:
        return ("upstream", "downstream")
    return (toxic.stream.lower(),)
