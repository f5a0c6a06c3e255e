from __future__ import annotations

import sys

import pytest

from tests.cli.qoc import Qoc
from tests.desk.test_config import SPEC

THIRD = """\

[[connector]]
name    = "sweep-cash"
type    = "cash"
enabled = true

  [connector.auth]
  api_key = { env = "CA_API_KEY" }
"""


def test_the_specs_three_commands_write_the_specs_blocks_byte_for_byte(desk: Qoc) -> None:
    """spec/accounts-and-brokers.txt, "Connecting a venue" and "Generated desk.toml entry"."""
    before = (desk.git.path / "desk.toml").read_text()
    desk.ok("connect", "equities", "--name", "main-equities", "--env-prefix", "EQ_")
    desk.ok("connect", "crypto", "--name", "crypto-spot", "--env-prefix", "CX_")
    desk.ok("connect", "cash", "--name", "sweep-cash", "--env-prefix", "CA_")
    assert (desk.git.path / "desk.toml").read_text() == f"{before}\n{SPEC}{THIRD}"
    assert desk.git("log", "--format=%s", "-3").splitlines() == [
        "connect sweep-cash (cash)",
        "connect crypto-spot (crypto)",
        "connect main-equities (equities)",
    ]
    assert desk.git("show", "--format=", "--name-only", "HEAD") == "desk.toml"
    assert desk.git("status", "--porcelain") == ""


def test_comments_and_order_of_the_rest_are_kept(desk: Qoc) -> None:
    path = desk.git.path / "desk.toml"
    text = '# top\n\n[workspace]  # mine\nname = "x"   # odd   spacing\n\n[other]\ny = [1,\n 2] # keep\n'
    path.write_text(text)
    desk.git("commit", "-qam", "mine")
    desk.ok("connect", "equities", "--name", "a", "--env-prefix", "A_", "--sandbox")
    written = path.read_text()
    assert written.startswith(text)
    assert "sandbox = true\n" in written
    assert "venue" not in written


def test_no_commit_leaves_the_commit_to_the_user(desk: Qoc) -> None:
    head = desk.git("rev-parse", "HEAD")
    desk.ok("connect", "cash", "--name", "a", "--venue", "paper", "--no-commit")
    assert desk.git("rev-parse", "HEAD") == head
    assert desk.git("status", "--porcelain") == " M desk.toml"


def test_the_secret_is_neither_read_nor_printed(desk: Qoc) -> None:
    desk.environ = {"EQ_API_KEY": "k-sentinel", "EQ_API_SECRET": "s-sentinel"}
    result = desk.ok("connect", "equities", "--name", "a", "--env-prefix", "EQ_")
    everything = result.out + result.err + (desk.git.path / "desk.toml").read_text()
    assert "sentinel" not in everything


PASTED = "PKABCDEFGHIJ0123456789"


@pytest.mark.parametrize(
    ("args", "code", "message"),
    [
        (("equites", "--name", "b", "--env-prefix", "B_"), 129, 'Did you mean "equities"?'),
        (("equities", "--name", "taken", "--env-prefix", "B_"), 128, 'the name "taken" is taken'),
        (("equities", "--name", "TAKEN", "--env-prefix", "B_"), 128, 'the name "taken" is taken'),
        (("equities", "--name", "a b", "--env-prefix", "B_"), 129, "malformed --name"),
        (("equities", "--name", "../x", "--env-prefix", "B_"), 129, "malformed --name"),
        (("equities", "--name", "b", "--env-prefix", "B"), 129, "malformed --env-prefix"),
        (("equities", "--name", "b", "--env-prefix", PASTED), 129, "malformed --env-prefix"),
        (("equities", "--name", "b", "--env-prefix", "B_", "--venue", "alpacca"), 129, 'mean "alpaca"?'),
        (("cash", "--name", "b", "--env-prefix", "B_", "--venue", "alpaca"), 129, "has no cash accounts"),
        (("crypto", "--name", "b", "--env-prefix", "B_", "--venue", ""), 129, 'unknown venue "".'),
        (("crypto", "--name", "b", "--env-prefix", "B_", "--account", " "), 129, "--account is empty"),
        (
            ("crypto", "--name", "b", "--env-prefix", "B_", "--venue", "kraken", "--sandbox"),
            129,
            'venue "kraken" has no sandbox. Leave out --sandbox.',
        ),
        (("equities", "--name", "b"), 129, "--env-prefix is needed"),
        (("equities", "--env-prefix", "B_"), 129, "Missing option '--name'"),
        (
            ("equities", "--name", "b", "--env-prefix", "B_", "--base-url", "https://u:p@x.com"),
            128,
            "expected a URL without user",
        ),
    ],
)
def test_a_refused_connect_changes_nothing(desk: Qoc, args: tuple[str, ...], code: int, message: str) -> None:
    desk.ok("connect", "cash", "--name", "taken", "--venue", "paper")
    before = desk.state()
    result = desk("connect", *args)
    assert (result.code, desk.state()) == (code, before)
    assert message in result.err
    assert PASTED not in result.err


