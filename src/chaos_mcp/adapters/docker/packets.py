"""Packets dropped in a container's own network: iptables rules that carry our tag."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
from contextlib import contextmanager, suppress
from ipaddress import ip_network
from pathlib import Path
from typing import TYPE_CHECKING

from chaos_mcp.adapters.containers import PacketRule
from chaos_mcp.adapters.docker import kernel
from chaos_mcp.errors import ActivityFailed, PartMissing

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

TOOLS = {4: "iptables", 6: "ip6tables"}
CALL = 5.0
SAVED = re.compile(r"^\[(\d+):(\d+)\] -A (.*)$")


def missing() -> str:
    """Say what is missing for this on this machine; empty if nothing is."""
    for tool in ("nsenter", "iptables-save", "iptables-restore"):
        if not _which(tool):
            return f"there is no {tool} here"
    if not hasattr(os, "geteuid") or os.geteuid() != 0:
        return "we are not root"
    return ""


@contextmanager
def network(pid: int, container: str) -> Iterator[int]:
    """Hold a container's network by a handle, which stays what it is.

    Raise `FileNotFoundError` if the process is not the container's any more, and
    `PartMissing` rather than ever touch the network that we are in ourselves.
    """
    path = Path(f"/proc/{pid}/ns/net")
    handle = os.open(path, os.O_RDONLY)
    try:
        # The handle first, the look after: the number cannot pass on in between.
        if kernel.group(pid, container) is None:
            raise FileNotFoundError(f"{pid} is not a process of {container}")
        if os.fstat(handle).st_ino == Path("/proc/self/ns/net").stat().st_ino:
            raise PartMissing("the container shares the network of this machine")
        yield handle
    finally:
        os.close(handle)


def rules(pid: int, container: str, tag: str) -> list[PacketRule]:
    """Return the rules that carry our tag, with what each has met so far."""
    with network(pid, container) as handle:
        return [rule for rule, _ in _tagged(handle, tag)]


def add(pid: int, container: str, wanted: Sequence[PacketRule]) -> None:
    """Add rules before all others; those of one kind of address at once, or none."""
    with network(pid, container) as handle:
        for family in sorted({rule.family for rule in wanted}):
            lines = [
                f"-I {' '.join(_words(rule))}"
                for rule in wanted
                if rule.family == family
            ]
            _restore(handle, family, lines)


def remove(pid: int, container: str, tag: str) -> None:
    """Remove the rules that carry our tag, however many there are."""
    with network(pid, container) as handle:
        for family in TOOLS:
            lines = [
                f"-D {line}"
                for rule, line in _tagged(handle, tag)
                if rule.family == family
            ]
            if lines:
                _restore(handle, family, lines)


def _tagged(handle: int, tag: str) -> list[tuple[PacketRule, str]]:
    found = []
    for family, tool in TOOLS.items():
        if not _which(f"{tool}-save"):
            continue
        said = _run(handle, [f"{tool}-save", "-c", "-t", "filter"])
        for line in said.splitlines():
            if (match := SAVED.match(line)) and tag in shlex.split(match[3]):
                rule = _rule(match[3], family, int(match[1]), int(match[2]), tag)
                found.append((rule, match[3]))
    return found


def _rule(line: str, family: int, packets: int, size: int, tag: str) -> PacketRule:
    words = shlex.split(line)

    def after(*keys: str) -> str:
        for key in keys:
            with suppress(ValueError, IndexError):
                return words[words.index(key) + 1]
        return ""

    return PacketRule(
        chain=words[0],
        tag=tag,
        peer=after("-s", "-d"),
        loss=float(after("--probability") or 1),
        family=family,
        packets=packets,
        bytes=size,
    )


def _words(rule: PacketRule) -> list[str]:
    """Return a rule as iptables has it."""
    arriving = rule.chain == "INPUT"
    if rule.peer:
        where = ["-s" if arriving else "-d", rule.peer]
    else:
        where = ["!", "-i" if arriving else "-o", "lo"]
    chance = ["-m", "statistic", "--mode", "random", "--probability", f"{rule.loss:f}"]
    return [
        *(rule.chain, *where),
        *(chance if rule.loss < 1 else ()),
        *("-m", "comment", "--comment", f'"{rule.tag}"', "-j", "DROP"),
    ]


def _restore(handle: int, family: int, lines: list[str]) -> None:
    text = "\n".join(["*filter", *lines, "COMMIT", ""])
    _run(handle, [f"{TOOLS[family]}-restore", "--noflush", "-w", "3"], text)


def _run(handle: int, command: list[str], text: str = "") -> str:
    enter = [_which("nsenter"), f"--net=/proc/self/fd/{handle}", "--"]
    try:
        done = subprocess.run(  # noqa: S603 - our own words, and no shell
            [*enter, _which(command[0]), *command[1:]],
            input=text,
            capture_output=True,
            text=True,
            timeout=CALL,
            check=False,
            pass_fds=[handle],
        )
    except subprocess.TimeoutExpired as error:
        raise ActivityFailed(f"{command[0]} does not come to an end") from error
    if done.returncode:
        raise ActivityFailed(f"{command[0]} refuses: {done.stderr.strip()[-200:]}")
    return done.stdout


def _which(tool: str) -> str:
    path = f"{os.environ.get('PATH', os.defpath)}:/usr/sbin:/sbin"
    return shutil.which(tool, path=path) or ""


def family_of(address: str) -> int:
    """Return 4 or 6 for an address or a range of them; raise ValueError for others."""
    return ip_network(address, strict=False).version
