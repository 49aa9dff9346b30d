"""Formats that tools read: each is checked by a reader that others have written."""

from __future__ import annotations

import base64
import csv
import io
import itertools
import json
import subprocess
import sys
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

import pytest
from prometheus_client import parser as prometheus
from prometheus_client.openmetrics import parser as openmetrics

from chaos_mcp.errors import ChaosError
from chaos_mcp.report import FORMATS, chart
from chaos_mcp.report.foreign import cell, label, plain
from chaos_mcp.report.reading import read
from tests.report import stories

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from syrupy.assertion import SnapshotAssertion

    from chaos_mcp.report.reading import Reading

    Made = Callable[[], Reading]


def empty() -> Reading:
    return read([])


TOLD = {
    "passed": stories.passed,
    "failed": stories.failed,
    "unsafe": stories.unsafe,
    "hostile": stories.hostile,
    "measured": stories.measured,
    "empty": empty,
}
every_story = pytest.mark.parametrize("story", TOLD.values(), ids=TOLD.keys())


def told(name: str, reading: Reading) -> str:
    return FORMATS[name].render(reading)


@pytest.mark.parametrize("name", ["openmetrics", "otlp", "perfetto", "journal"])
@pytest.mark.parametrize("of", ["passed", "unsafe"])
def test_what_a_tool_reads(name: str, of: str, snapshot: SnapshotAssertion) -> None:
    assert told(name, TOLD[of]()) == snapshot


@pytest.mark.parametrize(
    "name", ["csv", "openmetrics", "otlp", "perfetto", "journal", "junit", "md"]
)
def test_a_run_that_broke_off_anywhere_can_be_told(name: str) -> None:
    events = stories.failed().events

    for cut in range(0, len(events), 3):
        assert told(name, read(events[:cut]))


@pytest.mark.parametrize("name", ["csv", "openmetrics", "otlp", "perfetto"])
@every_story
def test_what_is_written_in_pieces_is_the_whole(name: str, story: Made) -> None:
    reading = story()

    pieces = list(FORMATS[name].pieces(reading))

    assert "".join(map(str, pieces)) == told(name, reading)
    assert len(pieces) > (reading.score.value is not None)


def strictly(text: str) -> Any:
    return openmetrics.text_string_to_metric_families(text)  # type: ignore[no-untyped-call]


def loosely(text: str) -> Any:
    return prometheus.text_string_to_metric_families(text)


@every_story
def test_openmetrics_is_read_by_its_own_parser_and_by_prometheus(story: Made) -> None:

    text = told("openmetrics", story())

    strict = {one.name: one.samples for one in strictly(text)}
    loose = {one.name: one.samples for one in loosely(text)}
    assert strict["chaos_run"][0].value == 1
    assert strict.keys() == loose.keys()


def test_openmetrics_says_what_the_score_says() -> None:

    reading = stories.failed()
    families = strictly(told("openmetrics", reading))
    found = {one.name: one.samples for one in families}

    assert found["chaos_score"][0].value == reading.score.value
    lost = sum(one.value for one in found["chaos_score_lost_points"])
    assert lost == pytest.approx(100 - (reading.score.value or 0))
    assert sum(one.value for one in found["chaos_requests"]) == 32 * 50


def test_a_label_holds_whatever_a_target_says() -> None:
    reading = stories.hostile()
    run = next(iter(strictly(told("openmetrics", reading))))

    assert run.samples[0].labels["experiment"] == plain(reading.started.title)


