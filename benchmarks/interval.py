"""How often the score's 95 % interval holds the truth: `python -m benchmarks.interval`.

Simulated runs of 32 s with a fault of 10 s, 50 requests a second, and a failure rate
that wanders from second to second (AR(1) over the log-odds; `wobble` is its spread,
`memory` its lag-1 correlation). The truth is the mean score of all runs of a case. The
argument is the number of runs of each case (500).
"""

from __future__ import annotations

import sys
from statistics import mean

from tests.score.test_simulation import coverage, runs, values

ASKED = 0.93
CASES: tuple[tuple[str, float, dict[str, float]], ...] = (
    ("nothing happens", 0.0005, {}),
    ("2 % fail", 0.02, {}),
    ("2 %, wobble 1", 0.02, {"wobble": 1.0}),
    ("5 %, memory 0.8", 0.05, {"memory": 0.8}),
    ("30 %, slower by half", 0.3, {"slower": 1.5}),
    ("30 %, slower, wobble 1", 0.3, {"slower": 1.5, "wobble": 1.0}),
    ("90 %, three times slower", 0.9, {"slower": 3.0}),
)


def main() -> int:
    """Print the table; return 1 if a case is covered less often than asked."""
    number = int(sys.argv[1]) if len(sys.argv) > 1 else 500
    say = sys.stdout.write
    say(f"{'case':26} {'score':>6} {'width':>6} {'held':>7}   asked {ASKED:.0%}\n")
    worst = 1.0
    for name, failing, nature in CASES:
        found = runs(number, failing, seed=12, **nature)
        width = mean((one.high or 0.0) - (one.low or 0.0) for one in found)
        held = coverage(found)
        worst = min(worst, held)
        say(f"{name:26} {mean(values(found)):6.1f} {width:6.1f} {held:7.1%}\n")
    return int(worst < ASKED)


if __name__ == "__main__":
    sys.exit(main())
