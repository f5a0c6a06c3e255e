"""`git qoc status` over venues that answer slowly: the whole process beside its slowest venue.

    python benchmarks/slow_venues.py [VENUES] [SECONDS_PER_ANSWER]

A server on loopback that answers Alpaca's API, every answer late by the given time. Each
connector asks twice in a row at most: the account, and then quotes of what it holds.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import sysconfig
import tempfile
import time
import uuid
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from tests.venues.alpaca_bodies import KEY, SECRET, account, position
from tests.venues.alpaca_server import AlpacaServer


def main() -> None:
    venues = int(sys.argv[1]) if len(sys.argv) > 1 else 10
    latency_s = float(sys.argv[2]) if len(sys.argv) > 2 else 0.5
    tool = str(Path(sysconfig.get_path("scripts")) / "git-qoc")
    environ = {**os.environ, "EQ_API_KEY": KEY, "EQ_API_SECRET": SECRET}
    servers = []
    with tempfile.TemporaryDirectory() as name:
        subprocess.run([tool, "init", name], check=True, capture_output=True)
        for index in range(venues):
            now = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
            server = AlpacaServer(account=account(id=str(uuid.uuid4())), positions=[position()], clock=now)
            servers.append(server.start())
            args = ["--name", f"v{index}", "--env-prefix", "EQ_", "--base-url", server.url]
            subprocess.run([tool, "connect", "equities", *args], cwd=name, check=True, capture_output=True)

        def run() -> float:
            start = time.perf_counter()
            subprocess.run([tool, "status"], cwd=name, env=environ, check=True, capture_output=True)
            return time.perf_counter() - start

        fast = statistics.median(run() for _ in range(3))
        for server in servers:
            server.latency_s = latency_s
        slow = statistics.median(run() for _ in range(3))
    rounds = (slow - fast) / latency_s
    print(f"{venues} venues: {fast:.2f} s when they answer at once, {slow:.2f} s at {latency_s} s an answer")
    print(f"waited {slow - fast:.2f} s, {rounds:.2f} times one answer; one after the other: {venues}+ times")


if __name__ == "__main__":
    main()
