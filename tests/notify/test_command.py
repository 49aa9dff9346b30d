"""`chaos notify test`, `chaos run --notify`, and what is said of them."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING

from tests.command import call
from tests.notify.conftest import BAD, GOOD
from tests.notify.receiver import Says, receiving
from tests.running import write

if TYPE_CHECKING:
    from pathlib import Path

    from tests.notify.receiver import Receiver

LONG = 60.0


def test_a_trial_message_arrives(receiver: Receiver, tmp_path: Path) -> None:
    done = call(
        "notify", "test", "slack", cwd=tmp_path, CHAOS_NOTIFY_SLACK_URL=receiver.url
    )

    assert (done.returncode, done.stdout) == (0, "told    slack\n")
    assert "A trial message of chaos" in receiver.got[0].json["text"]


def test_a_trial_that_does_not_arrive_says_why(tmp_path: Path) -> None:
    with receiving(Says(403, b"invalid_token")) as receiver:
        done = call(
            "notify", "test", "slack", cwd=tmp_path, CHAOS_NOTIFY_SLACK_URL=receiver.url
        )

    assert done.returncode == 1
    assert done.stderr == "chaos: not told: slack: it answered 403: invalid_token\n"


def test_without_a_channel_it_says_how_to_set_one(tmp_path: Path) -> None:
    done = call("notify", "test", cwd=tmp_path)

    assert done.returncode == 2
    assert "CHAOS_NOTIFY" in done.stderr


def test_a_run_says_whom_it_told_and_whom_not(
    receiver: Receiver, tmp_path: Path
) -> None:
    path = write(tmp_path, BAD)
    variables = {
        "CHAOS_NOTIFY": "slack webhook",
        "CHAOS_NOTIFY_SLACK_URL": receiver.url,
    }

    done = call("run", path, "-q", cwd=tmp_path, **variables)
    as_json = call("run", path, "-q", "--format", "json", cwd=tmp_path, **variables)

    why = "webhook: not set: CHAOS_NOTIFY_WEBHOOK_URL, CHAOS_NOTIFY_WEBHOOK_KEY"
    assert done.returncode == 4
    assert done.stdout.endswith("told    slack\n")
    assert f"chaos: not told: {why}" in done.stderr
    said = json.loads(as_json.stdout)
    assert (said["told"], said["untold"]) == (["slack"], [why])


def test_nobody_is_told_of_a_run_that_was_asked_to_tell_nobody(
    receiver: Receiver, tmp_path: Path
) -> None:
    path = write(tmp_path, BAD)
    variables = {"CHAOS_NOTIFY": "slack", "CHAOS_NOTIFY_SLACK_URL": receiver.url}

    done = call("run", path, "-q", "--notify", "none", cwd=tmp_path, **variables)

    assert "told" not in done.stdout + done.stderr
    assert receiver.got == []


def test_ctrl_c_ends_the_telling_and_not_the_verdict(tmp_path: Path) -> None:
    path = write(tmp_path, GOOD)
    with (
        receiving(Says(never=True)) as receiver,
        subprocess.Popen(
            [sys.executable, "-m", "chaos_mcp.cli", "run", str(path), "-q"],
            cwd=tmp_path,
            env=_environment(receiver, tmp_path),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        ) as chaos,
    ):
        end = time.monotonic() + LONG
        while not receiver.got and time.monotonic() < end:
            time.sleep(0.01)
        chaos.send_signal(signal.SIGINT)
        out, err = chaos.communicate(timeout=LONG)

    assert chaos.returncode == 0
    assert out.startswith("PASSED")
    assert err == "chaos: not told: slack: it was stopped\n"


def _environment(receiver: Receiver, folder: Path) -> dict[str, str]:
    import os  # noqa: PLC0415 - for this

    return {
        **os.environ,
        "CHAOS_NOTIFY": "slack=success",
        "CHAOS_NOTIFY_SLACK_URL": receiver.url,
        "CHAOS_NOTIFY_SLACK_WITHIN": "100s",
        "CHAOS_STATE_DIR": str(folder / "state"),
    }
