"""What is wrong is said in one round, whichever part of the program sees it."""

from __future__ import annotations

import copy
import json
from functools import cache
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chaos_mcp.errors import InvalidExperiment, KeyPath, Mistake
from chaos_mcp.experiment.load import load
from chaos_mcp.runs import Options, validate
from tests.experiment.texts import nearly

if TYPE_CHECKING:
    from pathlib import Path

GOOD: dict[str, Any] = {
    "title": "it",
    "configuration": {"site": "http://127.0.0.1:1"},
    "system": {
        "processes": [{"name": "shop", "command": ["true"], "within": "5s"}],
        "proxies": [
            {"name": "cache", "upstream": "127.0.0.1:1", "listen": "127.0.0.1:2"},
            {"name": "store", "upstream": "${shop.address}"},
        ],
    },
    "workload": [
        {"name": "checkout", "rate": "5/s", "http": {"url": "${site}"}},
        {"name": "browse", "rate": "5/s", "mix": [{"url": "${site}", "weight": 2}]},
    ],
    "steady-state-hypothesis": {
        "probes": [
            {"probe": "http", "url": "${site}", "expect": {"status": 200}},
            {
                "type": "probe",
                "name": "there",
                "tolerance": True,
                "provider": {
                    "type": "python",
                    "module": "os.path",
                    "func": "exists",
                    "arguments": {"path": "/"},
                },
            },
            {"ref": "room"},
        ]
    },
    "safeguards": [
        {"workload": "checkout", "max-failure-rate": "50%"},
        {"probe": "disk.free", "path": "/", "expect": "> 1 MiB", "every": "1s"},
    ],
    "perturbations": [
        {"name": "room", "probe": "disk.free", "path": "/", "expect": "> 1 MiB"},
        {"fault": "network.partition", "proxy": "cache", "for": "1s", "at": "1s"},
        {"fault": "network.latency", "proxy": "store", "latency": "1s", "for": "1s"},
        {"fault": "none", "prove": {"probe": "tcp", "address": "x:1"}},
        {"fault": "process.pause", "process": "shop", "for": "1s"},
    ],
    "blast-radius": {"max-targets": 3, "max-duration": "1m"},
    "rollbacks": [{"action": "python", "module": "os", "func": "getpid"}],
}
BREAKS: tuple[tuple[KeyPath, Any], ...] = (
    (("titel",), "x"),
    (("seed",), "x"),
    (("deadline",), 5),
    (("configuration", "late"), {"type": "env", "key": "NO_SUCH_VARIABLE"}),
    (("system", "processes", 0, "command"), []),
    (("system", "processes", 0, "witin"), "5s"),
    (("system", "proxies", 0, "listen"), 5),
    (("system", "proxies", 1, "upstream"), None),
    (("workload", 0, "rate"), 5),
    (("workload", 1, "mix", 0, "weight"), 0),
    (("steady-state-hypothesis", "every"), 5),
    (("steady-state-hypothesis", "probes", 0, "url"), "${nowhere}"),
    (("steady-state-hypothesis", "probes", 0, "statuss"), 200),
    (("steady-state-hypothesis", "probes", 1, "provider", "func"), "exist"),
    (("steady-state-hypothesis", "probes", 2, "ref"), "rom"),
    (("safeguards", 0, "workload"), "chekout"),
    (("safeguards", 0, "confidence"), 5),
    (("safeguards", 1, "path"), 5),
    (("safeguards", 1, "every"), 5),
    (("safeguards", 1, "expect"), "> lots"),
    (("perturbations", 0, "probe"), 5),
    (("perturbations", 1, "proxy"), "cahce"),
    (("perturbations", 1, "for"), 5),
    (("perturbations", 1, "probability"), 5),
    (("perturbations", 2, "latency"), 5),
    (("perturbations", 2, "for"), "2m"),
    (("perturbations", 3, "fault"), "nun"),
    (("perturbations", 3, "prove", "addres"), "x:1"),
    (("perturbations", 4, "process"), "shp"),
    (("perturbations", 4, "tree"), "maybe"),
    (("blast-radius", "max-targets"), 0),
    (("rollbacks", 0, "func"), "getpids"),
)
"""A place of the good one each, and what makes one mistake or more if put there."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("project")


def mistakes(folder: Path, experiment: dict[str, Any]) -> tuple[Mistake, ...]:
    path = folder / "it.json"
    path.write_text(json.dumps(experiment), "utf-8")
    try:
        validate(path)
    except InvalidExperiment as refused:
        return refused.mistakes
    return ()


def broken(breaks: list[tuple[KeyPath, Any]]) -> dict[str, Any]:
    experiment: Any = copy.deepcopy(GOOD)
    for path, wrong in breaks:
        here = experiment
        for part in path[:-1]:
            here = here[part]
        here[path[-1]] = wrong
    return dict(experiment)


def told(found: tuple[Mistake, ...]) -> set[tuple[KeyPath, str]]:
    return {(one.path, one.problem) for one in found}


def refusal(folder: Path, text: str) -> str:
    path = folder / "bad.yaml"
    path.write_text(text, "utf-8")
    with pytest.raises(InvalidExperiment) as caught:
        validate(path, Options())
    return str(caught.value).replace(f"{folder}/", "")


def test_the_good_one_has_no_mistake(folder: Path) -> None:
    assert mistakes(folder, GOOD) == ()


def test_five_mistakes_that_five_parts_see_are_said_at_once(folder: Path) -> None:
    text = """\
