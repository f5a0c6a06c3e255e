"""Known secrets in every store, every command, every failure: they are found nowhere.

Real processes, a real venue on loopback that answers right and wrong and echoes what it was
sent. What is looked through: stdout and stderr, every object of the repository, and every
file that was written anywhere (reports, caches, `.git/qoc`, the temporary and home folders).
"""

from __future__ import annotations

import os
import subprocess
import sys
from base64 import b64encode
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from threading import Event
from urllib.parse import quote

import pytest

from git_qoc.cli.main import COMMANDS
from git_qoc.desk.secrets import FORMS
from tests.checks.keys import ALNUM, UPPER, made_of
from tests.cli.qoc import Qoc
from tests.desk.leaks import found_in
from tests.venues import alpaca_faults as faults
from tests.venues.alpaca_bodies import position
from tests.venues.alpaca_faults import Fault
from tests.venues.alpaca_server import AlpacaServer

ROOT = Path(__file__).parents[2]
START = f'import sys; sys.path.insert(0, "{ROOT}"); from git_qoc.cli.entry import main; main()'
STORES = ("env", "file", "git", "keyring")
PAIRS = {
    store: ("PK" + made_of(UPPER, 18, seed=at), made_of(ALNUM + "+/=", 40, seed=at + 50))
    for at, store in enumerate(STORES, start=20)
}
LITERAL = PAIRS["env"][1]
REMOTE = made_of(ALNUM, 40, seed=30)
SECRETS = {f"{store} {at}": value for store, pair in PAIRS.items() for at, value in enumerate(pair)}
SECRETS |= {"remote": REMOTE}
LOUD = {"GIT_TRACE": "1", "GIT_CURL_VERBOSE": "1", "GIT_TRACE_CURL": "1", "GIT_TRACE_SETUP": "1"}

AUTH = {
    "env": ('{ env = "EQ_API_KEY" }', '{ env = "EQ_API_SECRET" }'),
    "file": ('{ file = "../kept/file/key" }', '{ file = "../kept/file/secret" }'),
    "git": ('{ git-credential = "https://api.example.com" }',) * 2,
    "keyring": ('{ keyring = "keyring/key" }', '{ keyring = "keyring/secret" }'),
}
BLOCK = """
[[connector]]
name = "{store}"
type = "equities"
base_url = "{url}"

  [connector.auth]
  api_key    = {key}
  api_secret = {secret}
"""

# One entry a command of git-qoc: a new command is added here with what it is to be run with.
LINES: dict[str, list[str]] = {
    "init": ["init ../other"],
    "connect": ["connect cash --name new --venue paper", f"connect cash --name n --env-prefix {LITERAL}"],
    "status": ["status", "status --json", "status --credentials", "status --credentials --json"],
    "snapshot": ["snapshot", "snapshot --json", "snapshot --strict"],
    "log": ["log", "log --json", "log --porcelain"],
    "sync": ["sync", "sync --json"],
    "verify": ["verify", "verify --json"],
    "diff": ["diff", "diff --json"],
    "show": ["show", "show --json", "status --snapshot latest"],
    "blame": ["blame AAPL", "blame AAPL --json"],
    "textconv": ["textconv desk.toml"],
    "run": [
        "run retrospective",
        "run retrospective --json",
        f"run retrospective --benchmark {LITERAL}",
        "run benchmark SPX --no-commit",
        f"run benchmark {LITERAL}",
        f"run benchmark SPX --connector {LITERAL}",
    ],
    "ci": ["ci github", "ci gitlab --json", "ci forgejo --print"],
    "check": ["check", "check credentials", "check --history HEAD --json"],
    "paper": [
        "paper deposit sweep 10",
        "paper deposit env 10",
        f"paper deposit sweep {LITERAL}",
        f"paper deposit {LITERAL} 10",
        f"paper transfer sweep {LITERAL} 1",
        f"paper buy shares {LITERAL} 1",
        f"paper buy shares KO 1 --limit {LITERAL}",
        f"paper buy shares KO 1 --tif {LITERAL}",
        "paper buy shares KO 1 --limit 1",
        "paper orders shares --json",
        f"paper cancel shares {LITERAL}",
        "paper cancel shares --all",
    ],
    "venues": ["venues", "venues --json", "venues --markdown"],
    "exchange": [f"exchange serve --env-prefix {LITERAL}", f"exchange serve --at {LITERAL}"],
    "demo": ["demo ."],  # refused; making one takes ten seconds
    "setup": ["setup --local", "setup --print --json"],
    "help": ["help status"],
}