@every_story
def test_a_trace_is_what_opentelemetry_takes(story: Made) -> None:
    from google.protobuf import json_format  # noqa: PLC0415 - for this test
    from opentelemetry.proto.collector.trace.v1 import (  # noqa: PLC0415 - for this test
        trace_service_pb2,
    )

    data = json.loads(told("otlp", story()))
    for span in _spans(data):
        for key in ("traceId", "spanId", "parentSpanId"):
            if key in span:  # OTLP writes ids as hex, protobuf's own JSON as base64
                span[key] = base64.b64encode(bytes.fromhex(span[key])).decode()
    request = json_format.ParseDict(data, trace_service_pb2.ExportTraceServiceRequest())

    spans = request.resource_spans[0].scope_spans[0].spans
    root, rest = spans[0], spans[1:]
    assert len(root.trace_id) == 16
    assert {len(one.span_id) for one in spans} == {8}
    assert len({one.span_id for one in spans}) == len(spans)
    assert all(one.parent_span_id == root.span_id for one in rest)
    assert all(
        root.start_time_unix_nano
        <= one.start_time_unix_nano
        <= one.end_time_unix_nano
        <= root.end_time_unix_nano
        for one in rest
    )


def _spans(data: dict[str, Any]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = data["resourceSpans"][0]["scopeSpans"][0]["spans"]
    return found


def test_a_fault_that_stands_and_a_probe_that_deviates_are_errors_of_a_trace() -> None:
    spans = _spans(json.loads(told("otlp", stories.unsafe())))

    errors = {one["name"]: one["status"].get("message") for one in spans}
    assert errors["cut the cache off"] == "its undo was not verified"


@every_story
def test_perfetto_gets_slices_that_do_not_overlap_in_a_row(story: Made) -> None:
    events = json.loads(told("perfetto", story()))["traceEvents"]

    rows: dict[int, list[tuple[float, float]]] = {}
    for one in events:
        assert {"ph", "pid", "name", "tid"} <= one.keys()
        if one["ph"] == "X":
            rows.setdefault(one["tid"], []).append((one["ts"], one["dur"]))
    named = {one["tid"] for one in events if one["name"] == "thread_name"}
    assert rows.keys() <= named
    for slices in rows.values():
        slices.sort()
        for (start, length), (then, _) in itertools.pairwise(slices):
            assert start + length <= then + 1e-3


RESOURCES = ["openmetrics", "otlp-metrics", "resources-csv", "json"]


@pytest.mark.parametrize("name", RESOURCES)
def test_what_a_tool_reads_of_resources(name: str, snapshot: SnapshotAssertion) -> None:
    assert told(name, stories.measured()) == snapshot


def test_resources_that_nobody_could_read_are_empty_cells_and_no_points() -> None:
    reading = stories.measured()
    rows = list(csv.DictReader(io.StringIO(told("resources-csv", reading))))
    metrics = json.loads(told("otlp-metrics", reading))["resourceMetrics"][0]
    points = metrics["scopeMetrics"][0]["metrics"][0]["gauge"]["dataPoints"]

    lost = [one for one in rows if one["why_unknown"]]
    assert {(one["cores"], one["memory_bytes"]) for one in lost} == {("", "")}
    assert len(lost) == stories.GONE[1] - stories.GONE[0]
    assert len(points) == len(rows) - len(lost)


@every_story
def test_gauges_are_what_opentelemetry_takes(story: Made) -> None:
    from google.protobuf import json_format  # noqa: PLC0415 - for this test
    from opentelemetry.proto.collector.metrics.v1 import (  # noqa: PLC0415 - as above
        metrics_service_pb2,
    )

    data = json.loads(told("otlp-metrics", story()))

    kind = metrics_service_pb2.ExportMetricsServiceRequest()
    request = json_format.ParseDict(data, kind)
    assert len(request.resource_metrics) == 1


def test_perfetto_counts_what_each_part_used() -> None:
    events = json.loads(told("perfetto", stories.measured()))["traceEvents"]

    counted = {one["name"]: one["args"] for one in events if one["ph"] == "C"}
    assert counted["cores of shop"] == {"cores": 0.31}
    assert counted["MiB of shop"] == {"MiB": 31.0}
    assert counted["MiB of the runner"] == {"MiB": 64.0}


def test_csv_has_a_line_for_every_request_and_says_its_window() -> None:
    lines = list(csv.DictReader(io.StringIO(told("csv", stories.failed()))))

    assert len(lines) == 32 * 50
    fault = [one for one in lines if one["window"] == "fault"]
    assert {one["result"] for one in fault} == {"status 503"}
    assert float(fault[0]["due"]) == 10.0


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1"])
def test_a_spreadsheet_shows_what_a_target_says_and_computes_nothing(text: str) -> None:
    assert not cell(text).startswith(("=", "+", "-", "@", "\t"))


def test_text_without_an_encoding_can_still_be_written() -> None:
    assert plain("a\udcffb").encode("utf-8")
    assert label('"\\\n') == r"\"\\"


# In a process of its own, since its libraries warn of each other.
REPORTING = """
import json, sys
from chaosreport import generate_report, generate_report_header
print(generate_report_header(sys.argv[1:], "markdown"))
for name in sys.argv[1:]:
    with open(name) as file:
        print(generate_report(json.load(file), "markdown"))
"""


def test_chaos_toolkits_reporting_accepts_the_journal(tmp_path: Path) -> None:
    if find_spec("chaosreport") is None:  # not imported: it changes how others are
        pytest.skip("chaostoolkit-reporting is missing")
    for name, story in TOLD.items():
        (tmp_path / f"{name}.json").write_text(told("journal", story()), "utf-8")

    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", REPORTING, *tmp_path.iterdir()],
        capture_output=True,
        text=True,
        check=False,
        cwd=tmp_path,
    )

    assert done.returncode == 0, done.stderr
    assert done.stdout.count("| **Executed From**") == len(TOLD)


