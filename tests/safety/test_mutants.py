"""What is broken on purpose is still in the code: else it would test nothing."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import chaos_mcp
from tests.safety.mutants import MUTANTS, ROOT

if TYPE_CHECKING:
    from tests.safety.mutant import Mutant

HERE = Path(chaos_mcp.__file__).parent


@pytest.mark.parametrize("mutant", MUTANTS, ids=[one.name for one in MUTANTS])
def test_what_is_broken_is_there_once(mutant: Mutant) -> None:
    assert (HERE / mutant.file).read_text("utf-8").count(mutant.old) == 1
    assert mutant.old != mutant.new


@pytest.mark.parametrize("mutant", MUTANTS, ids=[one.name for one in MUTANTS])
def test_who_should_notice_is_there(mutant: Mutant) -> None:
    places = [one for one in mutant.tests.split() if one.startswith("tests/")]

    assert places
    assert all((ROOT / one.partition("::")[0]).exists() for one in places)
