"""The conformance suite over every venue of the registry and each of its types.

python -m tests.venues.test_conformance     prints what passed where, as markdown
"""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from git_qoc.venues.registry import VENUES
from tests.conformance import CHECKS, refused, table
from tests.venues.bench import Case
from tests.venues.benches import BENCHES

BY_PAYLOADS = frozenset({"binance", "deribit", "hyperliquid", "okx"})
"""Through ccxt as kraken and krakenfutures are: of these there are payloads only (test_ccxt_*.py)."""


def test_every_venue_of_the_registry_is_under_test_with_every_type() -> None:
    wanted = {
        f"{name} {kind}" for name, venue in VENUES.items() for kind in venue.types if name not in BY_PAYLOADS
    }
    assert wanted <= BENCHES.keys()


def test_every_case_has_a_check() -> None:
    assert set(CHECKS) == set(Case)


@pytest.mark.parametrize("case", Case, ids=lambda case: case.name.lower())
@pytest.mark.parametrize(
    "name",
    # A minute more, for an adapter that is tried already and a server that has tests of its own.
    [pytest.param(name, marks=pytest.mark.long) if "exchange" in name else name for name in BENCHES],
)
def test_conformance(name: str, case: Case, tmp_path: Path) -> None:
    bench = BENCHES[name](tmp_path)
    if case in bench.not_supported:
        refused(bench, case)
    else:
        CHECKS[case](bench)


def outcome(name: str, case: Case) -> str:
    try:
        with TemporaryDirectory() as folder:
            test_conformance(name, case, Path(folder))
    except Exception as exc:  # noqa: BLE001  # whatever it is, the table says it
        return f"FAILED: {type(exc).__name__}"
    with TemporaryDirectory() as folder:
        bench = BENCHES[name](Path(folder))
        with bench.running():
            reason = bench.not_supported.get(case)
    return "passed" if reason is None else f"not supported: {reason}"


if __name__ == "__main__":
    print(table({name: {case: outcome(name, case) for case in Case} for name in BENCHES}))  # noqa: T201
