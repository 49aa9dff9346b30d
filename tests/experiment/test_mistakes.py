"""What is wrong is said all at once, in plain words, where it stands."""

from pathlib import Path

import pytest

from chaos_mcp.errors import InvalidExperiment, Mistake
from chaos_mcp.experiment.load import load_data, load_text


def refusal(text: str, name: str = "x.yaml") -> str:
    with pytest.raises(InvalidExperiment) as caught:
        load_text(text, Path(name))
    return str(caught.value)


def test_all_mistakes_are_said_at_once_in_the_order_of_the_file() -> None:
    text = """\
title: x
perturbatons: []
recovery: {within: 10}
score: {threshold: -1}
workload:
  - name: a b
    rate: 5
    http: {url: 3, weight: 0, expect: foo}
"""

    assert (
        refusal(text)
        == """\
x.yaml:2:1: perturbatons: there is no such key
    did you mean "perturbations"?
x.yaml:3:12: recovery.within: 10 has no unit: write a duration such as "10s" or "500ms"
x.yaml:4:9: score.threshold: must be 0 or more, not -1
x.yaml:6:5: workload[0].name: 'a b' is not a name: letters, digits, - and _ only
x.yaml:7:5: workload[0].rate: 5 has no unit: write a rate such as "50/s"
x.yaml:8:12: workload[0].http.url: must be text, not 3
    write it in quotes, so that it stays as it is written
x.yaml:8:20: workload[0].http.weight: must be more than 0, not 0
x.yaml:8:31: workload[0].http.expect: must be a list or a whole number, not 'foo'"""
    )


def test_an_entry_of_no_form_is_told_the_forms() -> None:
    text = "title: x\nperturbations:\n- {}\n- 5\n"

    assert (
        refusal(text)
        == """\
x.yaml:3:3: perturbations[0]: {} is none of what may stand here
    an entry begins with `fault:`, `probe:`, `action:` or `ref:`, or is a Chaos \
Toolkit activity with `type:` and `provider:`
x.yaml:4:3: perturbations[1]: 5 is none of what may stand here
    an entry begins with `fault:`, `probe:`, `action:` or `ref:`, or is a Chaos \
Toolkit activity with `type:` and `provider:`"""
    )


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        ("{fault: 5}", "method[0].fault: must be text, not 5"),
        (
            "{fault: x, for: '${run.seed}'}",
            "method[0].for: '${run.seed}' is known only when the system runs",
        ),
        (
            "{fault: x, for: 5}",
            'method[0].for: 5 has no unit: write a duration such as "10s"',
        ),
        ("{fault: x, for: -5s}", "method[0].for: must be 0 or more, not "),
        ("{fault: x, for: 5parsecs}", "method[0].for: '5parsecs' is not a duration"),
        ("{fault: x, probability: 2}", "method[0].probability: must be 1 or less"),
        (
            "{type: probe, name: x, provider: {type: pyton}}",
            "method[0].provider: `type` must be one of 'python', 'process', 'http', ",
        ),
        (
            "{type: probe, name: x, provider: {type: python, func: 5}}",
            "method[0].provider.module: this key is missing",
        ),
        (
            "{type: test, name: x, provider: {type: http, url: x}}",
            "method[0].type: must be 'probe' or 'action', not 'test'",
        ),
        (
            "{type: probe, name: x, provider: {type: http, url: x, timout: 1}}",
            'method[0].provider.timout: there is no such key\n    did you mean "time',
        ),
        ("{ref: nothing}", "method[0].ref: no activity is called 'nothing'"),
        ("{ref: [x]}", "method[0].ref: must be text, not ['x']"),
    ],
)
def test_the_key_is_named_as_the_user_wrote_it(entry: str, message: str) -> None:
    assert message in refusal(f"title: x\nmethod:\n- {entry}\n")


def test_a_number_where_a_mapping_belongs_is_one_mistake() -> None:
    assert refusal("title: x\nsystem: 5") == (
        "x.yaml:2:1: system: must be a mapping of keys to values, not 5"
    )


