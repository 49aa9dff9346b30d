"""The shop of the demo: `python -m chaos_mcp.demo.shop --cache 127.0.0.1:6379`."""

import argparse
import contextlib
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from chaos_mcp.demo.arguments import (
    add_common,
    address,
    duration,
    size,
    where_to_listen,
)
from chaos_mcp.demo.lifetime import bind, end_on_signals, end_with_parent, importing
from chaos_mcp.demo.settings import Settings


def main(arguments: Sequence[str] | None = None) -> None:
    """Serve customers until told to stop."""
    parser = _parser()
    options = parser.parse_args(arguments)
    end_on_signals()
    listener = bind(where_to_listen(options.listen, parser))
    if options.exit_with_parent:
        end_with_parent()
    with contextlib.ExitStack() as ending:
        database = options.database or ending.enter_context(_passing_file())
        with importing():
            from chaos_mcp.demo import assembly  # noqa: PLC0415 - 0.7 s of imports

        assembly.run(_settings(options, database), listener)


@contextlib.contextmanager
def _passing_file() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="shop-") as folder:
        yield Path(folder) / "shop.db"


def _settings(options: argparse.Namespace, database: Path) -> Settings:
    return Settings(
        cache=options.cache,
        cache_timeout=options.cache_timeout,
        database=database,
        fallback=options.fallback,
        breaker_failures=options.breaker_failures,
        breaker_rest=options.breaker_rest,
        disk=options.disk,
        ballast=options.ballast,
    )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="chaos_mcp.demo.shop",
        description="A shop over HTTP that keeps its prices in a Redis cache.",
    )
    add_common(parser)
    parser.add_argument(
        "--cache", type=address, required=True, metavar="HOST:PORT", help="its cache"
    )
    parser.add_argument(
        "--database",
        type=Path,
        metavar="FILE",
        help="where orders are kept; by default in a file that goes with the process",
    )
    _add_defences(parser)
    return parser


def _add_defences(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--no-fallback",
        dest="fallback",
        action="store_false",
        help="sell nothing by stale prices: without the cache, answer 503",
    )
    parser.add_argument(
        "--cache-timeout",
        type=duration,
        default=0.1,
        metavar="TIME",
        help="how long one question to the cache may take (default: 100ms)",
    )
    parser.add_argument(
        "--breaker-failures",
        type=int,
        default=5,
        metavar="N",
        help="failures in a row that open the circuit breaker (default: 5)",
    )
    parser.add_argument(
        "--breaker-rest",
        type=duration,
        default=1.0,
        metavar="TIME",
        help="how long it stays open before one trial (default: 1s)",
    )
    parser.add_argument(
        "--disk",
        type=size,
        metavar="SIZE",
        help="take the database's directory for a disk of this size",
    )
    parser.add_argument(
        "--ballast",
        type=size,
        default=0,
        metavar="SIZE",
        help="room to keep for orders by a file that is removed once the disk is full",
    )


if __name__ == "__main__":
    main()
