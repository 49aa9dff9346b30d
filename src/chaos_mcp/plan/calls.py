"""From what was written to what can be called: names resolved, arguments checked."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from pydantic_core import ValidationError

from chaos_mcp.errors import ActivityFailed, ChaosError, Mistake
from chaos_mcp.experiment.mistakes import mistakes_of
from chaos_mcp.experiment.model import ActionCall, Activity, ProbeCall, Ref
from chaos_mcp.plan.model import Call
from chaos_mcp.plan.toolkit import compile_activity, seconds
from chaos_mcp.providers.python import caller, function_of, unfit

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from chaos_mcp.adapters.world import World
    from chaos_mcp.errors import KeyPath
    from chaos_mcp.experiment.substitute import Scope
    from chaos_mcp.plan.model import Ask
    from chaos_mcp.registry import Registry, Sort

PATIENCE = {"probe": 5.0, "action": 30.0}
"""Seconds after which a call without a `timeout` of its own is given up."""
FAILED = 400


@dataclass(slots=True)
class Calls:
    """Makes calls of entries, gathering what is wrong with them."""

    registry: Registry
    scope: Scope
    mistakes: list[Mistake] = field(default_factory=list)

    def mistake(
        self,
        problem: str,
        path: KeyPath,
        hint: str = "",
        *,
        misses: Sequence[KeyPath] | None = None,
    ) -> None:
        """Note one more thing that is wrong, and where what it misses might stand."""
        self.mistakes.append(Mistake(problem, path, hint=hint, misses=misses))

    def compile(self, written: Any, path: KeyPath) -> Call | None:
        """Return the call that an entry stands for; None if something is wrong."""
        if isinstance(written, ProbeCall):
            return self._named(written, "probe", written.probe, path)
        if isinstance(written, ActionCall):
            return self._named(written, "action", written.action, path)
        if isinstance(written, Activity):
            problems, call = compile_activity(written, self.scope)
            for problem, key in problems:
                self.mistake(problem, (*path, *key))
            return call
        assert not isinstance(written, Ref)  # noqa: S101 - the loader resolved them
        return None

    def _named(
        self, written: ProbeCall | ActionCall, sort: Sort, name: str, path: KeyPath
    ) -> Call | None:
        thing = self.find(sort, name, path)
        if thing is None:
            return None
        arguments = written.arguments
        prepare = self._prepare(sort, name, thing, arguments, path)
        if prepare is None:
            return None
        timeout = written.timeout
        if timeout is None:
            timeout = getattr(thing, "default_timeout", PATIENCE[sort])
        label = written.name or name
        words = " ".join([name, *(f"{k}={v}" for k, v in arguments.items())])
        return Call(label, words, prepare, timeout, written=written)

    def find(self, sort: Sort, name: str, path: KeyPath) -> Any:
        """Return what a name stands for; None, and a mistake, if it is nothing."""
        try:
            entry = self.registry.find(sort, name)
            if entry is not None:
                return entry.load()
            close = self.registry.nearest(sort, name)
        except (ChaosError, ImportError) as error:
            self.mistake(str(error), (*path, sort))
            return None
        near = f'did you mean "{close}"?  ' if close else ""
        hint = f"{near}(chaos list {sort}s shows all)"
        self.mistake(f"no {sort} is called {name!r}", (*path, sort), hint)
        return None

    def _prepare(
        self,
        sort: Sort,
        name: str,
        thing: Any,
        arguments: Mapping[str, Any],
        path: KeyPath,
    ) -> Callable[[Scope], Ask] | None:
        if thing is function_of:
            return self._anywhere(arguments, path)
        if isinstance(thing, type) and hasattr(thing, "model_validate"):
            return self._model(sort, name, thing, arguments, path)
        misses = [(*path, key) for key in arguments]
        return self._function(thing, arguments, path, misses)

    def model(self, cls: Any, arguments: Mapping[str, Any], path: KeyPath) -> Any:
        """Return a model made of arguments; None, and mistakes, if it refuses them."""
        try:
            return cls.model_validate(self.scope.resolve(arguments))
        except ValidationError as error:
            keys = [f.alias or name for name, f in cls.model_fields.items()]
            self.mistakes.extend(mistakes_of(error, arguments, path, keys))
            return None

    def _model(
        self,
        sort: Sort,
        name: str,
        cls: Any,
        arguments: Mapping[str, Any],
        path: KeyPath,
    ) -> Callable[[Scope], Ask] | None:
        if self.model(cls, arguments, path) is None:
            return None

        def prepare(scope: Scope) -> Ask:
            try:
                asked = cls.model_validate(scope.resolve(arguments))
            except ValidationError as error:
                wrong = "; ".join(str(m) for m in mistakes_of(error, arguments))
                raise ActivityFailed(wrong) from error
            return _acting(name, asked.ask) if sort == "action" else asked.ask

        return prepare

    def _function(
        self,
        function: Any,
        arguments: Mapping[str, Any],
        path: KeyPath,
        misses: Sequence[KeyPath],
    ) -> Callable[[Scope], Ask] | None:
        if wrong := unfit(function, arguments):
            self.mistake(f"the arguments do not fit: {wrong}", path, misses=misses)
            return None

        def prepare(scope: Scope) -> Ask:
            call = caller(function, scope.resolve(dict(arguments)), scope)

            async def ask(_: World) -> Any:
                return await call()

            return ask

        return prepare

    def _anywhere(
        self, arguments: Mapping[str, Any], path: KeyPath
    ) -> Callable[[Scope], Ask] | None:
        """Compile `probe: python`: any function of any importable module."""
        known = {"module", "func", "arguments"}
        for key in arguments.keys() - known:
            self.mistake(
                "there is no such key", (*path, key), f"known: {sorted(known)}"
            )
        for key in ("module", "func"):
            if not isinstance(arguments.get(key), str):
                self.mistake("this key is missing", (*path, key))
        if not all(isinstance(arguments.get(key), str) for key in ("module", "func")):
            return None
        try:
            function = function_of(arguments["module"], arguments["func"])
        except ActivityFailed as error:
            self.mistake(str(error), (*path, "func"))
            return None
        given = arguments.get("arguments", {})
        return self._function(function, given, path, [(*path, "arguments")])


def _acting(name: str, ask: Ask) -> Ask:
    """Return a call that fails where an answer says that the deed failed."""

    async def act(world: World) -> Any:
        answer = await ask(world)
        if name == "http" and answer["status"] >= FAILED:
            raise ActivityFailed(f"it was answered with status {answer['status']}")
        if name == "process" and answer["exit_code"] != 0:
            said = str(answer["stderr"]).strip()[-200:]
            raise ActivityFailed(f"exit code {answer['exit_code']}: {said}")
        return answer

    return act


def pause(value: Any, scope: Scope) -> float:
    """Return seconds for a pause as Chaos Toolkit writes it."""
    return seconds(scope.resolve(value)) or 0.0
