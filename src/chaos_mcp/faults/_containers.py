"""Containers as a fault knows them: chosen, remembered by id, harmed, put back."""

from __future__ import annotations

from abc import abstractmethod
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any, ClassVar, Self

import anyio
from pydantic import Field, model_validator

from chaos_mcp.adapters.containers import OWNER, PART, PROTECTED, RUN
from chaos_mcp.errors import (
    ActivityFailed,
    ChaosError,
    FaultRefused,
    PartMissing,
    UndoFailed,
)
from chaos_mcp.faults._selection import Candidate, Selection, TooFew, choose, named
from chaos_mcp.faults.base import Fault

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping, Sequence

    from chaos_mcp.adapters.containers import (
        ContainerListed,
        Containers,
        ContainerSeen,
    )
    from chaos_mcp.adapters.world import Bounds, World
    from chaos_mcp.faults.base import Memo

LOOK = 0.02
"""Seconds between two looks at a container."""
PROJECT = "com.docker.compose.project"
SERVICE = "com.docker.compose.service"
HEX = frozenset("0123456789abcdef")
YES = ("true", "1", "yes", "")
FORESIGHT = 2.0
"""Seconds that the engine has to say what would be hit, before anything runs."""
SHORTEST = 12
"""Digits that an id must have to be taken for one."""


@dataclass(frozen=True, slots=True)
class Target:
    """A container that is meant."""

    id: str
    name: str
    """What it is called: by the experiment if that has made it, else by itself."""
    labels: Mapping[str, str]
    own: bool = False
    """Whether the experiment has made it."""


class ContainerFault(Fault):
    """A fault on one container or on several, all hit and put back at once."""

    lands_late: ClassVar[float] = 2.0

    container: str | None = Field(
        default=None,
        description="Its name, in the experiment's `system:` or on the engine; a "
        "pattern such as `web-*`; or its id.",
    )
    label: str | tuple[str, ...] = Field(
        default=(), description="Those with this label, `key=value` or `key`."
    )
    image: str | None = Field(
        default=None, description="Those of this image; a pattern such as `redis:*`."
    )
    compose_project: str | None = Field(
        default=None, description="Those of this project of Docker Compose."
    )
    compose_service: str | None = Field(
        default=None, description="Those of this service of Docker Compose."
    )
    scope: Selection | None = Field(
        default=None, description="How many of those, drawn from the run's seed."
    )

    @model_validator(mode="after")
    def _named(self) -> Self:
        if not any(self._words()):
            raise ValueError(
                "say which: `container`, `label`, `image` or `compose-service`"
            )
        return self

    def _words(self) -> list[str]:
        """Return how the containers are chosen, as it was written."""
        said = {
            "": self.container,
            "label=": ",".join(self._labels()) or None,
            "image=": self.image,
            "project=": self.compose_project,
            "service=": self.compose_service,
        }
        return [f"{key}{value}" for key, value in said.items() if value]

    def _labels(self) -> tuple[str, ...]:
        return (self.label,) if isinstance(self.label, str) else self.label

    def targets(self) -> tuple[str, ...]:
        """Return how they are chosen; which that are is known by the engine."""
        return (f"container:{' '.join(self._words())}",)

    def chooses(self) -> bool:
        """Tell that it chooses among the engine's containers."""
        return True

    def foresee(self, world: World) -> tuple[str, ...]:
        """Return which would be hit as things are now, if the engine answers soon."""

        async def ask() -> tuple[str, ...]:
            with anyio.move_on_after(FORESIGHT):
                chosen = await self._chosen(world)
                return tuple(f"container:{one.name}" for one in chosen)
            return self.targets()

        try:
            with ThreadPoolExecutor(1) as thread:  # a loop may run in this one already
                return thread.submit(anyio.run, ask).result()
        except (TooFew, PartMissing, ActivityFailed):
            return self.targets()

    def claims(self, world: World, memo: Memo) -> tuple[str, ...]:
        """Return each container, whatever runs call it."""
        del world
        return tuple(f"container:{one['id']}" for one in memo["containers"])

    @classmethod
    def warm(cls) -> None:
        """Load what speaks to the engine."""
        from chaos_mcp.adapters.docker.calls import load  # noqa: PLC0415 - 200 ms

        load()
        super().warm()

    async def arm(self, world: World) -> Memo:
        """See which containers are meant, and that each can be harmed and put back."""
        info = await world.containers.info()
        chosen = await self._chosen(world)
        return {
            "engine": {"url": world.containers.url, "id": info.id},
            "owner": world.owner,
            "since": info.now,
            "containers": [
                await self._remembered(world, one, info.now) for one in chosen
            ],
        }

    async def _remembered(
        self, world: World, one: Target, since: float
    ) -> dict[str, Any]:
        seen = await world.containers.look(one.id)
        if seen is None:
            raise FaultRefused(f"the container {one.name} has just gone")
        return {
            "id": seen.id,
            "name": one.name,
            "started": seen.started,
            "tag": world.owner,
            "since": since,
            **await self.remember(world, seen),
        }

    async def _chosen(self, world: World) -> list[Target]:
        """Return those that are hit, in the order of their names."""
        ours, bounds = world.containers.ourselves(), world.bounds
        found = [
            target_of(one, bounds)
            for one in await world.containers.listed()
            if self._meant(one, bounds)
        ]
        if self.container is not None and any(one.own for one in found):
            found = [one for one in found if one.own]  # its name means ours
        candidates = {
            Candidate(one.name, one.name, _spared(one, bounds, ours)): one
            for one in found
        }
        what = f"container {' '.join(self._words())}"
        drawn = choose(
            [*candidates], self.scope, world.chance, of_what=what, most=world.most
        )
        strangers = [one for one in drawn if one.label not in bounds.targets]
        if bounds.targets and strangers:
            raise FaultRefused(
                f"`blast-radius: targets:` does not name {named(strangers)}"
            )
        return sorted((candidates[one] for one in drawn), key=lambda one: one.name)

    def _meant(self, one: ContainerListed, bounds: Bounds) -> bool:
        labels = one.labels
        return (
            OWNER not in labels  # the tools of a fault are no targets
            and (self.container is None or called(one, self.container, bounds))
            and _labelled(labels, self._labels())
            and (self.image is None or fnmatchcase(one.image, self.image))
            and self.compose_project in (None, labels.get(PROJECT))
            and self.compose_service in (None, labels.get(SERVICE))
        )

    async def inject(self, world: World, memo: Memo) -> None:
        """Harm them all."""
        engine = engine_of(world, memo)
        await every(memo, lambda one: self.harm(engine, world, one))

    async def prove(self, world: World, memo: Memo) -> Any:
        """See the harm on each of them."""
        engine = engine_of(world, memo)
        return await every(memo, lambda one: self.shown(engine, one))

    async def undo(self, world: World, memo: Memo) -> None:
        """Put them all back, whatever becomes of one."""
        engine = engine_of(world, memo)
        await every(memo, lambda one: self.restore(engine, memo, one))

    async def verify(self, world: World, memo: Memo) -> Any:
        """See each of them as it was; one that is gone needs nothing."""
        engine = engine_of(world, memo)
        there = {one.id for one in await engine.listed()}
        if not {one["id"] for one in memo["containers"]} <= there:
            await same_engine(engine, memo)
        return await every(memo, lambda one: self.restored(engine, memo, one))

    @abstractmethod
    async def remember(self, world: World, seen: ContainerSeen) -> dict[str, Any]:
        """Return what putting one back needs; raise `FaultRefused` if it cannot be."""

    @abstractmethod
    async def harm(self, engine: Containers, world: World, one: dict[str, Any]) -> None:
        """Harm one."""

    @abstractmethod
    async def shown(self, engine: Containers, one: dict[str, Any]) -> Any:
        """Return the evidence that one is harmed, once there is any."""

    @abstractmethod
    async def restore(
        self, engine: Containers, memo: Memo, one: dict[str, Any]
    ) -> None:
        """Put one back: idempotent, and valid when it was never or half harmed."""

    @abstractmethod
    async def restored(
        self, engine: Containers, memo: Memo, one: dict[str, Any]
    ) -> Any:
        """Return what is seen of one, be it gone; raise `UndoFailed` if harmed."""


