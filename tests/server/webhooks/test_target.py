"""Where messages may go: no address of the own network gets one, however it is written or wrapped."""

from __future__ import annotations

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from teisen.errors import BadInput
from teisen.server.webhooks.target import public, target

INSIDE = [
    *("127.0.0.1", "127.1.2.3", "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0"),  # noqa: S104  refused
    *("224.0.0.1", "255.255.255.255", "198.18.0.1", "192.0.2.1", "240.0.0.1"),
    *("::1", "::", "fe80::1", "fe80::1%eth0", "fc00::1", "fd12::1", "ff02::1", "fec0::1", "2001:db8::1"),
    *("::ffff:127.0.0.1", "::ffff:169.254.169.254", "2002:7f00:1::", "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe"),
    *("2001:0:4136:e378:8000:63bf:80ff:fffe", "nonsense", ""),
]
OUTSIDE = ["93.184.216.34", "8.8.8.8", "2606:2800:220:1:248:1893:25c8:1946", "::ffff:8.8.8.8"]


@pytest.mark.parametrize("address", INSIDE)
def test_what_is_inside_is_not_public(address: str) -> None:
    assert not public(address)


@pytest.mark.parametrize("address", OUTSIDE)
def test_what_is_outside_is(address: str) -> None:
    assert public(address)


@given(st.ip_addresses(v=4))
def test_an_address_wrapped_in_another_is_as_public_as_it_is_itself(address: ipaddress.IPv4Address) -> None:
    plain = public(str(address))
    assert public(f"::ffff:{address}") == plain
    assert not public(str(ipaddress.IPv6Address(int(ipaddress.ip_address("64:ff9b::")) + int(address)))) or plain


def told(*addresses: str) -> list[str]:
    return list(addresses)


def test_one_inner_address_among_several_is_enough_to_refuse() -> None:
    with pytest.raises(BadInput, match="not public"):
        target("https://name.example/", lookup=lambda *_: told("8.8.8.8", "10.0.0.1"))


def test_the_connection_goes_to_the_address_that_was_checked() -> None:
    answers = iter([["8.8.8.8"], ["127.0.0.1"]])
    found = target("https://name.example:8443/a?b=c", lookup=lambda *_: next(answers))
    assert found.url == "https://8.8.8.8:8443/a?b=c"
    assert found.host_header == "name.example:8443"
    with pytest.raises(BadInput, match="not public"):
        target("https://name.example/", lookup=lambda *_: next(answers))


@pytest.mark.parametrize(
    "url",
    [
        *("http://name.example/", "ftp://name.example/", "file:///etc/passwd", "https://", "name.example", ""),
        *("https://user:word@name.example/", "https://name.example/#part", "https://name.example:99999/"),
        *("https://name.example/\r\nHost: other", "https://[::1", "javascript:alert(1)", "https://" + "a" * 3000),
    ],
)
def test_what_is_no_plain_https_address_is_refused(url: str) -> None:
    with pytest.raises(BadInput):
        target(url, lookup=lambda *_: ["8.8.8.8"])


@pytest.mark.parametrize("url", ["https://127.0.0.1/", "https://[::1]/", "https://2130706433/", "https://localhost/"])
def test_addresses_of_this_machine_are_refused_however_written(url: str) -> None:
    with pytest.raises(BadInput):
        target(url)


def test_inside_is_allowed_where_it_is_said_so() -> None:
    assert target("http://127.0.0.1:8080/x", inside=True).url == "http://127.0.0.1:8080/x"
