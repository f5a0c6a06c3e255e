"""`git qoc paper`"""

from __future__ import annotations

import click

from git_qoc.cli.context import World
from git_qoc.cli.output import say
from git_qoc.money import plain, shown

HELP = {"help_option_names": ["-h", "--help"]}


@click.group(context_settings=HELP)
def command() -> None:
    """Deposit to and trade on a paper account (connect it with --venue paper)."""


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
@click.argument("symbol")
@click.argument("quantity")
@click.pass_obj
def buy(world: World, name: str, symbol: str, quantity: str) -> int:
    """Buy QUANTITY of SYMBOL at its last close, on the paper account NAME."""
    return _trade(world, name, symbol, quantity, "buy")


@command.command(context_settings=HELP)
@click.argument("name")
@click.argument("symbol")
@click.argument("quantity")
@click.pass_obj
def sell(world: World, name: str, symbol: str, quantity: str) -> int:
    """Sell QUANTITY of SYMBOL at its last close, on the paper account NAME."""
    return _trade(world, name, symbol, quantity, "sell")


def _trade(world: World, name: str, symbol: str, quantity: str, side: str) -> int:
    from git_qoc.tasks.paper import trade

    fill = trade(world, name, symbol, quantity, side)
    done = {"buy": "bought", "sell": "sold"}[side]
    size, price = plain(fill.quantity), shown(fill.price)
    say(f"{name}: {done} {size} {fill.symbol} at {price} (close of {fill.close_date})")
    return 0
