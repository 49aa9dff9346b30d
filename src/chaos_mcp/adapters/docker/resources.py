"""What containers of a Docker Engine use, what they may use, and what befell them."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from chaos_mcp.adapters.docker import kernel, reading
from chaos_mcp.adapters.docker.calls import aside, found

if TYPE_CHECKING:
    from collections.abc import Mapping

    from docker import APIClient

    from chaos_mcp.adapters.containers import ContainerSeen, EngineInfo, Limits, Usage
    from chaos_mcp.adapters.docker.calls import Calls

NONE = 9223372036854771712
"""The bytes that the kernel takes for no limit. The engine takes 0 for "as it is"."""


class Resources:
    """Processor time and memory of containers."""

    calls: Calls

    async def usage(self, seen: ContainerSeen) -> Usage | None:
        """Ask the kernel, or the engine, which looks once a second."""
        known = await aside(partial(kernel.usage, seen.pid, seen.id))
        if known:
            return known
        said = await self.calls.ask(
            lambda client: found(
                lambda: client.stats(seen.id, stream=False, one_shot=True)
            )
        )
        return reading.usage(said) if said and said.get("cpu_stats") else None

    async def real_limits(self, seen: ContainerSeen) -> Limits | None:
        """Ask the kernel."""
        return await aside(partial(kernel.limits, seen.pid, seen.id))

    def cgroup(self, seen: ContainerSeen, info: EngineInfo) -> str:
        """Return its path, where another container's can be below it.

        That is so with cgroups of version 1; those of version 2 have processes in
        their leaves only, and systemd has names of its own for them.
        """
        if info.cgroup_driver != "cgroupfs" or info.cgroup_version != "1":
            return ""
        known = kernel.group(seen.pid, seen.id)
        return known.path("cpu") if known else f"/docker/{seen.id}"

    async def limit(self, container: str, limits: Mapping[str, int]) -> None:
        """Change limits of a container that may be running."""
        await self.calls.change(lambda client: _update(client, container, limits))

    async def unlimit(self, container: str, before: Mapping[str, int]) -> None:
        """Give limits back, around what the engine takes for "as it is"."""

        def unlimit(client: APIClient) -> None:
            now = client.inspect_container(container)["HostConfig"]
            changed = {
                key: value for key, value in before.items() if now.get(key) != value
            }
            _give_back(client, container, before, changed)

        await self.calls.change(lambda client: found(lambda: unlimit(client)))

    async def signalled(self, seen: ContainerSeen, since: float) -> bool:
        """Ask the engine's memory of what happened."""
        began = reading.seconds(seen.started)
        return await self._happened(seen.id, "kill", max(since, began))

    async def out_of_memory(self, container: str, since: float) -> bool:
        """Ask the same."""
        return await self._happened(container, "oom", since)

    async def _happened(self, container: str, event: str, since: float) -> bool:
        wanted: dict[str, Any] = {"container": container, "event": event}

        def events(client: APIClient) -> list[Any]:
            now = reading.seconds(client.info()["SystemTime"])
            # Fractions of a second are all right for the engine.
            came: Any = client.events(since=since, until=now, filters=wanted)  # type: ignore[call-overload]
            return list(came)

        return bool(await self.calls.ask(events))

    async def logs(self, container: str, since: float, most: int) -> str:
        """Return the last so many lines that a container wrote."""
        said: Any = await self.calls.ask(
            lambda client: client.logs(container, since=since or None, tail=most)
        )
        return bytes(said).decode("utf-8", "replace")


def _give_back(
    client: APIClient,
    container: str,
    before: Mapping[str, int],
    changed: Mapping[str, int],
) -> None:
    wanted = {}
    if "NanoCpus" in changed:
        wanted["NanoCpus"] = before["NanoCpus"]
    if "CpuQuota" in changed:
        wanted["CpuQuota"] = before["CpuQuota"] if before["CpuQuota"] > 0 else -1
    if {"Memory", "MemorySwap"} & changed.keys():
        for key in ("Memory", "MemorySwap"):
            wanted[key] = before[key] if before[key] > 0 else NONE
    if wanted:
        _update(client, container, wanted)
    if before["MemorySwap"] <= 0 and "MemorySwap" in wanted:
        # In one step, the kernel would be given the memory before the swap.
        _update(client, container, {"MemorySwap": -1})


def _update(client: APIClient, container: str, limits: Mapping[str, int]) -> None:
    """Change limits; the SDK's own call knows nothing of NanoCpus."""
    raw: Any = client
    url = raw._url("/containers/{0}/update", container)  # noqa: SLF001 - as said
    raw._result(raw._post_json(url, data=dict(limits)), json=True)  # noqa: SLF001
