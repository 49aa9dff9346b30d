"""The command as a person has it: a process of its own, or called in this one."""

from __future__ import annotations

from tests.command import ROOT, Chaos

__all__ = ["ROOT", "Chaos"]
