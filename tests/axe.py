"""The accessibility faults of a page, as axe-core finds them.

axe-core (MPL-2.0) is a tool of the tests and no part of what is shipped: npm packs the
pinned version into a cache, once, and its digest is checked.
"""

from __future__ import annotations

import base64
import hashlib
import os
import shutil
import subprocess
import tarfile
from functools import cache
from pathlib import Path
from typing import Any

import pytest

VERSION = "4.14.1"
SHA512 = (
    "FHfa+lmNjQZfJz1q8wKqIDwC6DExcHt/pkjNQb09a3NPjCKg2rhu5qb2S4r76ASyFNNtuFooJpZe"
    "37OgudVGtQ=="
)
PATIENCE = 60.0
SERIOUS = {"serious", "critical"}


def faults(page: Any) -> list[str]:
    """Return what is seriously wrong with a page for those who see or point badly."""
    page.evaluate(_source())
    found = page.evaluate("() => axe.run()")["violations"]
    return [
        f"{one['id']}: {one['help']}: {node['html'][:200]}"
        for one in found
        if one["impact"] in SERIOUS
        for node in one["nodes"]
    ]


@cache
def _source() -> str:
    archive = _cached()
    with tarfile.open(archive) as package:
        file = package.extractfile("package/axe.min.js")
        assert file is not None
        return file.read().decode()


def _cached() -> Path:
    """Return the package, fetched if need be; skip the test where it can't be had."""
    home = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    folder = home / "chaos-mcp-tests"
    archive = folder / f"axe-core-{VERSION}.tgz"
    if not archive.is_file():
        _fetch(folder)
    digest = hashlib.sha512(archive.read_bytes()).digest()
    assert base64.b64encode(digest).decode() == SHA512
    return archive


def _fetch(folder: Path) -> None:
    npm = shutil.which("npm")
    if npm is None:
        pytest.skip("axe-core is not in the cache, and there is no npm to fetch it")
    folder.mkdir(parents=True, exist_ok=True)
    wanted = [npm, "pack", "--silent", f"axe-core@{VERSION}"]
    try:
        subprocess.run(
            wanted, cwd=folder, check=True, capture_output=True, timeout=PATIENCE
        )
    except (subprocess.SubprocessError, OSError) as error:
        pytest.skip(f"axe-core cannot be fetched: {error}")
