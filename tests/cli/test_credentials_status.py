"""`git qoc status --credentials`: which reference resolves, and never to what."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path
from time import monotonic
from typing import Any

import pytest

from tests.checks.keys import ALNUM, ALPACA_ID, made_of
from tests.cli.qoc import Qoc, Result
from tests.desk.leaks import found_in
from tests.desk.test_git_credential import is_gone

ROOT = Path(__file__).parents[2]
START = f'import sys; sys.path.insert(0, "{ROOT}"); from git_qoc.cli.entry import main; main()'
VALUE = made_of(ALNUM, 40, seed=17)
SECRETS = {"value": VALUE}


@pytest.fixture
def kept(desk: Qoc, tmp_path: Path) -> Qoc:
    """A desk whose secrets are in the folder beside it, which is its owner's alone."""
    tmp_path.chmod(0o700)
    (tmp_path / "key").write_text(VALUE)
    (tmp_path / "key").chmod(0o600)
    (tmp_path / "service").mkdir()
    (tmp_path / "service" / "user").write_text(VALUE)
    desk.environ = {"EQ_API_KEY": VALUE}
    return desk


def add(desk: Qoc, name: str, auth: str, more: str = "", kind: str = "equities") -> None:
    file = desk.git.path / "desk.toml"
    block = f'\n[[connector]]\nname = "{name}"\ntype = "{kind}"\n{more}\n  [connector.auth]\n{auth}\n'
    file.write_text(file.read_text() + block)


def asked(desk: Qoc, *args: str) -> Result:
    result = desk("status", "--credentials", *args)
    assert found_in(result.out + result.err, SECRETS) == []
    return result


def rows(desk: Qoc, *args: str) -> dict[str, dict[str, Any]]:
    return {f"{row['connector']}.{row['key']}": row for row in asked(desk, "--json", *args).json}


def lines(desk: Qoc) -> list[list[str]]:
    table = asked(desk).out.partition("\n\n")[0]
    return [[cell.strip() for cell in line.split("  ") if cell.strip()] for line in table.splitlines()[2:]]


def test_each_reference_is_told_with_whether_it_is_there(kept: Qoc) -> None:
    add(kept, "main", 'api_key = { env = "EQ_API_KEY" }\napi_secret = { file = "../key" }')
    add(kept, "other", 'api_key = { env = "CX_API_KEY" }\napi_secret = { file = "/none" }', kind="crypto")
    assert lines(kept) == [
        ["main", "api_key", "env EQ_API_KEY", "ok"],
        ["main", "api_secret", "file ../key", "ok"],
        ["other", "api_key", "env CX_API_KEY", "not set"],
        ["other", "api_secret", "file /none", "cannot be read: No such file or directory"],
    ]
    result = asked(kept)
    assert result.code == 1
    assert "other: needs CX_API_KEY, which is not set. Export it." in result.out


def test_all_there_is_exit_code_0_and_a_disabled_connector_does_not_count(kept: Qoc) -> None:
    add(kept, "main", 'api_key = { env = "EQ_API_KEY" }\napi_secret = { file = "../key" }')
    add(kept, "off", 'api_key = { env = "NONE" }\napi_secret = { env = "NONE" }', "enabled = false")
    assert asked(kept).code == 0
    assert lines(kept)[2:] == [
        ["off", "api_key", "env NONE", "not set (disabled)"],
        ["off", "api_secret", "env NONE", "not set (disabled)"],
    ]


def test_who_needs_none_what_is_missing_and_what_nobody_uses_is_said(kept: Qoc) -> None:
    kept.ok("connect", "cash", "--name", "sweep", "--venue", "paper")
    add(kept, "half", 'api_key = { env = "EQ_API_KEY" }\nextra = { env = "NONE" }')
    add(kept, "later", 'token = { env = "NONE" }', 'venue = "elsewhere"')
    add(kept, "bare", "", 'venue = "elsewhere"')
    add(kept, "off", "", "enabled = false")
    assert lines(kept) == [
        ["sweep", "needs none"],
        ["half", "api_key", "env EQ_API_KEY", "ok"],
        ["half", "api_secret", "missing in desk.toml"],
        ["half", "extra", "env NONE", "not used by alpaca"],
        ["later", "token", "env NONE", "not set"],
        ["bare", "no adapter for elsewhere yet"],
        ["off", "api_key", "missing in desk.toml (disabled)"],
        ["off", "api_secret", "missing in desk.toml (disabled)"],
    ]
    found = asked(kept)
    assert found.code == 1
    told = 'half: needs auth.api_secret. Write api_secret = { env = "NAME" } under [connector.auth].'
    assert told in found.out


def test_nothing_is_told_of_a_value_not_even_its_length(kept: Qoc, tmp_path: Path) -> None:
    add(kept, "main", 'api_key = { env = "EQ_API_KEY" }\napi_secret = { file = "../key" }')
    before = asked(kept).out, asked(kept, "--json").out
    kept.environ = {"EQ_API_KEY": "short"}
    (tmp_path / "key").write_text(VALUE * 3)
    assert (asked(kept).out, asked(kept, "--json").out) == before


