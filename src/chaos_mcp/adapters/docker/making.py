"""Containers that we make on a Docker Engine, and their images."""

from __future__ import annotations

import re
from contextlib import suppress
from functools import partial
from pathlib import Path
from time import sleep
from typing import TYPE_CHECKING, Any

import anyio.to_thread

from chaos_mcp.adapters.containers import RUN
from chaos_mcp.adapters.docker import images
from chaos_mcp.adapters.docker.calls import LONG, Calls, found, unless
from chaos_mcp.errors import PartMissing

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from docker import APIClient

    from chaos_mcp.adapters.containers import ContainerSpec

GONE = r"No such container|is already in progress|network \S+ not found"
OWN = re.compile(r"/containers/([0-9a-f]{64})/hostname /etc/hostname ")
"""What a container's /proc/self/mountinfo has, and its host's has not."""
SETTLE = 0.3
"""Seconds in which an engine makes what it was asked for by somebody who died then."""


class Making:
    """Makes containers and images, and removes the containers."""

    calls: Calls

    async def run(self, spec: ContainerSpec) -> str:
        """Make a container and start it; what cannot be started is removed again."""

        def run(client: APIClient) -> str:
            raw: Any = client
            made = raw.create_container_from_config(_config(spec), spec.name)
            number = str(made["Id"])
            try:
                client.start(number)
            except BaseException:
                unless(GONE, lambda: client.remove_container(number, force=True))
                raise
            return number

        return await self.calls.change(run)

    async def remove(self, container: str) -> None:
        """Kill a container and remove it."""
        await self.calls.change(lambda client: _remove(client, container))

    async def stress_image(self, wanted: str) -> str:
        """Return the image that is asked for, pulled if need be, or one of our own."""
        if wanted:
            return await self._pulled(wanted)
        files = await anyio.to_thread.run_sync(images.stress_files)
        return await self.imported(
            images.stress_name(files), partial(images.archive, files)
        )

    async def own_image(self, paths: Sequence[str]) -> tuple[str, Mapping[str, Any]]:
        """Return an empty image, and this machine's folders to be laid into it."""
        if not self.calls.url.startswith("unix://") or self.ourselves():
            raise PartMissing(
                "`image-from: host` needs the engine and us on one and the same machine"
            )
        name = await self.imported(images.OWN, partial(images.archive, []))
        return name, images.own_host(paths)

    async def network(self, name: str, labels: Mapping[str, str]) -> None:
        """Make a network of the run's own."""
        await self.calls.change(
            lambda client: client.create_network(
                name, driver="bridge", labels=dict(labels), check_duplicate=True
            )
        )

    async def clear(self, run: str) -> None:
        """Remove what carries the label, and what was only just being made."""
        label = {"label": f"{RUN}={run}"}

        def clear(client: APIClient) -> None:
            for last in (False, True):
                for one in client.containers(all=True, filters=label):
                    _remove(client, one["Id"])
                for one in client.networks(filters=label):
                    unless(GONE, partial(client.remove_network, one["Id"]))
                if not last:
                    sleep(SETTLE)

        await self.calls.change(clear)

    def ourselves(self) -> str:
        """Return the id of the container that we run in."""
        with suppress(OSError):
            mounts = Path("/proc/self/mountinfo").read_text("utf-8", "replace")
            if inside := OWN.search(mounts):
                return inside[1]
        return ""

    async def imported(self, name: str, archive: Any) -> str:
        """Return an image, made of an archive unless it is there."""
        if not await self._known(name):
            data = await anyio.to_thread.run_sync(archive)
            repository, _, tag = name.partition(":")
            long = Calls(self.calls.url, LONG)
            await long.change(
                lambda client: client.import_image_from_data(
                    data, repository=repository, tag=tag
                )
            )
        return name

    async def _pulled(self, name: str) -> str:
        if not await self._known(name):
            repository, _, tag = name.partition(":")
            long = Calls(self.calls.url, LONG)
            await long.change(lambda client: client.pull(repository, tag or "latest"))
        return name

    async def _known(self, name: str) -> bool:
        def known(client: Any) -> bool:
            return bool(found(lambda: client.inspect_image(name)))

        return await self.calls.ask(known)


def _remove(client: APIClient, container: str) -> None:
    unless(GONE, lambda: client.remove_container(container, force=True, v=True))


def _config(spec: ContainerSpec) -> dict[str, Any]:
    """Return a container as the engine wants it."""
    host = dict(spec.host)
    if spec.network:
        host.setdefault("NetworkMode", spec.network)
    return {
        "Image": spec.image,
        "Cmd": list(spec.command),
        "Labels": dict(spec.labels),
        "Env": [f"{key}={value}" for key, value in spec.environment.items()],
        "WorkingDir": spec.workdir,
        "ExposedPorts": {f"{port}/tcp": {} for port in spec.ports},
        "HostConfig": host,
        **({"Healthcheck": dict(spec.health)} if spec.health else {}),
        **_networking(spec),
    }


def _networking(spec: ContainerSpec) -> dict[str, Any]:
    if not spec.aliases:
        return {}
    endpoint = {"Aliases": list(spec.aliases)}
    return {"NetworkingConfig": {"EndpointsConfig": {spec.network: endpoint}}}
