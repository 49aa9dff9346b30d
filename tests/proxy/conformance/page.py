"""`docs/reference/proxy-differences.md`, written from the list of differences."""

import sys
from collections.abc import Iterable
from pathlib import Path

from tests.proxy.conformance.differences import DATA, DIFFERENCES, WIRE, Difference

PAGE = Path(__file__).parents[3] / "docs" / "reference" / "proxy-differences.md"
BEGIN = """\
# Where the proxy server differs from Toxiproxy

`chaos proxy serve` answers and acts as Toxiproxy 2.12.0 does, in all of its API: the
test suite sends the same requests, the same bytes and the same traffic to both, and
compares. What is different on purpose stands here; anything else is a mistake that we
want to hear of.

<!-- Written by `python -m tests.proxy.conformance.page`, from its `differences`. -->
"""


def _table(title: str, differences: Iterable[Difference]) -> str:
    lines = [
        f"\n## {title}\n",
        "| | Toxiproxy | `chaos proxy serve` | why |",
        "|---|---|---|---|",
    ]
    lines += [
        f"| {one.key} | {one.toxiproxy} | {one.ours} | {one.reason} |"
        for one in differences
    ]
    return "\n".join(lines) + "\n"


def text() -> str:
    """Return the page."""
    return "".join(
        [
            BEGIN,
            _table("What the API answers", DIFFERENCES),
            _table("What is on the wire", WIRE),
            _table("What happens to connections", DATA),
        ]
    )


if __name__ == "__main__":
    PAGE.write_text(text(), "utf-8")
    sys.stdout.write(f"{PAGE}\n")
