"""The embedded proxy beside the real Toxiproxy: `python -m benchmarks proxy`.

Both run all the time and are measured in turn, theirs and ours, round by round, so
that a machine whose speed drifts is fair to both. The ratio is ours divided by
theirs in the same round. A figure is missed if three quarters of the rounds miss it:
less than that is noise. Without a Toxiproxy (CHAOS_TOXIPROXY_SERVER, on PATH, or made
by Go), a direct connection stands beside ours, and only what is asked of ours alone
is judged.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.proxying.figures import FIGURES, Figure, Side
from benchmarks.proxying.load import Ports, compiled
from benchmarks.proxying.servers import Server, running, toxiproxy

if TYPE_CHECKING:
    from collections.abc import Sequence

    from benchmarks.proxying.load import Load

ROUNDS = 11
CACHE = Path.home() / ".cache" / "chaos-mcp"


def started(scope: ExitStack, load: Load, program: str | None, workers: int) -> Side:
    """Start a server with a proxy before each part of the upstream."""
    name = "theirs" if program else "ours"
    server = scope.enter_context(running(name, program, workers))
    ports = load.ports
    server.ports = Ports(
        *(server.proxy(one, getattr(ports, one)) for one in Ports.__slots__)
    )
    return Side(server, load, program, workers=workers)


def compare(figure: Figure, ours: Side, theirs: Side, rounds: int) -> bool:
    """Measure a figure on both sides in turn, print it, and tell whether it is met."""
    beside = not theirs.direct or figure.direct
    pairs = []
    for number in range(figure.rounds or rounds):
        mine = figure.measure(ours) if number % 2 else None
        other = figure.measure(theirs) if beside else float("nan")
        pairs.append((figure.measure(ours) if mine is None else mine, other))
    judged = (
        [a / b for a, b in pairs] if figure.of == "ratio" else [a for a, _ in pairs]
    )
    met = (theirs.direct and figure.of == "ratio") or figure.met(_best(judged, figure))
    _print(figure, pairs, judged, met=met)
    return met


def _best(values: Sequence[float], figure: Figure) -> float:
    """Return the value that a quarter of the rounds surpassed."""
    ordered = sorted(values, reverse=figure.sign == ">=")
    return ordered[len(ordered) // 4]


def _print(
    figure: Figure,
    pairs: Sequence[tuple[float, float]],
    judged: Sequence[float],
    *,
    met: bool,
) -> None:
    mine, other = (statistics.median(each) for each in zip(*pairs, strict=True))
    what = "ratio" if figure.of == "ratio" else "value"
    spread = f"{min(judged):.3g}..{max(judged):.3g}"
    sys.stdout.write(
        f"{figure.name:<23}{figure.unit:>5} ours {mine:10.4g}  theirs {other:10.4g}  "
        f"{what} {statistics.median(judged):6.3g} ({spread})  "
        f"asked {figure.sign} {figure.asked:g}  {'' if met else 'MISSED'}\n"
    )
    sys.stdout.flush()


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure; return 1 if a figure is missed by more than noise."""
    parser = argparse.ArgumentParser(prog="benchmarks proxy", description=__doc__)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--workers", type=int, default=0, help="of ours")
    parser.add_argument("--only", default="", help="figures with this in their name")
    options = parser.parse_args(arguments)
    with ExitStack() as scope:
        folder = scope.enter_context(tempfile.TemporaryDirectory())
        load = compiled(Path(folder))
        scope.enter_context(load.upstream())
        ours = started(scope, load, None, options.workers)
        program = toxiproxy(CACHE)
        if program:
            theirs = started(scope, load, program, 0)
        else:
            theirs = Side(Server("direct", 0, 0, load.ports), load, direct=True)
            sys.stdout.write("no Toxiproxy: theirs is a direct connection\n")
        wanted = [one for one in FIGURES if options.only in one.name]
        met = [compare(one, ours, theirs, options.rounds) for one in wanted]
    return 0 if all(met) else 1


if __name__ == "__main__":
    sys.exit(main())
