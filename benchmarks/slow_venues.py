"""`git qoc status` over venues that answer slowly: the whole process beside one such venue alone.

    python benchmarks/slow_venues.py [VENUES] [SECONDS_PER_ANSWER]

A server process on loopback gives Alpaca's published example bodies, every answer late by the
given time. A venue is asked once, or twice in a row where it holds symbols that no snapshot
knows. Then one of the venues never answers. The start-up is what one venue takes less its answers.
"""

from __future__ import annotations

import json
import os
import signal
import statistics
import subprocess
import sys
import sysconfig
import tempfile
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from tests.venues.alpaca_bodies import KEY, SECRET, account, position

QUOTE = {"ap": 120.1, "as": 1, "ax": "C", "bp": 120, "bs": 1, "bx": "N", "c": ["R"], "z": "C"}
RUNS = 7
DEADLINE_S = 3.0


class Venue(BaseHTTPRequestHandler):
    """`/<milliseconds>/<account>/v2/…`: the answer comes so late; never where that is negative."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        _, late_ms, name, path = self.path.partition("?")[0].split("/", 3)
        time.sleep(3600 if int(late_ms) < 0 else int(late_ms) / 1000)
        now = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
        bodies = {
            "v2/account": account(id=name),
            "v2/positions": [position()],
            "v2/clock": {"timestamp": now, "is_open": True, "next_open": now, "next_close": now},
            "v2/stocks/quotes/latest": {"quotes": {"AAPL": {**QUOTE, "t": now}}},
        }
        body = json.dumps(bodies.get(path, [])).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: object) -> None:
        """Quiet."""


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 512  # else the kernel makes the 6th of many at once wait a second


class Desk:
    """A desk of venues that answer late by `late_ms` each."""

    def __init__(self, folder: Path, url: str, late_ms: list[int]) -> None:
        self._folder = folder
        self._environ = {**os.environ, "EQ_API_KEY": KEY, "EQ_API_SECRET": SECRET}
        folder.mkdir()
        self.run("init")
        for index, late in enumerate(late_ms):
            where = ("--base-url", f"{url}/{late}/acc{index:04}")
            self.run("connect", "equities", "--name", f"v{index}", "--env-prefix", "EQ_", *where)

    def run(self, *args: str) -> float:
        tool = str(Path(sysconfig.get_path("scripts")) / "git-qoc")
        start = time.perf_counter()
        subprocess.run([tool, *args], cwd=self._folder, env=self._environ, check=True, capture_output=True)
        return time.perf_counter() - start

    def status(self, *args: str, runs: int = RUNS) -> float:
        return statistics.median(self.run("status", *args) for _ in range(runs))


def main() -> None:
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    venues = int(sys.argv[1]) if len(sys.argv) > 1 else 20
    late_ms = int(1000 * float(sys.argv[2])) if len(sys.argv) > 2 else 300
    server = Server(("127.0.0.1", 0), Venue)
    child = os.fork()
    if not child:
        server.serve_forever()
    try:
        with tempfile.TemporaryDirectory() as folder:
            measure(Path(folder), f"http://127.0.0.1:{server.server_address[1]}", venues, late_ms)
    finally:
        os.kill(child, signal.SIGKILL)


def measure(folder: Path, url: str, venues: int, late_ms: int) -> None:
    Desk(folder / "warm", url, [0]).status()
    one, many = Desk(folder / "one", url, [late_ms]), Desk(folder / "many", url, [late_ms] * venues)
    start_up = 0.0
    for label, answers in (("first look", 2), ("after a snapshot", 1)):
        slowest = answers * late_ms / 1000
        start_up = one.status() - slowest
        ratio = (many.status() - start_up) / slowest
        print(
            f"{label}: {venues} venues whose answers take {slowest:.2f} s: {ratio:.2f} times that + start-up"
        )
        one.run("snapshot")
        many.run("snapshot")
    print(f"start-up, with one venue: {start_up:.2f} s")
    hanging = Desk(folder / "hanging", url, [late_ms] * (venues - 1) + [-1])
    took = hanging.status("--timeout", f"{DEADLINE_S:g}", runs=3) - start_up
    print(f"one of {venues} hangs for ever: {took:.2f} s + start-up, deadline {DEADLINE_S:g} s")


if __name__ == "__main__":
    main()
