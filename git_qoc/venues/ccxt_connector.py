"""One account at an exchange of ccxt's as a `Connector`; what is particular to it is in its dialect.

Symbols are the venue's own where those are unambiguous (each dialect says); ccxt's unified form
(`BTC/USD`, `BTC/USD:USD`) is taken too. Coins are positions in the coin's market against USD, else USDT or
USDC, without a cost; national currencies and stablecoins are cash. An exchange without spot markets
has only cash. Amounts in USD use the venue's own rates, and are unknown without one. Times are UTC.

The venue's markets are asked for once per opened connector; what they do not list is refused.
It cannot transfer, nor say what an account was in the past.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal

from git_qoc.errors import OrderRejected, OrderUnknown, Unsupported, VenueError
from git_qoc.model import (
    Account,
    Close,
    Fill,
    Flow,
    Order,
    OrderRequest,
    OrderStatus,
    Position,
    Quote,
    Statement,
)
from git_qoc.money import ZERO, plain
from git_qoc.venues import ccxt_closes, offers
from git_qoc.venues.base import Settings, skew
from git_qoc.venues.ccxt import Exchange
from git_qoc.venues.ccxt_ask import Balance, Market, Markets, NoSuchOrder
from git_qoc.venues.ccxt_currencies import by_code, cash_of, is_cash
from git_qoc.venues.ccxt_dialect import Dialect
from git_qoc.venues.ccxt_dialects import dialect
from git_qoc.venues.ccxt_offers import Profile
from git_qoc.venues.ccxt_rows import DONE, mark, quote, time_of
from git_qoc.venues.ccxt_sent import SentOrders
from git_qoc.venues.ccxt_sizes import check_price, market_for, sized
from git_qoc.venues.offers import Capabilities
from git_qoc.venues.shared import Shared


class CcxtConnector:
    """One account at the exchange `name`; opening it asks the venue nothing.

    Raises:
        Unsupported: a type that the exchange does not serve.
        VenueError: ccxt has no such exchange, or it has no sandbox to lead to.
    """

    def __init__(self, name: str, settings: Settings, profile: Profile) -> None:
        if settings.type not in profile.offers:
            raise Unsupported(f"{name} serves {', '.join(profile.offers)}, not {settings.type.value}")
        self._name = name
        self._settings = settings
        self._offers = profile.offers[settings.type]
        self._dialect: Dialect = dialect(name)
        self._sent = SentOrders(settings.state_dir / f"{settings.name}.orders")
        self._exchange = Exchange(
            name,
            settings,
            self._dialect.options,
            in_turn=self._dialect.in_turn,
            posts_forms=self._dialect.posts_forms,
        )
        self._described = Shared(self._describe)

    @property
    def capabilities(self) -> Capabilities:
        return self._offers

    @property
    def _markets(self) -> Markets:
        return self._described.get()

    def _describe(self) -> Markets:
        return Markets([self._dialect.market(data) for data in self._exchange.markets().values()])

    def health(self) -> str | None:
        """None, or a line about maintenance or about clocks that are more than a minute apart."""
        trouble = self._dialect.trouble(self._exchange.ask_at_once)
        if trouble is not None:
            return trouble
        time = self._dialect.server_time(self._exchange.ask_at_once)
        return None if time is None else skew(time, self._settings.clock)

    def account(self) -> Account:
        wallet = self._dialect.wallet(self._exchange.ask)
        account_id = wallet.account_id or self._exchange.account_mark
        self._check_account(wallet.account_id)
        cash = [balance for balance in wallet.balances if balance.amount and self._is_cash(balance.code)]
        rates = self._rates({balance.code for balance in cash if balance.usd is None}, wallet.rates)
        return Account(
            account_id=account_id,
            currency="USD",
            cash=tuple(cash_of(code, rows, rates) for code, rows in by_code(cash).items()),
            equity_usd=wallet.equity_usd,
            margin_usd=wallet.margin_usd,
        )

    def _check_account(self, found: str) -> None:
        wanted = self._settings.account
        if wanted is None or wanted == found:
            return
        if not found:
            raise VenueError(f"{self._name} does not say which account a key opens. Remove account")
        raise VenueError(
            f'{self._name}: the key opens another account than the one expected, "{wanted}". '
            "Check the key, or account in desk.toml"
        )

    def _is_cash(self, code: str) -> bool:
        return is_cash(code) or self._dialect.coins_are_cash or self._home(code) is None

    def _home(self, code: str) -> Market | None:
        return self._markets.home(code)

    def _rates(self, codes: Collection[str], known: Mapping[str, Decimal]) -> dict[str, Decimal]:
        """USD per unit by currency, as far as the venue has a rate."""
        missing = set(codes) - known.keys() - {"USD"}
        found = (
            self._dialect.rates(self._exchange.ask, self._markets, missing) if missing and not known else {}
        )
        return {**known, **found, "USD": Decimal(1)}

    def positions(self) -> tuple[Position, ...]:
        """Contracts as the venue states them, and coins.

        Raises:
            VenueError: something is held that cannot be valued, or a long and a short of one contract.
        """
        contracts = list(self._dialect.positions(self._exchange.ask, self._markets))
        balances = self._dialect.balances(self._exchange.ask)
        held = [balance for balance in balances if balance.amount and not self._is_cash(balance.code)]
        coins = [self._coin(code, rows) for code, rows in by_code(held).items()]
        found = [*contracts, *coins]
        symbols = [position.symbol for position in found]
        twice = next((symbol for symbol in symbols if symbols.count(symbol) > 1), None)
        if twice is not None:
            raise VenueError(
                f"{self._name}: holds {twice} twice, long and short (hedge mode), which is not read"
            )
        marked = self._marked(found)
        rates = self._rates({position.currency for position in marked}, {})
        return tuple(replace(position, fx_usd=rates.get(position.currency)) for position in marked)

    def _coin(self, code: str, rows: list[Balance]) -> Position:
        market = self._home(code)
        if market is None:
            raise VenueError(f"{self._name}: no market for {code}")
        quantity = sum((row.amount for row in rows), ZERO)
        return Position(market.symbol, quantity, None, None, currency=market.currency, fx_usd=None)

    def _marked(self, found: list[Position]) -> list[Position]:
        """Those without a mark get the ticker's."""
        lacking = {position.symbol for position in found if position.mark is None}
        markets = [market for symbol in lacking if (market := self._markets.find(symbol)) is not None]
        if not markets:
            return found
        tickers = self._dialect.tickers(self._exchange.ask, markets)
        rows = {market.symbol: row for market in markets if (row := tickers.get(market.unified)) is not None}
        return [
            position
            if position.symbol not in rows
            else replace(
                position,
                mark=mark(rows[position.symbol]),
                mark_time=None if (stamp := rows[position.symbol].timestamp) is None else time_of(stamp),
            )
            for position in found
        ]

    def open_orders(self) -> tuple[Order, ...]:
        orders = self._dialect.open_orders(self._exchange.ask, self._markets)
        # What a contract's order holds back is margin, so its price needs no rate.
        rates = self._rates({order.currency for order in orders if not order.margined}, {})
        return tuple(self._priced(order, rates) for order in orders)

    def _priced(self, order: Order, rates: Mapping[str, Decimal]) -> Order:
        bound = ZERO if order.margined and self._dialect.margin_holds_orders else None
        return replace(order, fx_usd=rates.get(order.currency), margin_usd=bound)

    def quotes(self, symbols: Collection[str]) -> Mapping[str, Quote]:
        """Bid, ask and last; a venue whose tickers have no time gives its clock's."""
        wanted = {symbol: market for symbol in symbols if (market := self._markets.find(symbol)) is not None}
        if not wanted:
            return {}
        now = self._dialect.ticker_time(self._exchange.ask)
        tickers = self._dialect.tickers(self._exchange.ask, list(wanted.values()))
        found = {}
        for symbol, market in wanted.items():
            row = tickers.get(market.unified)
            time = time_of(row.timestamp) if row is not None and row.timestamp is not None else now
            if row is not None and time is not None:
                found[symbol] = replace(quote(row, market, time), symbol=symbol)
        return found

    def order(self, client_order_id: str) -> Order | None:
        market = self._sent.market(client_order_id, self._markets) if self._dialect.by_symbol else None
        return self._dialect.order(self._exchange.ask, self._markets, client_order_id, market)

    def fills(self, since: datetime) -> Iterator[Fill]:
        now = self._settings.clock()
        found = self._dialect.fills(self._exchange.ask, self._markets, since, now)
        once = {fill.fill_id: fill for fill in found if fill.time > since}
        return iter(sorted(once.values(), key=lambda fill: (fill.time, fill.fill_id)))

    def flows(self, since: datetime) -> tuple[Flow, ...]:
        found = self._dialect.flows(self._exchange.ask, since)
        once = {flow.flow_id: flow for flow in found if flow.time > since}
        return tuple(sorted(once.values(), key=lambda flow: (flow.time, flow.flow_id)))

    def history(self, instants: tuple[datetime, ...]) -> Iterator[Statement]:  # noqa: ARG002 - the protocol's name
        raise Unsupported(f"{self._name} states no past balances")

    def closes(self, symbol: str, since: date, until: date) -> tuple[Close, ...]:
        """By UTC dates; an exchange may tell no more than its last so many days (`ccxt_closes`)."""
        offers.check_closes(self._offers, self._name, self._settings.type)
        market = self._markets.find(symbol)
        if market is None:
            return ()
        where = self._dialect.at("fetch_ohlcv")
        return ccxt_closes.closes(self._exchange.ask, market, since, until, self._settings.clock(), where)

    def place(self, request: OrderRequest) -> Order:
        offers.check(request, self._offers, self._name, self._settings.type)
        market = market_for(request, self._markets, self._settings.type, self._name)
        cut = replace(request, quantity=sized(request.quantity, market, self._name))
        for price in (request.limit_price, request.stop_price):
            if price is not None:
                self._check_price(price, market)
        kind, params = self._dialect.placing(cut, market)
        if self._dialect.by_symbol:
            self._sent.note(request.client_order_id, market)
        price_text = None if cut.limit_price is None else plain(cut.limit_price)
        sent = (market.unified, kind, cut.side.value, plain(cut.quantity), price_text, params)
        try:
            answer = self._exchange.send("create_order", *sent)
        except NoSuchOrder as exc:
            raise OrderUnknown(f"{exc}. Look the order up, never send it again") from None
        return self._placed(cut, market, str((answer or {}).get("id") or ""))

    def _check_price(self, price: Decimal, market: Market) -> None:
        rounded = Decimal(self._exchange.ask("price_to_precision", market.unified, plain(price)))
        check_price(price, rounded, market, self._name)

    def _placed(self, request: OrderRequest, market: Market, order_id: str) -> Order:
        """The order as the venue then states it; unknown where it does not say (yet)."""
        try:
            found = self.order(request.client_order_id)
        except VenueError:
            found = None
        return found or Order(
            order_id=order_id,
            client_order_id=request.client_order_id,
            symbol=market.symbol,
            side=request.side,
            quantity=request.quantity,
            filled_quantity=ZERO,
            type=request.type,
            status=OrderStatus.UNKNOWN,
            limit_price=request.limit_price,
            stop_price=request.stop_price,
            multiplier=market.multiplier,
            currency=market.currency,
            fx_usd=market.fx_usd,
            margined=market.margined,
        )

    def cancel(self, client_order_id: str) -> Order:
        found = self._known(client_order_id)
        if found.status in DONE:
            return found
        market = self._markets.of(found.symbol, self._name)
        refusal: VenueError | None = None
        try:
            self._exchange.send(
                "cancel_order", found.order_id, market.unified, self._dialect.canceling(found)
            )
        except (NoSuchOrder, OrderRejected) as exc:
            refusal = exc
        after = self._known(client_order_id)
        if refusal is not None and after.status not in DONE:
            raise refusal
        return after

    def _known(self, client_order_id: str) -> Order:
        found = self.order(client_order_id)
        if found is None:
            raise VenueError(f"{self._name} has no order with client order id {client_order_id}")
        return found

    def transfer(self, amount: Decimal, to: str, client_id: str) -> Flow:  # noqa: ARG002 - the protocol's names
        raise Unsupported(f"{self._name} does not offer transfers here. Use its web site")
