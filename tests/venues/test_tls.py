"""TLS for real: a server on loopback whose certificate is from an authority of its own."""

from __future__ import annotations

import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import trustme

from git_qoc.desk.secrets import Secret
from git_qoc.errors import VenueError
from git_qoc.venues.client import Client


class Hello(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"[]")

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - http.server's name
        """Quiet."""


class Quiet(ThreadingHTTPServer):
    def handle_error(self, *_: Any) -> None:
        """A client that does not trust us hangs up."""


@contextmanager
def serving(authority: trustme.CA, name: str) -> Iterator[str]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(name).configure_cert(context)
    with Quiet(("127.0.0.1", 0), Hello) as server:
        server.socket = context.wrap_socket(server.socket, server_side=True)
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        yield f"https://127.0.0.1:{server.server_address[1]}"
        server.shutdown()


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def bundle(authority: trustme.CA, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    file = tmp_path / "ca.pem"
    authority.cert_pem.write_to_path(str(file))
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(file))
    return file


def ask(url: str) -> object:
    return Client((), {"Authorization": Secret("x")}, timeout_s=5).get_json(url)


def test_an_authority_of_the_environments_bundle_is_trusted(authority: trustme.CA, bundle: Path) -> None:
    with serving(authority, "127.0.0.1") as url:
        assert ask(url) == []


def test_one_that_nobody_named_is_not(authority: trustme.CA, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("REQUESTS_CA_BUNDLE", raising=False)
    with serving(authority, "127.0.0.1") as url, pytest.raises(VenueError, match="certificate not accepted"):
        ask(url)


def test_an_authority_that_was_trusted_before_is_not_any_more(
    authority: trustme.CA, bundle: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with serving(authority, "127.0.0.1") as url:
        assert ask(url) == []
        monkeypatch.delenv("REQUESTS_CA_BUNDLE")
        with pytest.raises(VenueError, match="certificate not accepted"):
            ask(url)


def test_a_certificate_of_another_host_is_refused(authority: trustme.CA, bundle: Path) -> None:
    with serving(authority, "api.example.com") as url, pytest.raises(VenueError, match="not accepted"):
        ask(url)


def test_a_bundle_that_is_not_there_is_named_as_the_trouble(
    authority: trustme.CA, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", "/nowhere/ca.pem")
    with serving(authority, "127.0.0.1") as url, pytest.raises(VenueError, match="REQUESTS_CA_BUNDLE"):
        ask(url)