def target_of(one: ContainerListed, bounds: Bounds) -> Target:
    """Return a container under the name that the experiment has for it, if any."""
    own = one.labels.get(PART) if one.labels.get(RUN) == bounds.run else None
    return Target(one.id, own or one.name, one.labels, own=bool(own))


def called(one: ContainerListed, wanted: str, bounds: Bounds) -> bool:
    """Tell whether a name, a pattern or an id means this container."""
    names = {one.name, target_of(one, bounds).name}
    if len(wanted) >= SHORTEST and HEX.issuperset(wanted) and one.id.startswith(wanted):
        return True
    return any(fnmatchcase(name, wanted) for name in names)


def _labelled(labels: Mapping[str, str], wanted: Sequence[str]) -> bool:
    """Tell whether labels hold all of `key=value` and `key`."""
    pairs = [one.partition("=") for one in wanted]
    return all(
        key in labels and (not equals or labels[key] == value)
        for key, equals, value in pairs
    )


def _spared(one: Target, bounds: Bounds, ours: str) -> str:
    """Say why a container is left alone; empty if it need not be."""
    if ours and one.id == ours:
        return "we run in it ourselves"
    run = one.labels.get(RUN, bounds.run)
    if run != bounds.run:
        return f"it belongs to the run {run}"
    if one.labels.get(PROTECTED, "false").lower() in YES:
        return f"protected by its label {PROTECTED}"
    if any(fnmatchcase(one.name, pattern) for pattern in bounds.protect):
        return "protected by `blast-radius: protect:`"
    return ""


def engine_of(world: World, memo: Memo) -> Containers:
    """Return the engine that the fault was armed on, wherever we are now."""
    return world.containers.at(memo["engine"]["url"])


async def same_engine(engine: Containers, memo: Memo) -> None:
    """Refuse to say that something is gone that another engine never had."""
    info = await engine.info()
    if info.id != memo["engine"]["id"]:
        raise UndoFailed(
            f"another engine answers at {engine.url} than the one that was harmed"
        )


async def every(
    memo: Memo, do: Callable[[dict[str, Any]], Awaitable[Any]]
) -> dict[str, Any]:
    """Do something with all containers at once; return what came of each, by name.

    That one fails does not keep it from the others; then all errors are raised.
    """
    came: dict[str, Any] = {}
    errors: list[ChaosError] = []

    async def one_of_them(one: dict[str, Any]) -> None:
        try:
            came[one["name"]] = await do(one)
        except ChaosError as error:
            errors.append(error)

    async with anyio.create_task_group() as tasks:
        for one in memo["containers"]:
            tasks.start_soon(one_of_them, one)
    if errors:
        raise _together(errors)
    return came


def _together(errors: Sequence[ChaosError]) -> ChaosError:
    if len({type(one) for one in errors}) == 1 and len(errors) == 1:
        return errors[0]
    return ActivityFailed("; ".join(dict.fromkeys(str(one) for one in errors)))
