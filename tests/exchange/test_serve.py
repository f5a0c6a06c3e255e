"""`git qoc exchange serve` as a process: how it begins, what it says, how it ends."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from git_qoc.cli.context import World
from git_qoc.cli.main import run
from git_qoc.errors import UsageError
from tests.checks.keys import ALNUM, made_of
from tests.exchange.running import NOON, Client
from tests.exchange.test_faults import DROPPED

ROOT = Path(__file__).parents[2]
START = f'import sys; sys.path.insert(0, "{ROOT}"); from git_qoc.cli.entry import main; main()'
AT = ("--at", "2017-03-01T12:00:00-05:00")
SECRET = made_of(ALNUM, 40, seed=90)


@dataclass
class Process:
    """A running exchange; `url` is what its one line on stdout says."""

    popen: subprocess.Popen[str]
    url: str
    clients: list[Client] = field(default_factory=list)

    def client(self, *pair: str) -> Client:
        self.clients.append(Client(self.url, *pair))
        return self.clients[-1]

    def end(self, how: signal.Signals) -> tuple[int, str, str]:
        """The exit status, the rest of stdout, and stderr."""
        for client in self.clients:
            client.close()
        self.popen.send_signal(how)
        out, err = self.popen.communicate(timeout=20)
        return self.popen.returncode, out, err


Serve = Callable[..., Process]


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Serve]:
    started: list[Process] = []
    (tmp_path / "tmp").mkdir()

    def start(*args: str, **environ: str) -> Process:
        popen = subprocess.Popen(
            [sys.executable, "-c", START, "exchange", "serve", *args],
            cwd=tmp_path,
            env={**os.environ, "TMPDIR": str(tmp_path / "tmp"), **environ},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert popen.stdout is not None
        line = popen.stdout.readline()
        if not line.startswith("listening on http://127.0.0.1:"):
            _, err = popen.communicate(timeout=20)
            raise AssertionError(f"{popen.returncode}: {line}{err}")
        started.append(Process(popen, line.split()[-1]))
        return started[-1]

    yield start
    for process in started:
        if process.popen.returncode is None:
            process.end(signal.SIGKILL)


def refused(tmp_path: Path, *args: str, **environ: str) -> tuple[int, str]:
    done = subprocess.run(
        [sys.executable, "-c", START, "exchange", "serve", *args],
        cwd=tmp_path,
        env={**os.environ, **environ},
        capture_output=True,
        text=True,
        timeout=20,
        check=False,
    )
    assert done.stdout == ""
    return done.returncode, done.stderr


@pytest.mark.parametrize(("how", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 0), (signal.SIGHUP, 0)])
def test_it_says_its_url_and_each_request_and_leaves_nothing_behind(
    serve: Serve, tmp_path: Path, how: signal.Signals, code: int
) -> None:
    process = serve(*AT, "--cash", "2500.50")
    client = process.client("akey", SECRET)
    assert client.get("/v2/account")["cash"] == "2500.5"
    assert client.get("/v2/clock")["timestamp"] == "2017-03-01T12:00:00-05:00"
    assert list((tmp_path / "tmp").iterdir()) != []
    ended, out, err = process.end(how)
    assert (ended, out) == (code, "")
    lines = [line.split()[:3] for line in err.splitlines() if line]  # Ctrl-C ends its own line
    assert lines == [["GET", "/v2/account", "200"], ["GET", "/v2/clock", "200"]]
    assert list((tmp_path / "tmp").iterdir()) == []


def test_it_ends_while_a_client_waits_and_another_keeps_its_connection(serve: Serve) -> None:
    process = serve(*AT, "--fault", "latency=600000@/v2/clock")
    idle = process.client()
    idle.get("/v2/account")
    waiting = socket.create_connection(("127.0.0.1", int(process.url.rsplit(":", 1)[1])))
    waiting.sendall(b"GET /v2/clock HTTP/1.1\r\nAPCA-API-KEY-ID: a\r\n\r\n")
    while idle.get("/qoc/faults"):
        """The other request is not there yet."""
    assert process.end(signal.SIGTERM)[0] == 0
    waiting.close()


def test_it_goes_on_when_nobody_reads_its_log(serve: Serve) -> None:
    process = serve(*AT)
    assert process.popen.stderr is not None
    process.popen.stderr.close()
    client = process.client()
    for number in range(3):
        assert client.order("KO", "1", client_order_id=f"c{number}")["status"] == "filled"
    for one in process.clients:
        one.close()
    assert process.popen.stdout is not None
    process.popen.stdout.close()
    process.popen.terminate()
    assert process.popen.wait(timeout=20) == 0


def test_without_a_time_the_clock_is_real(serve: Serve) -> None:
    client = serve().client()
    assert client.get("/qoc/clock")["stands"] is False
    assert client("POST", "/qoc/clock", {"at": "2030-01-01T00:00:00Z"}).status == 422


def test_two_clients_at_once_with_any_key_trade_one_account(serve: Serve) -> None:
    process = serve(*AT)
    first, second = process.client("one", "x"), process.client("two", "y")
    first.order("AAPL", "1", client_order_id="a")
    second.order("AAPL", "2", client_order_id="b")
    assert first.get("/v2/positions/AAPL") == second.get("/v2/positions/AAPL")
    assert first.get("/v2/positions/AAPL")["qty"] == "3"


def test_a_given_key_and_secret_come_from_the_environment_and_are_said_nowhere(serve: Serve) -> None:
    process = serve(*AT, "--env-prefix", "EX_", EX_API_KEY="the-key", EX_API_SECRET=SECRET)
    assert process.client("the-key", SECRET)("GET", "/v2/account").status == 200
    assert process.client("the-key", "other")("GET", "/v2/account").status == 401
    assert process.client("other", SECRET)("GET", "/v2/account").status == 401
    assert process.client()("POST", "/qoc/clock", {"at": "2018-01-01T00:00:00Z"}).status == 401
    _, out, err = process.end(signal.SIGTERM)
    assert SECRET not in out + err
    assert "the-key" not in out + err


def test_books_survive_a_kill_and_go_on(serve: Serve, tmp_path: Path) -> None:
    books = ("--books", "kept.sqlite")
    process = serve(*AT, *books)
    client = process.client()
    order = client.order("AAPL", "10", client_order_id="before")
    resting = client.order("KO", "1", type="limit", limit_price="20", time_in_force="gtc")
    held = client.get("/v2/positions")
    account = client.get("/v2/account")
    process.end(signal.SIGKILL)
    again = serve(*AT, *books, "--cash", "5").client()
    assert again.get(f"/v2/orders/{order['id']}") == order
    assert again.get("/v2/positions") == held
    assert again.get("/v2/account") == account
    assert [row["id"] for row in again.get("/v2/orders")] == [resting["id"]]
    assert (tmp_path / "kept.sqlite").exists()


def test_an_order_under_way_at_a_kill_is_whole_or_not_there(serve: Serve) -> None:
    books = ("--books", "kept.sqlite")
    for number in range(3):
        process = serve(*AT, *books, "--fault", "drop-after@POST:/v2/orders")
        with pytest.raises(DROPPED):
            process.client().order("KO", "1", client_order_id=f"c{number}")
        process.end(signal.SIGKILL)
    client = serve(*AT, *books).client()
    assert client.get("/v2/positions/KO")["qty"] == "3"
    assert len(client.get("/v2/account/activities/FILL")) == 3


def test_a_port_that_is_taken_is_said(serve: Serve, tmp_path: Path) -> None:
    port = serve().url.rsplit(":", 1)[1]
    way_out = "Choose another --port, or 0 for any free one."
    assert refused(tmp_path, "--port", port) == (
        128,
        f"127.0.0.1:{port} cannot be listened on (Address already in use). {way_out}\n",
    )


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (("--at", "yesterday"), "--at: expected a time with its offset or Z"),
        (("--at", "2017-03-01T12:00:00"), "--at: expected a time with its offset or Z"),
        (("--at", "1899-12-31T12:00:00Z"), "--at: expected a year from 1900 to 2199, found 1899."),
        (("--at", "0001-01-01T00:00:00+14:00"), "--at: expected a year from 1900 to 2199, found 1."),
        (("--at", "9999-12-31T23:59:59Z"), "--at: expected a year from 1900 to 2199, found 9999."),
        (("--port", "65536"), "--port: expected a number from 0"),
        (("--port", "-1"), "--port: expected a number from 0"),
        (("--cash", "much"), "--cash: expected a decimal number"),
        (("--cash", "-1"), "--cash: expected an amount of USD that is not below zero."),
        (("--fault", "explode"), "--fault: no such fault"),
        (("--fault", "429@nowhere"), "--fault: a fault is planned as"),
        (("--env-prefix", "NOT_SET_"), "--env-prefix: expected the start of two environment variables"),
        (("--env-prefix", SECRET), "--env-prefix: expected the start of two environment variables"),
    ],
)
def test_an_option_that_cannot_be_meant_is_a_usage_error(
    tmp_path: Path, args: tuple[str, str], words: str
) -> None:
    with pytest.raises(UsageError) as caught:
        run(["exchange", "serve", *args], World(lambda: NOON, {}, tmp_path))
    assert str(caught.value).startswith(words)
    assert SECRET not in str(caught.value)


def test_a_usage_error_of_the_real_command_ends_as_gits_do(tmp_path: Path) -> None:
    code, err = refused(tmp_path, "--at", "yesterday")
    assert (code, err.count("\n")) == (129, 1)


def test_a_time_before_what_is_in_the_books_is_said(serve: Serve, tmp_path: Path) -> None:
    process = serve(*AT, "--books", "kept")
    process.client().order("KO", "1")
    process.end(signal.SIGTERM)
    code, err = refused(tmp_path, "--books", "kept", "--at", "2017-02-01T12:00:00-05:00")
    assert code == 128
    assert "traded until 2017-03-01 17:00Z" in err


def test_books_that_cannot_be_used_are_said(tmp_path: Path) -> None:
    (tmp_path / "text").write_text("no database")
    code, err = refused(tmp_path, "--books", "text")
    assert code == 128
    assert "text" in err
    assert "Traceback" not in err
