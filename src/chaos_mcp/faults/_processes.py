"""Processes as a fault knows them: by birth, not by number, and with their children."""

from __future__ import annotations

import signal
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any

import anyio

from chaos_mcp.errors import FaultRefused, UndoFailed
from chaos_mcp.machine.identity import Identity

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from chaos_mcp.adapters.local import ProcessSeen
    from chaos_mcp.adapters.world import World
    from chaos_mcp.faults.base import Memo

NEWBORN = 60.0
"""Seconds after arming in which a child may be born that is stopped as well.

Its name is in no memo, so undoing knows it by its birth and its parents.
"""
TICK = 0.02
"""Seconds by which a birth may be written down too early."""
POLL = 0.005
PATIENCE = 1.0
"""Seconds in which a process that was let go must be seen to run on."""
HELD = ("T", "t")
GONE = ("Z", "X")


async def remember(world: World, *pids: int, tree: bool) -> Memo:
    """Return what identifies processes, and all that they have started, for good.

    The first ones, `roots` of them, are those that were asked for.

    Raise `FaultRefused` if one of them is not there to be harmed, or not by us.
    """
    since = world.processes.clock()
    everyone = await world.processes.everyone()
    found = family(everyone, *pids)
    here = {one.pid for one in found}
    for pid in pids:
        if pid not in here:
            raise FaultRefused(f"there is no process {pid}")
    roots, rest = found[: len(pids)], found[len(pids) :]
    # A child that is dead and not yet buried is nothing special.
    others = [one for one in rest if tree and one.state not in GONE]
    members = [*roots, *others]
    protected = world.processes.protected()
    for one in members:
        _check(one, world, protected)
    return {
        "processes": [_entry(one) for one in members],
        "roots": len(pids),
        "tree": tree,
        "since": since,
    }


def _check(one: ProcessSeen, world: World, protected: Mapping[int, str]) -> None:
    if why := objection(one, world, protected):
        raise FaultRefused(f"the process {one.pid} ({one.name}) is left alone: {why}")


def objection(one: ProcessSeen, world: World, protected: Mapping[int, str]) -> str:
    """Say why a process must not be touched; empty: it may be."""
    if why := protected.get(one.pid):
        return why
    if any(fnmatchcase(one.name, name) for name in world.bounds.protect):
        return "it is protected by `blast-radius: protect:`"
    if one.kernel:
        return "it is a thread of the kernel"
    if one.state in GONE:
        return "it is dead already"
    if one.state in HELD:
        return "somebody has stopped it already"
    return "" if world.processes.allowed(one.pid) else "we may not send it signals"


def _entry(one: ProcessSeen) -> dict[str, Any]:
    return {
        **one.who.as_json(),
        "name": one.name,
        "state": one.state,
        "leads": one.session == one.pid,
    }


def family(everyone: Sequence[ProcessSeen], *pids: int) -> list[ProcessSeen]:
    """Return processes and all that they started, parents first."""
    children: dict[int, list[ProcessSeen]] = {}
    for one in everyone:
        children.setdefault(one.parent, []).append(one)
    found = {one.pid: one for one in everyone if one.pid in pids}
    row = list(found.values())
    while row := [child for one in row for child in children.get(one.pid, ())]:
        row = [one for one in row if one.pid not in found]
        found |= {one.pid: one for one in row}
    return list(found.values())


def members(memo: Memo) -> list[Identity]:
    """Return those that were there when the fault was armed, parents first."""
    return [
        Identity(one["pid"], one["birth"], one["boot"], one["space"])
        for one in memo["processes"]
    ]


async def newborn(world: World, memo: Memo, within: float = NEWBORN) -> list[Identity]:
    """Return the children born since, whose names the memo cannot hold.

    One whose parent has died since is known by the session that a member leads.
    """
    if not memo["tree"]:
        return []
    everyone = await world.processes.everyone()
    known = {*members(memo)}
    living = [one.pid for one in everyone if one.who in known]
    led = _sessions(memo, living, {one.pid for one in everyone})
    offspring = family(everyone, *living)
    offspring += [one for one in everyone if one.session in led]
    born = [
        one.who
        for one in offspring
        if one.who not in known and -TICK <= one.born - memo["since"] < within
    ]
    return [*dict.fromkeys(born)]


def _sessions(memo: Memo, living: Sequence[int], taken: set[int]) -> set[int]:
    """Return the sessions that members lead, unless the number leads another now."""
    leaders = {one["pid"] for one in memo["processes"] if one["leads"]}
    return {pid for pid in leaders if pid in living or pid not in taken}


async def everybody(world: World, memo: Memo) -> list[Identity]:
    """Return all whom the fault may have hit."""
    return [*members(memo), *await newborn(world, memo)]


async def living(world: World, memo: Memo) -> list[ProcessSeen]:
    """Return those of them that are there, as they are now."""
    return _there(world, await everybody(world, memo))


def survivors(world: World, identities: Iterable[Identity]) -> list[Identity]:
    """Return those who are not dead."""
    return [one.who for one in _there(world, identities)]


async def spared(world: World, identities: Sequence[Identity]) -> bool:
    """Tell whether none is dead; who is on the way out gets a moment to be so."""
    with anyio.move_on_after(PATIENCE):
        while any(one.dying for one in _there(world, identities)):  # noqa: ASYNC110
            await anyio.sleep(POLL)
    here = [one for one in _there(world, identities) if not one.dying]
    return len(here) == len(identities)


def _there(world: World, identities: Iterable[Identity]) -> list[ProcessSeen]:
    looks = [(who, world.processes.look(who.pid)) for who in identities]
    return [
        one for who, one in looks if one and one.who == who and one.state not in GONE
    ]


def resumed(world: World, identities: Iterable[Identity]) -> Iterator[str]:
    """Let processes run on; yield what went wrong, and go on with the next."""
    for who in identities:
        try:
            world.processes.send(who, signal.SIGCONT)
        except OSError as error:
            yield f"the process {who.pid} could not be let go: {error.strerror}"


async def let_go(world: World, memo: Memo) -> None:
    """Let all whom the fault may have stopped run on, children first."""
    failures = [*resumed(world, reversed(members(memo)))]
    failures += resumed(world, await newborn(world, memo))
    if failures:
        raise UndoFailed("; ".join(failures))


async def await_running(world: World, memo: Memo) -> dict[str, Any]:
    """Return how many run; raise `UndoFailed` if one of them stays stopped."""
    deadline = anyio.current_time() + PATIENCE
    while left := await _stopped(world, memo):
        if anyio.current_time() > deadline:
            raise UndoFailed(f"still stopped: {', '.join(map(str, left))}")
        await anyio.sleep(POLL)
    return {"stopped": 0, "running": len(await living(world, memo))}


async def _stopped(world: World, memo: Memo) -> list[int]:
    everyone = await everybody(world, memo)
    return [who.pid for who in everyone if world.processes.stopped(who)]


def same_space(world: World, memo: Memo) -> None:
    """Refuse to judge by numbers that mean other processes here, as in a container."""
    for who in members(memo):
        if who.space != world.processes.space():
            raise UndoFailed(
                f"the processes were numbered in another namespace ({who.space}): "
                "recover there"
            )
