"""`/v2/account` and `/v2/account/configurations`.

A margin account: `multiplier` is the engine's leverage. What open orders bind is not in the buying
powers, as at Alpaca (docs.alpaca.markets, "Working with /orders", "Buying Power").
"""

from __future__ import annotations

from decimal import Decimal

from git_qoc.exchange.days import last_day_close
from git_qoc.exchange.message import figure, stamp
from git_qoc.market.closes import NEW_YORK
from git_qoc.market.engine import Engine
from git_qoc.market.orders import Balances
from git_qoc.money import ZERO

OPTIONS_LEVEL = 3
Json = dict[str, object]


def account(engine: Engine) -> Json:
    now = engine.account()
    before = last_day_close(engine.now())
    then = next(iter(engine.equity_at([before])), None)
    free = unbound(now)
    return {
        "id": now.account_id,
        "account_number": f"QOC{now.account_id[:8].upper()}",
        "status": "ACTIVE",
        "crypto_status": "ACTIVE",
        "currency": "USD",
        "cash": figure(now.cash),
        "accrued_fees": "0",
        "pending_transfer_in": "0",
        "pending_transfer_out": "0",
        "pending_reg_taf_fees": "0",
        "intraday_adjustments": "0",
        "portfolio_value": figure(now.equity),
        "equity": figure(now.equity),
        # An account that is younger than the last close had nothing then.
        "last_equity": figure(then.equity if then else ZERO),
        "balance_asof": before.astimezone(NEW_YORK).date().isoformat(),
        "long_market_value": figure(now.long_value),
        "short_market_value": figure(now.short_value),
        "initial_margin": figure(now.margin),
        "maintenance_margin": figure(now.maintenance_margin),
        "last_maintenance_margin": figure(then.margin if then else ZERO),
        "sma": "0",
        "multiplier": figure(now.leverage),
        "buying_power": figure(free * now.leverage),
        "regt_buying_power": figure(free * now.leverage),
        "options_buying_power": figure(free),
        "non_marginable_buying_power": figure(max(min(now.cash, free), ZERO)),
        "options_approved_level": OPTIONS_LEVEL,
        "options_trading_level": OPTIONS_LEVEL,
        "shorting_enabled": True,
        "account_blocked": False,
        "trading_blocked": False,
        "transfers_blocked": False,
        "trade_suspended_by_user": False,
        "created_at": stamp(now.created_at),
    }


def unbound(now: Balances) -> Decimal:
    """What neither positions nor open orders bind of the equity."""
    return max(now.equity - now.margin - now.reserved, ZERO)


def configurations(engine: Engine) -> Json:
    return {
        "disable_overnight_trading": True,
        "fractional_trading": True,
        "max_margin_multiplier": figure(engine.account().leverage),
        "max_options_trading_level": OPTIONS_LEVEL,
        "no_shorting": False,
        "ptp_no_exception_entry": False,
        "suspend_trade": False,
        "trade_confirm_email": "none",
    }