title: five
descripton: an unknown key
system:
  proxies: [{name: cache, upstream: "127.0.0.1:1"}]
steady-state-hypothesis:
  probes:
    - {probe: http, ulr: "http://127.0.0.1:1", expect: 200}
perturbations:
  - {fault: network.partition, proxy: cache, for: 10}
  - {fault: network.latncy, proxy: cache, latency: 200ms}
  - {fault: network.partition, proxy: cahce}
"""

    assert (
        refusal(folder, text)
        == """\
bad.yaml:2:1: descripton: there is no such key
    did you mean "description"?
bad.yaml:7:7: steady-state-hypothesis.probes[0].url: this key is missing
bad.yaml:7:21: steady-state-hypothesis.probes[0].ulr: there is no such key
    did you mean "url"?
bad.yaml:9:46: perturbations[0].for: 10 has no unit: write a duration such as \
"10s" or "500ms"
bad.yaml:10:6: perturbations[1].fault: no fault is called 'network.latncy'
    did you mean "network.latency"?  (chaos list faults shows all)
bad.yaml:11:32: perturbations[2].proxy: no proxy is called 'cahce'
    did you mean "cache"?"""
    )


def test_what_is_wrong_with_the_text_itself_is_said_with_the_rest(folder: Path) -> None:
    text = "title: x\ntitle: y\nseed: z\nperturbations: [{fault: nun}]\n"

    assert (
        refusal(folder, text)
        == """\
bad.yaml:2:1: title: the key 'title' is written twice (first in line 1)
    remove or rename one of them
