"""The chain of returns → every figure of the report by its JSON key."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import groupby

from git_qoc.retrospective import metrics
from git_qoc.retrospective.calendar import Segment
from git_qoc.retrospective.choices import Choices
from git_qoc.retrospective.days import Day, gap_limit
from git_qoc.retrospective.drawdowns import Drawdown, drawdowns, ulcer_index
from git_qoc.retrospective.metrics import Figure, Sample, Undefined
from git_qoc.retrospective.money_weighted import money_weighted_return
from git_qoc.retrospective.point import Point
from git_qoc.retrospective.returns import LinkReturn


def periods(choices: Choices, complete: Sequence[Point], days: Sequence[Day]) -> tuple[Figure, str]:
    """Periods per year (rule 8) and how they came about."""
    if choices.periods_per_year != "auto":
        return float(choices.periods_per_year), "chosen"
    limit = gap_limit(days)
    spacings = [entry.spacing for entry in days if 0 < entry.spacing <= limit]
    found = metrics.periods_per_year(sorted({point.day for point in complete}), spacings)
    return (found, "undefined") if isinstance(found, Undefined) else found


def performance(
    choices: Choices,
    chained: Sequence[LinkReturn],
    days: Sequence[Day],
    parts: Sequence[Segment],
    ppy: Figure,
) -> Mapping[str, Figure]:
    """Every figure that is a plain number; fractions, drawdowns ≤ 0."""
    whole = _whole(chained, parts)
    returns = [entry.value for entry in days if entry.value is not None]
    found = {**_of_chain(whole), **_of_sample(choices, days, ppy), "win_rate": metrics.tally(returns).rate}
    found["calmar_ratio"] = metrics.calmar_ratio(found["cagr"], found["max_drawdown"])
    found["profit_factor"] = metrics.profit_factor(returns)
    found["money_weighted_return"] = _money_weighted(chained)
    ruined = next((entry for entry in days if entry.wealth == 0.0), None)
    if ruined is not None:
        why = Undefined(f"NAV was used up on {ruined.day}")
        for key in ("sharpe_ratio", "sharpe_standard_error", "sortino_ratio", "calmar_ratio"):
            found[key] = why
    return found


def _whole(chained: Sequence[LinkReturn], parts: Sequence[Segment]) -> Segment | Undefined:
    if not chained:
        return Undefined("needs two complete snapshots")
    if not parts:
        return Undefined(f"no return is defined: {chained[-1].reason}")
    if len(parts) > 1:
        dates = ", ".join(str(part.start) for part in parts[1:])
        return Undefined(f"the chain broke before it began anew on {dates}")
    return parts[0]


def _of_chain(whole: Segment | Undefined) -> dict[str, Figure]:
    if isinstance(whole, Undefined):
        return dict.fromkeys(("total_return", "cagr", "max_drawdown", "ulcer_index"), whole)
    found: dict[str, Figure] = {"total_return": whole.total_return}
    found["cagr"] = metrics.cagr(whole.total_return, (whole.end - whole.start).days)
    found["max_drawdown"] = min((d.depth for d in drawdowns(whole.dates, whole.wealth)), default=0.0)
    found["ulcer_index"] = ulcer_index(whole.wealth)
    return found


def _of_sample(choices: Choices, days: Sequence[Day], ppy: Figure) -> dict[str, Figure]:
    returns = [entry.value for entry in days if entry.in_sample and entry.value is not None]
    found: dict[str, Figure] = {
        "value_at_risk_95": metrics.value_at_risk(returns),
        "cvar_95": metrics.conditional_value_at_risk(returns),
    }
    keys = ("volatility", "sharpe_ratio", "sharpe_standard_error", "sortino_ratio")
    if isinstance(ppy, Undefined):
        return {**found, **dict.fromkeys(keys, ppy)}
    sample = Sample(returns, ppy)
    found["volatility"] = metrics.volatility(sample)
    found["sharpe_ratio"] = metrics.sharpe_ratio(sample, float(choices.risk_free))
    found["sharpe_standard_error"] = metrics.sharpe_standard_error(found["sharpe_ratio"], sample)
    found["sortino_ratio"] = metrics.sortino_ratio(sample)
    return found


def _money_weighted(chained: Sequence[LinkReturn]) -> Figure:
    if not chained:
        return Undefined("needs two complete snapshots")
    payments: list[tuple[datetime, float]] = []
    for item in chained:
        link = item.books.link
        if item.books.undefined is not None:
            return Undefined(item.books.undefined)
        whole = link.closing.time - link.opening.time
        payments += [
            (link.closing.time - whole * float(flow.weight), -float(flow.amount_usd))
            for flow in item.books.flows
        ]
    first, last = chained[0].books.link.opening, chained[-1].books.link.closing
    payments += [(first.time, -float(first.nav_usd)), (last.time, float(last.nav_usd))]
    return money_weighted_return(payments)


def intraday_drawdown(chained: Sequence[LinkReturn], complete: Sequence[Point]) -> Drawdown[datetime] | None:
    """The deepest over every complete snapshot; None when no day has two, or nothing fell."""
    if len({point.day for point in complete}) == len(complete):
        return None
    found: list[Drawdown[datetime]] = []
    wealth_before = 1.0
    for _, group in groupby((item for item in chained if item.value is not None), key=lambda i: i.segment):
        items = list(group)
        times = [items[0].books.link.opening.time, *(item.books.link.closing.time for item in items)]
        found += drawdowns(times, [wealth_before, *(item.wealth for item in items)])
        wealth_before = items[-1].wealth
    return min(found, key=lambda d: (d.depth, d.peak), default=None)
