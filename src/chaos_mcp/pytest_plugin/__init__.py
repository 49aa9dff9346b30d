"""Faults in other people's tests: fixtures, marks, and experiments as tests.

Loaded by every pytest that finds the package: it imports nothing until a test asks.
"""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator
    from pathlib import Path

    import chaos_mcp
    from chaos_mcp.engine.spare import Spare
    from chaos_mcp.sessions.lazy import Lazy

SPARE: pytest.StashKey[Spare] = pytest.StashKey()
"""A guardian that gets ready while the first tests run."""
LAZY = pytest.StashKey["Lazy"]()
"""The session of this process, opened by whoever first uses it."""
FAULT, EXPERIMENT = "chaos", "chaos_experiment"
MARKS = {
    FAULT: "chaos(fault, **arguments): a fault that stands while the test runs",
    EXPERIMENT: "chaos_experiment(path, min_score=None, seed=None): an experiment that "
    "has to pass; `chaos_result` is what came of it",
}


def pytest_addoption(parser: pytest.Parser) -> None:
    """Offer the options, which may stand in `pyproject.toml`."""
    group = parser.getgroup("chaos", "chaos experiments")
    group.addoption(
        "--chaos",
        action="store_true",
        dest="chaos_collect",
        help="collect experiment files as tests: pytest --chaos experiments/",
    )
    parser.addini(
        "chaos_collect", "collect experiment files as tests", "bool", default=False
    )
    parser.addini("chaos_runs", "the folder for journals and reports", default="runs")
    parser.addini("chaos_seed", "the seed of what is drawn", default="")
    parser.addini(
        "chaos_min_score", "the score that experiments must reach", default=""
    )
    parser.addini("chaos_lease", "seconds that the guardian waits", default="")
    parser.addini(
        "chaos_recover", "first undo what dead runs have left", "bool", default=True
    )


def pytest_configure(config: pytest.Config) -> None:
    """Make the marks known."""
    for line in MARKS.values():
        config.addinivalue_line("markers", line)


def pytest_collect_file(
    file_path: Path, parent: pytest.Collector
) -> pytest.Collector | None:
    """Collect experiment files, if that was asked for."""
    config = parent.config
    if not (config.getoption("chaos_collect") or config.getini("chaos_collect")):
        return None
    from chaos_mcp.pytest_plugin.files import collector  # noqa: PLC0415 - if asked for

    return collector(file_path, parent)


def pytest_itemcollected(item: pytest.Item) -> None:
    """Let marked tests have the fixtures that their marks need."""
    names: list[str] | None = getattr(item, "fixturenames", None)
    if names is None:
        return
    if item.get_closest_marker(EXPERIMENT) and "chaos_result" not in names:
        names.append("chaos_result")
    if item.get_closest_marker(FAULT) and "_chaos_lazy" not in names:
        names.insert(0, "_chaos_lazy")


def pytest_collection_finish(session: pytest.Session) -> None:
    """Let a guardian get ready, if there is a test that may need it."""
    options = session.config.option
    if options.collectonly or getattr(options, "forked", False):
        return
    if any("_chaos_lazy" in getattr(one, "fixturenames", ()) for one in session.items):
        from chaos_mcp.engine import spare  # noqa: PLC0415 - if used

        session.config.stash[SPARE] = spare.Spare()


def pytest_unconfigure(config: pytest.Config) -> None:
    """End the guardian that nobody has needed."""
    if spare := config.stash.get(SPARE, None):
        spare.dismiss()


@pytest.fixture(scope="session")
def _chaos_lazy(pytestconfig: pytest.Config) -> Iterator[Lazy]:
    """One session for the whole process; nothing is started before it is used."""
    from chaos_mcp.pytest_plugin.opening import close, lazy  # noqa: PLC0415 - if used

    made = pytestconfig.stash[LAZY] = lazy(pytestconfig)
    yield made
    close(made, pytestconfig)


def _part(lazy: Lazy) -> Iterator[chaos_mcp.Session]:
    part = lazy.part()
    yield part
    part.end()


def _apart(lazy: Lazy) -> Iterator[chaos_mcp.AsyncSession]:
    from chaos_mcp.pytest_plugin.opening import end  # noqa: PLC0415 - if used

    part = lazy.apart()
    yield part
    end(part)


@pytest.fixture
def chaos(_chaos_lazy: Lazy) -> Iterator[chaos_mcp.Session]:
    """Faults, proxies and processes for a test; all of it ends with the test."""
    yield from _part(_chaos_lazy)


@pytest.fixture(scope="module")
def chaos_module(_chaos_lazy: Lazy) -> Iterator[chaos_mcp.Session]:
    """Faults, proxies and processes for all tests of a module."""
    yield from _part(_chaos_lazy)


@pytest.fixture(scope="session")
def chaos_session(_chaos_lazy: Lazy) -> Iterator[chaos_mcp.Session]:
    """Faults, proxies and processes for all tests of this process."""
    yield from _part(_chaos_lazy)


@pytest.fixture
def achaos(_chaos_lazy: Lazy) -> Iterator[chaos_mcp.AsyncSession]:
    """Faults, proxies and processes for an asynchronous test, whatever runs it."""
    yield from _apart(_chaos_lazy)


@pytest.fixture(scope="module")
def achaos_module(_chaos_lazy: Lazy) -> Iterator[chaos_mcp.AsyncSession]:
    """Faults, proxies and processes for the asynchronous tests of a module."""
    yield from _apart(_chaos_lazy)


@pytest.fixture(scope="session")
def achaos_session(_chaos_lazy: Lazy) -> Iterator[chaos_mcp.AsyncSession]:
    """Faults, proxies and processes for all asynchronous tests of this process."""
    yield from _apart(_chaos_lazy)


@pytest.fixture
def chaos_result(request: pytest.FixtureRequest) -> chaos_mcp.Result:
    """Return what came of the experiment that the test's mark names."""
    from chaos_mcp.pytest_plugin.experiments import marked  # noqa: PLC0415 - if used

    return marked(request.node)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, Any, Any]:
    """Let the faults of marks stand while the test runs, and judge its experiment."""
    if item.get_closest_marker(EXPERIMENT):
        from chaos_mcp.pytest_plugin.experiments import judge  # noqa: PLC0415 - if used

        judge(item)
    with ExitStack() as stack:
        for mark in reversed([*item.iter_markers(FAULT)]):
            part = item.config.stash[LAZY].part()
            arguments = {**mark.kwargs}
            kind = mark.args[0] if mark.args else arguments.pop("fault")
            stack.enter_context(part.fault(kind, **arguments))
        return (yield)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Say in the test's report which faults it was tested under."""
    lazy = item.config.stash.get(LAZY, None)
    if lazy is None or not lazy.events:
        return (yield)
    from chaos_mcp.pytest_plugin.told import add  # noqa: PLC0415 - if used

    add(item, call.when, lazy)
    report = yield
    if report.failed and lazy.session:
        folder = lazy.session.folder
        report.sections.append(("chaos", f"journal: {folder}\nchaos report {folder}"))
    return report


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter,
) -> None:
    """Sum up what was broken, and that it was put back; nothing if nothing was."""
    reports = [one for many in terminalreporter.stats.values() for one in many]
    told = [
        pair
        for one in reports
        if getattr(one, "when", "") == "teardown"
        for pair in one.user_properties
        if pair[0].startswith("chaos.")
    ]
    if told:
        from chaos_mcp.pytest_plugin.told import summary  # noqa: PLC0415 - if used

        terminalreporter.section("chaos")
        for line in summary(told):
            terminalreporter.write_line(line)
