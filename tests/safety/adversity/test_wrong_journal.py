"""A journal that says what cannot be: told in words, and of no harm to other undos."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from chaos_mcp.cli.recover import told
from chaos_mcp.events import PartStarted
from chaos_mcp.journal.ledger import open_faults, open_parts
from chaos_mcp.journal.read import read
from tests.safety.adversity.gates import KIND, Gates
from tests.safety.adversity.journals import RUN, armed, recovered, told_well

if TYPE_CHECKING:
    from pathlib import Path

NOWHERE = "http://127.0.0.1:1"


LATENCY = {"fault": "network.latency", "proxy": "cache", "latency": 0.1}
SPECS: list[Any] = [
    {},
    {"fault": "gate.unheard-of"},
    {"fault": None},
    {"fault": ["gate.open"]},
    {"fault": KIND},
    {"fault": KIND, "gate": {"not": "text"}},
    {"fault": KIND, "gate": "2", "unknown": 1},
]
PROXIES: list[Any] = [
    "x",
    7,
    {"kind": "carrier pigeon", "url": NOWHERE},
    {"kind": "embedded"},
    {"kind": "embedded", "url": 7},
    {"kind": "embedded", "url": NOWHERE},
    {"kind": "embedded", "url": "http://["},
    {"kind": "embedded", "url": "file:///etc/passwd"},
    {"kind": "embedded", "url": "http://127.0.0.1:99999999"},
    {"kind": "embedded", "url": NOWHERE, "server": {"pid": "x"}},
    {"kind": "embedded", "url": NOWHERE, "server": ["\x1b[31m"]},
    {"kind": "toxiproxy", "url": NOWHERE},
    {"kind": "toxiproxy", "url": "\x1b[31m"},
]
MEMOS: list[Any] = [
    {},
    {"leaves": 5},
    {"leaves": [["left"]]},
    {"leaves": [{"a": "b"}]},
    {"\x1b[31mleaves": "\x1b[5m" * 50},
]
TOXICS = {"proxy": "cache", "listen": "127.0.0.1:1", "toxics": ["chaos-1-upstream"]}
WRONG = [
    *({"spec": spec} for spec in SPECS),
    *({"memo": memo} for memo in MEMOS),
    *(
        {"spec": LATENCY, "memo": TOXICS, "world": {"proxies": place}}
        for place in (*PROXIES, None)
    ),
]


@pytest.mark.parametrize("wrong", WRONG, ids=lambda wrong: str(WRONG.index(wrong)))
def test_what_cannot_be_undone_is_said_stays_open_and_spares_the_others(
    tmp_path: Path, standing: Gates, wrong: dict[str, Any]
) -> None:
    came = recovered(tmp_path, armed(1), armed(2, **wrong), armed(3))

    assert [one.fault for one in came.undone] == [f"3-{KIND}", f"1-{KIND}"]
    assert [one.fault for one in came.open] == [f"2-{KIND}"]
    assert standing.open == {}
    assert [one.fault for one in open_faults(read(tmp_path))] == [f"2-{KIND}"]
    assert came.why(came.open[0]) != "it was not seen to be gone", "there is a reason"
    said = told([came], [])
    assert f"then again: chaos recover {RUN}" in said
    assert told_well(said), said


@pytest.mark.parametrize("place", PROXIES, ids=str)
def test_a_part_of_which_nothing_sensible_was_written_spares_the_others(
    tmp_path: Path, standing: Gates, place: Any
) -> None:
    parts = [
        PartStarted(part="proxy", name="one", detail={"proxies": place}),
        PartStarted(part="proxy", name="two", detail=place),
        PartStarted(part="process", name="three", pid=-1, detail=place),
    ]

    came = recovered(tmp_path, *parts, armed(1), armed(3))

    assert standing.open == {}
    assert came.open == ()
    assert not open_parts(read(tmp_path))
    assert told_well(told([came], []))


@pytest.mark.parametrize("run", ["../../elsewhere", "", "\0", "x" * 5000, "\x1b[31m"])
def test_a_run_of_a_strange_name_touches_nothing_elsewhere(
    tmp_path: Path, standing: Gates, run: str, state: Path
) -> None:
    elsewhere = state / "runs" / ".." / ".." / "elsewhere.json"
    (state / "runs").mkdir(parents=True)
    elsewhere.write_text("{}")
    (tmp_path / "run").mkdir()

    came = recovered(tmp_path / "run", armed(1), run=run)

    assert (came.open, standing.by(f"chaos-{RUN}-1")) == ((), set())
    assert elsewhere.exists()
    assert told_well(told([came], []))