def test_a_name_that_history_knows_under_another_type_is_locked(desk: Qoc) -> None:
    clean = (desk.git.path / "desk.toml").read_text()
    desk.ok("connect", "equities", "--name", "main", "--venue", "paper")
    (desk.git.path / "desk.toml").write_text(clean)
    desk.git("commit", "-qam", "disconnect main")
    before = desk.state()
    result = desk("connect", "crypto", "--name", "Main", "--venue", "paper")
    assert result.code == 128
    assert 'the type of "main" is locked: history knows it as equities, not crypto' in result.err
    assert desk.state() == before
    desk.ok("connect", "equities", "--name", "main", "--venue", "paper")


def test_a_desk_that_does_not_parse_is_named_by_line_and_column(desk: Qoc) -> None:
    (desk.git.path / "desk.toml").write_text('[workspace]\nname = "x\n')
    result = desk("connect", "cash", "--name", "a", "--venue", "paper")
    assert result.code == 128
    assert result.err.startswith("desk.toml:2:10: not valid TOML")
    assert (desk.git.path / "desk.toml").read_text() == '[workspace]\nname = "x\n'


def test_two_desks_of_one_repository_share_no_paper_account(qoc: Qoc) -> None:
    for name, amount in (("alpha", "100"), ("beta", "30")):
        qoc.ok("init", name)
        for args in (
            ("connect", "cash", "--name", "main", "--venue", "paper"),
            ("paper", "deposit", "main", amount),
        ):
            assert qoc(*args, cwd=qoc.git.path / name).code == 0
    for name, amount in (("alpha", "100"), ("beta", "30")):
        status = qoc("status", "--json", cwd=qoc.git.path / name)
        assert status.json["nav_usd"] == int(amount)


def test_without_the_ccxt_extra_it_is_said_when_connecting(
    desk: Qoc, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "ccxt", None)  # python's own way to say that a package is not there
    way_out = "needs the ccxt extra: pipx install 'git-qoc[ccxt]'"
    other = desk("connect", "crypto", "--name", "other", "--venue", "coinbase", "--env-prefix", "B_")
    assert (other.code, other.err.strip().rpartition(". ")[2]) == (
        129,
        f"An exchange that ccxt has {way_out}",
    )
    known = desk.ok("connect", "crypto", "--name", "known", "--venue", "kraken", "--env-prefix", "B_")
    assert f"warning: kraken {way_out}. Until then it is DEGRADED" in known.err
    assert "extra" not in desk.ok("connect", "cash", "--name", "c", "--env-prefix", "B_").err


def test_paper_books_that_cannot_be_made_are_said_with_what_is_there_and_the_way_out(desk: Qoc) -> None:
    folder = desk.git.path / ".git" / "qoc" / "paper"
    folder.parent.mkdir(exist_ok=True)
    folder.write_text("")  # no folder: nothing can be made in it
    done = desk("connect", "cash", "--name", "z", "--venue", "paper")
    assert done.code == 128
    assert done.err.startswith('"z" is in desk.toml now, but the paper account ')
    assert "Mend that, then begin its books: git qoc paper deposit z AMOUNT" in done.err
    assert desk.git("show", "-s", "--format=%s") == "connect z (cash)"
    folder.unlink()
    assert desk.ok("paper", "deposit", "z", "5").out == "z: cash 5.00 USD\n"