def test_a_desk_without_connectors_says_how_to_add_one(desk: Qoc) -> None:
    result = asked(desk)
    assert (result.code, asked(desk, "--json").json) == (0, [])
    assert "git qoc connect" in result.out


def test_json_has_every_field_and_null_where_there_is_none(kept: Qoc) -> None:
    kept.ok("connect", "cash", "--name", "sweep", "--venue", "paper")
    add(kept, "main", 'api_key = { env = "CX_API_KEY" }')
    found = rows(kept)
    assert found["main.api_key"] == {
        "connector": "main",
        "venue": "alpaca",
        "enabled": True,
        "key": "api_key",
        "form": "env",
        "place": "CX_API_KEY",
        "resolves": False,
        "state": "not set",
        "remedies": ["needs CX_API_KEY, which is not set. Export it."],
    }
    assert [found["sweep.None"][name] for name in ("key", "form", "place", "resolves")] == [None] * 4


def test_a_file_that_others_may_read_is_ok_with_a_word_and_refused_when_strict(
    kept: Qoc, tmp_path: Path
) -> None:
    (tmp_path / "key").chmod(0o644)
    add(kept, "main", 'api_key = { env = "EQ_API_KEY" }\napi_secret = { file = "../key" }')
    lax = asked(kept)
    assert lax.code == 0
    assert lines(kept)[1] == ["main", "api_secret", "file ../key", "ok, but mode 0644, readable by others"]
    told = "needs the file ../key, which has mode 0644, readable by others. Run: "
    told += f"chmod 600 {tmp_path / 'key'}"
    assert f"main: {told}." in lax.out
    file = kept.git.path / "desk.toml"
    file.write_text(file.read_text() + "\n[security]\nstrict = true\n")
    assert asked(kept).code == 1
    assert lines(kept)[1] == ["main", "api_secret", "file ../key", "mode 0644, readable by others"]
    assert f'connector "main" {told}, or set enabled = false.' in kept.ok("status").out


def test_status_and_snapshot_warn_of_such_a_file(kept: Qoc, tmp_path: Path) -> None:
    from tests.venues.alpaca_bodies import KEY, SECRET
    from tests.venues.alpaca_server import AlpacaServer

    (tmp_path / "key").write_text(SECRET)
    (tmp_path / "key").chmod(0o640)
    kept.environ = {"EQ_API_KEY": KEY}
    told = "main: needs the file ../key, which has mode 0640, readable by its group. Run: "
    told += f"chmod 600 {tmp_path / 'key'}"
    with AlpacaServer() as server:
        auth = 'api_key = { env = "EQ_API_KEY" }\napi_secret = { file = "../key" }'
        add(kept, "main", auth, f'base_url = "{server.url}"')
        assert told in kept.ok("status").out
        assert kept.ok("status", "--json").json["connectors"][0]["notes"] == [told.removeprefix("main: ")]
        assert f"warning: {told}" in kept.ok("snapshot").err
    assert "chmod" not in kept.git("log", "-p", "--", "snapshots")


@pytest.mark.parametrize("place", ["key", "deep/er/key", "link"])
def test_a_file_that_git_tracks_is_refused_whatever_leads_to_it(kept: Qoc, place: str) -> None:
    at = "deep/er/key" if place == "link" else place
    file = kept.git.path / at
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    file.write_text(VALUE)
    file.chmod(0o600)
    if place == "link":
        (kept.git.path.parent / "link").symlink_to(file)
        place = "../link"
    add(kept, "main", f'api_key = {{ env = "EQ_API_KEY" }}\napi_secret = {{ file = "./{place}" }}')
    assert "in the work tree and not ignored" in rows(kept)["main.api_secret"]["state"]
    assert asked(kept).code == 0
    kept.git("add", at)
    found = rows(kept)["main.api_secret"]
    assert (found["resolves"], found["state"]) == (False, "tracked by git")
    assert "Revoke it" in found["remedies"][0]
    kept.git("rm", "-q", "--cached", at)
    (kept.git.path / ".gitignore").write_text("key\n")
    assert rows(kept)["main.api_secret"]["state"].partition(",")[0] == "ok"
    assert "work tree" not in rows(kept)["main.api_secret"]["state"]


def test_a_secret_in_the_place_of_its_name_is_not_repeated(kept: Qoc) -> None:
    add(kept, "main", f'api_key = {{ env = "{ALPACA_ID}" }}\napi_secret = {{ file = "{VALUE}" }}')
    add(kept, "url", f'api_key = {{ git-credential = "https://u:{VALUE}@h" }}\n{VALUE} = {{ env = "A" }}')
    secrets = {**SECRETS, "id": ALPACA_ID}
    for command in ("status --credentials", "status --credentials --json", "status", "snapshot"):
        result = kept(*command.split())
        assert found_in(result.out + result.err, secrets) == []
    assert lines(kept)[0] == ["main", "api_key", "env ****", "names no place"]
    assert "names no place and may hold the secret itself" in asked(kept).out
    assert "names no place and may hold the secret itself" in kept("status").out


