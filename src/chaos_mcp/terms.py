"""The closed sets of the glossary: words that mean the same in file, code and event."""

from typing import Literal

Verdict = Literal["held", "deviated", "unknown"]
Phase = Literal["baseline", "inject", "recovery", "rollbacks"]
When = Literal["before", "during", "after"]
Role = Literal["hypothesis", "safeguard", "method", "rollback", "system", "tolerance"]
Cause = Literal["safeguard", "signal", "deadline", "operator", "control", "error"]

LEASE = 10.0
"""Seconds that a fault may stand without a sign of life of its runner."""
RUNS = "runs"
"""The folder under which every run has a folder of its own."""
TOXIPROXY = "CHAOS_TOXIPROXY_URL"
"""The variable that names a Toxiproxy to be used instead of the embedded proxy."""
