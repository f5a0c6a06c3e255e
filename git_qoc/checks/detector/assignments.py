"""Where a text gives a name its value: `api_secret = …`, `"secret": …`, `--password …`, "the password is …".

Text in, spans out: of the values that their names make secrets (`names`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from git_qoc.checks.detector.names import NOTHING_SECRET, is_no_secret, names_secret_value, says

_ASSIGNMENT = re.compile(
    r"""(?<![\w.$-])([\w.$-]{2,80}+)(?![\w.$-])[\\"'`\])]{0,4}[ \t]{0,9}"""
    r"""(\+?=>|:=|:-|=(?!=)|,|:(?!//)|\||(?<=[ \t])(?<!=))[ \t]{0,9}"""
    r"""(?=(\\?["'`]{1,3}[^"'`\n\\]{0,400}|[^\s"'`,;\#\[\]{}()<>|&\\]{1,200}))"""
)
# Text, compiled when a text needs it.
_SETTER = (
    r"""\b(?:setx|setenv|set(?:[ \t]+-[-a-zA-Z]{1,10}){1,3})[ \t]+(\w{2,80})[ \t]+["']?([^\s"']{1,200})"""
)
_SAID = (
    r"""(?i:\b(password|passphrase|passcode|passwort|kennwort|api[ _-]?(?:key|secret)|secret|pin)[ \t]{1,3}"""
    r"""(?:is|was|ist|war|lautet)[ \t]{1,3})["'`]?([^\s"'`,;()]{5,100})"""
)
# In the languages that desks are kept in; what stands between the word and the sign says whose it is.
_LABEL = (
    r"(?i:(?:\b(?:pass(?:word|phrase|code)|passwort|kennwort|mots? de passe|contraseña|contrasena|senha"
    r"|palavra-passe|parola d'ordine|hasło|haslo|wachtwoord|lösenord|salasana|şifre|heslo|jelszó"
    r"|паро(?:ль|ля)|κωδικός)"
    r"|パスワード|暗証番号|密码|密碼|口令|비밀번호)[^\n:=：]{0,40}[:=：][ \t]{0,9})"
    r"""["'`]?([^\s"'`]{6,100})"""
)
_LABEL_SIGNS = (
    *(
        "passw",
        "passp",
        "passc",
        "kennwort",
        " de passe",
        "contrase",
        "senha",
        "-passe",
        "parola",
        "hasło",
        "haslo",
    ),
    *("wachtwoord", "lösenord", "salasana", "şifre", "heslo", "jelszó", "парол", "κωδικός"),
    *("パスワード", "暗証番号", "密码", "密碼", "口令", "비밀번호"),
)
"""One of them is in every label; most desks have none, and are spared the pattern."""
_ALGORITHM = r"[A-Z]{2,7}-?[0-9]{2,4}.*"
_NEXT_WORD = r"[ \t]{1,9}(?!#|//|\||--|-[A-Za-z]\b|[\w.-]+[=:]|&&|and\b|und\b|\\$)[^\s\"'`,;)\]}]"


def secret_in_assignment(text: str) -> Iterator[tuple[int, int]]:
    """Spans of values whose name says that they are secret."""
    for match in _ASSIGNMENT.finditer(text):
        if says(match[1]) == NOTHING_SECRET or not _is_assigned(text, match):
            continue
        raw, sign = match[3], match[2]
        value = raw.lstrip("\\").lstrip("\"'`")
        quotes = raw[: len(raw) - len(value)]
        start = match.start(3) + len(quotes)
        written = "quoted" if quotes else sign or "="
        if not quotes and ("=" not in written or text[start - 1].isspace()) and _goes_on(text, match.end(3)):
            written = "prose"
        # A quotation that ends, or the output of a command.
        is_no_value = value[:1].isspace() or ("`" in quotes and " " in value)
        if not is_no_value and names_secret_value(match[1], value, written):
            yield start, start + len(value)
    yield from _set_in_command(text)
    yield from _said_in_sentence(text)
    yield from _labelled(text)


def _set_in_command(text: str) -> Iterator[tuple[int, int]]:
    if "setx" in text or "setenv" in text or "set -" in text:
        for match in re.finditer(_SETTER, text):
            if names_secret_value(match[1], match[2], "="):
                yield match.span(2)


def _said_in_sentence(text: str) -> Iterator[tuple[int, int]]:
    if any(verb in text for verb in (" is ", " was ", " ist ", " war ", " lautet ")):
        for match in re.finditer(_SAID, text):
            if _is_said(match[2].rstrip(".!?")):
                yield match.span(2)


def _labelled(text: str) -> Iterator[tuple[int, int]]:
    """What people note of a login: "password of the portal: …"."""
    folded = text.lower()
    if any(sign in folded for sign in _LABEL_SIGNS):
        for match in re.finditer(_LABEL, text):
            if _is_said(match[1].rstrip(".,;!?")) and _mixes(match[1]):
                yield match.span(1)


def _mixes(value: str) -> bool:
    """Letters and digits, and signs or both cases: no word, no date, no name of a file."""
    signs = any(sign in value for sign in "!@#$%^&*?+~")
    return signs or (value not in (value.lower(), value.upper()) and value[0] + value[1:].lower() != value)


def _is_assigned(text: str, match: re.Match[str]) -> bool:
    if match[2] in ("", ",") and not match[1].startswith("--"):
        return False  # only an option of a command line has its value after a blank
    if match[2] == ":" and text[match.start() - 1 : match.start()] == ":":
        return False  # a name in a name: arn:…:secret:…
    # Code that looks it up: os.environ["…"]
    return match[3][:1] in ("\\", '"', "'", "`") or text[match.end(3) : match.end(3) + 1] not in ("(", "[")


def _goes_on(text: str, end: int) -> bool:
    """Whether more words follow a bare value, as in prose."""
    return re.compile(_NEXT_WORD).match(text, end) is not None


def _is_said(value: str) -> bool:
    """Whether a sentence ends in a secret: "the password is hunter2"."""
    if not any(map(str.isdigit, value)) or not any(map(str.isalpha, value)):
        return False
    return re.fullmatch(_ALGORITHM, value) is None and not value[0].isdigit() and not is_no_secret(value)
