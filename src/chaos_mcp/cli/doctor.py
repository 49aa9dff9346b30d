"""`chaos doctor`: what this machine offers, and which faults can run on it."""

from __future__ import annotations

import importlib.util
import os
import platform
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from chaos_mcp.cli.doctor_containers import containers
from chaos_mcp.cli.finding import Finding

if TYPE_CHECKING:
    from collections.abc import Iterator

GIB = 2**30
LITTLE = 1 * GIB


@click.command(name="doctor")
@click.option(
    "--format",
    "form",
    type=click.Choice(["human", "json"]),
    default="human",
    help="How it is written to stdout.",
)
def command(form: str) -> int:
    """Look at this machine: Python, free disk, root, Docker, Kubernetes, Toxiproxy.

    It only looks. The exit code is 1 if something that every run needs is missing.
    """
    findings = list(_findings())
    if form == "json":
        import json  # noqa: PLC0415 - for this form only

        rows = [
            {"name": one.name, "ok": one.fine, "detail": one.words} for one in findings
        ]
        click.echo(json.dumps(rows))
    else:
        for one in findings:
            mark = "ok" if one.fine else "--"
            click.echo(f"{mark}  {one.name:<14} {one.words}")
    return 1 if any(one.needed and not one.fine for one in findings) else 0


def _findings() -> Iterator[Finding]:
    yield _python()
    yield _system()
    yield _disk()
    yield _loopback()
    yield Finding("network faults", fine=True, words="embedded proxy, built in")
    yield _toxiproxy()
    yield from containers()
    yield _kubernetes()
    root = os.geteuid() == 0
    words = "yes" if root else "no: faults in other processes' namespaces cannot run"
    yield Finding("root", root, words)
    leash = shutil.which("setpriv") is not None
    words = "found" if leash else "missing: processes may outlive a killed runner"
    yield Finding("setpriv", leash, words)


def _python() -> Finding:
    version = platform.python_version()
    return Finding(
        "python", sys.version_info >= (3, 11), f"{version} (3.11 or later)", needed=True
    )


def _system() -> Finding:
    name = platform.system()
    words = f"{name} {platform.release()}"
    return Finding("system", name in ("Linux", "Darwin"), words, needed=True)


def _disk() -> Finding:
    free = shutil.disk_usage(Path.cwd()).free
    words = f"{free / GIB:.1f} GiB free here"
    return Finding("disk", free > LITTLE, words)


def _loopback() -> Finding:
    import socket  # noqa: PLC0415 - for this look only

    try:
        with socket.create_server(("127.0.0.1", 0)):
            return Finding("loopback", fine=True, words="ports free", needed=True)
    except OSError as error:
        return Finding("loopback", fine=False, words=str(error), needed=True)


def _toxiproxy() -> Finding:
    url = os.environ.get("CHAOS_TOXIPROXY_URL", "")
    words = url or "CHAOS_TOXIPROXY_URL is not set: the embedded proxy is used"
    return Finding("toxiproxy", bool(url), words)


def _kubernetes() -> Finding:
    config = Path(os.environ.get("KUBECONFIG", Path.home() / ".kube" / "config"))
    known = importlib.util.find_spec("kubernetes") is not None
    here = known and config.exists()
    words = str(config) if here else f"no {config}"
    return Finding("kubernetes", here, words)
