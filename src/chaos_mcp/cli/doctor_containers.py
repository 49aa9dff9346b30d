"""What `chaos doctor` says of containers: the engine, and the faults that it allows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chaos_mcp.cli.finding import Finding
from chaos_mcp.errors import ChaosError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chaos_mcp.adapters.containers import EngineInfo
    from chaos_mcp.adapters.docker.engine import DockerEngine

PATIENCE = 2.0


def containers() -> Iterator[Finding]:
    """Ask the Docker Engine, and look for what some faults need besides."""
    import anyio  # noqa: PLC0415 - for this look only

    from chaos_mcp.adapters.docker.engine import (  # noqa: PLC0415 - as above
        DockerEngine,
    )

    engine = DockerEngine(patience=PATIENCE)
    try:
        info = anyio.run(engine.info)
    except ChaosError as error:
        yield Finding("docker", fine=False, words=str(error))
        yield Finding("container.*", fine=False, words="none: they need an engine")
        return
    words = f"engine {info.version}, API {info.api}, at {engine.url}"
    yield Finding("docker", fine=True, words=words)
    words = "pause, kill, stop, restart, limit, disconnect"
    yield Finding("container.*", fine=True, words=words)
    yield _partition(engine)
    yield _stress(info)


def _partition(engine: DockerEngine) -> Finding:
    why = engine.cannot_drop()
    return Finding("partition", not why, why or "by iptables, in their own networks")


def _stress(info: EngineInfo) -> Finding:
    from chaos_mcp.adapters.docker.images import (  # noqa: PLC0415 - for this look only
        stress_files,
    )

    try:
        stress_files()
    except ChaosError as error:
        return Finding("stress", fine=False, words=str(error))
    if info.cgroup_version == "1" and info.cgroup_driver == "cgroupfs":
        return Finding("stress", fine=True, words="inside containers, and beside them")
    version = f"cgroups {info.cgroup_version} by {info.cgroup_driver}"
    words = f"beside containers only (`inside: false`): {version}"
    return Finding("stress", fine=True, words=words)
