"""Faults on containers do what they say, as much as they say, and nothing else."""

from __future__ import annotations

import subprocess
import sys
import time
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import anyio
import pytest

from chaos_mcp.adapters.world import World
from chaos_mcp.errors import FaultRefused
from chaos_mcp.registry import Registry
from tests.containers.engine import STAYS, Container, container, network, real
from tests.faults.containers import inside, needs

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from chaos_mcp.faults.base import Fault

pytestmark = [pytest.mark.anyio, pytest.mark.docker]
PACKETS = 2000
SEND = """
import contextlib, socket, sys
one = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
for _ in range(int(sys.argv[2])):
    with contextlib.suppress(PermissionError):  # whose packets are dropped is told
        one.sendto(b"x", (sys.argv[1], 9))
"""
GROUPS = Path("/sys/fs/cgroup")


def fault(kind: str, target: Container, **arguments: Any) -> Fault:
    cls = Registry().get("fault", kind).load()
    made: Fault = cls.model_validate({"container": target.id[:12], **arguments})
    return made


@asynccontextmanager
async def harmed(one: Fault, **extra: Any) -> AsyncIterator[dict[str, Any]]:
    """Harm for as long as the block runs; yield what was proven of the one target."""
    world = World(owner=f"chaos-test-{uuid4().hex[:6]}", extra={"ttl": 60.0, **extra})
    memo = await one.arm(world)
    try:
        with anyio.fail_after(10):
            await one.inject(world, memo)
            proven = await one.prove(world, memo)
        (evidence,) = proven.values()
        yield evidence
    finally:
        await one.undo(world, memo)
        await one.verify(world, memo)


@contextmanager
def counted(target: Container, peer: str) -> Iterator[list[int]]:
    """Count the packets that come in from a peer, by a rule of the test's own."""
    rule = ("INPUT", "-s", peer, "-p", "udp")
    inside(target, "iptables", "-A", *rule)
    found: list[int] = []
    yield found
    said = inside(target, "iptables", "-L", "INPUT", "-v", "-n", "-x").splitlines()
    found.append(sum(int(line.split()[0]) for line in said[2:] if " DROP " not in line))
    inside(target, "iptables", "-D", *rule)


def send(source: Container, address: str, packets: int) -> None:
    enter = ["nsenter", "-t", str(source.pid), "-n", sys.executable, "-c", SEND]
    subprocess.run([*enter, address, str(packets)], check=True)


@contextmanager
def pair() -> Iterator[tuple[Container, str, Container, str]]:
    """Run two containers on a network of their own; give them and their addresses."""
    needs("nsenter", "iptables")
    with network() as net, net.container() as one, net.container() as other:
        addresses = [
            each.said()["NetworkSettings"]["Networks"][net.name]["IPAddress"]
            for each in (one, other)
        ]
        yield one, addresses[0], other, addresses[1]


async def arrivals(direction: str, **how: Any) -> tuple[int, int]:
    """Return how many of so many packets come in, and go out, under a partition."""
    with pair() as (target, mine, peer, theirs):
        cut = fault("container.partition", target, direction=direction, **how)
        world = World(owner="chaos-test-9")
        memo = await cut.arm(world)
        await cut.inject(world, memo)
        seen = {"in": 0}
        with counted(target, theirs) as came, counted(peer, mine) as went:
            send(peer, mine, PACKETS)
            send(target, theirs, PACKETS)
        with anyio.move_on_after(5 if came[0] < PACKETS else 0):
            (seen,) = (await cut.prove(world, memo)).values()
        await cut.undo(world, memo)
        await cut.verify(world, memo)
        with counted(target, theirs) as again:
            send(peer, mine, 10)
    assert again == [10]
    # What says that nobody listens is dropped as well.
    assert 0 <= seen["in"] - (PACKETS - came[0]) <= 50
    return came[0], went[0]


async def test_a_partition_of_what_comes_in_lets_everything_out() -> None:
    assert await arrivals("in") == (0, PACKETS)


async def test_a_loss_of_30_percent_loses_30_percent() -> None:
    came, went = await arrivals("in", loss="30%")

    assert went == PACKETS
    assert came / PACKETS == pytest.approx(0.7, abs=0.05)


async def test_a_partition_from_one_peer_leaves_the_others_alone() -> None:
    came, went = await arrivals("in", peers=["192.0.2.1", "192.0.2.128/25"])

    assert (came, went) == (PACKETS, PACKETS)


