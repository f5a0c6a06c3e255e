from __future__ import annotations

from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from git_qoc.desk.benchmark import EXPECTED, Source, fetched_path, source
from git_qoc.desk.config import parse
from git_qoc.errors import DeskError


@pytest.mark.parametrize(
    ("choice", "found"),
    [
        ("SPX", Source("research/benchmarks/SPX.csv", "SPX", True)),
        ("BRK.B", Source("research/benchmarks/BRK.B.csv", "BRK.B", True)),
        ("BTC/USD", Source("research/benchmarks/BTC%2FUSD.csv", "BTC/USD", True)),
        ("BTC/USD:USD", Source("research/benchmarks/BTC%2FUSD%3AUSD.csv", "BTC/USD:USD", True)),
        ("^GSPC", Source("research/benchmarks/%5EGSPC.csv", "^GSPC", True)),
        ("data/closes.csv", Source("data/closes.csv", "", False)),
        ("closes.CSV", Source("closes.CSV", "", False)),
        ("data/closes.csv:SPX", Source("data/closes.csv", "SPX", False)),
        ("data/closes.csv:BTC/USD:USD", Source("data/closes.csv", "BTC/USD:USD", False)),
    ],
)
def test_a_choice_is_a_symbol_or_a_file(choice: str, found: Source) -> None:
    assert source(choice) == found


@pytest.mark.parametrize(
    "choice",
    [
        "",
        " ",
        "-",
        "../SPX",
        "/etc/passwd",
        "../closes.csv",
        "data/../../closes.csv",
        "/closes.csv",
        "./closes.csv",
        "data//closes.csv",
        "a\\b.csv",
        "a\nb.csv",
        "closes.csv:",
        "closes.csv:a b",
        "S" * 33,
        "SP\u200bX",
        "closes.txt:SPX Y",
    ],
)
def test_no_choice_leaves_the_desk(choice: str) -> None:
    with pytest.raises(ValueError, match="expected a symbol") as told:
        source(choice)
    assert str(told.value) == EXPECTED


@given(st.text(alphabet="abcXYZ019.^=/:_-%", min_size=1, max_size=32))
def test_each_symbol_has_a_file_of_its_own(symbol: str) -> None:
    try:
        path = fetched_path(symbol)
    except ValueError:
        return
    assert path.count("/") == 2
    assert unquote(path.removeprefix("research/benchmarks/").removesuffix(".csv")) == symbol


def test_desk_toml_names_the_line_of_a_benchmark_that_is_none() -> None:
    text = '[retrospective]\nrisk_free = 0.02\nbenchmark = "../outside.csv"\n'
    with pytest.raises(DeskError) as told:
        parse(text)
    assert str(told.value) == f"desk.toml:3: retrospective: benchmark: {EXPECTED}."
    assert parse(text.replace("../", "")).retrospective.benchmark == "outside.csv"
