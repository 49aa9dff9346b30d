"""Break the safety code in ways that matter, one at a time; the suite must notice.

`make mutants` applies each to a copy of the tree and runs the tests that should fail. A
mutant that survives is a promise that nobody checks.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.safety.adversity.mutants import ADVERSITY
from tests.safety.mutant import Mutant

ROOT = Path(__file__).parents[2]
PARTS = ("src", "tests", "pyproject.toml", "experiments", "probes", "actions")
LIMIT = 600
"""Seconds after which the tests count as having noticed: they hang."""


ENGINE = "tests/engine/test_injection.py tests/safety/adversity"
JOURNAL = (
    "tests/journal/test_log.py tests/journal/test_damage.py "
    "tests/safety/test_full_disk.py"
)
CRASHES = "tests/safety/test_crash_points.py -k kill"

MUTANTS = (
    Mutant(
        "the fsync before the harm is left out",
        "journal/file.py",
        "            os.fsync(self.handle)\n",
        "            pass\n",
        ENGINE,
    ),
    Mutant(
        "the journal is written after the harm",
        "engine/injection.py",
        "                await self._write_ahead(standing)\n"
        "                standing.injected = await self._inject(standing)\n",
        "                standing.injected = await self._inject(standing)\n"
        "                await self._write_ahead(standing)\n",
        ENGINE,
    ),
    Mutant(
        "the guardian is started late",
        "engine/injection.py",
        "self.guardian.listening() if early else self.guardian.ready()",
        "anyio.sleep(0)",
        "tests/safety/test_guardian.py",
    ),
    Mutant(
        "an error of the journal is swallowed",
        "engine/injection.py",
        "                self._closed(standing)\n            raise\n",
        "                self._closed(standing)\n",
        f"{JOURNAL} {ENGINE}",
    ),
    Mutant(
        "undoing stops at the first failure",
        "engine/undoing.py",
        "            await self._alone(one, 1)\n",
        "            if not await self._alone(one, 1):\n                return False\n",
        ENGINE,
    ),
    Mutant(
        "one undo that hangs keeps the others waiting",
        "engine/undoing.py",
        "        for one in reversed(standing):\n"
        "            await self._alone(one, 1)\n",
        "",
        ENGINE,
    ),
    Mutant(
        "toxics are removed by proxy, not by tag",
        "faults/_toxic.py",
        '        for name in memo["toxics"]:\n'
        '            await _proxies(world).remove_toxic(memo["proxy"], name)\n',
        '        state = await _proxies(world).state(memo["proxy"])\n'
        "        for toxic in state.toxics if state else ():\n"
        '            await _proxies(world).remove_toxic(memo["proxy"], toxic.name)\n',
        "tests/faults",
    ),
    Mutant(
        "nobody reads the state back",
        "engine/undoing.py",
        "            evidence = await fault.verify(world, standing.memo)\n",
        "            evidence = None\n",
        ENGINE,
    ),
    Mutant(
        "an undo closes a fault",
        "journal/ledger.py",
        "            case FaultVerified():\n                ledger.pop",
        "            case FaultVerified() | FaultUndone():\n                ledger.pop",
        "tests/journal/test_ledger.py",
    ),
    Mutant(
        "an undo can be cancelled",
        "engine/undoing.py",
        "        with anyio.CancelScope(shield=True):\n",
        "        with anyio.CancelScope():\n",
        ENGINE,
    ),
    Mutant(
        "the guardian acts without ending a hung runner",
        "engine/guardian.py",
        "        runner.fence()\n",
        "        pass\n",
        "tests/safety/test_guardian.py",
    ),
    Mutant(
        "the guardian can be ended by Ctrl-C and SIGTERM",
        "engine/guardian.py",
        "        signal.signal(number, signal.SIG_IGN)\n",
        "        pass\n",
        "tests/safety/test_guardian.py",
    ),
    Mutant(
        "the guardian dies with the runner's pipe",
        "engine/guardian.py",
        "    with suppress(OSError):\n        os.write(STDOUT, word)\n",
        "    os.write(STDOUT, word)\n",
        CRASHES,
    ),
    Mutant(
        "a torn end is glued to the next line",
        "journal/log.py",
        "                file.cut(found.size)\n",
        "                pass\n",
        JOURNAL,
    ),
    Mutant(
        "no room is kept for the undo",
        "journal/file.py",
        "            if self._room and not urgent:\n",
        "            if False:\n",
        JOURNAL,
    ),
    Mutant(
        "two runs may hold one target",
        "machine/index.py",
        "            if other.run != run and (taken",
        "            if False and (taken",
        "tests/safety/test_machine.py",
    ),
    Mutant(
        "a process is known by its number alone",
        "machine/identity.py",
        "        return self.boot == boot() and birth_of(self.pid) == self.birth\n",
        "        return birth_of(self.pid) != ''\n",
        "tests/safety/test_machine.py",
    ),
    Mutant(
        "what a dead run has left does not keep others from starting",
        "engine/status.py",
        "    if left := _left_of_others(now, run):\n",
        "    if False:\n",
        "tests/safety/test_commands.py -k refuses",
    ),
    *ADVERSITY,
)


def survives(mutant: Mutant) -> str:
    """Return what was wrong with a mutant that was not noticed; empty: it was."""
    with tempfile.TemporaryDirectory(prefix="mutant-") as name:
        folder = Path(name)
        for part in PARTS:
            _copy(ROOT / part, folder / part)
        file = folder / "src" / "chaos_mcp" / mutant.file
        text = file.read_text("utf-8")
        if text.count(mutant.old) != 1:
            return "its place is not in the code any more"
        file.write_text(text.replace(mutant.old, mutant.new), "utf-8")
        return "" if _noticed(folder, mutant) else "nothing has noticed"


def _copy(source: Path, target: Path) -> None:
    if source.is_dir():
        shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
    else:
        shutil.copy(source, target)


def _noticed(folder: Path, mutant: Mutant) -> bool:
    command = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider"]
    try:
        done = subprocess.run(
            [*command, *mutant.tests.split()],
            cwd=folder,
            env={**os.environ, "PYTHONPATH": str(folder / "src")},
            capture_output=True,
            timeout=LIMIT,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return True
    return done.returncode == 1  # tests ran, and one failed


def main(arguments: list[str]) -> int:
    """Try the mutants whose names hold one of the arguments, or all of them."""
    chosen = [
        one
        for one in MUTANTS
        if not arguments or any(part in one.name for part in arguments)
    ]
    with ThreadPoolExecutor(max_workers=2) as pool:
        results = list(zip(chosen, pool.map(survives, chosen), strict=True))
    for mutant, why in results:
        sys.stdout.write(f"{'SURVIVES' if why else 'noticed '}  {mutant.name}")
        sys.stdout.write(f": {why}\n" if why else "\n")
    return 1 if any(why for _, why in results) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
