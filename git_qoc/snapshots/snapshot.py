"""A snapshot: the balance sheet at an instant, as values.

The spec's own keys (spec/snapshots-and-equity.txt) are always there in a file of ours; a
file written by hand or by another tool may lack all that was added, which then is None or
empty here. None always means "not recorded", never zero.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

SCHEMA = 1


@dataclass(frozen=True, slots=True)
class AccountRow:
    """One connector's totals. `realized_pnl` and `net_flow_usd` are since its previous row.

    `since` is that row's `as_of`: between the two another clone may have recorded a row of its
    own. None for a connector's first row, and where the file does not say.
    `unreconciled_usd` is the venue's stated equity less our own sum, None when they agree
    or the venue states none.
    """

    connector: str
    type: str
    venue: str
    nav_usd: Decimal
    as_of: datetime
    cash_usd: Decimal | None = None
    margin_usd: Decimal | None = None
    realized_pnl: Decimal | None = None
    unrealized_pnl: Decimal | None = None
    net_flow_usd: Decimal | None = None
    unreconciled_usd: Decimal | None = None
    since: datetime | None = None


@dataclass(frozen=True, slots=True)
class CashRow:
    """One balance; `amount_usd` is None where no rate was known."""

    connector: str
    currency: str
    amount: Decimal
    amount_usd: Decimal | None


@dataclass(frozen=True, slots=True)
class FlowRow:
    """A deposit, withdrawal or transfer; `amount_usd` > 0 is into the desk.

    `flow_id` is the venue's, which tells a flow told twice from two equal ones; "" if unknown.
    """

    time: datetime
    connector: str
    kind: str
    amount_usd: Decimal
    flow_id: str = ""


@dataclass(frozen=True, slots=True)
class RealizedRow:
    """What a symbol's fills realized since the account row's `since`, fees taken off; > 0 a gain.

    A symbol without a row realized nothing where its account row has both `since` and a
    `realized_pnl`; a file of before there were such rows has no `since`.
    """

    connector: str
    symbol: str
    pnl_usd: Decimal


@dataclass(frozen=True, slots=True)
class FillRow:
    """One execution since the account row's `since`; see `git_qoc.model.Fill` for units and signs.

    `side` is "buy" or "sell". `fee` > 0 is a cost, in `fee_currency`, "" where that is not known;
    None where the venue did not say one. Ids are the venue's, "" where it gives none.

    No row of a connector: it traded nothing where its account row has both `since` and a
    `realized_pnl` and no `RealizedRow` of it says otherwise (a file of before there were fill rows).
    """

    connector: str
    symbol: str
    side: str
    quantity: Decimal
    price: Decimal
    time: datetime
    fee: Decimal | None = None
    fee_currency: str = "USD"
    fill_id: str = ""
    order_id: str = ""
    multiplier: Decimal = Decimal(1)
    currency: str = "USD"
    inverse: bool = False

    @property
    def fee_usd(self) -> Decimal | None:
        return self.fee if self.fee_currency == "USD" else None


@dataclass(frozen=True, slots=True)
class PositionRow:
    """An open position; see `git_qoc.model.Position` for units and signs.

    `pnl_open` is in USD.
    """

    connector: str
    symbol: str
    quantity: Decimal
    avg_cost: Decimal | None = None
    mark: Decimal | None = None
    pnl_open: Decimal | None = None
    multiplier: Decimal = Decimal(1)
    currency: str = "USD"
    fx_usd: Decimal | None = Decimal(1)
    mark_time: datetime | None = None
    margined: bool = False
    inverse: bool = False
    settle_price: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The account at `timestamp` (aware, UTC). `connectors` are those that contributed.

    `realized_pnl` and `net_flow_usd` are since the previous snapshot; a
    recorded `net_flow_usd` (also zero) says that flows were looked for. `since` is that
    snapshot's timestamp, None for the first and where the file does not say. `schema` is None
    in a file that is not ours.
    """

    timestamp: datetime
    nav_usd: Decimal
    cash_usd: Decimal | None = None
    realized_pnl: Decimal | None = None
    unrealized_pnl: Decimal | None = None
    connectors: tuple[str, ...] = ()
    schema: int | None = None
    net_flow_usd: Decimal | None = None
    buying_power_usd: Decimal | None = None
    degraded: tuple[str, ...] = ()
    backfill: bool = False
    accounts: tuple[AccountRow, ...] = ()
    cash: tuple[CashRow, ...] = ()
    flows: tuple[FlowRow, ...] = ()
    positions: tuple[PositionRow, ...] = ()
    since: datetime | None = None
    realized: tuple[RealizedRow, ...] = ()
    fills: tuple[FillRow, ...] = ()
