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
from typing import TYPE_CHECKING, Any

from chaos_mcp.errors import PartMissing

if TYPE_CHECKING:
    from collections.abc import Sequence

STRESS = "stress-ng"
OWN = "chaos-mcp-host:1"
"""An empty image, into which this machine's folders are laid."""
SYSTEM = ("bin", "sbin", "lib", "lib32", "lib64", "libx32", "usr", "opt")
FILES = ("etc/alternatives", "etc/ssl", "etc/ld.so.cache", "etc/passwd", "etc/group")
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
    """Return an image's file system of these files, each where it is here.

    Of no files, it is one for this machine's folders to be laid into.
    """
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w") as tar:
        for name in SKELETON:
            folder = tarfile.TarInfo(name)
            folder.type, folder.mode = tarfile.DIRTYPE, 0o1777
            tar.addfile(folder)
        for name in links() if not files else ():
            link = tarfile.TarInfo(name)
            link.type, link.linkname = tarfile.SYMTYPE, str(Path("/", name).readlink())
            tar.addfile(link)
        for file in files:
            tar.add(os.path.realpath(file), file.lstrip("/"))
    return made.getvalue()


def links() -> list[str]:
    """Return which of the system's folders are links to others, as /bin mostly is."""
    return [name for name in SYSTEM if Path("/", name).is_symlink()]


def own_host(paths: Sequence[str]) -> dict[str, Any]:
    """Return what a container needs to read these paths, and the system's folders."""
    folders = [f"/{one}" for one in SYSTEM if one not in links()]
    wanted = [*folders, *(f"/{one}" for one in FILES), *paths]
    real = {one: str(Path(one).resolve()) for one in wanted if Path(one).exists()}
    # Under the name by which it is called, and under the one to which links lead.
    binds = {**dict.fromkeys(real.values()), **real}
    return {
        "Binds": [f"{binds[one] or one}:{one}:ro" for one in _outermost(sorted(binds))],
        "Tmpfs": {"/tmp": "mode=1777"},  # noqa: S108 - inside
    }


def _outermost(paths: list[str]) -> list[str]:
    """Leave out what is inside another one."""
    return [
        one
        for one in paths
        if not any(one != other and one.startswith(f"{other}/") for other in paths)
    ]
