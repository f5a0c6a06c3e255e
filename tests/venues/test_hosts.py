from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from git_qoc.errors import VenueError
from git_qoc.venues.hosts import check

OWN = ("api.alpaca.markets",)


@pytest.mark.parametrize(
    "url",
    [
        "https://api.alpaca.markets",
        "https://API.Alpaca.Markets:443/v2/account",
        "http://127.0.0.1:8080/v2",
        "http://127.9.8.7",
        "http://localhost:1",
        "http://[::1]:8080/v2",
        "https://gateway.example.com/alpaca",
        "https://gateway.example.com:8443/alpaca",
    ],
)
def test_secrets_go_to_own_allowed_and_loopback_hosts(url: str) -> None:
    check(url, OWN, ("Gateway.example.com", "gateway.example.com:8443"))


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("https://evil.example.com/v2", "evil.example.com"),
        ("https://api.alpaca.markets.evil.example.com", "api.alpaca.markets.evil.example.com"),
        ("https://evil-api.alpaca.markets", "evil-api.alpaca.markets"),
        ("https://api.alpaca.markets:8443", "api.alpaca.markets:8443"),
        ("https://api.alpaca.markets.", "api.alpaca.markets."),
        ("http://127.0.0.1.evil.example.com", "127.0.0.1.evil.example.com:80"),
        ("http://127.1", "127.1:80"),
        ("http://0.0.0.0", "0.0.0.0:80"),
        ("http://169.254.169.254/latest", "169.254.169.254:80"),
        ("http://[::ffff:127.0.0.1]", "[::ffff:127.0.0.1]:80"),
        ("http://localhost.evil.example.com", "localhost.evil.example.com:80"),
    ],
)
def test_any_other_host_is_named_with_the_way_to_allow_it(url: str, host: str) -> None:
    with pytest.raises(VenueError) as caught:
        check(url, OWN, ())
    assert f"not sent to {host}," in str(caught.value)
    assert f"git config --add qoc.allowedHost {host}" in str(caught.value)


def test_own_and_allowed_hosts_need_https() -> None:
    for url in ("http://api.alpaca.markets:443", "http://gateway.example.com:80"):
        with pytest.raises(VenueError, match="over http"):
            check(url, OWN, ("gateway.example.com:80",))


def test_an_allowed_host_is_allowed_on_its_port_only() -> None:
    with pytest.raises(VenueError):
        check("https://gateway.example.com:8443", OWN, ("gateway.example.com",))
    with pytest.raises(VenueError):
        check("https://gateway.example.com", OWN, ("gateway.example.com:8443",))


@pytest.mark.parametrize(
    "url",
    [
        "https://user:hunter2@api.alpaca.markets",
        "https://api.alpaca.markets@evil.example.com",
        "https://evil.example.com\\@api.alpaca.markets",
        "https://evil.example.com#@api.alpaca.markets/",
        "https://api.alpaca.markets?x=hunter2",
        "https://api.alpaca.markets:99999",
        "https://api.alpaca.markets:0",
        "https:///v2",
        "ftp://api.alpaca.markets",
        "file:///etc/passwd",
        "api.alpaca.markets",
        "https://api.alpaca.markets/ x",
        "https://api.alpaca.markets\r\nHost: evil",
        "https://аpi.alpaca.markets",
        "",
    ],
)
def test_what_two_parsers_might_read_differently_is_refused_unrepeated(url: str) -> None:
    with pytest.raises(VenueError, match="base_url") as caught:
        check(url, OWN, ())
    assert "hunter2" not in str(caught.value)


@given(st.text(alphabet="abz.019:/@\\?#[]%- \n", max_size=30))
def test_no_text_before_or_after_our_host_gets_a_secret_to_another(text: str) -> None:
    for url in (f"https://{text}api.alpaca.markets", f"https://api.alpaca.markets{text}", f"https://{text}"):
        try:
            to = check(url, OWN, ())
        except VenueError:
            continue
        assert to.is_loopback or (to.scheme, to.host, to.port) == ("https", "api.alpaca.markets", 443)
