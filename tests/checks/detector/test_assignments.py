"""Secrets that a text assigns to a name, and texts that only talk of secrets."""

from __future__ import annotations

import pytest

from git_qoc.checks.detector.assignments import secret_in_assignment

IN_TEXT = {
    "export API_SECRET=swordfish": "swordfish",
    "API_SECRET = 'swordfish'": "swordfish",
    '"api_secret": "hunter2"': "hunter2",
    'x = "{\\"password\\": \\"hunter2\\"}"': "hunter2",
    "--password hunter2 --user ada": "hunter2",
    "--password=hunter2": "hunter2",
    "setx API_SECRET swordfish": "swordfish",
    "set -gx API_SECRET swordfish": "swordfish",
    "${API_SECRET:-hunter2}": "hunter2",
    "| password | hunter2 |": "hunter2",
    "PGPASSWORD=swordfish psql -h db": "swordfish",
    '["run", "--api-secret", "hunter2"]': "hunter2",
    "the password is hunter2, ask Ada": "hunter2",
    "das Passwort lautet hunter2": "hunter2",
}


@pytest.mark.parametrize(("text", "secret"), IN_TEXT.items())
def test_assignment_in_text_is_found(text: str, secret: str) -> None:
    assert [text[start:end] for start, end in secret_in_assignment(text)] == [secret]


@pytest.mark.parametrize(
    "text",
    [
        "password: ask Ada",
        "secret = from the vault",
        "arn:aws:secretsmanager:eu:12:secret:desk/cx-Qw3rTz",
        'api_key = os.environ["CX_API_KEY"]',
        "read -rsp 'api secret: ' CX_API_SECRET",
        "export CX_KEY=`gopass show cx/key`",
        "detect-secrets==1.5.0",
        "the secret is HS256 and the password is rotated in 2026",
        "$env:CX_API_SECRET = Get-Secret -Name cx",
    ],
)
def test_text_about_secrets_holds_none(text: str) -> None:
    assert list(secret_in_assignment(text)) == []
