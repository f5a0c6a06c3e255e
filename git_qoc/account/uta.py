"""The Unified Trading Account: one balance sheet, one buying-power pool. Pure.

Only connectors that are OK and can be valued are in the sums; every other one is named. Two
connectors that read the same account would count it twice: the later one is DEGRADED.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from git_qoc.account.buying_power import binds_margin, funds, reserved
from git_qoc.account.valuation import Valuation, value
from git_qoc.model import Health, HealthStatus, VenueState
from git_qoc.money import ZERO, total


@dataclass(frozen=True, slots=True)
class AccountSheet:
    """One connector in USD. `available_usd` is funds less open orders (may be < 0), None when unknown.

    `funding_usd` is min(pool, what this venue can fund), >= 0; None when unknown. Where an
    order cannot be priced, `unpriced` names it and `deficit_usd` (<= 0) still lowers the pool.
    """

    state: VenueState
    valuation: Valuation | None = None
    available_usd: Decimal | None = None
    funding_usd: Decimal | None = None
    unpriced: str = ""
    deficit_usd: Decimal = ZERO


@dataclass(frozen=True, slots=True)
class UnifiedAccount:
    """`sheets` in file order, every connector. Sums are over those with a valuation.

    `buying_power_usd` is the pool (>= 0): a lower bound when `unpooled` names connectors
    whose part is unknown. All sums are None when no connector could be read.
    """

    sheets: tuple[AccountSheet, ...]
    nav_usd: Decimal | None
    cash_usd: Decimal | None
    unrealized_pnl: Decimal | None
    buying_power_usd: Decimal | None
    unpooled: tuple[str, ...]

    @property
    def readable(self) -> tuple[AccountSheet, ...]:
        return tuple(sheet for sheet in self.sheets if sheet.valuation is not None)

    @property
    def degraded(self) -> tuple[str, ...]:
        """Names of enabled connectors that could not be read."""
        return tuple(
            sheet.state.connector
            for sheet in self.sheets
            if sheet.state.health.status is HealthStatus.DEGRADED
        )


def unify(states: Sequence[VenueState]) -> UnifiedAccount:
    """Sum what could be read; a state that is readable but cannot be valued becomes DEGRADED."""
    sheets = [_sheet(state) for state in _without_twins(states)]
    valued = [s.valuation for s in sheets if s.valuation is not None]
    if not valued:
        return UnifiedAccount(tuple(sheets), None, None, None, None, ())
    known = [s.available_usd for s in sheets if s.available_usd is not None]
    known += [s.deficit_usd for s in sheets if known and s.deficit_usd]
    unpooled = tuple(s.state.connector for s in sheets if s.valuation and s.available_usd is None)
    pool = max(sum(known, ZERO), ZERO) if known else None
    return UnifiedAccount(
        sheets=tuple(_with_funding(sheet, pool) for sheet in sheets),
        nav_usd=sum((v.nav_usd for v in valued), ZERO),
        cash_usd=total(v.cash_usd for v in valued),
        unrealized_pnl=total(v.unrealized_pnl for v in valued),
        buying_power_usd=pool,
        unpooled=unpooled,
    )


def _sheet(state: VenueState) -> AccountSheet:
    if not state.health.ok or state.account is None:
        return AccountSheet(state)
    valuation = value(state.account, state.positions)
    if isinstance(valuation, str):
        health = Health(HealthStatus.DEGRADED, valuation, state.as_of)
        return AccountSheet(replace(state, health=health))
    free = funds(state.account, valuation.nav_usd, valuation.cash_usd, margined=binds_margin(state))
    held = reserved(state)
    if isinstance(held, str):
        return AccountSheet(state, valuation, unpriced=held, deficit_usd=min(free or ZERO, ZERO))
    available = None if free is None else free - held
    if available is not None and state.account.blocked:
        available = min(available, ZERO)
    return AccountSheet(state, valuation, available)


def _with_funding(sheet: AccountSheet, pool: Decimal | None) -> AccountSheet:
    if sheet.available_usd is None or pool is None:
        return sheet
    return replace(sheet, funding_usd=max(ZERO, min(pool, sheet.available_usd)))


def _without_twins(states: Sequence[VenueState]) -> list[VenueState]:
    seen: dict[tuple[str, str], str] = {}
    result = []
    for state in states:
        if state.health.ok and state.account is not None and state.account.account_id:
            first = seen.setdefault((state.venue, state.account.account_id), state.connector)
            if first != state.connector:
                reason = f'reads the same account as "{first}": counted once. Disable one of them'
                state = replace(state, health=Health(HealthStatus.DEGRADED, reason, state.as_of))  # noqa: PLW2901
        result.append(state)
    return result
