"""The benchmark's part of the document and its section of the markdown report."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

from git_qoc.report.benchmark_part import benchmark_part
from git_qoc.report.benchmark_table import METHOD, benchmark_table
from git_qoc.report.document import document
from git_qoc.report.markdown import to_markdown
from git_qoc.retrospective.benchmark.closes import Series
from git_qoc.retrospective.choices import Choices
from git_qoc.retrospective.compute import compute
from git_qoc.retrospective.metrics import Undefined
from git_qoc.retrospective.result import Retrospective
from tests.retrospective.builders import UTC_CHOICES, daily

D = Decimal
START = date(2026, 3, 2)
CHOSEN = Choices(UTC_CHOICES.zone, benchmark="S|P", origins={"benchmark": "desk.toml"})


def beside(closes: Series | Undefined | None, chosen: Choices = CHOSEN) -> Retrospective:
    return compute(daily([100, 102, "100.98"], START), chosen, closes)


CLOSES = Series(
    "S|P",
    "research/benchmarks/S%7CP.csv",
    tuple(START + timedelta(days=after) for after in range(3)),
    (D(50), D("50.5"), D("50.5")),
)


def test_the_part_of_the_document_has_the_keys_of_the_contract_and_a_reason_for_each_null() -> None:
    """+2 %, −1 % beside +1 %, 0."""
    part = benchmark_part(beside(CLOSES).benchmark)
    assert not isinstance(part, Undefined)
    wanted = (
        "symbol source total_return cagr volatility sharpe_ratio max_drawdown beta alpha correlation "
        "tracking_error information_ratio up_capture down_capture n reasons equity"
    )
    assert set(wanted.split()) <= part.keys()
    assert part["equity"] == [
        {"date": "2026-03-02", "wealth": 1.0},
        {"date": "2026-03-03", "wealth": 1.01},
        {"date": "2026-03-04", "wealth": 1.01},
    ]
    reasons = part["reasons"]
    assert isinstance(reasons, dict)
    assert reasons.keys() == {key for key, value in part.items() if value is None}
    assert reasons["beta"] == "needs 20 pairs of returns, has 2"
    assert reasons["cagr"] == "not annualised: 2 days, 365 needed"


def test_the_section_shows_both_side_by_side_and_escapes_names() -> None:
    lines = list(benchmark_table(beside(CLOSES)))
    rows = [[cell.strip() for cell in line.strip("| ").split(" | ")] for line in lines if line[:1] == "|"]
    assert rows[0] == ["Figure", "Desk", "S\\|P"]
    assert ["Total return", "+0.98 %", "+1.00 %"] in rows
    assert ["Max drawdown", "-1.00 %", "0.00 %"] in rows
    assert ["Excess return", "-0.02 %"] in rows
    assert ["Beta", "n/a (needs 20 pairs of returns, has 2)"] in rows
    assert any(line.endswith("Closes: research/benchmarks/S%7CP.csv.") for line in lines)
    assert tuple(lines[-len(METHOD) :]) == METHOD


def test_without_a_benchmark_the_section_and_the_document_say_why() -> None:
    broken = beside(Undefined("c.csv:3: found `x`"))
    assert list(benchmark_table(broken)) == ["n/a (c.csv:3: found \\`x\\`)"]
    assert document(broken)["benchmark"] is None
    assert "\n## Benchmark\n\nn/a (c.csv:3" in to_markdown(broken)
    nothing = beside(None, UTC_CHOICES)
    assert list(benchmark_table(nothing)) == ["None chosen."]
    reasons = document(nothing)["reasons"]
    assert isinstance(reasons, dict)
    assert "no benchmark is chosen" in str(reasons["benchmark"])


def test_the_choice_is_listed_with_its_origin() -> None:
    assert ("benchmark", "S|P", "desk.toml") in CHOSEN.listed()
    assert ("benchmark", "none", "default") in UTC_CHOICES.listed()
