"""How often a baseline cries wolf, and what it misses: `python -m benchmarks.baseline`.

Pairs of simulated runs whose truth is known: one of a usual system, one of the same
system, or of one that got worse by so much. Latencies are log-normal and drift from
second to second (autocorrelation 0.5), 50 requests a second of which 0.2 % fail. The
metrics of traffic are judged by what is usually tolerated, as `chaos run --baseline`
does. The argument is the number of pairs of each case (500).

Prints of how many pairs the second run *failed* (a regression was found), and of how
many it stayed *unknown*. Returns 1 if the same system fails more often than ASKED, or
if a window of a minute finds less than FOUND of what is 20 % slower.
"""

from __future__ import annotations

import sys
from dataclasses import replace

from tests.history.test_simulation import USUALLY, System, verdicts

ASKED = 0.05
FOUND = 0.9
PAIRS = 500
MINUTE = 60
WINDOWS = (10, 30, MINUTE, 120)
SAME = "the same system"
SLOWER = "20 % slower"
CASES: dict[str, System] = {
    SAME: System(),
    "5 % slower, which is tolerated": System(slower=1.05),
    SLOWER: System(slower=1.2),
    "half as slow again": System(slower=1.5),
    "3 % more requests fail": System(failing=USUALLY + 0.03),
}


def main() -> int:
    """Print the table; return 1 if the judgement is worth less than asked."""
    pairs = int(sys.argv[1]) if len(sys.argv) > 1 else PAIRS
    say = sys.stdout.write
    say(f"{'second run':32} {'window':>7} {'failed':>7} {'unknown':>8}\n")
    fine = True
    for name, system in CASES.items():
        for seconds in WINDOWS:
            counted = verdicts(pairs, replace(system, seconds=seconds), seed=seconds)
            failed, unknown = (counted[v] / pairs for v in ("deviated", "unknown"))
            say(f"{name:32} {seconds:5} s {failed:7.1%} {unknown:8.1%}\n")
            sys.stdout.flush()
            fine &= name != SAME or failed <= ASKED
            fine &= (name, seconds) != (SLOWER, MINUTE) or failed >= FOUND
    return int(not fine)


if __name__ == "__main__":
    sys.exit(main())
