"""Functions as people write them for Chaos Toolkit."""

import sys
from typing import Any


def add(a: int, b: int = 1) -> int:
    return a + b


def given(configuration: Any, secrets: Any = None) -> Any:
    return {"configuration": configuration, "secrets": secrets}


def spoil(configuration: Any, secrets: Any) -> None:
    configuration["list"].append("spoilt")
    secrets["token"] = "spoilt"  # noqa: S105 - no secret


def fail(why: str) -> None:
    raise ValueError(why)


async def later(value: int) -> int:
    return value


async def leave() -> None:
    sys.exit(2)


NOT_A_FUNCTION = 5
