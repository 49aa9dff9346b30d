"""Functions are called as Chaos Toolkit calls them, and checked before."""

from pathlib import Path
from typing import Any

import pytest
from chaoslib.provider.python import run_python_activity

from chaos_mcp.errors import ActivityFailed
from chaos_mcp.experiment.substitute import Scope
from chaos_mcp.providers.python import caller, function_of, unfit
from tests.providers import activities

HERE = "tests.providers.activities"
SCOPE = Scope(
    configuration={"list": [1]}, secrets={"g": {"token": "s"}, "h": {"token": "t"}}
)


async def call(name: str, groups: tuple[str, ...] = (), **arguments: Any) -> Any:
    return await caller(function_of(HERE, name), arguments, SCOPE, groups)()


@pytest.mark.anyio
async def test_a_function_is_called_with_its_arguments() -> None:
    assert await call("add", a=2, b=3) == 5


@pytest.mark.anyio
async def test_a_coroutine_function_is_awaited() -> None:
    assert await call("later", value=7) == 7


@pytest.mark.anyio
@pytest.mark.parametrize("groups", [["g"], ["g", "h"], ["nobody"]], ids="+".join)
async def test_configuration_and_secrets_are_given_by_name_as_in_chaos_toolkit(
    groups: list[str],
) -> None:
    provider = {"module": HERE, "func": "given", "arguments": {}, "secrets": groups}
    theirs = run_python_activity(
        {"provider": provider}, dict(SCOPE.configuration), dict(SCOPE.secrets)
    )

    assert await call("given", tuple(groups)) == theirs


@pytest.mark.anyio
async def test_a_secret_outside_of_groups_is_given_under_its_own_name() -> None:
    scope = Scope(secrets={"token": "s"})

    given = await caller(activities.given, {}, scope, ["token"])()

    assert given["secrets"] == {"token": "s"}


@pytest.mark.anyio
async def test_what_a_function_does_to_them_is_its_own_business() -> None:
    await call("spoil", ("g",))

    assert SCOPE.configuration == {"list": [1]}
    assert SCOPE.secrets["g"] == {"token": "s"}


@pytest.mark.anyio
async def test_what_a_function_raises_is_raised() -> None:
    with pytest.raises(ValueError, match="no luck"):
        await call("fail", why="no luck")


@pytest.mark.anyio
async def test_a_coroutine_that_would_end_the_program_fails() -> None:
    with pytest.raises(ActivityFailed, match=r"it called exit\(2\)"):
        await call("leave")


@pytest.mark.parametrize(
    ("module", "func", "message"),
    [
        ("not_there", "x", "'not_there' cannot be imported: ModuleNotFoundError"),
        (HERE, "ad", f"the module '{HERE}' has no function 'ad'; did you mean 'add'?"),
        (HERE, "zzzzzz", f"the module '{HERE}' has no function 'zzzzzz'"),
        (HERE, "NOT_A_FUNCTION", "has no function 'NOT_A_FUNCTION'"),
    ],
)
def test_a_function_that_is_not_there_is_one_sentence(
    module: str, func: str, message: str
) -> None:
    with pytest.raises(ActivityFailed) as caught:
        function_of(module, func)

    assert message in str(caught.value)


@pytest.mark.parametrize(
    "content", ["1 +", "raise RuntimeError('no')", "import sys; sys.exit(3)"]
)
def test_a_module_that_fails_to_load_is_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: str
) -> None:
    (tmp_path / "broken_module.py").write_text(content)
    monkeypatch.syspath_prepend(tmp_path)

    with pytest.raises(ActivityFailed, match="'broken_module' cannot be imported: "):
        function_of("broken_module", "x")


@pytest.mark.parametrize(
    ("function", "arguments", "wrong"),
    [
        (activities.add, {"a": 1}, ""),
        (activities.given, {}, ""),
        (activities.add, {}, "missing a required argument: 'a'; it takes (a: int, "),
        (activities.add, {"a": 1, "c": 2}, "got an unexpected keyword argument 'c'"),
        (dict, {"anything": 1}, ""),
    ],
)
def test_arguments_are_checked_before_anything_is_called(
    function: Any, arguments: dict[str, Any], wrong: str
) -> None:
    assert unfit(function, arguments).startswith(wrong)
    assert bool(unfit(function, arguments)) == bool(wrong)
