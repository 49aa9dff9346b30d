"""Parts that others have made, for tests against them: built once, into a cache folder.

`python -m tests.proxy.parts` gets them all, so that tests find them there; each says
what it lacks. The folder is `CHAOS_TEST_PARTS`, or one in the user's cache.
"""

import fcntl
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

HERE = Path(__file__).parent / "clients"
TOXIPROXY = "2.12.0"
ACTIONLINT_VERSION = "1.7.12"
MODULE = "github.com/Shopify/toxiproxy/v2"
ALONE = {"GOTOOLCHAIN": "local", "CGO_ENABLED": "0"}
"""Go as it is here; without C, as Toxiproxy's own releases are built."""
PATIENCE = 80.0
"""Seconds that a test waits for a part; `.ci/run` gets them before, with more."""
AGAIN = 600.0
"""Seconds before what could not be had is tried again."""


class NotToBeHad(Exception):
    """A part cannot be had on this machine; the message says why."""


@dataclass(frozen=True, slots=True)
class Part:
    """Something that is made into a folder by programs that may be there."""

    name: str
    sources: tuple[Path, ...]
    """Files that it is made of; another text of theirs is another part."""
    result: str
    """What is there once it is made."""
    needs: tuple[str, ...]
    build: Callable[[Path], tuple[list[str], Mapping[str, str]]]
    """Return the command, run in the folder, and its environment."""

    def folder(self) -> Path:
        """Return where it is kept."""
        text = b"".join(one.read_bytes() for one in self.sources)
        return _cache() / f"{self.name}-{sha256(text).hexdigest()[:12]}"

    def had(self, patience: float = PATIENCE) -> Path:
        """Return the result, made if it was not; raise `NotToBeHad` with the reason."""
        folder = self.folder()
        with _alone(folder):
            if not (folder / self.result).exists():
                self._make(folder, patience)
        return folder / self.result

    def _make(self, folder: Path, patience: float) -> None:
        failed = folder / "failed"
        if failed.exists() and time.time() - failed.stat().st_mtime < AGAIN:
            raise NotToBeHad(failed.read_text("utf-8"))
        try:
            self._built(folder, patience)
        except NotToBeHad as error:
            failed.write_text(str(error), "utf-8")
            raise

    def _built(self, folder: Path, patience: float) -> None:
        missing = [one for one in self.needs if not shutil.which(one)]
        if missing:
            raise NotToBeHad(f"{self.name} needs {', '.join(missing)}")
        for one in self.sources:
            shutil.copy(one, folder)
        command, environment = self.build(folder)
        try:
            done = subprocess.run(
                command,
                cwd=folder,
                env={**os.environ, **environment},
                capture_output=True,
                text=True,
                timeout=patience,
                check=False,
            )
        except subprocess.TimeoutExpired:
            late = f"{command[0]} was not done in {patience:.0f} s"
            raise NotToBeHad(f"{self.name} cannot be had: {late}") from None
        if done.returncode:
            said = (done.stderr or done.stdout).strip().splitlines()
            last = said[-1] if said else f"{command[0]} failed without a word"
            raise NotToBeHad(f"{self.name} cannot be had: {last}")


def _cache() -> Path:
    given = os.environ.get("CHAOS_TEST_PARTS")
    home = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return Path(given) if given else home / "chaos-mcp" / "test-parts"


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Be the only one, of all test processes, who makes something there."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _installed(package: str) -> Callable[[Path], tuple[list[str], Mapping[str, str]]]:
    """Return how Go installs one of Toxiproxy's programs, of its own version."""

    def install(folder: Path) -> tuple[list[str], Mapping[str, str]]:
        flags = f"-ldflags=-X {MODULE}.Version={TOXIPROXY}"
        command = ["go", "install", flags, f"{MODULE}/cmd/{package}@v{TOXIPROXY}"]
        return command, {"GOBIN": str(folder), **ALONE}

    return install


def _linted(folder: Path) -> tuple[list[str], Mapping[str, str]]:
    module = "github.com/rhysd/actionlint/cmd/actionlint"
    command = ["go", "install", f"{module}@v{ACTIONLINT_VERSION}"]
    return command, {"GOBIN": str(folder), **ALONE}


def _compiled(_: Path) -> tuple[list[str], Mapping[str, str]]:
    return ["go", "build", "-o", "client", "."], ALONE


def _locked(_: Path) -> tuple[list[str], Mapping[str, str]]:
    return ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"], {}


SERVER = Part(
    f"toxiproxy-server-{TOXIPROXY}", (), "server", ("go",), _installed("server")
)
CLI = Part(f"toxiproxy-cli-{TOXIPROXY}", (), "cli", ("go",), _installed("cli"))
GO_CLIENT = Part(
    "toxiproxy-go-client",
    tuple(HERE / "go" / one for one in ("go.mod", "go.sum", "main.go")),
    "client",
    ("go",),
    _compiled,
)
NODE_CLIENT = Part(
    "toxiproxy-node-client",
    tuple(HERE / "node" / one for one in ("package.json", "package-lock.json")),
    "node_modules/toxiproxy-node-client",
    ("node", "npm"),
    _locked,
)
ACTIONLINT = Part(
    f"actionlint-{ACTIONLINT_VERSION}", (), "actionlint", ("go",), _linted
)
PARTS = (SERVER, CLI, GO_CLIENT, NODE_CLIENT, ACTIONLINT)


def main() -> int:
    """Get all parts, and say what cannot be had."""
    for part in PARTS:
        try:
            part.had(patience=600)
        except NotToBeHad as error:
            sys.stdout.write(f"not to be had: {error} (its tests are skipped)\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
