"""Images made of what this machine has: no registry is asked."""

from __future__ import annotations

import hashlib
import io
import os
import re
import shutil
import subprocess
import tarfile
from pathlib import Path

from chaos_mcp.errors import PartMissing

STRESS = "stress-ng"
LIBRARY = re.compile(r"(/\S+) \(0x")
SKELETON = ("tmp", "proc", "sys", "dev", "etc", "run", "var/tmp", "root")


def stress_files() -> list[str]:
    """Return what the stress image is made of: stress-ng and its libraries."""
    program = shutil.which(STRESS)
    if not program:
        raise PartMissing(
            "there is no stress-ng here to make the stress image of: install it, or "
            "name an image that has it by `stress-image`"
        )
    said = subprocess.run(  # noqa: S603 - a tool of the system
        [shutil.which("ldd") or "ldd", program],
        capture_output=True,
        text=True,
        timeout=10,
        check=False,
    )
    return [program, *LIBRARY.findall(said.stdout)]


def stress_name(files: list[str]) -> str:
    """Return what the image of these files is called, as long as they are the same."""
    digest = hashlib.sha256()
    for file in files:
        found = Path(file).stat()
        digest.update(f"{file} {found.st_size} {found.st_mtime_ns}\n".encode())
    return f"chaos-mcp-stress:{digest.hexdigest()[:12]}"


def archive(files: list[str]) -> bytes:
    """Return an image's file system of these files, each where it is here."""
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w") as tar:
        for name in SKELETON:
            folder = tarfile.TarInfo(name)
            folder.type, folder.mode = tarfile.DIRTYPE, 0o1777
            tar.addfile(folder)
        for file in files:
            tar.add(os.path.realpath(file), file.lstrip("/"))
    return made.getvalue()
