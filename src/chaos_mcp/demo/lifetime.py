"""How a process of the demo begins and ends: one line at the start, none at the end."""

import contextlib
import gc
import json
import os
import signal
import socket
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Final, NoReturn

from chaos_mcp.demo.arguments import Address

STOP: Final = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)


def announce(event: str, **facts: str | int | bool | None) -> None:
    """Write one structured line to stderr.

    By hand, not by structlog: that takes longer to import than the rest of a demo
    process takes to start.
    """
    sys.stderr.write(json.dumps({"event": event, "pid": os.getpid(), **facts}) + "\n")
    sys.stderr.flush()


def give_up(reason: str) -> NoReturn:
    """End the process with `reason` on stderr and exit code 1."""
    raise SystemExit(f"{Path(sys.argv[0]).stem}: {reason}")


def bind(where: Address) -> socket.socket:
    """Take the port, without answering on it yet; end the process if it is taken."""
    family = socket.AF_INET6 if ":" in where.host else socket.AF_INET
    # The protocol is named because asyncio switches Nagle's algorithm off only where
    # it is; without, each answer waits 40 ms for the customer's delayed ACK.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((where.host, where.port))
    except OSError as error:
        listener.close()
        give_up(f"cannot listen on {where}: {error.strerror or error}")
    return listener


def bound_to(listener: socket.socket) -> Address:
    """Return the address that `listener` really has, its port chosen."""
    host, port = listener.getsockname()[:2]
    return Address(host, port)


def end_on_signals() -> None:
    """From now on, let each of `STOP` end this process with exit code 0."""
    for number in STOP:
        signal.signal(number, _end)


def _end(*_: object) -> NoReturn:
    raise SystemExit(0)


def await_signal() -> NoReturn:
    """Wait for one of `STOP`, even if it comes this very moment.

    `signal.pause` would sleep on over one that came just before it.
    """
    ours, theirs = socket.socketpair()
    theirs.setblocking(False)  # noqa: FBT003 - the name of the method says what
    signal.set_wakeup_fd(theirs.fileno(), warn_on_full_buffer=False)
    while True:
        ours.recv(1)


@contextlib.contextmanager
def importing() -> Iterator[None]:
    """Import much, faster: none of it is garbage, so do not look for any (12 %)."""
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()


def end_with_parent() -> None:
    """Ask this process to end, as by SIGTERM, once standard input has ended."""
    threading.Thread(target=_await_end_of_input, daemon=True).start()


def _await_end_of_input() -> None:
    # The descriptor, not `sys.stdin.buffer`: a daemon thread that holds the
    # buffer's lock while the interpreter ends is a fatal error.
    while os.read(0, 4096):
        pass
    os.kill(os.getpid(), signal.SIGTERM)
