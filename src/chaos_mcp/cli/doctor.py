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
    yield from _harms()
    leash = shutil.which("setpriv") is not None
    words = "found" if leash else "missing: processes may outlive a killed runner"
    yield Finding("setpriv", leash, words)


def _harms() -> Iterator[Finding]:
    """Yield which faults on processes, the host and disks can run, and why not."""
    import resource  # noqa: PLC0415 - for this look only

    from chaos_mcp.adapters.clocks import LocalClocks  # noqa: PLC0415 - as above

    linux = sys.platform == "linux"
    words = "pause, signal, kill, stress" if linux else "no /proc: by psutil, roughly"
    yield Finding("process faults", fine=True, words=words)
    squeeze = hasattr(resource, "prlimit")
    words = "found" if squeeze else "missing: file.descriptors cannot run"
    yield Finding("prlimit", squeeze, words)
    yield _cgroups()
    pressure = Path("/proc/pressure/cpu").exists()
    words = "counted" if pressure else "not counted: host.pressure is unknown"
    yield Finding("pressure", pressure, words)
    library = LocalClocks().library()
    words = library or "missing: clock.skew cannot run (Debian: faketime)"
    yield Finding("libfaketime", bool(library), words)


def _cgroups() -> Finding:
    from chaos_mcp.adapters.cgroups import groups  # noqa: PLC0415 - as above

    found = groups(os.getpid())
    name = "cgroups"
    if not found:
        return Finding(name, fine=False, words="none seen: stressors stay in ours")
    version = "2" if set(found) == {""} else "1"
    joins = all(
        os.access(Path(one) / "cgroup.procs", os.W_OK) for one in found.values()
    )
    words = "may be joined" if joins else "may not be joined: stressors stay in ours"
    return Finding(name, joins, f"version {version}, {words}")


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
