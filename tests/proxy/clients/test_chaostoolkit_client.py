"""Chaos Toolkit's Toxiproxy extension, as it is, on our server and the real one.

Its experiment is run by Chaos Toolkit's library, and by our runner.
"""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.command import call
from tests.proxy.running import PATIENCE, Server
from tests.proxy.upstreams import Upstream

ACTIONS = {
    "proxy": (
        ("modify_proxy", {"proxy_name": "one", "enabled": True}),
        ("disable_proxy", {"proxy_name": "one"}),
        ("enable_proxy", {"proxy_name": "one"}),
    ),
    "toxic": (
        ("create_latency_toxic", {"toxic_name": "a", "latency": 10, "jitter": 2}),
        ("create_bandwith_degradation_toxic", {"toxic_name": "b", "rate": 900}),
        ("create_slow_connection_close_toxic", {"toxic_name": "c", "delay": 5}),
        ("create_timeout_toxic", {"toxic_name": "d", "timeout": 5}),
        (
            "create_slicer_toxic",
            {"toxic_name": "e", "average_size": 9, "size_variation": 2, "delay": 1},
        ),
        ("create_limiter_toxic", {"toxic_name": "f", "bytes_limit": 9}),
        (
            "create_toxic",
            {
                "toxic_name": "g",
                "toxic_type": "latency",
                "stream": "upstream",
                "toxicity": 0.5,
                "attributes": {"latency": 7},
            },
        ),
        ("delete_toxic", {"toxic_name": "a"}),
    ),
}
RUN = """
import json, sys
from chaoslib.experiment import run_experiment
experiment = json.load(open("experiment.json"))
json.dump(run_experiment(experiment), sys.stdout, default=str)
"""


def action(area: str, name: str, **arguments: Any) -> dict[str, Any]:
    """Return an activity that calls a function of the extension."""
    return {
        "type": "action",
        "name": name,
        "provider": {
            "type": "python",
            "module": f"chaostoxi.{area}.actions",
            "func": name,
            "arguments": arguments,
        },
    }


def exists(expected: object) -> dict[str, Any]:
    """Return a probe that asks whether the proxy is there."""
    return {
        "type": "probe",
        "name": "there is a proxy",
        "tolerance": expected,
        "provider": {
            "type": "python",
            "module": "chaostoxi.proxy.probes",
            "func": "proxy_exist",
            "arguments": {"proxy_name": "one"},
        },
    }


@pytest.fixture
def experiment(target: Server, echoing: Upstream, tmp_path: Path) -> Path:
    """Write an experiment that uses all of the extension; the proxy stays."""
    host, port = echoing.address.split(":")
    create = action(
        *("proxy", "create_proxy"),
        proxy_name="one",
        upstream_host=host,
        upstream_port=int(port),
        listen_host="127.0.0.1",
    )
    steps = [action("proxy", name, **given) for name, given in ACTIONS["proxy"]]
    steps += [
        action("toxic", name, for_proxy="one", **given)
        for name, given in ACTIONS["toxic"]
    ]
    text = {
        "title": "All of the extension",
        "description": "Each of its functions, once",
        "configuration": {"toxiproxy_url": target.url},
        "method": [create, exists(expected=True), *steps],
        "rollbacks": [],
    }
    file = tmp_path / "experiment.json"
    file.write_text(json.dumps(text), "utf-8")
    return file


def check(target: Server) -> None:
    """See that a server has what the experiment leaves."""
    found = target.call("GET", "/proxies").json["one"]
    toxics = {one["name"]: one for one in found["toxics"]}
    assert found["enabled"] is True
    assert sorted(toxics) == list("bcdefg")
    assert {one: toxics[one]["attributes"] for one in toxics} == {
        "b": {"rate": 900},
        "c": {"delay": 5},
        "d": {"timeout": 5},
        "e": {"average_size": 9, "size_variation": 2, "delay": 1},
        "f": {"bytes": 9},
        "g": {"latency": 7, "jitter": 0},
    }
    assert (toxics["g"]["stream"], toxics["g"]["toxicity"]) == ("upstream", 0.5)


def test_chaos_toolkit_runs_it(target: Server, experiment: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", RUN],
        cwd=experiment.parent,
        env=os.environ,
        capture_output=True,
        text=True,
        timeout=3 * PATIENCE,
        check=True,
    )

    journal = json.loads(done.stdout)
    assert journal["status"] == "completed", done.stderr
    assert {one["status"] for one in journal["run"]} == {"succeeded"}
    check(target)


def test_our_runner_runs_it(target: Server, experiment: Path) -> None:
    done = call("run", experiment.name, cwd=experiment.parent)

    assert done.returncode == 0, done.stdout + done.stderr
    check(target)
