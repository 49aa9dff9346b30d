"""A small world of containers, with everything that was done to each."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from chaos_mcp.adapters.containers import ContainerListed, ContainerSeen, EngineInfo
from chaos_mcp.adapters.world import Bounds, World
from chaos_mcp.errors import ActivityFailed

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass
class FakeContainers:
    """Containers by id."""

    there: dict[str, ContainerSeen] = field(default_factory=dict)
    done: list[str] = field(default_factory=list)
    us: str = ""
    id: str = "ENGINE"
    url: str = "unix:///fake"
    deaf: set[str] = field(default_factory=set)
    """Those with which the engine can do nothing."""
    about_to_end: set[str] = field(default_factory=set)
    """Those that were sent a signal which has not come to pass."""

    def add(self, name: str, image: str = "shop:1", **labels: str) -> ContainerSeen:
        """Have one more container run."""
        number = f"{len(self.there) + 1:064x}"
        written = {key.replace("_", "."): value for key, value in labels.items()}
        one = ContainerSeen(number, name, image, written, "running", "day 1", pid=7)
        self.there[number] = one
        return one

    def at(self, url: str) -> Any:
        return replace(self, url=url)

    def local(self) -> bool:
        return False

    def ourselves(self) -> str:
        return self.us

    async def info(self) -> EngineInfo:
        return EngineInfo(self.id, "fake", "1.41", now=100.0)

    async def listed(
        self, labels: Mapping[str, str] | None = None
    ) -> list[ContainerListed]:
        wanted = (labels or {}).items()
        return [
            ContainerListed(one.id, one.name, one.image, one.labels, one.status)
            for one in self.there.values()
            if wanted <= one.labels.items()
        ]

    async def look(self, container: str) -> ContainerSeen | None:
        return self.there.get(container)

    async def pause(self, container: str) -> None:
        self._become(container, "paused")

    async def unpause(self, container: str) -> None:
        self._become(container, "running")

    async def kill(self, container: str, number: str) -> None:
        del number
        self._become(container, "exited")

    async def start(self, container: str) -> None:
        self._become(container, "running", started="day 2")

    async def signalled(self, seen: ContainerSeen, since: float) -> bool:
        del since
        return seen.id in self.about_to_end and seen.started == "day 1"

    async def usage(self, container: str) -> None:
        del container

    def _become(self, container: str, status: str, **changes: Any) -> None:
        one = self.there[container]
        self.done.append(f"{one.name} {status}")
        if container in self.deaf:
            raise ActivityFailed(f"the engine can do nothing with {one.name}")
        self.there[container] = replace(one, status=status, **changes)


def world_of(
    containers: Any, chance: str = "7", most: int | None = None, **bounds: Any
) -> World:
    made = Bounds(**{"run": "run", **bounds})
    return World(
        containers=containers,
        owner="chaos-run-1",
        chance=chance,
        most=most,
        bounds=made,
    )
