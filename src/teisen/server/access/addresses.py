"""Addresses that a person names for the server to call: only those of the world outside, never of its own network.

Against requests forged through the server (SSRF): the name is resolved once, every address it has must be public, and
the caller connects to the address that was checked, so that the name cannot point elsewhere a moment later.
"""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from teisen.errors import BadInput, Problem

PORT = 443
LONGEST = 2000
Resolve = Callable[[str, int], Sequence[str]]


@dataclass(frozen=True)
class Target:
    """Where to call: the address as written, its host for TLS and the Host header, and the IP addresses to take."""

    url: str
    host: str
    port: int
    addresses: tuple[str, ...]


def resolve(host: str, port: int) -> Sequence[str]:
    """The IP addresses of a name."""
    return sorted({str(found[4][0]) for found in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)})


def outside(url: str, resolved: Resolve = resolve) -> Target:
    """Check an address for calls to the outside.

    Args:
        url: an ``https`` address without user, password or port other than 443.
        resolved: gives the IP addresses of a name and port.

    Raises:
        BadInput: it may not be called; the message does not say what its name resolves to.
    """
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port or PORT
    except ValueError:
        raise _bad(url, "it is no address") from None
    if len(url) > LONGEST or any(c.isspace() or not c.isprintable() or c == "\\" for c in url):
        raise _bad(url, "it is no address")
    if parts.scheme != "https" or not host:
        raise _bad(url, "it does not begin with https://")
    if parts.username is not None or parts.password is not None or port != PORT:
        raise _bad(url, "it names a user or another port than 443")
    try:
        addresses = tuple(resolved(host, port))
    except (OSError, UnicodeError):
        raise _bad(url, "its name cannot be found") from None
    if not addresses or not all(map(public, addresses)):
        raise _bad(url, "it does not lead to the outside")
    return Target(url, host, port, addresses)


def public(address: str) -> bool:
    """Whether an IP address is one of the public internet; those that hide another one within are not."""
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    if isinstance(found, ipaddress.IPv6Address) and (
        found.ipv4_mapped or found.sixtofour or found.teredo or found in _NAT64
    ):
        return False
    return found.is_global and not found.is_multicast and not found.is_reserved


_NAT64 = ipaddress.ip_network("64:ff9b::/96")


def _bad(url: str, what: str) -> BadInput:
    return BadInput(Problem(url[:80], 0, "", what, "Write an https address of a host on the public internet."))
