"""The rules, one a module: each looks at a run and says what it sees, with evidence."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chaos_mcp.insight.rules import (
    behind,
    burn,
    failed_fast,
    flapping,
    lingering,
    never_back,
    no_timeout,
    served,
    slower,
    uncertain,
    undo,
    unseen,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from chaos_mcp.insight.model import Insight
    from chaos_mcp.insight.view import View

    Rule = Callable[[View], Iterator[Insight]]

RULES: tuple[Rule, ...] = (
    undo.find,
    never_back.find,
    no_timeout.find,
    failed_fast.find,
    slower.find,
    flapping.find,
    lingering.find,
    unseen.find,
    burn.find,
    served.find,
    uncertain.find,
    behind.find,
)
"""In the order in which a reader should hear of them."""
