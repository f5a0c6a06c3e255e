"""Venues of other packages: the one in CONTRIBUTING.md, and broken ones. Real processes."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from git_qoc.cli.venues_text import as_markdown
from git_qoc.tasks.venues import list_venues
from tests.cli.qoc import Qoc

ROOT = Path(__file__).parents[2]
START = "from git_qoc.cli.entry import main; main()"
KEY = "Bearer piggy"
BLOCK = """
[[connector]]
name = "{name}"
type = "cash"
venue = "{name}"
base_url = "{url}"

  [connector.auth]
  api_key = {{ env = "PB_API_KEY" }}
"""
BROKEN = {
    "raises": "raise RuntimeError('at import')",
    "nothing": "VENUE = 3",
    "late": (
        "from git_qoc.model import VenueType\nfrom git_qoc.venues.offers import Capabilities\n"
        "from git_qoc.venues.venue import Venue\n"
        "VENUE = Venue('x', '', (), lambda: {VenueType.CASH: Capabilities()}, lambda settings: 1 / 0)"
    ),
    "asked": "from git_qoc.venues.venue import Venue\nVENUE = Venue('x', '', (), lambda: 1 / 0, print)",
}

Run = Callable[..., subprocess.CompletedProcess[str]]


def example() -> str:
    text = (ROOT / "CONTRIBUTING.md").read_text()
    return re.findall(r"```python\n(.*?)```", text, re.DOTALL)[0]  # type: ignore[no-any-return]


def install(folder: Path, name: str, code: str) -> None:
    """What pip leaves behind of a package with one module and one entry point."""
    (folder / f"{name}.py").write_text(code)
    info = folder / f"{name}-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(f"[git_qoc.venues]\n{name} = {name}:VENUE\n")


class Bank(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        known = self.headers["Authorization"] == KEY and self.path == "/balance"
        body = b'{"id": "7", "usd": "12.50"}' if known else b"{}"
        self.send_response(200 if known else 404)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - http.server's name
        """Quiet."""


@pytest.fixture
def bank() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Bank) as server:
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()


@pytest.fixture
def run(qoc: Qoc, tmp_path: Path) -> Run:
    (tmp_path / "site").mkdir()
    install(tmp_path / "site", "piggybank", example())
    for name, code in BROKEN.items():
        install(tmp_path / "site", name, code)
    qoc.ok("init")
    path = os.pathsep.join((str(tmp_path / "site"), str(ROOT)))
    environ = {**os.environ, "PYTHONPATH": path, "PB_API_KEY": KEY, "PYTHONSAFEPATH": "1"}

    def run(*args: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-c", START, *args]
        return subprocess.run(
            command, cwd=qoc.git.path, env=environ, capture_output=True, text=True, check=False
        )

    return run


def test_the_example_has_forty_lines_of_code() -> None:
    assert len([line for line in example().splitlines() if line.strip()]) <= 40


def test_the_venue_of_contributing_is_connected_and_read(run: Run, qoc: Qoc, bank: str) -> None:
    done = run(
        "connect", "cash", "--name", "jar", "--venue", "piggybank", "--env-prefix", "PB_", "--base-url", bank
    )
    assert done.returncode == 0, done.stderr
    status = json.loads(run("status", "--json").stdout)
    assert [c["health"] for c in status["connectors"]] == ["OK"]
    assert status["nav_usd"] == status["buying_power_usd"] == 12.5


def test_a_plug_in_from_before_closes_is_read_as_it_was_and_not_asked_for_them(
    run: Run, qoc: Qoc, bank: str, tmp_path: Path
) -> None:
    old = example().replace(" history = closes =", " history =")
    assert old != example()
    install(tmp_path / "site", "oldbank", old)
    file = qoc.git.path / "desk.toml"
    file.write_text(file.read_text() + BLOCK.format(name="oldbank", url=bank))
    assert json.loads(run("status", "--json").stdout)["nav_usd"] == 12.5
    done = run("run", "benchmark", "SPX", "--since", "2026-01-31", "--connector", "oldbank")
    assert (done.returncode, done.stderr) == (
        128,
        "oldbank: oldbank does not offer daily closes for cash\n",
    )
    done = run("run", "benchmark", "SPX", "--since", "2026-01-31")
    assert (done.returncode, done.stderr.partition(".")[0]) == (1, "no enabled connector of desk")


def test_a_broken_plug_in_degrades_only_its_own_connector(run: Run, qoc: Qoc, bank: str) -> None:
    file = qoc.git.path / "desk.toml"
    names = ["piggybank", *BROKEN]
    file.write_text(file.read_text() + "".join(BLOCK.format(name=name, url=bank) for name in names))
    done = run("status", "--json")
    assert done.returncode == 0, done.stderr
    told = {one["name"]: one for one in json.loads(done.stdout)["connectors"]}
    assert told["piggybank"]["health"] == "OK"
    reasons = {name: told[name]["reason"] for name in BROKEN}
    assert reasons == {
        "raises": 'the plug-in for venue "raises" failed with RuntimeError',
        "nothing": 'the plug-in for venue "nothing" is no git_qoc.venues.venue.Venue',
        "late": "its adapter failed with ZeroDivisionError; please report it",
        "asked": "its adapter failed with ZeroDivisionError; please report it",
    }


@pytest.mark.parametrize(("name", "kind"), [("raises", "RuntimeError"), ("asked", "ZeroDivisionError")])
def test_a_broken_plug_in_is_named_when_it_is_connected(run: Run, name: str, kind: str) -> None:
    done = run("connect", "cash", "--name", "jar", "--venue", name, "--env-prefix", "PB_")
    said = f'the plug-in for venue "{name}" failed with {kind}.\n'
    assert (done.returncode, done.stderr) == (129, said)


def test_plug_ins_are_listed_with_their_trouble(run: Run) -> None:
    done = run("venues", "--json")
    assert done.returncode == 0, done.stderr
    told = {one["name"]: one for one in json.loads(done.stdout)}
    assert told["piggybank"]["plugin"]
    assert list(told["piggybank"]["types"]) == ["cash"]
    assert told["late"]["trouble"] is None
    assert "RuntimeError" in told["raises"]["trouble"]
    assert told["asked"]["trouble"] == 'the plug-in for venue "asked" failed with ZeroDivisionError'
    text = run("venues").stdout
    assert "piggybank" in text
    assert 'the plug-in for venue "raises" failed with RuntimeError' in text


def test_a_plug_in_cannot_take_a_name_of_ours(run: Run, tmp_path: Path) -> None:
    install(tmp_path / "site", "alpaca", "raise RuntimeError('taken')")
    told = [one for one in json.loads(run("venues", "--json").stdout) if one["name"] == "alpaca"]
    assert [(one["title"], one["plugin"]) for one in told] == [("Alpaca Trading API", False)]


def test_the_readmes_table_is_what_venues_prints() -> None:
    assert as_markdown(list_venues()) in (ROOT / "README.md").read_text()
