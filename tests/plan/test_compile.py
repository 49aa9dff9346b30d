"""A plan is checked completely before anything is touched."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from chaos_mcp.errors import InvalidExperiment
from chaos_mcp.plan.words import describe
from chaos_mcp.runs import Options, validate
from tests.running import write

if TYPE_CHECKING:
    from pathlib import Path

PROXIES = {
    "proxies": [
        {"name": "cache", "upstream": "127.0.0.1:1"},
        {"name": "store", "upstream": "127.0.0.1:2"},
    ]
}
CUT = {"fault": "network.partition", "proxy": "cache"}


def mistakes(folder: Path, experiment: dict[str, Any], **options: Any) -> str:
    with pytest.raises(InvalidExperiment) as raised:
        validate(write(folder, experiment), Options(**options))
    return str(raised.value)


def test_a_blast_radius_counts_what_would_be_hit(tmp_path: Path) -> None:
    said = mistakes(
        tmp_path,
        {
            "system": PROXIES,
            "blast-radius": {"max-targets": 1},
            "perturbations": [CUT, {**CUT, "proxy": "store"}],
        },
    )

    assert "2 targets would be hit: proxy:cache, proxy:store" in said


def test_a_blast_radius_may_name_what_may_be_hit(tmp_path: Path) -> None:
    said = mistakes(
        tmp_path,
        {
            "system": PROXIES,
            "blast-radius": {"targets": ["store"]},
            "perturbations": [CUT],
        },
    )

    assert "these may not be hit: proxy:cache" in said


def test_a_fault_may_not_be_planned_for_longer_than_allowed(tmp_path: Path) -> None:
    said = mistakes(
        tmp_path,
        {
            "system": PROXIES,
            "blast-radius": {"max-duration": "5s"},
            "perturbations": [{**CUT, "for": "10s"}],
        },
    )

    assert "network.partition would stand for 10 s" in said


def test_a_proxy_needs_a_server(tmp_path: Path) -> None:
    assert "CHAOS_TOXIPROXY_URL" in mistakes(tmp_path, {"perturbations": [CUT]})


def test_a_toxiproxy_may_have_proxies_that_nobody_declared(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CHAOS_TOXIPROXY_URL", "http://127.0.0.1:8474")

    plan = validate(write(tmp_path, {"perturbations": [CUT]}))

    assert plan.toxiproxy == "http://127.0.0.1:8474"
    assert plan.proxied


@pytest.mark.parametrize(
    ("experiment", "said"),
    [
        (
            {"safeguards": [{"workload": "shop", "max-failure-rate": "5%"}]},
            "no workload is called 'shop'",
        ),
        ({"safeguards": [{"probe": "host.cpu"}]}, "a safeguard needs `expect`"),
        ({"safeguards": [{"name": "x"}]}, "either a `probe` or a `workload`"),
        (
            {"steady-state-hypothesis": {"probes": [{"probe": "host.cpu"}]}},
            "a probe of the hypothesis needs `expect`",
        ),
        (
            {"perturbations": [{"action": "python", "module": "os", "func": "nope"}]},
            "has no function 'nope'",
        ),
        (
            {"perturbations": [{"action": "python", "modul": "os"}]},
            "there is no such key",
        ),
        (
            {"perturbations": [{"probe": "http", "url": "${nowhere}"}]},
            "nothing is called ${nowhere}",
        ),
    ],
    ids=[
        "workload",
        "expect",
        "kind",
        "hypothesis",
        "function",
        "key",
        "reference",
    ],
)
def test_what_is_wrong_is_said(
    tmp_path: Path, experiment: dict[str, Any], said: str
) -> None:
    assert said in mistakes(tmp_path, experiment)


def test_a_projects_own_probe_is_checked_too(tmp_path: Path) -> None:
    (tmp_path / "probes").mkdir()
    (tmp_path / "probes" / "stock.py").write_text(
        "def left(url: str) -> int: return 1\n"
    )

    wrong = {"probe": "stock.left", "ulr": "x"}
    said = mistakes(tmp_path, {"perturbations": [wrong]})

    assert "the arguments do not fit" in said


def test_a_module_that_cannot_be_loaded_is_one_mistake(tmp_path: Path) -> None:
    (tmp_path / "probes").mkdir()
    (tmp_path / "probes" / "broken_one.py").write_text("1/0\n")

    said = mistakes(tmp_path, {"perturbations": [{"probe": "broken_one.x"}]})

    assert "broken_one.py: cannot be loaded: ZeroDivisionError" in said


def test_a_score_to_reach_can_be_given_from_outside(tmp_path: Path) -> None:
    path = write(tmp_path, {"perturbations": []})

    assert validate(path, Options(fail_under=75)).settings.threshold == 75


def test_a_plan_in_words_says_what_is_left_out(tmp_path: Path) -> None:
    faults = [{"fault": "none", "probability": 0.0}, {"fault": "none", "at": "3s"}]

    told = describe(
        validate(write(tmp_path, {"perturbations": faults}), Options(seed=1))
    )

    assert "left out: drew" in told
    assert "at 3 s, to the end" in told
    assert told.endswith("nothing was run")


STORE = {"processes": [{"name": "store", "command": ["python", "-m", "store"]}]}
FREEZE = {"fault": "process.pause", "process": "store"}


def test_a_process_is_known_by_its_name(tmp_path: Path) -> None:
    path = write(tmp_path, {"system": STORE, "perturbations": [FREEZE]})

    assert "hits  process:store" in describe(validate(path))


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"process": "stor"}, "no process is called 'stor'"),
        ({"pid": 7}, "this follows from the other keys; leave it out"),
        ({"process": None}, "say which: `process: NAME`, `pid: NUMBER` or `pattern:`"),
    ],
    ids=["unknown", "both", "neither"],
)
def test_a_process_to_freeze_is_named_once_and_is_there(
    tmp_path: Path, changes: dict[str, Any], said: str
) -> None:
    freeze = {**FREEZE, **changes}

    assert said in mistakes(tmp_path, {"system": STORE, "perturbations": [freeze]})


def test_a_process_may_be_given_by_a_number_that_is_known_later(
    tmp_path: Path,
) -> None:
    freeze = {"fault": "process.pause", "pid": "${store.pid}"}
    path = write(tmp_path, {"system": STORE, "perturbations": [freeze]})

    assert "hits  pid:known when the system runs" in describe(validate(path))


def test_a_directory_that_is_known_later_is_shown_as_it_is_written(
    tmp_path: Path,
) -> None:
    full = {"fault": "disk.fill", "path": "${run.dir}/data", "size": "1 MiB"}
    path = write(tmp_path, {"perturbations": [full]})

    assert "hits  path:${run.dir}/data" in describe(validate(path))
