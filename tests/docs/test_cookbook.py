"""The cookbook's commands are executed as they stand there, on real parts."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from tests.containers.engine import MARK, image
from tests.containers.own import own_engine
from tests.library.outer import environment

if TYPE_CHECKING:
    from collections.abc import Iterator

    from docker import APIClient

    from tests.containers.own import OwnEngine

ROOT = Path(__file__).parents[2]
COOKBOOK = ROOT / "docs" / "cookbook"
PAGES = sorted(COOKBOOK.glob("*.md"))
CONSOLE = re.compile(r"^```console\n(.*?)^```", re.MULTILINE | re.DOTALL)
INCLUDED = re.compile(r"literalinclude\} \.\./\.\./(\S+)")
NOT_HERE = ("pip", "apt", "docker")
"""Programs that would change the machine, or are not on it: nothing is done."""
BASH = shutil.which("bash") or "/bin/bash"
COMPOSE = "com.docker.compose"

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]


def lines(page: Path) -> list[str]:
    """Return the lines of a page's console blocks."""
    blocks = CONSOLE.findall(page.read_text("utf-8"))
    return [line for block in blocks for line in block.splitlines()]


def tried(name: str, folder: Path, *before: str, **variables: str) -> str:
    """Call what a page says where a checkout would be; return what was written.

    Each line of output that the page shows has to be in it.
    """
    if not (folder / "examples").exists():
        ignored = shutil.ignore_patterns("runs", "__pycache__")
        shutil.copytree(ROOT / "examples", folder / "examples", ignore=ignored)
    shims = folder / "shims"
    shims.mkdir()
    for one in NOT_HERE:
        (shims / one).write_text("#!/bin/sh\n")
        (shims / one).chmod(0o755)
    shown = lines(COOKBOOK / name)
    script = [line[2:] for line in shown if line.startswith("$ ")]
    path = f"{shims}{os.pathsep}{Path(sys.executable).parent}{os.pathsep}"
    env = environment(folder / "state")
    done = subprocess.run(
        [*before, BASH, "-e", "-c", "\n".join(script)],
        cwd=folder,
        env={**env, "PATH": path + env["PATH"], **variables},
        capture_output=True,
        text=True,
        timeout=250,
        check=False,
    )
    said = done.stdout + done.stderr
    assert done.returncode == 0, said
    for line in shown:
        assert line.startswith("$ ") or line.strip() in said, said
    return said


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_a_page_shows_all_the_sources_of_its_example(page: Path) -> None:
    shown = {ROOT / one for one in INCLUDED.findall(page.read_text("utf-8"))}

    folders = {ROOT / Path(*one.relative_to(ROOT).parts[:2]) for one in shown}
    (folder,) = folders
    kinds = ("*.py", "*.yaml", "cgi-bin/*")
    sources = {
        one
        for kind in kinds
        for one in folder.rglob(kind)
        if not {"runs", "__pycache__"} & {*one.relative_to(folder).parts}
    }
    assert shown == sources


def test_the_shop_on_fastapi_and_postgresql_keeps_its_promises(tmp_path: Path) -> None:
    if not [*Path("/usr/lib/postgresql").glob("*/bin")] and not shutil.which("initdb"):
        pytest.skip("PostgreSQL is missing (apt-get install postgresql)")
    tmp_path.chmod(0o755)

    tried("fastapi-postgresql.md", tmp_path)


def test_the_shop_with_a_celery_worker_keeps_its_promises(tmp_path: Path) -> None:
    if not shutil.which("redis-server"):
        pytest.skip("redis-server is missing (apt-get install redis-server)")

    tried("celery.md", tmp_path)


@contextmanager
def composed(engine: OwnEngine, folder: Path) -> Iterator[APIClient]:
    """Make the containers of a project as `docker compose up` does, and end them."""
    client = engine.client()
    project = yaml.safe_load((folder / "compose.yaml").read_text("utf-8"))
    name: str = project["name"]
    address: dict[str, str] = {}
    try:
        # The image that the project names, made of this machine's own busybox.
        client.tag(image(client), "busybox", "1.36")
        client.create_network(f"{name}_default")
        for service, spec in project["services"].items():
            made = _made(client, folder, name, service, spec, address)
            client.start(made)
            networks = client.inspect_container(made)["NetworkSettings"]["Networks"]
            address[service] = networks[f"{name}_default"]["IPAddress"]
        yield client
    finally:
        for one in client.containers(all=True):
            client.remove_container(one["Id"], force=True)
        client.close()


def _made(
    client: APIClient,
    folder: Path,
    project: str,
    service: str,
    spec: dict[str, Any],
    address: dict[str, str],
) -> str:
    ports = dict(_published(one) for one in spec.get("ports", ()))
    # Debian's static busybox cannot look names up: it is told the address.
    given = {
        key: re.sub(r"//(\w+)", lambda found: f"//{address[found[1]]}", value)
        for key, value in spec.get("environment", {}).items()
    }
    made = client.create_container(
        spec["image"],
        spec["command"],
        name=f"{project}-{service}-1",
        labels={
            MARK: "",
            f"{COMPOSE}.project": project,
            f"{COMPOSE}.service": service,
            f"{COMPOSE}.container-number": "1",
            f"{COMPOSE}.oneoff": "False",
        },
        ports=[*ports],
        environment={"PATH": "/bin", **given},
        host_config=client.create_host_config(
            binds=[one.replace("./", f"{folder}/", 1) for one in spec["volumes"]],
            port_bindings=ports,
            network_mode=f"{project}_default",
        ),
    )
    return str(made["Id"])


def _published(text: str) -> tuple[int | str, Any]:
    host, outer, inner = text.split(":")
    return int(inner), (host, int(outer))


@pytest.mark.docker
@pytest.mark.root
@pytest.mark.parametrize("promise", ["kept", "broken"])
def test_the_shop_of_a_compose_project_keeps_its_promise(
    promise: str, tmp_path: Path
) -> None:
    shutil.copytree(ROOT / "examples", tmp_path / "examples")
    folder = tmp_path / "examples" / "compose-shop"
    if promise == "broken":
        page = folder / "web" / "cgi-bin" / "apple"
        page.write_text(page.read_text("utf-8").partition(" || ")[0] + "\n", "utf-8")

    with own_engine(network=True) as engine, composed(engine, folder):
        inside = ("nsenter", "-t", str(engine.pid), "-n", "--")
        if promise == "kept":
            said = tried("compose.md", tmp_path, *inside, DOCKER_HOST=engine.url)
            assert "shop-prices-1" in said
        else:
            with pytest.raises(AssertionError, match=r"FAILED|INCONCLUSIVE"):
                tried("compose.md", tmp_path, *inside, DOCKER_HOST=engine.url)