@dataclass
class House:
    """A desk with a connector for each store, and all that its processes may write to."""

    qoc: Qoc
    folder: Path
    said: list[bytes] = field(default_factory=list)

    def run(self, line: str, **more: str) -> subprocess.CompletedProcess[bytes]:
        environ = {
            **os.environ,
            "EQ_API_KEY": PAIRS["env"][0],
            "EQ_API_SECRET": PAIRS["env"][1],
            "PYTHON_KEYRING_BACKEND": "tests.desk.backends.Plain",
            "KEYRING_FOLDER": str(self.folder / "kept"),
            "PYTHONPATH": str(ROOT),
            "HOME": str(self.folder / "home"),
            "XDG_CONFIG_HOME": str(self.folder / "home"),
            "TMPDIR": str(self.folder / "tmp"),
            "GIT_CONFIG_GLOBAL": str(self.folder / "gitconfig"),
            **more,
        }
        command = [sys.executable, "-c", START, *line.split()]
        done = subprocess.run(command, cwd=self.qoc.git.path, env=environ, capture_output=True, check=False)
        self.said += [done.stdout, done.stderr]
        return done

    def leaks(self) -> list[str]:
        """Where which secret was found: in what was said, in an object, or in a file."""
        places = [("output", text) for text in self.said]
        places += [("object", objects(repo)) for repo in self._repositories()]
        places += [(str(file), file.read_bytes()) for file in self._files()]
        return [f"{name} in {place}" for place, text in places for name in found_in(text, SECRETS)]

    def _repositories(self) -> Iterator[Path]:
        return (path.parent for path in self.folder.rglob(".git"))

    def _files(self) -> Iterator[Path]:
        own = {self.folder / "kept", self.qoc.git.path / ".git" / "config"}
        for file in self.folder.rglob("*"):
            if file.is_file() and own.isdisjoint((file, *file.parents)) and file.suffix != ".sample":
                yield file


def objects(repo: Path) -> bytes:
    args = ["git", "cat-file", "--batch-all-objects", "--unordered", "--batch"]
    return subprocess.run(args, cwd=repo, capture_output=True, check=True).stdout


@pytest.fixture
def server() -> Iterator[AlpacaServer]:
    clock = datetime.now(UTC).isoformat()  # noqa: TID251  # the processes' clock
    with AlpacaServer(positions=[position()], accepted=list(PAIRS.values()), clock=clock) as running:
        yield running


@pytest.fixture
def house(qoc: Qoc, tmp_path: Path, server: AlpacaServer) -> House:
    for name in ("kept", "kept/file", "kept/keyring", "home", "tmp"):
        (tmp_path / name).mkdir(mode=0o700)
    for store in ("file", "keyring"):
        for name, value in zip(("key", "secret"), PAIRS[store], strict=True):
            (tmp_path / "kept" / store / name).write_text(f"{value}\n")
            (tmp_path / "kept" / store / name).chmod(0o600)
    user, password = (quote(value, safe="") for value in PAIRS["git"])
    (tmp_path / "kept" / "git").write_text(f"https://{user}:{password}@api.example.com\n")
    (tmp_path / "gitconfig").write_text(f"[credential]\n\thelper = store --file={tmp_path}/kept/git\n")
    qoc.ok("init")
    blocks = (
        BLOCK.format(store=store, url=server.url, key=key, secret=secret)
        for store, (key, secret) in AUTH.items()
    )
    file = qoc.git.path / "desk.toml"
    file.write_text(file.read_text() + "".join(blocks))
    qoc.git("add", ".")
    qoc.git("commit", "-qm", "desk")
    qoc.ok("connect", "cash", "--name", "sweep", "--venue", "paper")
    qoc.ok("paper", "deposit", "sweep", "100")
    qoc.ok("connect", "equities", "--name", "shares", "--venue", "paper")
    qoc.ok("paper", "deposit", "shares", "100")
    qoc.git("remote", "add", "origin", f"http://user:{REMOTE}@127.0.0.1:9/desk.git")
    return House(qoc, tmp_path)


def echo(head: str, body: str) -> Fault:
    """Answers with what it was sent: `{key}`, `{secret}` and `{basic}`, the base64 of both."""

    def answer(handler: BaseHTTPRequestHandler, _stopping: Event) -> None:
        key, secret = (handler.headers.get(f"APCA-API-{name}", "") for name in ("KEY-ID", "SECRET-KEY"))
        basic = b64encode(f"{key}:{secret}".encode()).decode()
        sent = body.format(key=key, secret=secret, basic=basic).encode()
        lines = f"HTTP/1.1 {head}\r\nX-Echo: {secret}\r\nContent-Length: {len(sent)}\r\n\r\n"
        handler.wfile.write(lines.format(secret=secret).encode() + sent)

    return answer


MESSAGE = '{{"code": 1, "message": "bad key {key} {secret} {basic}", "{secret}": "{key}"}}'
FAULTS: dict[str, Fault] = {
    "401": echo("401 {secret}", MESSAGE),
    "404": echo("404 No", MESSAGE),
    "422": echo("422 No", MESSAGE),
    "429": echo("429 No\r\nRetry-After: {secret}", MESSAGE),
    "500": echo("500 {secret}", MESSAGE),
    "html": echo("200 OK\r\nContent-Type: text/html", "<html>{key} {secret} {basic}</html>"),
    "another shape": echo("200 OK", MESSAGE),
    "another type": echo("200 OK", '["{secret}", {{"id": "{key}", "timestamp": "{basic}"}}]'),
    "redirect": echo("302 Found\r\nLocation: https://evil.example.com/{secret}", "{secret}"),
    "no status line": echo("{secret}", "{secret}"),
    "hang": faults.hang,
    "cut": faults.cut,
    "reset": faults.reset,
}


