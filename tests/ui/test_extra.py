"""Without the extra `ui`, the command says what to install, and nothing else breaks."""

from __future__ import annotations

import subprocess
import sys

PROGRAM = """\
import sys
sys.modules["jinja2"] = None
from chaos_mcp.cli import main
main(["ui", "--no-open"])
"""


def test_the_missing_extra_is_named() -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=False
    )

    assert done.returncode == 2
    assert "pip install 'chaos-mcp[ui]'" in done.stderr
    assert "Traceback" not in done.stderr
