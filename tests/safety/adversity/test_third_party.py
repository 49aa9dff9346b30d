"""A fault of another package, which is broken or gone when it has to be undone."""

from __future__ import annotations

import importlib
import sys
from typing import TYPE_CHECKING

import pytest

from chaos_mcp.cli.recover import told
from tests.safety.adversity.gates import KIND, Gates
from tests.safety.adversity.journals import again, armed, recovered, told_well

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

ABROAD = "abroad.gate"
WORKS = "from tests.safety.adversity.gates import OpenGate as Abroad\n"


class Package:
    """Somebody else's package, as pip would have installed it."""

    def __init__(self, folder: Path, patch: pytest.MonkeyPatch) -> None:
        self.folder = folder
        self.folder.mkdir()
        patch.syspath_prepend(str(folder))

    def holds(self, code: str | None) -> None:
        """Let its module hold this; None: there is no such module."""
        info = self.folder / "abroad-1.0.dist-info"
        info.mkdir(exist_ok=True)
        (info / "METADATA").write_text("Name: abroad\nVersion: 1.0\n")
        text = f"[chaos_mcp.faults]\n{ABROAD} = abroad:Abroad\n"
        (info / "entry_points.txt").write_text(text)
        if code is not None:
            (self.folder / "abroad.py").write_text(code)
        forget()


def forget() -> None:
    """Let Python look for the module anew."""
    sys.modules.pop("abroad", None)
    importlib.invalidate_caches()


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Package]:
    monkeypatch.setattr("sys.dont_write_bytecode", True)  # or a change is not seen
    yield Package(tmp_path / "site", monkeypatch)
    forget()


@pytest.mark.parametrize(
    ("code", "why"),
    [
        (
            "import no_such_module",
            (
                "the fault 'abroad.gate' (abroad:Abroad) cannot be loaded: "
                "ModuleNotFoundError: No module named 'no_such_module'"
            ),
        ),
        ("x =", "SyntaxError"),
        ("raise SystemExit('not on this machine')", "not on this machine"),
        ("raise RuntimeError('what?')", "what?"),
        ("Other = 1", "Abroad"),
        ("def Abroad(): ...", "what is called 'abroad.gate' is no fault"),
        (None, "No module named 'abroad'"),
    ],
    ids=["import", "syntax", "exit", "error", "gone", "no class", "no module"],
)
def test_one_that_cannot_be_loaded_is_said_and_undone_once_it_can(
    package: Package, standing: Gates, tmp_path: Path, code: str | None, why: str
) -> None:
    package.holds(code)
    fault = armed(2, spec={"fault": ABROAD, "gate": "2"})
    standing.open["2-left"] = fault.owner

    came = recovered(tmp_path, armed(1), fault, armed(3))

    assert standing.open == {"2-left": fault.owner}
    assert [one.fault for one in came.open] == [f"2-{KIND}"]
    assert why in came.why(came.open[0])
    assert told_well(told([came], []))
    package.holds(WORKS)
    assert again(tmp_path).open == ()
    assert standing.open == {}


@pytest.mark.usefixtures("package")
def test_one_that_was_uninstalled_is_said(standing: Gates, tmp_path: Path) -> None:
    fault = armed(2, spec={"fault": ABROAD, "gate": "2"})

    came = recovered(tmp_path, armed(1), fault, armed(3))

    assert standing.open == {}
    assert came.why(came.open[0]) == (
        "no fault is called 'abroad.gate' here; install what it came from"
    )
