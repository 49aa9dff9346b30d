"""How quickly faults on containers bite and go: `python -m benchmarks.containers`.

Each is armed, injected, proven, undone and verified on a real container of a Docker
Engine, as often as the argument says (10). Asked are, from the injection to the proof,
less than a second, for stress containers (their image being there) 3 s; and from the
undo to its being verified, less than a second. `stop` and `restart` take as long as the
container takes to end, which nobody is asked for.
"""

from __future__ import annotations

import sys
from statistics import median
from time import perf_counter
from typing import TYPE_CHECKING

import anyio

from chaos_mcp.adapters.world import World
from tests.faults.containers import STAGES, container_stage

if TYPE_CHECKING:
    from tests.faults.containers import ContainerStage

STRESS, OTHERS, UNDO = 3.0, 1.0, 1.0
UNASKED = ("container.stop", "container.restart")
Times = tuple[float, float, float]


async def measured(stage: ContainerStage, number: int) -> Times:
    """Return the seconds to arm, to be proven, and to be verified."""
    owner = f"chaos-bench-{number}"
    world, fault = World(owner=owner, extra={"ttl": 60.0}), stage.fault
    began = perf_counter()
    memo = await fault.arm(world)
    armed = perf_counter()
    await fault.inject(world, memo)
    async with stage.in_use(memo):
        await fault.prove(world, memo)
    proven = perf_counter()
    await fault.undo(world, memo)
    await fault.verify(world, memo)
    return armed - began, proven - armed, perf_counter() - proven


def times(kind: str, rounds: int) -> list[Times]:
    """Measure a fault, each time on a new container; the first does not count."""
    found = []
    for number in range(rounds + 1):
        with container_stage(kind, World()) as stage:
            found.append(anyio.run(measured, stage, number))
    return found[1:]


def main() -> int:
    """Print the table; return 1 if something takes longer than is asked."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 10
    say, late = sys.stdout.write, []
    say(f"{'':26} {'arm':>6}   {'inject to proven':>18}   {'undo to verified':>18}\n")
    say(f"{'seconds':26} {'median':>6}   {'median':>8} {'max':>8}")
    say(f"   {'median':>8} {'max':>8}\n")
    for kind in STAGES:
        arm, bite, undo = zip(*times(kind, rounds), strict=True)
        say(f"{kind:26} {median(arm):6.3f}   {median(bite):8.3f} {max(bite):8.3f}")
        say(f"   {median(undo):8.3f} {max(undo):8.3f}\n")
        asked = STRESS if kind.endswith("stress") else OTHERS
        if kind not in UNASKED and (max(bite) > asked or max(undo) > UNDO):
            late.append(kind)
    say(f"later than asked: {', '.join(late) or 'none'}\n")
    return int(bool(late))


if __name__ == "__main__":
    sys.exit(main())
