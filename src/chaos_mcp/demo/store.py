"""The cache of the demo: `python -m chaos_mcp.demo.store --listen 127.0.0.1:6379`."""

import argparse
from collections.abc import Sequence

from chaos_mcp.demo.arguments import Address, add_common, where_to_listen
from chaos_mcp.demo.catalogue import LIST_PRICES, cache_key
from chaos_mcp.demo.lifetime import (
    announce,
    await_signal,
    end_on_signals,
    end_with_parent,
    give_up,
    importing,
)


def main(arguments: Sequence[str] | None = None) -> None:
    """Serve the Redis protocol until told to stop."""
    parser = _parser()
    options = parser.parse_args(arguments)
    listen = where_to_listen(options.listen, parser)
    end_on_signals()
    if options.exit_with_parent:
        end_with_parent()
    _serve(listen, seed_prices=options.seed_prices)


def _serve(listen: Address, *, seed_prices: bool) -> None:
    with importing():
        from chaos_mcp.demo import redis_server  # noqa: PLC0415 - 0.7 s of imports

    values = LIST_PRICES if seed_prices else {}
    prices = {cache_key(item): cents for item, cents in values.items()}
    try:
        with redis_server.serving(listen, prices) as address:
            announce("store.ready", listen=str(address), prices=len(prices))
            await_signal()
    except OSError as error:
        give_up(f"cannot listen on {listen}: {error.strerror or error}")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="chaos_mcp.demo.store",
        description="A cache that speaks the Redis protocol, in one Python process.",
    )
    add_common(parser)
    parser.add_argument(
        "--seed-prices",
        action="store_true",
        help="hold the price of everything in the shop from the start",
    )
    return parser


if __name__ == "__main__":
    main()
