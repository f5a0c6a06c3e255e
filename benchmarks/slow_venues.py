"""`git qoc status` over venues that answer slowly: the whole process beside its slowest venue.

    python benchmarks/slow_venues.py [VENUES] [SECONDS_PER_ANSWER]

A server on loopback gives Alpaca's published example bodies, every answer late by the given
time. A venue is asked once, or twice in a row where it holds symbols that no snapshot knows.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import sysconfig
import tempfile
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from tests.venues.alpaca_bodies import KEY, SECRET, account, position

QUOTE = {"ap": 120.1, "as": 1, "ax": "C", "bp": 120, "bs": 1, "bx": "N", "c": ["R"], "z": "C"}


class Venue(BaseHTTPRequestHandler):
    """The first part of the path is the account's id."""

    protocol_version = "HTTP/1.1"
    latency_s = 0.0

    def do_GET(self) -> None:
        time.sleep(self.latency_s)
        now = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
        _, name, path = self.path.partition("?")[0].split("/", 2)
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


def main() -> None:
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    venues = int(sys.argv[1]) if len(sys.argv) > 1 else 10
    latency_s = float(sys.argv[2]) if len(sys.argv) > 2 else 0.5
    server = ThreadingHTTPServer(("127.0.0.1", 0), Venue)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    with tempfile.TemporaryDirectory() as folder:
        measure(Path(folder), venues, latency_s, f"http://127.0.0.1:{server.server_address[1]}")


def measure(folder: Path, venues: int, latency_s: float, url: str) -> None:
    tool = str(Path(sysconfig.get_path("scripts")) / "git-qoc")
    environ = {**os.environ, "EQ_API_KEY": KEY, "EQ_API_SECRET": SECRET}

    def run(*args: str) -> float:
        start = time.perf_counter()
        subprocess.run([tool, *args], cwd=folder, env=environ, check=True, capture_output=True)
        return time.perf_counter() - start

    def status() -> float:
        return statistics.median(run("status") for _ in range(5))

    run("init")
    for index in range(venues):
        args = ("--name", f"v{index}", "--env-prefix", "EQ_", "--base-url", f"{url}/acc{index:04}")
        run("connect", "equities", *args)
    fast = status()
    print(f"{venues} venues that answer at once: {fast:.2f} s")
    Venue.latency_s = latency_s
    for label in ("first look", "after a snapshot"):
        slow = status()
        rounds = (slow - fast) / latency_s
        print(f"at {latency_s} s an answer, {label}: {slow:.2f} s, waiting {rounds:.2f} times one answer")
        run("snapshot")


if __name__ == "__main__":
    main()
