from __future__ import annotations

import copy
import faulthandler
import json
import logging
import pickle
import pprint
import tempfile
import traceback
from base64 import b64encode
from dataclasses import asdict
from pathlib import Path
from urllib.parse import quote

import pytest

from git_qoc.desk.environment import Environment
from git_qoc.desk.secrets import MASK, Secret, struck
from git_qoc.errors import DeskError
from git_qoc.model import VenueType
from git_qoc.venues.base import Settings
from tests.checks.keys import ALNUM, PEM, made_of
from tests.desk.leaks import found_in

VALUE = made_of(ALNUM, 40, seed=11)
SECRETS = {"value": VALUE}


def test_no_way_of_printing_shows_a_secret() -> None:
    secret = Secret(VALUE)
    shown = [
        repr(secret),
        str(secret),
        format(secret, ">10"),
        f"{secret} {secret!s} {secret!r} {secret!a} {secret:^9}",
        "%s %r" % (secret, secret),  # noqa: UP031 - one more way
        str([secret, {"key": secret}]),
        pprint.pformat({"key": secret}),
        repr(copy.copy(secret)) + repr(copy.deepcopy({"key": secret})),
        json.dumps({"key": secret}, default=str),
    ]
    assert found_in("".join(shown), SECRETS) == []
    assert all(MASK in text for text in shown)


@pytest.mark.parametrize("serialize", [pickle.dumps, json.dumps, lambda secret: secret.__getstate__()])
def test_a_secret_is_not_serialized(serialize: object) -> None:
    with pytest.raises(TypeError) as caught:
        serialize(Secret(VALUE))  # type: ignore[operator]
    assert found_in(str(caught.value), SECRETS) == []


def test_a_dataclass_that_holds_a_secret_shows_none_as_dict_either() -> None:
    settings = Settings("main", VenueType.CASH, {"api_key": Secret(VALUE)}, lambda: None, Path(), 1.0)  # type: ignore[arg-type, return-value]
    shown = f"{settings} {asdict(settings)}"
    assert found_in(shown, SECRETS) == []
    assert MASK in shown


def test_neither_a_log_record_nor_a_traceback_with_locals_shows_a_secret(
    caplog: pytest.LogCaptureFixture,
) -> None:
    def fail(secret: Secret, environ: Environment) -> None:
        raise ValueError(secret)

    with pytest.raises(ValueError, match=r"\*\*\*\*") as caught:
        fail(Secret(VALUE), Environment(K=VALUE))
    exc = caught.value
    logging.getLogger("test").error("a secret: %s %r", exc, exc.args, exc_info=exc)
    text = "".join(traceback.TracebackException.from_exception(exc, capture_locals=True).format())
    assert "secret = ****" in text
    assert "environ = <1 variables>" in text
    assert found_in(text + caplog.text, SECRETS) == []


def test_a_dump_of_a_crash_shows_no_secret() -> None:
    secret = Secret(VALUE)
    with tempfile.TemporaryFile() as file:
        faulthandler.dump_traceback(file)
        file.seek(0)
        dump = file.read()
    assert b"test_secrets.py" in dump
    assert found_in(dump, SECRETS) == []
    assert secret.reveal() == VALUE


def test_secrets_are_never_compared_by_their_texts() -> None:
    """Comparing stops at the first difference, and so tells by its time how much is alike."""
    secret = Secret(VALUE)
    assert secret != Secret(VALUE)
    assert secret == copy.deepcopy(secret)


def test_a_forgotten_secret_is_gone_from_whoever_holds_it() -> None:
    secret = Secret(VALUE)
    holders = [secret, copy.copy(secret), copy.deepcopy({"key": secret})["key"]]
    secret.forget()
    for holder in holders:
        with pytest.raises(DeskError, match="dropped after use"):
            holder.reveal()
    assert secret.is_empty


@pytest.mark.parametrize(
    ("value", "fits"),
    [
        (VALUE, True),
        ("with space", True),
        ("", False),
        ("café", False),
        ("a\r\nHost: evil", False),
        (PEM, False),
    ],
)
def test_only_one_line_of_printable_ascii_fits_a_header(value: str, fits: bool) -> None:
    assert Secret(value).fits_a_header is fits


@pytest.mark.parametrize("echo", ["{0}", "{1}", "{2}", "{3}", "{4}"])
def test_what_a_server_echoes_is_struck_out_as_text_url_base64_and_basic_auth(echo: str) -> None:
    value = "s3cr3t/With+Base64=Chars?>"
    coded = [b64encode(f"{user}{value}".encode()).decode() for user in ("", "a:", "PK:")]
    text = echo.format(value, quote(value, safe=""), *coded)
    found = struck(f"bad key: {text}.", [Secret(value), Secret("")])
    assert MASK in found
    assert found_in(found, {"value": value}) == []


def test_a_text_without_secrets_is_left_as_it_is() -> None:
    assert struck("no key at all", [Secret(VALUE), Secret("")]) == "no key at all"