async def test_a_peer_may_be_called_by_its_name() -> None:
    with pair() as (target, mine, peer, theirs), network() as other:
        cut = fault("container.partition", target, peers=[peer.name], direction="out")
        async with harmed_by_hand(cut):
            with counted(peer, mine) as went:
                send(target, theirs, 20)
            assert went == [0]
        with other.container() as stranger:
            apart = fault("container.partition", target, peers=[stranger.name])
            with pytest.raises(FaultRefused, match="no network in common"):
                await apart.arm(World())


@asynccontextmanager
async def harmed_by_hand(one: Fault) -> AsyncIterator[None]:
    """Harm for as long as the block runs, without a proof."""
    world = World(owner=f"chaos-test-{uuid4().hex[:6]}", extra={"ttl": 60.0})
    memo = await one.arm(world)
    await one.inject(world, memo)
    yield
    await one.undo(world, memo)
    await one.verify(world, memo)


async def test_stress_beside_a_container_is_not_under_its_limit(important: str) -> None:
    needs("stress-ng")
    host = {"network_mode": "none", "cgroup_parent": important, "nano_cpus": 10**8}
    with container(host=host) as one:
        beside = fault("container.cpu-stress", one, inside=False, load="30%")
        async with harmed(beside) as evidence:
            assert evidence["asked"] == 0.3


@pytest.fixture
def important() -> Iterator[str]:
    """Give a control group that the rest of this machine cannot outdo."""
    real()
    path = GROUPS / "cpu" / f"chaos-test-{uuid4().hex[:6]}"
    if not (GROUPS / "cpu").is_dir():
        pytest.skip("there are no cgroups of version 1 here")
    path.mkdir()
    (path / "cpu.shares").write_text("262144")
    yield f"/{path.name}"
    for _ in range(100):
        try:
            path.rmdir()
        except OSError:  # the kernel is still putting away what was in it
            time.sleep(0.05)
        else:
            return


async def test_a_stress_of_half_a_core_uses_half_a_core(important: str) -> None:
    needs("stress-ng")
    with container(host={"network_mode": "none", "cgroup_parent": important}) as one:
        stress = fault("container.cpu-stress", one, load="50%")
        world = World(owner=f"chaos-test-{uuid4().hex[:6]}", extra={"ttl": 60.0})
        memo = await stress.arm(world)
        await stress.inject(world, memo)
        await stress.prove(world, memo)
        tool = Container(one.client, memo["containers"][0]["stressor"])
        cores = measured(tool, 2.0)
        await stress.undo(world, memo)
        await stress.verify(world, memo)

    assert cores == pytest.approx(0.5, abs=0.1)


def measured(one: Container, seconds: float) -> float:
    """Return how many cores a container uses, by the kernel's own account."""
    lines = Path(f"/proc/{one.pid}/cgroup").read_text("utf-8").splitlines()
    (path,) = (line.split(":")[2] for line in lines if "cpuacct" in line.split(":")[1])
    file = GROUPS / "cpuacct" / path.lstrip("/") / "cpuacct.usage"
    began, before = time.monotonic(), int(file.read_text())
    time.sleep(seconds)
    return (int(file.read_text()) - before) / 1e9 / (time.monotonic() - began)


async def test_stress_inside_a_container_is_under_its_limit(important: str) -> None:
    needs("stress-ng")
    host = {"network_mode": "none", "cgroup_parent": important, "nano_cpus": 3 * 10**8}
    with container(host=host) as one:
        async with harmed(fault("container.cpu-stress", one, cores=2)) as evidence:
            assert evidence["asked"] == 0.3
            assert evidence["cores"] <= 0.4


async def test_memory_stress_holds_what_was_asked_and_nobody_is_killed() -> None:
    needs("stress-ng")
    host = {"network_mode": "none", "mem_limit": "128m", "memswap_limit": "128m"}
    with container(host=host) as one:
        held = fault("container.memory-stress", one, **{"of-limit": "50%"})
        async with harmed(held) as evidence:
            assert evidence["bytes"] == pytest.approx(64 * 2**20, rel=0.15)
        assert one.status == "running"
        assert not one.said()["State"]["OOMKilled"]


async def test_memory_stress_that_would_kill_is_refused_unless_asked_for() -> None:
    needs("stress-ng")
    host = {"network_mode": "none", "mem_limit": "64m", "memswap_limit": "64m"}
    with container(host=host) as one:
        more = {"size": "100 MiB"}
        with pytest.raises(FaultRefused, match="would run out of memory"):
            await fault("container.memory-stress", one, **more).arm(World())
        killing = fault("container.memory-stress", one, oom=True, **more)
        before = one.said()["State"]["StartedAt"]

        async with harmed(killing) as evidence:
            assert evidence == {"oom": True}

        assert one.status == "running"
        assert one.said()["State"]["StartedAt"] >= before


