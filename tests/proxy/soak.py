"""Long and mixed use of the proxy, and whether anything is left of it each time.

`python -m tests.proxy.soak SECONDS`: rounds of clients that talk, send much, end
halfway or reset, while toxics and proxies come and go and nonsense is asked for. After
each round all proxies are removed, and descriptors, threads, tasks, objects and memory
have to be what they were after the first rounds.
"""

import json
import os
import resource
import signal
import socket
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import astuple, dataclass, fields
from pathlib import Path
from random import Random

from tests.proxy.running import Proxied, Server, running, settled
from tests.proxy.upstreams import close, echo, upstream

HOUR = 3600.0
ROUND, WARM = 5.0, 4
"""Seconds of a round, and rounds before anything is compared."""
CLIENTS = 6
OBJECTS, MEBIBYTES = 300, 8.0
"""What may differ: caches fill up, and memory is given in pieces."""
TOXICS: list[tuple[str, dict[str, int]]] = [
    ("latency", {"latency": 20, "jitter": 20}),
    ("bandwidth", {"rate": 2000}),
    ("slicer", {"average_size": 500, "delay": 100}),
    ("limit_data", {"bytes": 20_000}),
    ("timeout", {"timeout": 50}),
    ("reset_peer", {"timeout": 50}),
    ("slow_close", {"delay": 50}),
    ("noop", {}),
]


@dataclass(frozen=True)
class Held:
    """What a server holds at rest."""

    descriptors: int
    threads: int
    tasks: int
    objects: int
    mebibytes: float

    def grown(self, first: "Held") -> list[str]:
        """Return what there is more of than there was, beyond what may differ."""
        more = (0, 0, 0, OBJECTS, MEBIBYTES)
        rows = zip(fields(self), astuple(self), astuple(first), more, strict=True)
        return [one.name for one, now, then, by in rows if now > then + by]


def held(server: Server) -> Held:
    """Ask a server what it holds."""
    process = Path(f"/proc/{server.process.pid}")
    numbers = settled(lambda: len(list((process / "fd").iterdir())))
    server.process.send_signal(signal.SIGUSR1)
    assert server.process.stdout is not None
    told = json.loads(server.process.stdout.readline())
    pages = int((process / "statm").read_text("ascii").split()[1])
    return Held(
        numbers,
        len(list((process / "task").iterdir())),
        told["tasks"],
        told["objects"],
        round(pages * resource.getpagesize() / 2**20, 1),
    )


def talk(client: socket.socket, chance: Random) -> None:
    for _ in range(chance.randrange(1, 30)):
        client.sendall(chance.randbytes(chance.choice([1, 64, 3000])))
        client.recv(4096)


def send_much(client: socket.socket, chance: Random) -> None:
    for _ in range(chance.randrange(1, 20)):
        client.sendall(bytes(200_000))
        client.recv(2**18)


def end_halfway(client: socket.socket, chance: Random) -> None:
    talk(client, chance)
    client.shutdown(socket.SHUT_WR)
    while client.recv(4096):
        pass


def reset(client: socket.socket, chance: Random) -> None:
    client.sendall(bytes(chance.randrange(1, 100_000)))
    close(client, reset=True)


USES: tuple[Callable[[socket.socket, Random], None], ...] = (
    talk,
    send_much,
    end_halfway,
    reset,
)


def use(proxies: list[Proxied], seed: int, end: float) -> int:
    """Connect again and again; return how often."""
    chance, times = Random(seed), 0  # noqa: S311 - repeatable
    while time.monotonic() < end:
        with suppress(OSError), chance.choice(proxies).connect() as client:
            client.settimeout(0.3)
            times += 1
            chance.choice(USES)(client, chance)
    return times


def change(server: Server, address: str, seed: int, end: float) -> int:
    """Have toxics and proxies come and go, and ask for nonsense."""
    chance, times = Random(seed), 0  # noqa: S311 - repeatable
    while time.monotonic() < end:
        name = f"p{chance.randrange(4)}"
        kind, attributes = chance.choice(TOXICS)
        stream = chance.choice(["upstream", "downstream"])
        toxic = {"type": kind, "stream": stream, "attributes": attributes}
        more = {"toxicity": chance.random(), "ttl": chance.choice([None, 0.5])}
        one = f"/proxies/{name}/toxics/{kind}_{stream}"
        asked = [
            ("POST", f"/proxies/{name}/toxics", {**toxic, **more}),
            ("POST", f"/proxies/{name}/toxics", {"type": "none"}),
            ("PATCH", one, {"attributes": attributes}),
            ("DELETE", one, None),
            ("GET", f"{one}/effects", None),
            ("GET", "/metrics", None),
            ("POST", "/populate", b"[{"),
            ("POST", "/proxies", {"name": "more", "upstream": address}),
            ("DELETE", "/proxies/more", None),
        ]
        assert server.call(*chance.choice(asked)).status < 500
        times += 1
    return times


def round_of(server: Server, address: str, seed: int) -> Held:
    """Use a server for a while, remove everything, and look at what it holds."""
    proxies = [server.proxy(address, f"p{number}") for number in range(4)]
    end = time.monotonic() + ROUND
    with ThreadPoolExecutor(CLIENTS + 1) as pool:
        changing = pool.submit(change, server, address, seed, end)
        using = [pool.submit(use, proxies, seed + n, end) for n in range(CLIENTS)]
        changes, times = changing.result(), sum(one.result() for one in using)
    server.empty()
    now = held(server)
    sys.stdout.write(f"{times} connections, {changes} requests: {now}\n")
    sys.stdout.flush()
    return now


def main(seconds: float) -> int:
    """Soak; return 1 as soon as something has grown."""
    end, first = time.monotonic() + seconds, None
    program = ["-m", "tests.proxy.watched"]
    with upstream(echo) as echoing, running(program=program) as server:
        for number in range(sys.maxsize):
            now = round_of(server, echoing.address, number * 100)
            first = now if number == WARM else first
            if first and (grown := now.grown(first)):
                sys.stdout.write(f"grown: {', '.join(grown)}\n")
                return 1
            if time.monotonic() > end and number > WARM:
                break
    sys.stdout.write("nothing has grown\n")
    return 0


if __name__ == "__main__":
    given = sys.argv[1] if len(sys.argv) > 1 else os.environ.get("SOAK_SECONDS")
    sys.exit(main(float(given or HOUR)))