def test_the_journal_of_short_forms_has_providers_and_no_secrets() -> None:
    reading = stories.passed()
    started = reading.started.model_copy(
        update={
            "experiment": {
                "title": "t",
                "secrets": {"key": {"type": "env", "key": "NOT_SET"}},
                "configuration": {"a": {"type": "env", "key": "NOT_SET"}},
                "perturbations": [
                    {"fault": "network.partition", "name": "cut", "proxy": "cache"},
                    {"action": "shop.reset"},
                ],
            }
        }
    )
    from dataclasses import replace  # noqa: PLC0415 - for this test

    journal = json.loads(told("journal", replace(reading, started=started)))

    method = journal["experiment"]["method"]
    assert [one["type"] for one in method] == ["action", "action"]
    assert method[0]["provider"]["func"] == "network.partition"
    assert method[0]["provider"]["arguments"] == {"proxy": "cache"}
    assert method[1]["name"] == "shop.reset"
    assert "NOT_SET" not in json.dumps(journal)


@pytest.mark.parametrize(
    ("name", "magic"), [("svg", b"<svg"), ("png", b"\x89PNG"), ("pdf", b"%PDF")]
)
@every_story
def test_a_chart_is_drawn_without_a_network(
    name: str, magic: bytes, story: Made
) -> None:
    pytest.importorskip("vl_convert", reason="the extra `charts` is missing")

    pieces = FORMATS[name].pieces(story())
    drawn = b"".join(one if isinstance(one, bytes) else one.encode() for one in pieces)

    assert drawn.startswith(magic)
    assert b"<script" not in drawn


def test_without_the_extra_a_chart_is_one_clear_message(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "vl_convert", None)

    with pytest.raises(ChaosError, match=r"pip install 'chaos-mcp\[charts\]'"):
        list(FORMATS["svg"].pieces(stories.passed()))


def test_a_chart_draws_what_the_events_say() -> None:
    spec = chart.spec(stories.failed())

    goodput = spec["vconcat"][0]["layer"][-1]["data"]["values"]
    bad = {one["at"] for one in goodput if one["what"] == "bad" and one["requests"]}
    assert bad == {float(second) for second in range(10, 20)}
    band = spec["vconcat"][0]["layer"][0]["data"]["values"][0]
    assert (band["start"], round(band["end"], 1)) == (10.0, 19.9)