async def test_stress_ends_by_itself_when_its_time_is_over() -> None:
    needs("stress-ng")
    with container(host={"network_mode": "none"}) as one:
        stress = fault("container.cpu-stress", one, load="5%")
        world = World(owner=f"chaos-test-{uuid4().hex[:6]}", extra={"ttl": 1.0})
        memo = await stress.arm(world)
        await stress.inject(world, memo)

        with anyio.fail_after(10):
            # The engine tells nobody.
            while await world.containers.listed({"chaos.owner": world.owner}):  # noqa: ASYNC110
                await anyio.sleep(0.05)

        await stress.verify(world, memo)


async def test_a_limit_of_memory_kills_what_asks_for_more_and_nobody_else() -> None:
    host = {"network_mode": "none", "mem_limit": "256m", "memswap_limit": "256m"}
    eater = ("sh", "-c", "while [ ! -e /go ]; do sleep 0.05; done; tail /dev/zero")
    with container(*eater, host=host) as one, container(host=host) as neighbour:
        async with harmed(fault("container.limit", one, memory="32 MiB")):
            one.run("sh", "-c", "echo > /go")
            one.wait_for("exited")
            state = one.said()["State"]
            assert (state["OOMKilled"], state["ExitCode"]) == (True, 137)
            assert neighbour.status == "running"
        assert one.said()["HostConfig"]["Memory"] == 256 * 2**20


LIMITS: dict[str, dict[str, Any]] = {
    "none": {},
    "NanoCPUs": {"nano_cpus": 10**9, "mem_limit": "128m"},
    "a quota": {"cpu_quota": 80000, "cpu_period": 50000},
    "no limit of swap": {"mem_limit": "128m", "memswap_limit": -1},
    "no swap": {"mem_limit": "128m", "memswap_limit": "128m"},
}


@pytest.mark.parametrize("which", LIMITS)
async def test_limits_are_given_back_exactly(which: str) -> None:
    with container(host={"network_mode": "none", **LIMITS[which]}) as one:
        before = kernel_limits(one)
        squeeze = fault("container.limit", one, cpus=0.2, memory="32 MiB")
        async with harmed(squeeze) as evidence:
            assert evidence["cores"] == pytest.approx(0.2, abs=0.01)
            assert evidence["memory"] == 32 * 2**20
            assert kernel_limits(one) != before
        assert kernel_limits(one) == before
        one.client.restart(one.id, timeout=0)
        assert kernel_limits(one) == before


def kernel_limits(one: Container) -> dict[str, str]:
    """Return a container's limits as the kernel writes them."""
    lines = Path(f"/proc/{one.pid}/cgroup").read_text("utf-8").splitlines()
    paths = {
        word: line.split(":")[2] for line in lines for word in line.split(":")[1:2]
    }
    files = {"cpu": ["cpu.cfs_quota_us", "cpu.cfs_period_us"]}
    files["memory"] = ["memory.limit_in_bytes", "memory.memsw.limit_in_bytes"]
    found: dict[str, str] = {}
    for group, names in files.items():
        if group not in paths:
            pytest.skip("there are no cgroups of version 1 here")
        folder = GROUPS / group / paths[group].lstrip("/")
        found |= {name: (folder / name).read_text().strip() for name in names}
    return found


async def test_a_container_comes_back_to_a_network_of_the_engine_s_choosing() -> None:
    with network() as net, net.container("", "cable", "line") as one:
        async with harmed(fault("container.disconnect", one)) as evidence:
            assert evidence["routes"] == 0
            assert one.run("ip", "route")[1].strip() == ""
        again = one.said()["NetworkSettings"]["Networks"][net.name]
        assert {"cable", "line"} <= {*again["Aliases"]}
        assert again["IPAddress"]


async def test_one_network_of_two_is_cut_and_the_other_is_not() -> None:
    with network() as net, net.container() as one:
        one.client.connect_container_to_network(one.id, "bridge")
        cut = fault("container.disconnect", one, network="bridge")
        async with harmed(cut) as evidence:
            assert evidence["networks"] == 1
            assert list(one.said()["NetworkSettings"]["Networks"]) == [net.name]


async def test_a_container_in_the_machine_s_own_network_is_not_cut_off() -> None:
    needs("nsenter", "iptables")
    refused = pytest.raises(FaultRefused, match="no network of its own")
    with container(*STAYS, host={"network_mode": "host"}) as one, refused:
        await fault("container.partition", one).arm(World())
