"""What is left of the secrets when a command is done with its connectors; real processes."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from git_qoc.errors import DeskError
from git_qoc.tasks.connectors import open_connectors
from git_qoc.tasks.desk import open_desk
from tests.cli.qoc import Qoc
from tests.conftest import Git
from tests.venues import alpaca_faults as faults
from tests.venues.alpaca_bodies import KEY, NOON, SECRET
from tests.venues.alpaca_faults import Fault
from tests.venues.alpaca_server import AlpacaServer

ROOT = Path(__file__).parents[2]
BLOCK = """
[[connector]]
name = "main"
type = "equities"
base_url = "{url}"

  [connector.auth]
  api_key    = {{ file = "{folder}/key" }}
  api_secret = {{ file = "{folder}/secret" }}
"""


@pytest.fixture
def desk(git: Git, tmp_path: Path) -> Qoc:
    qoc = Qoc(git)
    qoc.ok("init")
    for name, value in (("key", KEY), ("secret", SECRET)):
        (tmp_path / name).write_text(value)
        (tmp_path / name).chmod(0o600)
    return qoc


def add_venue(desk: Qoc, url: str) -> None:
    file = desk.git.path / "desk.toml"
    file.write_text(file.read_text() + BLOCK.format(url=url, folder=desk.git.path.parent))


def held_after(desk: Qoc, *args: str) -> str:
    files = [str(desk.git.path.parent / name) for name in ("key", "secret")]
    command = [sys.executable, "-m", "tests.tasks.held", *files, "--", *args]
    environ = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        command, cwd=desk.git.path, env=environ, capture_output=True, text=True, check=False
    )
    return done.stderr.splitlines()[-1]


@pytest.mark.parametrize("fault", [None, faults.status(401), faults.reset, faults.hang, faults.drip_head])
def test_after_a_command_nothing_in_memory_holds_a_secret(desk: Qoc, fault: Fault | None) -> None:
    with AlpacaServer(faults={} if fault is None else {"*": fault}) as server:
        add_venue(desk, server.url)
        for args in (("status", "--timeout", "1"), ("status", "--credentials")):
            assert held_after(desk, *args) == "code 0, held by [], secrets with a value: 0"


def test_a_connector_that_outlives_its_command_can_send_nothing_more(desk: Qoc) -> None:
    with AlpacaServer() as server:
        add_venue(desk, server.url)
        with open_connectors(open_desk(desk.git.path), lambda: NOON, {}, 5.0) as opened:
            connector = opened[0].connector
            assert connector is not None
            assert connector.account().currency == "USD"
        before = len(server.requests)
        with pytest.raises(DeskError, match="dropped after use"):
            connector.account()
        assert len(server.requests) == before


def test_a_booking_on_a_paper_account_asks_no_store_of_another_connector(desk: Qoc, tmp_path: Path) -> None:
    desk.git("config", "credential.helper", f"!touch {tmp_path}/asked; false")
    block = BLOCK.replace('{{ file = "{folder}/key" }}', '{{ git-credential = "https://h" }}')
    file = desk.git.path / "desk.toml"
    file.write_text(file.read_text() + block.format(url="http://127.0.0.1:9", folder=tmp_path))
    desk.ok("connect", "cash", "--name", "sweep", "--venue", "paper")
    desk.ok("paper", "deposit", "sweep", "10")
    assert not (tmp_path / "asked").exists()
    desk.ok("status", "--timeout", "2")
    assert (tmp_path / "asked").exists()
