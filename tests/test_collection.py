"""The tests are the same ones each time they are collected, in every process.

Workers of pytest-xdist collect on their own; where two of them find different tests,
nothing is run at all. A name that has a time, a number of a process or the order of a
set in it makes that happen now and then.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.library.outer import environment

ROOT = Path(__file__).parents[1]
WITHOUT = ("randomly", "cacheprovider", "syrupy")
COLLECT = ["-m", "pytest", "--collect-only", "-q", *(f"-pno:{one}" for one in WITHOUT)]


def collected(hashes: int, folder: Path) -> list[str]:
    """Return the names of all tests, as a process of its own finds them."""
    called = subprocess.run(
        [sys.executable, *COLLECT, "tests"],
        cwd=ROOT,
        env={**environment(folder), "PYTHONHASHSEED": str(hashes)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert called.returncode == 0, called.stdout[-2000:] + called.stderr[-2000:]
    return [line for line in called.stdout.splitlines() if "::" in line]


@pytest.mark.slow
@pytest.mark.timeout(400)
def test_every_process_collects_the_same_tests(tmp_path: Path) -> None:
    first, again = collected(1, tmp_path), collected(2, tmp_path)

    assert len(first) > 4000
    assert sorted(first) == sorted(again)
