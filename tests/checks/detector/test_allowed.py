"""What a comment allows, and what it cannot allow."""

from __future__ import annotations

import pytest

from git_qoc.checks.credentials import examine, examine_text
from git_qoc.checks.detector.allowed import Allowed
from tests.checks.keys import ALNUM, ALPACA_ID, ALPACA_SECRET, BINANCE, GITHUB, HEX_64, made_of

WORDS = "abandon ability able about above absent absorb abstract absurd abuse access alert"
OPAQUE = made_of(ALNUM, 30)
WHY = "# qoc: allow the id of the release build"
ALLOWED = {
    "on the line": f'[other]\nx = "{OPAQUE}"  {WHY}',
    "in a comment": f"\n# {OPAQUE} {WHY}",
    "on the last line of the statement": f'[other]\nx = """\n{OPAQUE}\n"""  {WHY}',
    "on the line in an array": f'[other]\nx = [\n  "{OPAQUE}", {WHY}\n  "one",\n]',
    "on the last line of an array": f'[other]\nx = [\n  "{OPAQUE}",\n]  {WHY}',
    "with other blanks": f'[other]\nx = "{OPAQUE}"#qoc:allow  the id of the release build  ',
    "Windows line ends": f'[other]\r\nx = "{OPAQUE}"  {WHY}\r\n',
    "hex": f'[other]\nx = "{HEX_64}"  {WHY}',
}
REFUSED = {
    "no reason": (f'[other]\nx = "{OPAQUE}"  # qoc: allow', "has no reason"),
    "two letters": (f'[other]\nx = "{OPAQUE}"  # qoc: allow ok', "has no reason"),
    "key material for a reason": (f'[other]\nx = "{OPAQUE}"  # qoc: allow {BINANCE}', "holds key material"),
    "the secret for a reason": (
        f'[other]\nx = "{OPAQUE}"  # qoc: allow it is {OPAQUE[3:12]}',
        "holds key material",
    ),
    "a tail of it for a reason": (
        f"# {BINANCE[:40]} # qoc: allow the id of a build{BINANCE[40:54]}==",
        "holds key",
    ),
    "glued to it": (f"# {OPAQUE}{WHY}", "# qoc: allow REASON"),
    "another mark": (f'[other]\nx = "{OPAQUE}"  # noqa', "# qoc: allow REASON"),
    "under auth": (f'[[connector]]\n[connector.auth]\nk = "{OPAQUE}"  {WHY}', "literal credential"),
    "env under auth": (f'[[connector]]\n[connector.auth]\nk = {{ env = "{OPAQUE}" }}  {WHY}', "malformed"),
    "known form": (f'[other]\nx = "{GITHUB}"  {WHY}', "cannot allow this"),
    "key id": (f"# {ALPACA_ID} {WHY}", "cannot allow this"),
    "private key": (f'[other]\nx = "0x{HEX_64}"  {WHY}', "cannot allow this"),
    "by its name": (f'[other]\napi_secret = "{OPAQUE}"  {WHY}', "cannot allow this"),
    "password in a URL": (f'[other]\nx = "https://a:{OPAQUE}@h.example"  {WHY}', "cannot allow this"),
    "recovery words": (f'[other]\nx = "{WORDS}"  {WHY}', "cannot allow this"),
    "in a string": (f'[other]\nx = """\n{OPAQUE} {WHY}\n"""', "# qoc: allow REASON"),
    "in a string with a quote": (f"[other]\nx = '''\n{OPAQUE}', {WHY}\n'''", "# qoc: allow REASON"),
    "on the line before": (f'{WHY}\n[other]\nx = "{OPAQUE}"', "# qoc: allow REASON"),
    "not TOML": (f"x =\n# {OPAQUE} {WHY}", "# qoc: allow REASON"),
    "before it": (f"{WHY}: {OPAQUE}", "# qoc: allow REASON"),
}


@pytest.mark.parametrize("text", ALLOWED.values(), ids=ALLOWED)
def test_comment_with_a_reason_allows_what_looks_random_and_is_listed(text: str) -> None:
    faults, allowed = examine("desk.toml", text.encode())
    assert faults == []
    [one] = allowed
    assert one._replace(column=0) == Allowed("desk.toml", one.line, 0, "the id of the release build")
    assert OPAQUE in text.split("\n")[one.line - 1] or HEX_64 in text or '"""' in text


@pytest.mark.parametrize(("text", "words"), REFUSED.values(), ids=REFUSED)
def test_comment_does_not_allow(text: str, words: str) -> None:
    faults, allowed = examine("desk.toml", text.encode())
    assert allowed == ()
    assert words in " ".join(fault.message for fault in faults)
    assert not any(OPAQUE[at : at + 6] in fault.message for fault in faults for at in range(24))


def test_comment_allows_no_known_form_beside_what_it_allows() -> None:
    faults, allowed = examine("desk.toml", f'[other]\nx = ["{OPAQUE}", "{GITHUB}"]  {WHY}'.encode())
    assert [fault.line for fault in faults] == [2]
    assert len(allowed) == 1


MARKUP = {
    "after it": f"the build {OPAQUE} <!-- qoc: allow the id of the build -->\n",
    "before it": f"<!-- qoc: allow the id of the build --> the build {OPAQUE}\n",
    "in a table": f"| build | {OPAQUE} | <!--qoc:allow the id of the build-->\n",
}


@pytest.mark.parametrize("path", ["research/a.md", "research/a.html", "research/a.svg"])
@pytest.mark.parametrize("text", MARKUP.values(), ids=MARKUP)
def test_comment_of_markup_allows_on_its_line(path: str, text: str) -> None:
    faults, allowed = examine_text(path, text.encode())
    assert faults == []
    assert [one.reason for one in allowed] == ["the id of the build"]


@pytest.mark.parametrize("path", ["research/a.json", "research/a.csv"])
def test_files_without_comments_allow_nothing(path: str) -> None:
    faults, allowed = examine_text(path, f"{ALPACA_SECRET} {WHY} <!-- qoc: allow the id -->\n".encode())
    assert len(faults) == 1
    assert allowed == ()


def test_secret_in_the_comment_itself_is_not_allowed() -> None:
    faults, allowed = examine_text("a.md", f"<!-- qoc: allow the id {OPAQUE} -->\n".encode())
    assert len(faults) == 1
    assert allowed == ()
