"""Toxics, one a module: Toxiproxy's own, under Toxiproxy's names."""

from collections.abc import Mapping

from chaos_mcp.proxy.toxics.bandwidth import Bandwidth
from chaos_mcp.proxy.toxics.base import Stage
from chaos_mcp.proxy.toxics.latency import Latency
from chaos_mcp.proxy.toxics.limit_data import LimitData
from chaos_mcp.proxy.toxics.noop import Noop
from chaos_mcp.proxy.toxics.reset_peer import ResetPeer
from chaos_mcp.proxy.toxics.slicer import Slicer
from chaos_mcp.proxy.toxics.slow_close import SlowClose
from chaos_mcp.proxy.toxics.timeout import Timeout

TOXICS: Mapping[str, type[Stage]] = {
    "bandwidth": Bandwidth,
    "latency": Latency,
    "limit_data": LimitData,
    "noop": Noop,
    "reset_peer": ResetPeer,
    "slicer": Slicer,
    "slow_close": SlowClose,
    "timeout": Timeout,
}
