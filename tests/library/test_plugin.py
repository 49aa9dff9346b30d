"""The pytest plugin, in a pytest of its own: fixtures, marks, files, and their ends."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import time
from textwrap import dedent
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

import pytest

from chaos_mcp.journal.ledger import anything_open
from chaos_mcp.journal.read import read
from tests.library.outer import ROOT, SUITE, command, environment, outer
from tests.safety.bench import state_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

ECHO = """
    import socket, threading
    import pytest

    def talk(proxy):
        with socket.create_connection((proxy.host, proxy.port), 0.5) as one:
            try:
                one.sendall(b"hi")
                return one.recv(2)
            except TimeoutError:
                return None

    @pytest.fixture(scope="session")
    def upstream():
        listener = socket.create_server(("127.0.0.1", 0))
        def serve():
            while True:
                one, _ = listener.accept()
                threading.Thread(target=echo, args=(one,), daemon=True).start()
        def echo(one):
            with one:
                while data := one.recv(100):
                    one.sendall(data)
        threading.Thread(target=serve, daemon=True).start()
        return "127.0.0.1:%d" % listener.getsockname()[1]

    @pytest.fixture
    def cache(chaos, upstream):
        return chaos.proxy(upstream, name="cache")
"""
TESTS = """
    import os
    import pytest
    from conftest import talk

    def test_block(chaos, cache):
        with chaos.network_partition(cache):
            assert talk(cache) is None
        assert talk(cache) == b"hi"

    @pytest.mark.chaos(fault="network.partition", proxy="cache")
    def test_marked(cache):
        assert talk(cache) is None

    @pytest.mark.chaos("network.partition", proxy="cache")
    def test_unmet(cache):
        pass

    def test_left_open(chaos, cache):
        chaos.network_partition(cache, prove=False).__enter__()

    def test_module_scope(chaos_module, upstream):
        chaos_module.proxy(upstream, name="kept")

    def test_module_scope_again(chaos_module, chaos_session):
        with chaos_session.network_latency("kept", latency=0.01, prove=False):
            pass

    def test_fails(chaos, cache):
        with chaos.network_partition(cache):
            assert talk(cache) == b"hi", "no answer"
"""
NAP = {
    "title": "nap",
    "perturbations": [{"action": "process", "name": "nothing", "command": ["true"]}],
}
NEVER = {
    "probe": "process",
    "name": "never",
    "command": ["false"],
    "expect": {"exit_code": 0},
}
BROKEN = {**NAP, "title": "broken", "steady-state-hypothesis": {"probes": [NEVER]}}


def journals(folder: Path) -> list[Path]:
    return [one.parent for one in folder.glob("runs/*/events.jsonl")]


def until(what: Callable[[], Any], seconds: float = 30.0) -> None:
    end = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < end
        time.sleep(0.02)


@pytest.mark.parametrize(
    "workers", [(), ("-n", "2", "--dist", "loadfile")], ids=["alone", "xdist"]
)
def test_fixtures_and_marks_break_things_and_tell_of_it(
    workers: tuple[str, ...], tmp_path: Path
) -> None:
    done = outer(tmp_path, *workers, "--junitxml=it.xml", conftest=ECHO, test_it=TESTS)

    said = done.stdout
    assert "5 passed" in said, said + done.stderr
    assert "2 failed" in said
    assert re.search(r"FAILED test_it.py::test_unmet.*no traffic met it", said)
    assert "AssertionError: no answer" in said
    assert re.search(r"6 faults \(network.partition 5, network.latency 1\)", said)
    assert re.search(r"chaos report \S+/runs/", said)
    cases = ET.parse(tmp_path / "it.xml").iter("testcase")  # noqa: S314 - ours
    told = {
        case.get("name"): [
            one.get("value") for one in case.iter("property") if one.get("value")
        ]
        for case in cases
    }
    assert told["test_marked"][0] == (
        "network.partition on proxy:cache: proven, taken back"
    )
    assert all(not anything_open(read(run)) for run in journals(tmp_path))
    assert any((run / "report.html").exists() for run in journals(tmp_path))


def test_nothing_is_loaded_where_nothing_is_used(tmp_path: Path) -> None:
    done = outer(
        tmp_path,
        "-v",
        test_it="""
            import sys

            def test_it():
                loaded = {name for name in sys.modules if "chaos_mcp" in name}
                assert loaded <= {"chaos_mcp", "chaos_mcp.pytest_plugin"}
                assert "pydantic" not in sys.modules
        """,
    )

    assert "1 passed" in done.stdout, done.stdout
    assert "= chaos =" not in done.stdout
    assert not journals(tmp_path)


def test_an_idle_fixture_starts_nothing(tmp_path: Path) -> None:
    done = outer(tmp_path, test_it="def test_it(chaos, achaos): pass")

    assert "1 passed" in done.stdout, done.stdout
    assert not journals(tmp_path)


def test_experiments_are_tests_by_mark_and_as_files(tmp_path: Path) -> None:
    for name, experiment in (("nap", NAP), ("broken", BROKEN)):
        path = tmp_path / "experiments" / f"{name}.json"
        path.parent.mkdir(exist_ok=True)
        path.write_text(json.dumps(experiment, indent=1), "utf-8")
    (tmp_path / "experiments" / "other.json").write_text('{"a": 1}', "utf-8")
    (tmp_path / "experiments" / "bad.yaml").write_text(
        "title: bad\nperturbations: [{fault: nonsense}]\n", "utf-8"
    )
    test = """
        import pytest

        @pytest.mark.chaos_experiment("experiments/nap.json")
        def test_passes(chaos_result):
            assert chaos_result.verdict == "PASSED"

        @pytest.mark.chaos_experiment("experiments/nap.json", min_score=80)
        def test_has_no_score():
            pass

        @pytest.mark.chaos_experiment("experiments/broken.json")
        def test_is_broken():
            pass
    """

    done = outer(tmp_path, "--chaos", ".", "-v", test_it=test)

    said = done.stdout
    assert "2 passed" in said, said
    assert "4 failed" in said
    assert "the score is none, under 80" in said
    assert "no fault is called 'nonsense'" in said
    assert "INCONCLUSIVE: broken" in said
    assert "other" not in re.findall(r"experiments/(\w+)", said)
    assert "nap: PASSED" in said


ASYNC = {
    "pytest_asyncio": """
        import anyio, pytest
        from conftest import talk

        @pytest.mark.asyncio
        async def test_it(achaos, upstream):
            proxy = await achaos.proxy(upstream)
            async with achaos.network_partition(proxy):
                assert await anyio.to_thread.run_sync(talk, proxy) is None
    """,
    "anyio": """
        import anyio, pytest
        from conftest import talk

        @pytest.mark.anyio
        async def test_it(achaos, upstream):
            proxy = await achaos.proxy(upstream)
            async with achaos.network_partition(proxy):
                assert await anyio.to_thread.run_sync(talk, proxy) is None
    """,
}


@pytest.mark.parametrize("plugin", ASYNC)
def test_asynchronous_tests_have_it_whatever_runs_them(
    plugin: str, tmp_path: Path
) -> None:
    # It warns where this is not said, and its warnings are errors here.
    said = ["-o", "asyncio_default_fixture_loop_scope=function"]
    done = outer(tmp_path, "-W", "error", *said, conftest=ECHO, test_it=ASYNC[plugin])

    assert re.search(r"\d passed", done.stdout), done.stdout + done.stderr
    assert "failed" not in done.stdout


REPAIRED = """
    import pytest_forked

    serialize = pytest_forked.serialize_report

    def serialize_report(report):  # it cannot pass on what pytest 9.2 has in a report
        data = serialize(report)
        data.pop("_id", None)
        return {**data, "nodeid": report.nodeid}

    pytest_forked.serialize_report = serialize_report
