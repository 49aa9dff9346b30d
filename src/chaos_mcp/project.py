"""A chaos project: a folder with `experiments/`, with `probes/` and `actions/`."""

from __future__ import annotations

import importlib
import importlib.util
import inspect
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from chaos_mcp.errors import ChaosError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path
    from types import ModuleType

Folder = Literal["probes", "actions"]


@dataclass(frozen=True, slots=True)
class Project:
    """Where an experiment lives, and where its own probes and actions are."""

    root: Path

    def functions(self, folder: Folder) -> Iterator[tuple[str, Callable[..., Any]]]:
        """Yield what `probes/` or `actions/` offers, as `module.function`."""
        for file in sorted((self.root / folder).glob("*.py")):
            if not file.stem.startswith("_"):
                module = self._module(folder, file.stem)
                yield from _public(file.stem, module)

    def function(self, folder: Folder, name: str) -> Callable[..., Any] | None:
        """Return the function called `module.function`, or None."""
        stem, _, rest = name.partition(".")
        if not rest or not (self.root / folder / f"{stem}.py").is_file():
            return None
        return dict(_public(stem, self._module(folder, stem))).get(name)

    def _module(self, folder: Folder, stem: str) -> ModuleType:
        file = self.root / folder / f"{stem}.py"
        try:
            return self._import(folder, stem, file)
        except Exception as error:
            kind = type(error).__name__
            raise ChaosError(f"{file}: cannot be loaded: {kind}: {error}") from error

    def _import(self, folder: Folder, stem: str, file: Path) -> ModuleType:
        self.make_importable()
        name = f"{folder}.{stem}"
        try:
            module = importlib.import_module(name)
        except ModuleNotFoundError as error:
            if error.name not in (folder, name):
                raise
        else:
            if module.__file__ and file.samefile(module.__file__):
                return module
        # Another project's folder of the same name was imported before.
        return _by_file(file)

    def make_importable(self) -> None:
        """Put the project's root on the path, as Chaos Toolkit does with its own."""
        root = str(self.root)
        if root not in sys.path:
            sys.path.insert(0, root)


def find(start: Path) -> Project:
    """Return the project around an experiment file, or around its folder alone.

    It is the nearest folder above that has `experiments/` in it.
    """
    start = start.resolve()
    folder = start if start.is_dir() else start.parent
    for candidate in (folder, *folder.parents):
        if (candidate / "experiments").is_dir():
            return Project(candidate)
    return Project(folder)


def _by_file(file: Path) -> ModuleType:
    """Import a file under a name that no other file has."""
    name = f"chaos_project_{file.parent.name}_{abs(hash(str(file)))}_{file.stem}"
    if name in sys.modules:
        return sys.modules[name]
    spec = importlib.util.spec_from_file_location(name, file)
    if spec is None or spec.loader is None:
        raise ImportError(f"no loader for {file}")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    sys.modules[name] = module
    return module


def _public(stem: str, module: ModuleType) -> Iterator[tuple[str, Callable[..., Any]]]:
    for name, value in vars(module).items():
        if (
            inspect.isfunction(value)
            and not name.startswith("_")
            and value.__module__ == module.__name__
        ):
            yield f"{stem}.{name}", value
