"""Alpaca's account and positions as the model's values. Pure."""

from __future__ import annotations

import re
from decimal import Decimal

from git_qoc.errors import VenueError
from git_qoc.model import Account, Cash, Position, VenueType
from git_qoc.venues.alpaca_payloads import ACCOUNT, POSITIONS, AccountBody, PositionRow, parse
from git_qoc.venues.alpaca_symbols import OPTION_MULTIPLIER

ACCOUNT_PATH = "/v2/account"
POSITIONS_PATH = "/v2/positions"
_WORD = re.compile(r"[A-Z_]{1,40}")


def account(data: object, kind: VenueType, wanted: str | None) -> Account:
    """The account of a decoded `/v2/account` body.

    In a local-currency account every amount is in that currency and the body gives no rate:
    all USD figures are None then.

    Raises:
        VenueError: a wrong body, or the key opens another account than `wanted` (id or number).
    """
    body = parse(ACCOUNT, data, ACCOUNT_PATH)
    if wanted is not None and wanted not in (body.id, body.account_number):
        raise VenueError(
            f'alpaca {ACCOUNT_PATH}: the key opens another account than the one expected, "{wanted}". '
            "Check the key, or account in desk.toml"
        )
    usd = body.currency == "USD"
    return Account(
        account_id=body.id,
        currency=body.currency,
        cash=_cash(body),
        equity_usd=(body.equity if body.equity is not None else body.portfolio_value) if usd else None,
        margin_usd=body.initial_margin if usd else None,
        leverage=_leverage(body, kind),
        venue_buying_power_usd=body.buying_power if usd else None,
        blocked=_blocked(body, kind),
    )


def _cash(body: AccountBody) -> tuple[Cash, ...] | None:
    if body.cash is None:
        return None
    return (Cash(body.currency, body.cash, body.cash if body.currency == "USD" else None),)


def _leverage(body: AccountBody, kind: VenueType) -> Decimal | None:
    """Overnight purchases per USD of excess equity, None where only cash can be spent.

    The API's `multiplier` is 1 (no margin), 2 (Reg T) or 4 (day trading, 2 overnight); in its
    published examples `regt_buying_power` is (equity − initial_margin) × 2 and
    `options_buying_power` the same × 1. Crypto is not marginable ("cash only").
    """
    if body.multiplier not in (2, 4) or kind is VenueType.CRYPTO:
        return None
    return Decimal(1) if kind is VenueType.OPTIONS else Decimal(2)


def _blocked(body: AccountBody, kind: VenueType) -> str:
    reasons = [
        reason
        for holds, reason in (
            (body.account_blocked, "the account is blocked"),
            (body.trading_blocked, "trading is blocked"),
            (body.trade_suspended_by_user, "trading is suspended in the account's settings"),
            (body.status != "ACTIVE", f"the account is {_word(body.status)}, not ACTIVE"),
            (
                kind is VenueType.CRYPTO and body.crypto_status not in (None, "ACTIVE"),
                f"crypto trading is {_word(body.crypto_status or '')}, not ACTIVE",
            ),
        )
        if holds
    ]
    return "; ".join(reasons)


def _word(text: str) -> str:
    return text if _WORD.fullmatch(text) else "in an unknown state"


def positions(data: object) -> tuple[Position, ...]:
    """The positions of a decoded `/v2/positions` body, in its order.

    Raises:
        VenueError: a wrong body, a quantity whose sign belies its side, or a position in local
            currency without its USD values.
    """
    rows = parse(POSITIONS, data, POSITIONS_PATH)
    return tuple(_position(row, f"alpaca {POSITIONS_PATH}: [{number}]") for number, row in enumerate(rows))


def _position(row: PositionRow, where: str) -> Position:
    if row.side == "long" and row.qty < 0:
        raise VenueError(
            f"{where}.qty: expected a positive quantity of a long position, found a negative one"
        )
    # Local-currency accounts restate each position in USD, the currency it trades in; the
    # direction of `swap_rate` is not documented, so it is not used.
    if row.usd is None and row.swap_rate is not None:
        raise VenueError(f"{where}.usd: a position in local currency lacks its USD values")
    prices = row if row.usd is None else row.usd
    return Position(
        symbol=row.symbol,
        quantity=-abs(row.qty) if row.side == "short" else row.qty,
        avg_cost=prices.avg_entry_price,
        mark=prices.current_price,
        multiplier=OPTION_MULTIPLIER if row.asset_class == "us_option" else Decimal(1),
        margined=row.asset_class == "crypto_perp",
    )
