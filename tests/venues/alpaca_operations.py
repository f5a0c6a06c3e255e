"""How often each operation of Alpaca's OpenAPI was sent by our adapter, valid, in its tests.

Requests that were answered with an error are not among them.

python -m tests.venues.alpaca_operations     runs them in this process and prints a markdown table
"""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.venues.alpaca_api import validated


def main() -> int:
    here = Path(__file__).parent
    tests = [str(path) for path in sorted(here.glob("test_alpaca_*.py"))]
    tests.remove(str(here / "test_alpaca_server.py"))
    # Not over `exchange serve`: there the bench sends orders of its own, and is held to it less strictly.
    suite = str(here / "test_conformance.py")
    code = pytest.main(
        ["-q", "-n", "0", "-p", "no:cacheprovider", "-k", "alpaca and not exchange", *tests, suite]
    )
    print("| operation | valid requests |\n|---|---|")  # noqa: T201
    for operation, count in sorted(validated.items()):
        print(f"| {operation} | {count} |")  # noqa: T201
    print(f"| {len(validated)} operations | {validated.total()} |")  # noqa: T201
    return int(code)


if __name__ == "__main__":
    sys.exit(main())
