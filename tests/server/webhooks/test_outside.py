"""Where calls to the outside may go: to plain public addresses, those that were checked."""

from __future__ import annotations

import pytest

from teisen.errors import BadInput
from teisen.server.access.addresses import outside, public


@pytest.mark.parametrize(
    "url",
    [
        "http://example.org/",
        "https://user@example.org/",
        "https://example.org:8443/",
        "file:///etc/passwd",
        "gopher://example.org/",
        "https://",
        "https://exa mple.org/",
        "https://example.org\\@127.0.0.1/",
        "//example.org",
        "https://[::1/",
        "https://example.org/\r\nHost: x",
    ],
)
def test_addresses_for_calls_to_the_outside_are_plain_ones(url: str) -> None:
    with pytest.raises(BadInput):
        outside(url, lambda host, port: ["93.184.215.14"])


@pytest.mark.parametrize(
    "address",
    [
        *(
            "127.0.0.1",
            "0.1.2.3",
            "10.1.2.3",
            "172.16.0.1",
            "192.168.1.1",
            "169.254.169.254",
            "100.64.0.1",
            "224.0.0.1",
        ),
        *("255.255.255.255", "::1", "::", "fe80::1", "fd00::1", "::ffff:127.0.0.1", "64:ff9b::7f00:1", "2002:7f00:1::"),
        *("ff02::1", "fe80::1%eth0", "localhost", "2130706433", ""),
    ],
)
def test_no_call_goes_to_the_inside(address: str) -> None:
    assert not public(address)
    with pytest.raises(BadInput):
        outside("https://example.org/", lambda host, port: ["93.184.215.14", address])


def test_a_call_goes_to_the_address_that_was_checked() -> None:
    asked: list[str] = []

    def resolved(host: str, port: int) -> list[str]:
        asked.append(host)
        return ["93.184.215.14"] if len(asked) == 1 else ["127.0.0.1"]

    target = outside("https://example.org/hook?x=1", resolved)
    assert (target.host, target.port, target.addresses) == ("example.org", 443, ("93.184.215.14",))
    assert asked == ["example.org"]
