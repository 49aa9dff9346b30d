"""What the demo's commands take: addresses, times with units, and where to listen."""

import argparse
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass

_DURATION = re.compile(r"(?P<number>\d+(?:\.\d+)?)\s*(?P<unit>ms|s)")
_SECONDS = {"ms": 0.001, "s": 1.0}
_SIZE = re.compile(r"(?P<number>\d+)\s*(?P<unit>KiB|MiB|GiB)")
_BYTES = {"KiB": 2**10, "MiB": 2**20, "GiB": 2**30}
_HIGHEST_PORT = 65_535


@dataclass(frozen=True, slots=True)
class Address:
    """One end of a TCP connection."""

    host: str
    port: int

    def __str__(self) -> str:
        """Return it as people write it: `127.0.0.1:80`, `[::1]:80`."""
        return (
            f"[{self.host}]:{self.port}"
            if ":" in self.host
            else f"{self.host}:{self.port}"
        )


def address(text: str) -> Address:
    """Read `HOST:PORT`; an IPv6 host stands in brackets."""
    host, colon, port = text.rpartition(":")
    if not (colon and host and port.isascii() and port.isdigit()):
        raise argparse.ArgumentTypeError(
            f"must be HOST:PORT, as in 127.0.0.1:6379, not {text!r}"
        )
    if int(port) > _HIGHEST_PORT:
        raise argparse.ArgumentTypeError(
            f"a port is at most {_HIGHEST_PORT}, not {port}"
        )
    return Address(host.removeprefix("[").removesuffix("]"), int(port))


def duration(text: str) -> float:
    """Read a time such as `100ms` or `1.5s`; return seconds, more than none."""
    match = _DURATION.fullmatch(text.strip())
    seconds = float(match["number"]) * _SECONDS[match["unit"]] if match else 0.0
    if seconds <= 0:
        raise argparse.ArgumentTypeError(
            f"must be a time with its unit, as in 100ms or 1.5s, not {text!r}"
        )
    return seconds


def size(text: str) -> int:
    """Read a size such as `32MiB`; return bytes."""
    match = _SIZE.fullmatch(text.strip())
    if match is None:
        raise argparse.ArgumentTypeError(
            f"must be a size with its unit, as in 512KiB or 32MiB, not {text!r}"
        )
    return int(match["number"]) * _BYTES[match["unit"]]


def add_common(parser: argparse.ArgumentParser) -> None:
    """Let `parser` take what every process of the demo takes."""
    parser.add_argument(
        "--listen",
        type=address,
        metavar="HOST:PORT",
        help="where to listen; by default 127.0.0.1 and $PORT; port 0 means any",
    )
    parser.add_argument(
        "--exit-with-parent",
        action="store_true",
        help="end when standard input ends, as it does when the parent dies",
    )


def where_to_listen(
    given: Address | None,
    parser: argparse.ArgumentParser,
    environment: Mapping[str, str] = os.environ,
) -> Address:
    """Return what `--listen` gave, or 127.0.0.1 at `$PORT`; else end with usage."""
    if given is not None:
        return given
    if "PORT" not in environment:
        parser.error("say where to listen: --listen HOST:PORT, or PORT=… around it")
    try:
        return address(f"127.0.0.1:{environment['PORT']}")
    except argparse.ArgumentTypeError:
        parser.error(f"PORT must be a port number, not {environment['PORT']!r}")
