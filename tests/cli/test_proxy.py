"""`chaos proxy serve` hands its options on as they were given."""

from __future__ import annotations

import pytest

from chaos_mcp.cli import commands
from chaos_mcp.proxy import __main__ as server


@pytest.mark.parametrize(
    ("given", "handed"),
    [
        (["--port", "0"], ["--port", "0"]),
        (["-port", "0", "-host", "::1"], ["--port", "0", "--host", "::1"]),
        (["--announce"], ["--announce"]),
        ([], ["--port", "8474", "--workers", "1"]),
        (["--strict", "--workers", "2"], ["--strict", "--workers", "2"]),
    ],
)
def test_options_reach_the_server(
    monkeypatch: pytest.MonkeyPatch, given: list[str], handed: list[str]
) -> None:
    seen: list[str] = []

    def serve(arguments: list[str]) -> int:
        seen.extend(arguments)
        return 0

    monkeypatch.setattr(server, "main", serve)

    # Through the command itself: click remembers with which options it saw `serve`.
    commands.main(["proxy", "serve", *given], "chaos", standalone_mode=False)

    told = " ".join(seen)
    pairs = " ".join(handed).replace(" --", "\0--").split("\0")
    assert all(f"{one} " in f"{told} " for one in pairs)
    assert ("--announce" in seen) == ("--announce" in given)
