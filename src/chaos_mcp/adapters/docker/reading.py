"""What the Docker Engine says, read into what we know of a container."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from chaos_mcp.adapters.containers import (
    ContainerListed,
    ContainerSeen,
    Endpoint,
    EngineInfo,
    Limits,
    Made,
    Usage,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

SHORT = 12
"""Digits of an id that people are shown, and that is an alias everywhere."""
WRITTEN = ("NanoCpus", "CpuQuota", "CpuPeriod", "Memory", "MemorySwap")
WITHOUT = 2**62
"""Bytes from which on a limit is none."""
Said = dict[str, Any]


def listed(said: Said) -> ContainerListed:
    """Return an entry of the list of containers."""
    names = said.get("Names") or [said["Id"][:SHORT]]
    # Links add names with two slashes; its own has one.
    own = min(names, key=lambda name: name.count("/"))
    return ContainerListed(
        id=said["Id"],
        name=own.lstrip("/"),
        image=said.get("Image") or "",
        labels=said.get("Labels") or {},
        status=said.get("State") or "",
    )


def made(said: Said) -> Made:
    """Return a container in the list of what runs have made."""
    one = listed(said)
    return Made("container", one.name, one.labels)


def seen(said: Said) -> ContainerSeen:
    """Return a container that was inspected."""
    state, config, host = said["State"], said["Config"], said["HostConfig"]
    return ContainerSeen(
        id=said["Id"],
        name=said["Name"].lstrip("/"),
        image=config.get("Image") or "",
        labels=config.get("Labels") or {},
        status=state["Status"],
        started=state["StartedAt"],
        pid=state.get("Pid") or 0,
        exit_code=state.get("ExitCode") or 0,
        oom_killed=bool(state.get("OOMKilled")),
        health=(state.get("Health") or {}).get("Status") or "",
        restarts=said.get("RestartCount") or 0,
        removes_itself=bool(host.get("AutoRemove")),
        stop_signal=config.get("StopSignal") or "SIGTERM",
        network_mode=host.get("NetworkMode") or "",
        limits=limits(host),
        written={key: host.get(key) or 0 for key in WRITTEN},
        endpoints=tuple(
            endpoint(name, one, said["Id"])
            for name, one in (said["NetworkSettings"].get("Networks") or {}).items()
        ),
    )


def limits(host: Said) -> Limits:
    """Return limits; the engine has 0 and -1 for none."""

    def more(key: str) -> int | None:
        value = host.get(key) or 0
        return value if 0 < value < WITHOUT else None

    return Limits(
        nano_cpus=more("NanoCpus"),
        cpu_quota=more("CpuQuota"),
        cpu_period=more("CpuPeriod"),
        memory=more("Memory"),
        memory_swap=more("MemorySwap"),
    )


def endpoint(name: str, said: Said, container: str) -> Endpoint:
    """Return how a container is on a network."""
    asked = said.get("IPAMConfig") or {}
    # The engine adds the short id by itself, each time.
    aliases = [one for one in said.get("Aliases") or () if one != container[:SHORT]]
    return Endpoint(
        network=said.get("NetworkID") or "",
        name=name,
        aliases=tuple(aliases),
        links=tuple(said.get("Links") or ()),
        address=said.get("IPAddress") or "",
        address6=said.get("GlobalIPv6Address") or "",
        fixed=asked.get("IPv4Address") or "",
        fixed6=asked.get("IPv6Address") or "",
    )


def info(said: Said, version: Said) -> EngineInfo:
    """Return who an engine is."""
    return EngineInfo(
        id=said["ID"],
        version=str(version.get("Version", "")),
        api=str(version.get("ApiVersion", "")),
        now=seconds(said.get("SystemTime") or ""),
        cgroup_driver=said.get("CgroupDriver") or "",
        cgroup_version=str(said.get("CgroupVersion") or "1"),
        cores=said.get("NCPU") or 0,
    )


def seconds(text: str) -> float:
    """Return seconds since 1970 for a time as Go writes it."""
    return datetime.fromisoformat(text).timestamp()


def usage(said: Said) -> Usage:
    """Return what a container has used."""
    cpu, memory = said["cpu_stats"], said.get("memory_stats") or {}
    return Usage(
        read=seconds(said["read"]),
        cpu=cpu["cpu_usage"]["total_usage"] / 1e9,
        memory=max(0, memory.get("usage", 0) - _cache(memory.get("stats") or {})),
        throttled=(cpu.get("throttling_data") or {}).get("throttled_periods", 0),
    )


def _cache(stats: Mapping[str, int]) -> int:
    """Return what the kernel would give back first, as `docker stats` does."""
    return stats.get("total_inactive_file", stats.get("inactive_file", 0))