def test_no_venue_is_asked_and_nothing_else_may_be(kept: Qoc) -> None:
    from tests.venues.alpaca_server import AlpacaServer

    with AlpacaServer() as server:
        auth = 'api_key = { env = "EQ_API_KEY" }\napi_secret = { file = "../key" }'
        add(kept, "main", auth, f'base_url = "{server.url}"')
        assert asked(kept).code == 0
        assert server.connections == 0
    both = kept("status", "--credentials", "--snapshot", "latest")
    assert (both.code, both.err) == (129, "give --credentials or --snapshot, not both.\n")


# Real processes: keyrings and helpers that hang.


def environ(kept: Qoc, **more: str) -> dict[str, str]:
    return {
        **os.environ,
        "PYTHONPATH": str(ROOT),
        "KEYRING_FOLDER": str(kept.git.path.parent),
        "HOME": str(kept.git.path.parent),
        **more,
    }


def process(kept: Qoc, *args: str, **more: str) -> Result:
    command = [sys.executable, "-c", START, "status", *args]
    done = subprocess.run(
        command, cwd=kept.git.path, env=environ(kept, **more), capture_output=True, text=True, check=False
    )
    assert found_in(done.stdout + done.stderr, SECRETS) == []
    return Result(done.returncode, done.stdout, done.stderr)


@pytest.mark.parametrize(
    ("backend", "state"),
    [
        ("tests.desk.backends.Plain", "ok"),
        ("tests.desk.backends.Talking", "failed: RuntimeError"),
        ("keyring.backends.null.Keyring", "holds nothing"),
    ],
)
def test_a_keyring_is_asked(kept: Qoc, backend: str, state: str) -> None:
    reference = '{ keyring = "service/user" }'
    add(kept, "main", f"api_key = {reference}\napi_secret = {reference}")
    result = process(kept, "--credentials", "--json", PYTHON_KEYRING_BACKEND=backend)
    assert [row["state"] for row in result.json] == [state] * 2
    assert result.code == (0 if state == "ok" else 1)


@pytest.mark.parametrize("args", [("--credentials",), ()])
def test_a_keyring_that_hangs_costs_the_time_limit_and_does_not_keep_the_process_alive(
    kept: Qoc, args: tuple[str, ...]
) -> None:
    for name in ("a", "b", "c"):
        reference = '{ keyring = "service/user" }'
        add(kept, name, f"api_key = {reference}\napi_secret = {reference}")
    started = monotonic()
    result = process(kept, *args, "--timeout", "1", PYTHON_KEYRING_BACKEND="tests.desk.backends.Hanging")
    assert monotonic() - started < 6
    assert "no answer within 1 s" in result.out or "no secrets within 1 s" in result.out
    assert result.code == (1 if args else 0)


@pytest.fixture
def hanging(kept: Qoc, tmp_path: Path) -> Path:
    """A FIFO that tells the process id of a helper, which then hangs."""
    fifo = tmp_path / "started"
    os.mkfifo(fifo)
    helper = tmp_path / "helper"
    helper.write_text(f"#!/bin/sh\nsleep 60 &\necho $! > '{fifo}'\nwait\n")
    helper.chmod(0o755)
    kept.git("config", "credential.helper", str(helper))
    add(kept, "main", 'api_key = { git-credential = "https://h" }\napi_secret = { env = "EQ_API_KEY" }')
    return fifo


@pytest.mark.parametrize("args", [("--credentials", "--timeout", "2"), ("--timeout", "2")])
def test_a_helper_that_hangs_ends_with_the_command(kept: Qoc, hanging: Path, args: tuple[str, ...]) -> None:
    command = [sys.executable, "-c", START, "status", *args]
    with subprocess.Popen(command, cwd=kept.git.path, env=environ(kept), stdout=subprocess.PIPE) as running:
        sleeper = int(hanging.read_text())
        out, _ = running.communicate()
    assert b"within 2 s" in out
    assert is_gone(sleeper)


def test_a_helper_that_hangs_ends_when_the_command_is_interrupted(kept: Qoc, hanging: Path) -> None:
    command = [sys.executable, "-c", START, "status", "--credentials", "--timeout", "50"]
    with subprocess.Popen(command, cwd=kept.git.path, env=environ(kept), stderr=subprocess.PIPE) as running:
        sleeper = int(hanging.read_text())
        running.send_signal(signal.SIGINT)
        _, err = running.communicate()
    assert (running.returncode, err.strip()) == (130, b"")
    assert is_gone(sleeper)
