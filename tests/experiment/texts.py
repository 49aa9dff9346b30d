"""Strategies: JSON values, and texts that are nearly experiments."""

from typing import Any

from hypothesis import strategies as st

KEYS = (
    "title",
    "method",
    "perturbations",
    "steady-state-hypothesis",
    "probes",
    "probe",
    "fault",
    "action",
    "ref",
    "type",
    "name",
    "provider",
    "arguments",
    "configuration",
    "secrets",
    "controls",
    "rollbacks",
    "workload",
    "http",
    "url",
    "rate",
    "safeguards",
    "system",
    "processes",
    "proxies",
    "recovery",
    "within",
    "pauses",
    "tolerance",
    "expect",
    "key",
)
TEXTS = (
    "${x}",
    "$${x}",
    "${run.id}",
    "10s",
    "50/s",
    "99%",
    "python",
    "probe",
    "env",
    "file",
    "",
)

scalars = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=8)
    | st.sampled_from(TEXTS)
)


def containers(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    keys = st.sampled_from(KEYS) | st.text(max_size=5)
    return st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=4)


json_values = st.recursive(scalars, containers, max_leaves=12)
nearly = st.dictionaries(
    st.sampled_from(KEYS) | st.text(max_size=5), json_values, max_size=6
)
"""Mappings that have the keys of an experiment, in the wrong places."""
