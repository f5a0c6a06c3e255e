"""`git qoc paper`"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import click

from git_qoc.cli.context import World
from git_qoc.cli.output import say, table, talk, to_json
from git_qoc.errors import UsageError
from git_qoc.money import plain, shown

if TYPE_CHECKING:
    from git_qoc.model import Order

HELP = {"help_option_names": ["-h", "--help"]}
TIMES_IN_FORCE = ("day", "gtc", "ioc", "fok")
DONE = {"buy": "bought", "sell": "sold"}


@click.group(context_settings=HELP)
def command() -> None:
    """Deposit to and trade on a paper account (connect it with --venue paper).

    It trades at real closes of 2016-07 to 2017-07; after those the last one stands. A tenth of
    a session's volume is there for one account; the rest of an order waits for the next session.
    """


@command.command(context_settings=HELP)
@click.argument("name")
@click.argument("amount")
@click.pass_obj
def deposit(world: World, name: str, amount: str) -> int:
    """Put AMOUNT USD into the paper account NAME."""
    from git_qoc.tasks.paper import move_cash

    say(f"{name}: cash {shown(move_cash(world, name, amount, 'deposit'))} USD")
    return 0


@command.command(context_settings=HELP)
@click.argument("name")
@click.argument("amount")
@click.pass_obj
def withdraw(world: World, name: str, amount: str) -> int:
    """Take AMOUNT USD out of the paper account NAME."""
    from git_qoc.tasks.paper import move_cash

    say(f"{name}: cash {shown(move_cash(world, name, amount, 'withdrawal'))} USD")
    return 0


@command.command(context_settings=HELP)
@click.argument("name")
@click.argument("to")
@click.argument("amount")
@click.pass_obj
def transfer(world: World, name: str, to: str, amount: str) -> int:
    """Send AMOUNT USD from the paper account NAME to the paper account TO."""
    from git_qoc.tasks.paper import transfer as send

    say(f"{name}: cash {shown(send(world, name, to, amount))} USD")
    return 0


def _order_options(function: Callable[..., int]) -> Callable[..., int]:
    for decorate in (
        click.option("--json", "as_json", is_flag=True, help="Print the order as JSON."),
        click.option(
            "--tif",
            "time_in_force",
            metavar="day|gtc|ioc|fok",
            default="day",
            show_default=True,
            help="How long it stands: to the next close, until canceled; at once or never, whole or never.",
        ),
        click.option("--stop", metavar="PRICE", help="Wait until the price has reached this."),
        click.option("--limit", metavar="PRICE", help="Fill at this price or better."),
        click.argument("quantity"),
        click.argument("symbol"),
        click.argument("name"),
    ):
        function = decorate(function)
    return function


@command.command(context_settings=HELP)
@_order_options
@click.pass_obj
def buy(world: World, /, **asked: Any) -> int:
    """Buy QUANTITY of SYMBOL at its last close, on the paper account NAME.

    Options have OCC symbols (AAPL170120C00030000), futures CME's (ESH7). Several options in one order:
    their symbols with commas between them, a minus before those that are sold; --limit is then the
    net price.
    """
    return _trade(world, "buy", asked)


@command.command(context_settings=HELP)
@_order_options
@click.pass_obj
def sell(world: World, /, **asked: Any) -> int:
    """Sell QUANTITY of SYMBOL at its last close, on the paper account NAME; see buy."""
    return _trade(world, "sell", asked)


@command.command(context_settings=HELP)
@click.argument("name")
@click.option("--json", "as_json", is_flag=True, help="Print as JSON.")
@click.pass_obj
def orders(world: World, name: str, as_json: bool) -> int:
    """List the open orders of the paper account NAME."""
    from git_qoc.tasks.paper import open_orders

    found = open_orders(world, name)
    if as_json:
        say(to_json(found))
    elif found:
        say(table([_row(one) for one in found], ["id", "order", "filled", "of"], right=(2, 3)))
    else:
        talk(f"{name}: no open orders")
    return 0


@command.command(context_settings=HELP)
@click.argument("name")
@click.argument("order_id", required=False)
@click.option("--all", "every", is_flag=True, help="Cancel every open order.")
@click.pass_obj
def cancel(world: World, name: str, order_id: str | None, every: bool) -> int:
    """Cancel the open order ORDER_ID (its beginning will do) of the paper account NAME."""
    from git_qoc.tasks.paper import cancel as send

    if (order_id is None) is not every:
        raise UsageError("give ORDER_ID or --all, not both.")
    for one in send(world, name, order_id):
        filled = f", {plain(one.filled_quantity)} were filled" if one.filled_quantity else ""
        say(f"{name}: canceled {_text(one)}{filled}")
    return 0


def _trade(world: World, side: str, asked: Mapping[str, Any]) -> int:
    """Send the order and say what filled and what rests; 1 when nothing did and nothing does."""
    from git_qoc.tasks.paper import Terms, trade

    if asked["time_in_force"] not in TIMES_IN_FORCE:
        raise UsageError(f"--tif: expected one of {', '.join(TIMES_IN_FORCE)}.")
    name, symbol, as_json = asked["name"], asked["symbol"], asked["as_json"]
    terms = Terms(asked["limit"], asked["stop"], asked["time_in_force"])
    done = trade(world, name, symbol, asked["quantity"], side, terms)
    order, rests = done.order, done.order.status in ("open", "partially_filled")
    if as_json:
        say(to_json(order))
        return 0 if rests or order.filled_quantity else 1
    if done.price is not None:
        price = -done.price if order.legs and side == "sell" else done.price
        size, part = plain(order.filled_quantity), ""
        if order.filled_quantity != order.quantity:
            part = f" of {plain(order.quantity or order.filled_quantity)}"
        say(f"{name}: {DONE[side]} {size}{part} {symbol} at {shown(price)} (close of {done.close_date})")
    if rests:
        say(f"{name}: open: {_text(order)}, {order.client_order_id}")
    elif order.status != "filled":
        say(f"{name}: {order.status.value}: {_text(order)}")
    return 0 if rests or order.filled_quantity else 1


def _row(order: Order) -> list[str]:
    return [
        order.client_order_id or order.order_id,
        _text(order),
        plain(order.filled_quantity),
        plain(order.quantity or order.filled_quantity),
    ]


def _text(order: Order) -> str:
    """`buy 10 KO limit 30`, the rest of it where some is filled."""
    rest = (order.quantity or order.filled_quantity) - order.filled_quantity
    if order.legs:
        what = ",".join(f"{'-' if leg.ratio < 0 else ''}{leg.symbol}" for leg in order.legs)
        text = f"{plain(rest)} × {what}"
    else:
        text = f"{order.side.value if order.side else ''} {plain(rest)} {order.symbol}"
    text += "" if order.stop_price is None else f" stop {plain(order.stop_price)}"
    return text + ("" if order.limit_price is None else f" limit {plain(order.limit_price)}")