bad.yaml:3:1: seed: must be a whole number, not 'z'
bad.yaml:4:18: perturbations[0].fault: no fault is called 'nun'
    did you mean "none"?  (chaos list faults shows all)"""
    )


def test_places_are_right_after_an_entry_that_is_no_entry(folder: Path) -> None:
    text = "title: x\nperturbations:\n- 5\n- {fault: nun}\n- {fault: 5}\n- {probe: n}"

    said = [line for line in refusal(folder, text).split("\n") if line[0] != " "]

    assert [line.split(": ")[:2] for line in said] == [
        ["bad.yaml:3:3", "perturbations[0]"],
        ["bad.yaml:4:4", "perturbations[1].fault"],
        ["bad.yaml:5:4", "perturbations[2].fault"],
        ["bad.yaml:6:4", "perturbations[3].probe"],
    ]


def test_a_mistake_of_the_whole_item_is_said_with_those_of_its_keys(
    folder: Path,
) -> None:
    text = "title: x\nsafeguards: [{workload: w, probe: tcp, every: 5}]\n"

    said = refusal(folder, text)

    assert "safeguards[0]: a safeguard watches either a `probe` or a `workload`" in said
    assert "safeguards[0].every: 5 has no unit" in said


@cache
def alone(folder: Path, index: int) -> set[tuple[KeyPath, str]]:
    """Return what is said of one break."""
    return told(mistakes(folder, broken([BREAKS[index]])))


@pytest.mark.parametrize("index", range(len(BREAKS)))
def test_each_break_is_a_mistake(folder: Path, index: int) -> None:
    assert alone(folder, index)


@settings(deadline=None, max_examples=50)
@given(chosen=st.sets(st.sampled_from(range(len(BREAKS))), min_size=1))
def test_k_breaks_are_at_least_k_mistakes_and_nothing_more_than_each_says_alone(
    folder: Path, chosen: set[int]
) -> None:
    together = mistakes(folder, broken([BREAKS[index] for index in chosen]))

    assert len(together) >= len(chosen)
    assert told(together) <= set().union(*(alone(folder, one) for one in chosen))
    assert all(one.line and one.column for one in together if one.path[1:])


@settings(deadline=None)
@given(part=nearly, key=st.sampled_from(list(GOOD)))
def test_whatever_stands_in_a_file_it_is_valid_or_has_mistakes(
    folder: Path, part: dict[str, Any], key: str
) -> None:
    anything = {**GOOD, key: part.get(key, [part]), **part}

    assert all(one.problem for one in mistakes(folder, anything))


@pytest.mark.parametrize(
    "text",
    [
        "sytem: {proxies: [{name: cache, upstream: 'x:1'}]}",
        "proxies: [{name: cache, upstream: 'x:1'}]\nsystem: {}",
        "system: {proxys: [{name: cache, upstream: 'x:1'}]}",
        "system: {proxies: [{name: cache, upstream: 'x:1'}], proxies: []}",
        "system: {proxies: {name: cache, upstream: 'x:1'}}",
        "system: {proxies: [{name: cache, upstream: 5}]}",
        "system: {proxies: [{name: [cache], upstream: 'x:1'}]}",
        "system: {proxies: [cache]}",
        "system: {toxiproxy: 'http://127.0.0.1:8474'}",
        "system: 5",
    ],
)
def test_a_proxy_is_not_missed_where_proxies_may_have_been_meant(
    folder: Path, text: str
) -> None:
    cut = "perturbations: [{fault: network.partition, proxy: cache}]"

    said = refusal(folder, f"title: x\n{text}\n{cut}\n")

    assert "no proxy is called" not in said
    assert len(said.split("bad.yaml:")) == 2


@pytest.mark.parametrize(
    "text",
    [
        "system: {processes: [{name: shop, command: 5}]}",
        "system: {processes: [{name: shop}]}",
        "system: {process: [{name: shop, command: [x]}]}",
        "processes: [{name: shop, command: [x]}]",
    ],
)
def test_a_process_is_not_missed_where_it_is_only_wrong(
    folder: Path, text: str
) -> None:
    freeze = "perturbations: [{fault: process.pause, process: shop}]"

    said = refusal(folder, f"title: x\n{text}\n{freeze}\n")

    assert "no process is called" not in said
    assert len(said.split("bad.yaml:")) == 2


@pytest.mark.parametrize(
    "text",
    [
        "workloads: [{name: w, rate: 1/s, http: {url: x}}]",
        "workload: [{name: w, rate: 1, http: {url: x}}]",
        "workload: [{name: w, rate: 1/s, http: {ulr: x, url: x}}]",
        "workload: {name: w, rate: 1/s, http: {url: x}}",
        "workload: [{name: w!, rate: 1/s, http: {url: x}}]",
    ],
)
def test_a_workload_is_not_missed_where_it_is_only_wrong(
    folder: Path, text: str
) -> None:
    safe = "safeguards: [{workload: w, in-a-row: 5}]"

    said = refusal(folder, f"title: x\n{text}\n{safe}\n")

    assert "no workload is called" not in said
    assert len(said.split("bad.yaml:")) == 2


@pytest.mark.parametrize(
    "entry",
    [
        "{probe: http, url: '${site}'}",
        "{probe: python, module: '${site}', func: x}",
        "{type: probe, name: x, provider: {type: process, path: '${site}'}}",
        "{type: probe, name: x, provider: {type: python, module: '${site}', func: x}}",
    ],
)
@pytest.mark.parametrize(
    ("values", "list_name"),
    [
        ("configuration: {site: {type: env, key: NO_SUCH_VARIABLE}}", "method"),
        ("configuration: {site: {type: env, key: NO_SUCH_VARIABLE}}", "perturbations"),
        ("configuration: {site: a}\nconfiguration: {town: a}", "perturbations"),
        ("configuration: [site]", "method"),
        ("configuraton: {site: a}", "method"),
    ],
)
def test_what_a_value_would_be_is_not_judged_while_it_is_unknown(
    folder: Path, values: str, list_name: str, entry: str
) -> None:
    said = refusal(folder, f"title: x\n{values}\n{list_name}: [{entry}]\n")
    with pytest.raises(InvalidExperiment) as of_the_structure:
        load(folder / "bad.yaml")

    assert said == str(of_the_structure.value).replace(f"{folder}/", "")


@pytest.mark.parametrize(
    "text",
    [
        (
            "perturbations: [{type: probe, name: x, provider: {type: python, "
            "module: os.path, func: exists, argumnts: {path: /}}}]"
        ),
        (
            "system: {proxies: [{name: cache, upstream: 'x:1'}]}\n"
            "blast-radius: {targets: [store, [cache]]}\n"
            "perturbations: [{fault: network.partition, proxy: cache}]"
        ),
        (
            "steady-state-hypothesis: {probes: [{type: probe, name: x, tolerence: 0, "
            "provider: {type: process, path: ls}}]}"
        ),
        "perturbations: [{fault: 5, probe: nothing.of.that.name}]",
        (
            "method: [{type: probe, name: x, provider: {type: python, module: os, "
            "func: no_such, func: no_such_either}}]"
        ),
    ],
    ids=["arguments", "targets", "tolerance", "form", "twice"],
)
def test_what_a_wrong_key_may_have_meant_is_not_missed(folder: Path, text: str) -> None:
    said = refusal(folder, f"title: x\n{text}\n")

    assert len(said.split("bad.yaml:")) == 2


def test_an_entry_that_is_named_twice_is_no_crash(folder: Path) -> None:
    probe = "{type: probe, name: n, zork: 1, tolerance: 0, provider: {type: process}}"
    text = f"""\
title: x
method: [{probe}]
steady-state-hypothesis: {{title: x, probes: [{{ref: n}}]}}
"""

    assert "provider.path: this key is missing" in refusal(folder, text)


def test_one_unknown_proxy_is_not_beyond_the_blast_radius_too(folder: Path) -> None:
    wrong = broken([(("perturbations", 1, "proxy"), "cahce")])
    wrong["blast-radius"] = {"max-targets": 2, "targets": ["store", "shop"]}

    assert told(mistakes(folder, wrong)) == {
        (("perturbations", 1, "proxy"), "no proxy is called 'cahce'")
    }


def test_a_safeguard_without_expectation_is_one_mistake(folder: Path) -> None:
    text = "title: x\nsafeguards: [{provider: {type: process, path: 'true'}}]\n"

    assert refusal(folder, text) == (
        "bad.yaml:2:14: safeguards[0]: a safeguard needs `tolerance`"
    )
