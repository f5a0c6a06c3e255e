"""The loopback server is only worth something when its validation bites."""

from __future__ import annotations

import pytest

from git_qoc.desk.secrets import Secret
from git_qoc.errors import VenueError
from git_qoc.venues.client import Client
from tests.venues.alpaca_bodies import KEY, SECRET, connector, position
from tests.venues.alpaca_server import ACTIVITIES, AlpacaServer


def test_a_request_outside_the_document_fails_the_test_that_sent_it() -> None:
    client = Client((), {"APCA-API-KEY-ID": Secret(KEY), "APCA-API-SECRET-KEY": Secret(SECRET)}, timeout_s=5)
    with pytest.raises(AssertionError), AlpacaServer() as server:
        client.get_json(
            f"{server.url}{ACTIVITIES}/FILL", {"page_size": "500", "after": "2022-02-02T00:00:00Z"}
        )


def test_an_answer_outside_the_document_fails_the_test_that_got_it() -> None:
    with pytest.raises(AssertionError), AlpacaServer(positions=[position(exchange="MARS")]) as server:
        connector(server.url).positions()


def test_a_wrong_key_is_refused() -> None:
    with AlpacaServer() as server, pytest.raises(VenueError, match="401"):
        connector(server.url, secrets={"api_key": Secret("x"), "api_secret": Secret("y")}).account()
