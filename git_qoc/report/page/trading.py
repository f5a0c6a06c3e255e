"""The sections about what was held and done: contribution, exposure, trades, flows."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from decimal import Decimal

from git_qoc.report.page import figures as f
from git_qoc.report.page.charts import legend_key, panel
from git_qoc.report.page.html import Markup, el
from git_qoc.report.page.reading import Row, amount, row, rows, string
from git_qoc.report.page.table import Cell, Column, numbers, pairs, table, words
from git_qoc.report.pieces import UNKNOWN

PARTS = ("realized_pnl_usd", "unrealized_change_usd", "pnl_usd")
TITLES = ("Realised, USD", "Unrealised change, USD", "P&L, USD")
UNATTRIBUTED, REST = "Unattributed", "Of no symbol"

Sums = dict[str, Decimal | None]


def contribution(document: Row) -> Iterable[Markup]:
    """By symbol and by connector; both columns sum to the P&L."""
    yield pairs("From the first valuation to the last.", _profit(document), name="profit")
    leaves = rows(document.get("contribution"))
    if not leaves:
        why = f.reason(document, "contribution")
        yield el("p", f.or_reason(UNKNOWN, why) if why else "Nothing to attribute.")
        return
    whole = _amount(_sums(leaves)["pnl_usd"])
    yield table(
        "Profit and loss by connector, the greatest first.",
        [Column("Connector"), *numbers(TITLES[-1])],
        [[Cell(name, name), _amount(sums["pnl_usd"])] for name, sums in _grouped(leaves, "connector")],
        name="by-connector",
        sortable=True,
        total=["Sum", whole],
    )
    yield table(
        "Profit and loss by symbol, the greatest first; empty where a part is not told.",
        [Column("Symbol"), *numbers(*TITLES)],
        [[Cell(name, name), *(_amount(sums[k]) for k in PARTS)] for name, sums in _grouped(leaves, "symbol")],
        name="by-symbol",
        sortable=True,
        total=["Sum", "", "", whole],
    )


def _grouped(leaves: list[Row], key: str) -> list[tuple[str, Sums]]:
    # A symbol may be called as what has none: the two are kept apart.
    groups: dict[tuple[bool, str], list[Row]] = defaultdict(list)
    for leaf in leaves:
        named, nameless = leaf.get(key), UNATTRIBUTED if leaf.get("connector") is None else REST
        groups[named is None, nameless if named is None else string(named)].append(leaf)
    sums = [(name, _sums(found)) for (_, name), found in groups.items()]
    return sorted(sums, key=lambda item: (-(item[1]["pnl_usd"] or Decimal(0)), item[0]))


def _sums(leaves: list[Row]) -> Sums:
    """None where one of the parts is not known."""
    found: Sums = {}
    for key in PARTS:
        known = [value for leaf in leaves if (value := amount(leaf.get(key))) is not None]
        found[key] = sum(known, Decimal(0)) if len(known) == len(leaves) else None
    return found


def _amount(value: Decimal | None) -> Cell:
    if value is None:
        return Cell("")
    shown = f.bare_signed_money(value)
    return Cell(shown, value, f.sign_class(shown))


PROFIT = (
    ("Profit and loss", "pnl_usd", f.signed_money),
    ("— realised", "realized_pnl_usd", f.signed_money),
    ("— unrealised change", "unrealized_change_usd", f.signed_money),
    ("— other", "other_pnl_usd", f.signed_money),
    ("Net flows", "net_flow_usd", f.signed_money),
    ("NAV at the start", "nav_start_usd", f.money),
    ("NAV at the end", "nav_end_usd", f.money),
)


def _profit(document: Row) -> Iterable[tuple[str, str]]:
    for label, key, form in PROFIT:
        yield label, f.or_reason(form(document.get(key)), f.reason(document, key))


def exposure(document: Row) -> Iterable[Markup]:
    points = rows(document.get("exposure"))
    if not points:
        yield el("p", f.or_reason(UNKNOWN, f.reason(document, "exposure")))
        return
    keys = ("nav_usd", "long_usd", "short_usd", "cash_usd")
    columns = [Column("Date"), *numbers("NAV, USD", "Long, USD", "Short, USD", "Cash, USD")]
    ends = [points[0], points[-1]] if len(points) > 1 else points
    body = [[string(point.get("date")), *(f.bare_money(point.get(key)) for key in keys)] for point in ends]
    yield panel("exposure", "USD", "Long, short and cash in USD")
    signs = (("up", "━", "long"), ("down", "━", "short"), ("muted", "╌", "cash"))
    yield el("p", *(legend_key(*sign) for sign in signs), class_="legend", hidden=True)
    yield table("What was held at the beginning and at the end.", columns, body, name="exposure-table")


SUMMARY = (
    ("Average win", "average_win_usd", f.signed_money),
    ("Average loss", "average_loss_usd", f.signed_money),
    ("Expectancy, a trade", "expectancy_usd", f.signed_money),
    ("Profit factor", "profit_factor", f.ratio_text),
    ("Fees", "fees_usd", f.money),
    ("Average holding, days", "average_holding_days", f.ratio_text),
)


def trades(document: Row) -> Iterable[Markup]:
    found = row(document.get("trades"))
    if not found:
        yield el("p", f.or_reason(UNKNOWN, f.reason(document, "trades")))
        return
    won = f"{found.get('won')} won, {found.get('lost')} lost, {found.get('flat')} flat"
    rate = f.plain_percent(found.get("win_rate"))
    body = [("Closed", str(found.get("closed"))), ("Won", f"{rate} ({won})")]
    reasons = f.reason
    body += [(label, f.or_reason(form(found.get(key)), reasons(found, key))) for label, key, form in SUMMARY]
    body.append(("Still open", str(found.get("open"))))
    yield pairs("Closed trades, from fills.", body, name="trades-summary")
    if rows(found.get("rows")):
        yield _trade_table(found)
    unknown: list[list[str | Cell]] = [
        [string(item.get(key)) for key in ("symbol", "connector", "reason")]
        for item in rows(found.get("unknown"))
    ]
    if unknown:
        yield table(
            "Not told by fills.", words("Symbol", "Connector", "Reason"), unknown, name="trades-unknown"
        )


def _trade_table(found: Row) -> Markup:
    columns = [*words("Symbol", "Connector", "Side", "Entry", "Exit")]
    columns += numbers("Quantity", "Entry price", "Exit price", "P&L, USD", "Fees, USD", "Days")
    body = [_trade(trade) for trade in rows(found.get("rows"))]
    return table("Every closed trade.", columns, body, name="trades-table", sortable=True)


def _trade(trade: Row) -> list[str | Cell]:
    texts = [Cell(string(trade.get(key)), string(trade.get(key))) for key in ("symbol", "connector", "side")]
    times = [Cell(f.minute(trade.get(key)), string(trade.get(key))) for key in ("entry_time", "exit_time")]
    exact = [Cell(f.quantity(trade.get(k)), trade.get(k)) for k in ("quantity", "entry_price", "exit_price")]
    pnl = trade.get("pnl_usd")
    earned = f.bare_signed_money(pnl)
    gained = Cell(earned, pnl, f.sign_class(earned))
    fees, held = trade.get("fees_usd"), trade.get("holding_days")
    return [*texts, *times, *exact, gained, Cell(f.bare_money(fees), fees), Cell(f.ratio_text(held), held)]


def flows(document: Row) -> Iterable[Markup]:
    found = rows(document.get("flows"))
    if not found:
        yield el("p", "None recorded, none implied.")
        return
    columns = [*words("Time", "Connector", "Kind"), Column("Amount, USD", numeric=True)]
    body: list[list[str | Cell]] = [
        [
            f.minute(flow.get("time")),
            string(flow.get("connector")) or "not known",
            string(flow.get("kind")).replace("_", " ") + (" (implied)" if flow.get("implied") else ""),
            _amount(amount(flow.get("amount_usd"))),
        ]
        for flow in found
    ]
    yield table("Money that came in (+) and went out (−).", columns, body, name="flows-table")