def test_every_command_has_lines_here() -> None:
    assert set(LINES) == set(COMMANDS)


def test_no_secret_is_in_what_any_command_says_or_writes(house: House, server: AlpacaServer) -> None:
    for command, lines in LINES.items():
        for line in lines:
            done = house.run(line, **(LOUD if command in ("status", "snapshot", "sync") else {}))
            assert b"Traceback" not in done.stderr
    assert house.leaks() == []
    # The venue was reached with every store's pair, so that there was something to leak.
    assert {seen.headers["apca-api-secret-key"] for seen in server.requests} == {p[1] for p in PAIRS.values()}


def test_no_secret_is_in_any_help(house: House) -> None:
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(house.run, [f"{command} -h" for command in COMMANDS]))
    assert house.leaks() == []


def test_no_secret_is_told_when_the_venue_fails_in_any_way(house: House, server: AlpacaServer) -> None:
    for name, fault in FAULTS.items():
        server.faults = {"*": fault}
        line = "snapshot --timeout 0.6" if name in ("401", "another type") else "status --json --timeout 0.6"
        done = house.run(line, **LOUD)
        assert done.returncode == 0
        assert (done.stdout + done.stderr).count(b"DEGRADED") >= 1
    assert house.leaks() == []
    assert len(server.requests) >= len(STORES) * (len(FAULTS) - 1)


def test_no_secret_is_told_when_nobody_is_there_or_a_store_fails(house: House, server: AlpacaServer) -> None:
    file = house.qoc.git.path / "desk.toml"
    text = file.read_text()
    for url in ("https://evil.example.com", server.url.replace("http:", "https:"), faults.refused_url()):
        file.write_text(text.replace(server.url, url))
        house.run("status --timeout 0.5", **LOUD)
    house.run("snapshot --backfill 2026-01-01 --timeout 0.5", **LOUD)
    file.write_text(text)
    broken: list[Callable[[], object]] = [
        lambda: (house.folder / "kept" / "file" / "key").chmod(0o644),
        lambda: file.write_text(f"{text}\n[security]\nstrict = true\n"),
        lambda: (house.folder / "kept" / "git").write_text(f"https://eve:{PAIRS['git'][1]}@other\n"),
    ]
    for break_it in broken:
        break_it()
        house.run("status --credentials", PYTHON_KEYRING_BACKEND="tests.desk.backends.Talking", **LOUD)
    house.run("status", PYTHON_KEYRING_BACKEND="tests.desk.backends.Talking", **LOUD)
    assert house.leaks() == []


def test_no_secret_in_the_wrong_place_of_desk_toml_is_repeated(house: House) -> None:
    file = house.qoc.git.path / "desk.toml"
    text = file.read_text()
    wrongs = [f'"{LITERAL}"', *(f'{{ {form} = "{LITERAL}" }}' for form in (*FORMS, f'"{LITERAL}"'))]
    for wrong in wrongs:
        file.write_text(text.replace('{ env = "EQ_API_KEY" }', wrong))
        for line in ("status --credentials --json", "check desk.toml"):
            house.run(line)
    file.write_text(text.replace('{ env = "EQ_API_KEY" }', f'{{ env = "{LITERAL}" }}'))
    house.run("snapshot")
    assert found_in(b"\n".join(house.said), SECRETS) == []


BROKEN = """
import os, sys
def tabulate(*args, **kwargs):
    caller = sys._getframe(1)
    raise RuntimeError(f"{os.environ} {caller.f_locals} {caller.f_back.f_locals}")
"""


def test_no_secret_is_in_a_report_of_a_bug(house: House) -> None:
    """A broken library, whose error repeats the environment and the locals of its callers."""
    (house.folder / "broken").mkdir()
    (house.folder / "broken" / "tabulate.py").write_text(BROKEN)
    path = os.pathsep.join((str(house.folder / "broken"), str(ROOT)))
    house.run("snapshot")
    for line in ("status", "status --credentials", "status --snapshot latest"):
        done = house.run(line, PYTHONPATH=path, PYTHONFAULTHANDLER="1", **LOUD)
        assert done.returncode == 128
        assert done.stderr.startswith(b"git-qoc has a bug: RuntimeError in tabulate.py:5.")
    reports = list((house.folder / "tmp").glob("git-qoc-bug-*.txt"))
    assert len(reports) == 3
    assert house.leaks() == []


def test_the_search_itself_finds_each_form_in_each_place(house: House) -> None:
    secret = PAIRS["file"][1]
    house.qoc.git("commit", "--allow-empty", "-qm", f"oops {b64encode(secret.encode()).decode()}")
    (house.qoc.git.path / ".git" / "qoc" / "note").write_text(secret[::-1])
    house.said.append(b"Authorization: " + b64encode(f"user:{LITERAL}".encode()))
    found = house.leaks()
    where = {"env 1 in output", "file 1 in object", f"file 1 in {house.qoc.git.path}/.git/qoc/note"}
    assert where <= set(found)
    assert {leak.partition(" in ")[0] for leak in found} == {"file 1", "env 1"}
