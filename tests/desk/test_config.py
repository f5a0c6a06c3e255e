from __future__ import annotations

import pytest

from git_qoc.desk.config import parse
from git_qoc.desk.secrets import Reference
from git_qoc.errors import DeskError
from git_qoc.model import VenueType

# spec/accounts-and-brokers.txt, "Generated desk.toml entry".
SPEC = """\
[[connector]]
name    = "main-equities"
type    = "equities"
enabled = true

  [connector.auth]
  api_key    = { env = "EQ_API_KEY" }
  api_secret = { env = "EQ_API_SECRET" }

[[connector]]
name    = "crypto-spot"
type    = "crypto"
enabled = true

  [connector.auth]
  api_key    = { env = "CX_API_KEY" }
  api_secret = { env = "CX_API_SECRET" }
"""

# spec/snapshots-and-equity.txt, "Scheduling daily snapshots".
SCHEDULE = """
[[schedule]]
name  = "daily-close-snapshot"
cron  = "5 16 * * 1-5"
tz    = "America/New_York"
task  = "snapshot"
"""


def faults(text: str) -> list[str]:
    with pytest.raises(DeskError) as caught:
        parse(text)
    return str(caught.value).splitlines()


def test_the_specs_blocks_are_read() -> None:
    config = parse(SPEC + SCHEDULE)
    assert [(c.name, c.type, c.enabled, c.venue) for c in config.connectors] == [
        ("main-equities", VenueType.EQUITIES, True, None),
        ("crypto-spot", VenueType.CRYPTO, True, None),
    ]
    assert config.connectors[0].auth["api_secret"] == Reference("env", "EQ_API_SECRET")
    assert config.zone == "America/New_York"


def test_an_empty_file_is_a_desk_in_utc() -> None:
    assert parse("").connectors == ()
    assert parse("").zone == "UTC"


def test_a_table_that_is_not_ours_is_left_alone() -> None:
    assert parse("[tool.other]\nx = 1\n").connectors == ()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[[connector]\n", "desk.toml:1:"),
        ("x = ", "desk.toml"),
        (
            SPEC.replace("enabled", "enabld", 1),
            'desk.toml:4: connector "main-equities": enabld: unknown key. Did you mean "enabled"?',
        ),
        (
            SPEC.replace('"crypto"', '"krypto"'),
            'desk.toml:12: connector "crypto-spot": type: unknown venue type. Known types: equities,',
        ),
        (
            SPEC.replace('"crypto-spot"', '"Main-Equities"'),
            'desk.toml:11: the connector name "Main-Equities" is taken in line 2. Choose another.',
        ),
        (
            SPEC.replace("enabled = true", 'enabled = "yes"', 1),
            'desk.toml:4: connector "main-equities": enabled: input should be a valid boolean.',
        ),
        (
            '[[connector]]\ntype = "cash"\n',
            "desk.toml:1: [[connector]] 1: name: expected this key, found nothing. Add it.",
        ),
        (
            '[workspace]\ntimezone = "Mars/Olympus"\n',
            'desk.toml:2: workspace: timezone: expected a time zone name such as "America/New_York".',
        ),
        (
            '[retrospective]\npartial = "guess"\n',
            "desk.toml:2: retrospective: partial: input should be 'exclude' or 'carry'.",
        ),
        ('[retrospective]\nday_cutoff = "25:00"\n', "day_cutoff: expected a time"),
        ('[account]\ncurrency = "EUR"\n', "desk.toml:2: account: currency: input should be 'USD'."),
    ],
)
def test_a_fault_is_named_by_line_and_remedy(text: str, expected: str) -> None:
    assert faults(text)[0].startswith(expected) or expected in faults(text)[0]


def test_every_fault_is_reported_at_once() -> None:
    assert len(faults('[workspace]\nnam = "x"\n[[connector]]\ntype = "krypto"\n')) == 3


@pytest.mark.parametrize(
    "value", ['"SECRETSECRETSECRET"', '{ env = "A", file = "SECRETSECRETSECRET" }', "12345678901234", "[]"]
)
def test_a_literal_secret_is_refused_and_not_repeated(value: str) -> None:
    (line,) = faults(SPEC.replace('{ env = "EQ_API_KEY" }', value))
    assert line.startswith(
        'desk.toml:7: connector "main-equities": auth.api_key: expected a secret reference'
    )
    assert "SECRETSECRET" not in line
    assert "123456" not in line


def test_a_secret_in_the_place_of_a_key_is_not_repeated() -> None:
    (line,) = faults(SPEC.replace("enabled = true", "enabled = true\nPKSECRET1234567890AB = 1", 1))
    assert line.startswith('desk.toml:5: connector "main-equities": …: unknown key. Known keys:')


@pytest.mark.parametrize(
    "url", ["ftp://x", "https://u:SECRET@x.com", "https://x.com/?k=SECRET", "api.x.com", "https://"]
)
def test_a_base_url_with_anything_but_scheme_host_and_path_is_refused(url: str) -> None:
    (line,) = faults(SPEC.replace("enabled = true", f'enabled = true\nbase_url = "{url}"', 1))
    assert line.startswith('desk.toml:5: connector "main-equities": base_url: expected')
    assert "SECRET" not in line


def test_security_is_lax_unless_it_says_strict_and_knows_no_other_key() -> None:
    assert parse("").security.strict is False
    assert parse("[security]\nstrict = true\n").security.strict is True
    assert faults("[security]\nstrikt = true\n") == [
        'desk.toml:2: security: strikt: unknown key. Did you mean "strict"?'
    ]
    assert "desk.toml:2: security: strict:" in faults('[security]\nstrict = "yes"\n')[0]