"""


def test_forked_tests_have_it(tmp_path: Path) -> None:
    conftest = dedent(ECHO) + dedent(REPAIRED)

    wanted = ["--forked", "-k", "test_block or test_marked"]
    done = outer(tmp_path, *wanted, conftest=conftest, test_it=TESTS)

    assert "2 passed" in done.stdout, done.stdout
    runs = journals(tmp_path)
    assert len(runs) == 2, "each process has its own"
    assert all(not anything_open(read(run)) for run in runs)


HANGING = """
    import subprocess, sys, time, pytest

    def test_it(chaos):
        pid = int(open("pid").read())
        with chaos.process_pause(pid=pid):
            open("paused", "w").close()
            time.sleep(60)
"""


@pytest.fixture
def sleeper(tmp_path: Path) -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen(["sleep", "600"])  # noqa: S607 - any sleep
    (tmp_path / "pid").write_text(str(process.pid), "utf-8")
    yield process
    process.kill()
    process.wait()


@pytest.mark.parametrize("method", ["thread", "signal"])
def test_a_test_that_takes_too_long_is_undone(
    method: str, sleeper: subprocess.Popen[bytes], tmp_path: Path
) -> None:
    done = outer(
        tmp_path, "--timeout=15", f"--timeout-method={method}", test_it=HANGING
    )

    assert "Timeout" in done.stdout + done.stderr
    assert (tmp_path / "paused").exists()
    until(lambda: state_of(sleeper.pid) == "S")
    until(lambda: not anything_open(read(journals(tmp_path)[0])))


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL])
def test_a_pytest_that_is_ended_is_undone(
    number: signal.Signals, sleeper: subprocess.Popen[bytes], tmp_path: Path
) -> None:
    (tmp_path / "test_it.py").write_text(
        "\n".join(line[4:] for line in HANGING.splitlines()), "utf-8"
    )
    with subprocess.Popen(
        command(),
        cwd=tmp_path,
        env=environment(tmp_path / "state"),
        stdout=subprocess.PIPE,
        start_new_session=True,
    ) as called:
        until((tmp_path / "paused").exists)
        os.kill(called.pid, number)
        said, _ = called.communicate(timeout=60)

    until(lambda: state_of(sleeper.pid) == "S")
    until(lambda: not anything_open(read(journals(tmp_path)[0])))
    assert (b"KeyboardInterrupt" in said) is (number == signal.SIGINT)


def test_the_example_passes_and_knows_nothing_of_this_repository() -> None:
    for file in SUITE.glob("*.py"):
        text = file.read_text("utf-8")
        assert not re.search(r"chaos_mcp\.\w+\.|from tests|from chaos_mcp", text)
    assert str(ROOT) not in (SUITE / "pyproject.toml").read_text("utf-8")


def test_the_options_may_stand_in_pyproject(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text(
        '[tool.pytest.ini_options]\nchaos_runs = "out"\nchaos_seed = "7"\n', "utf-8"
    )
    test = "def test_it(chaos):\n    with chaos.none(): pass\n"
    (tmp_path / "test_it.py").write_text(test, "utf-8")

    done = outer(tmp_path)

    assert "1 passed" in done.stdout, done.stdout
    events = read(next(tmp_path.glob("out/*")))
    assert events[0].seed == 7  # type: ignore[union-attr]