@pytest.mark.parametrize(
    ("tolerance", "message"),
    [
        ("respons-time: 15%", 'there is no such key\n    did you mean "response-time"'),
        ("throughput: 5", '5 has no unit: write a percentage such as "15%"'),
        ("recovery-time: 10%", "'10%' is not a duration"),
        ("score: 300", "must be 100 or less, not 300"),
        ("error-rate@fault: -5%", "must be 0 or more, not '-5%'"),
    ],
)
def test_what_is_no_tolerance_is_refused_where_it_stands(
    tolerance: str, message: str
) -> None:
    key = tolerance.split(":", maxsplit=1)[0]

    said = refusal(f"title: x\nbaseline:\n  tolerances:\n    {tolerance}\n")

    assert said.startswith(f"x.yaml:4:5: baseline.tolerances.{key}: {message}")


def test_a_missing_title_is_a_mistake_of_the_file() -> None:
    assert refusal("description: x") == "x.yaml: title: this key is missing"


def test_method_and_perturbations_together_are_a_mistake() -> None:
    text = "title: x\nmethod: []\nperturbations: []"

    assert "x.yaml:2:1: method: `method` and `perturbations` are the same" in refusal(
        text
    )


def test_the_dialect_cannot_be_chosen_in_the_file() -> None:
    text = "title: x\ndialect: chaostoolkit"

    assert refusal(text) == "x.yaml:2:1: dialect: there is no such key"


def test_json_mistakes_have_their_places_too() -> None:
    text = '{"title": "x",\n  "perturbations": [\n    {"fault": "a", "at": 3}]}'

    assert refusal(text, "x.json").startswith("x.json:3:20: perturbations[0].at: 3 has")


def test_mistakes_without_a_file_have_keys_only() -> None:
    with pytest.raises(InvalidExperiment) as caught:
        load_data({"title": "x", "seed": "y"}, Path())

    assert str(caught.value) == "seed: must be a whole number, not 'y'"


def test_data_that_json_cannot_hold_is_refused_where_it_stands() -> None:
    with pytest.raises(InvalidExperiment) as caught:
        load_data({"title": "x", "configuration": {"a": [object]}}, Path())

    assert str(caught.value) == "configuration.a[0]: a type is not plain data"


def test_data_that_holds_itself_is_refused() -> None:
    data: dict[str, object] = {"title": "x"}
    data["configuration"] = data

    with pytest.raises(InvalidExperiment, match="nested too deeply"):
        load_data(data, Path())


def test_an_unknown_name_comes_with_the_nearest() -> None:
    text = """\
title: x
system: {processes: [{name: shop, command: [x]}]}
steady-state-hypothesis:
  probes: [{probe: http, url: "http://${shp.address}/${HOME}", expect: 1}]
"""

    assert (
        refusal(text)
        == """\
x.yaml:4:26: steady-state-hypothesis.probes[0].url: nothing is called ${shp.address}
    did you mean ${shop.address}?
x.yaml:4:26: steady-state-hypothesis.probes[0].url: nothing is called ${HOME}
    declare it under `configuration`, or write $${HOME} for the text"""
    )


def test_a_plan_s_mistakes_are_placed_like_the_loader_s() -> None:
    loaded = load_text("title: x\nmethod:\n- probe: tcp", Path("x.yaml"))

    with pytest.raises(InvalidExperiment) as caught:
        loaded.refuse([Mistake("is not there", ("perturbations", 0, "probe"))])

    assert str(caught.value) == "x.yaml:3:3: method[0].probe: is not there"


def test_no_mistakes_are_no_refusal() -> None:
    load_text("title: x", Path("x.yaml")).refuse([])


def test_a_hundred_mistakes_are_said_as_one_list() -> None:
    entries = "".join("- {probe: x, evry: 1}\n- {}\n" for _ in range(100))

    assert refusal(f"title: x\nperturbations:\n{entries}").count("none of what") == 100
