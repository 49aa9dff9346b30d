"""The proxy server as a process of its own: `python -m chaos_mcp.proxy`."""

from __future__ import annotations

import argparse
import asyncio
import gc
import json
import os
import signal
import sys
from typing import TYPE_CHECKING

from chaos_mcp.proxy import loop
from chaos_mcp.proxy.collection import Collection
from chaos_mcp.proxy.gojson import BadBody, decode
from chaos_mcp.proxy.limits import be_punctual, raise_limit
from chaos_mcp.proxy.names import known
from chaos_mcp.proxy.server import Api, serve_until

if TYPE_CHECKING:
    from chaos_mcp.proxy.crew import Crew

PORT = 8474
THRESHOLDS = (20_000, 10, 10)
"""New objects, and rounds, after which garbage is looked for; most leaves by itself."""
STDIN = 0


def parser() -> argparse.ArgumentParser:
    """Return the options, which are Toxiproxy's and a few of ours."""
    made = argparse.ArgumentParser(prog="chaos-proxy", description=__doc__)
    made.add_argument("--host", default="127.0.0.1")
    made.add_argument("--port", type=int, default=PORT)
    made.add_argument("--config", help="proxies, as POST /populate has them")
    made.add_argument("--strict", action="store_true", help="end if it cannot be had")
    made.add_argument("--seed", type=int, default=0, help="of every draw")
    made.add_argument("--workers", type=int, default=1, help="processes for traffic")
    made.add_argument("--announce", action="store_true", help="say when it listens")
    made.add_argument(
        "--exit-with-parent", action="store_true", help="end when stdin does"
    )
    return made


def main(arguments: list[str] | None = None) -> int:
    """Serve until SIGINT, SIGTERM or, if asked for, the end of stdin."""
    options = parser().parse_args(arguments)
    raise_limit()
    be_punctual()
    gc.freeze()
    gc.set_threshold(*THRESHOLDS)
    crew = None
    if options.workers > 1:
        from chaos_mcp.proxy import crew as workers  # noqa: PLC0415 - most need none

        crew = workers.hired(options.workers, options.seed)
    with asyncio.Runner(loop_factory=loop.new) as runner:
        return runner.run(_serve(options, crew))


async def _serve(options: argparse.Namespace, crew: Crew | None) -> int:
    stopped = asyncio.Event()
    collection = crew.collection if crew else Collection(options.seed)
    api = Api(collection, crew.respond if crew else None)
    try:
        url = await api.start(options.host, options.port)
    except OSError as error:
        _log(f"cannot listen on {options.host}:{options.port}: {error.strerror}")
        return 1
    if crew:
        await crew.start(stopped.set)
    if options.config and (wrong := await _populate(collection, options.config)):
        _log(f"{options.config}: {wrong}")
        if options.strict:
            if crew:
                crew.stop()
            await api.stop()
            return 1
    if crew:
        await crew.push()
    _watch(stopped, with_parent=options.exit_with_parent)
    _say(url, announce=options.announce)
    await serve_until(stopped, api)
    return crew.stop() if crew else 0


async def _populate(collection: Collection, file: str) -> str:
    """Make the proxies of a file; return what is wrong with it, as much as there is."""
    try:
        with open(file, "rb") as config:  # noqa: ASYNC230, PTH123 - quick to import
            body = decode(config.read())
        _, refusal = await known(lambda: collection.populate(body))
    except (OSError, BadBody) as error:
        return str(error)
    return refusal.message if refusal else ""


def _watch(stopped: asyncio.Event, *, with_parent: bool) -> None:
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stopped.set)
    if with_parent:
        try:
            loop.add_reader(STDIN, _stdin, stopped)
        except OSError:  # no pipe: nobody holds the other end
            stopped.set()


def _stdin(stopped: asyncio.Event) -> None:
    """End once nobody holds the other end of stdin any more."""
    if not os.read(STDIN, 4096):
        asyncio.get_running_loop().remove_reader(STDIN)
        stopped.set()


def _say(url: str, *, announce: bool) -> None:
    if announce:
        line = json.dumps({"ready": True, "url": url, "pid": os.getpid()})
        sys.stdout.write(f"{line}\n")
        sys.stdout.flush()
    else:
        _log(f"the API listens on {url}")


def _log(text: str) -> None:
    sys.stderr.write(f"chaos proxy: {text}\n")


if __name__ == "__main__":
    sys.exit(main())
