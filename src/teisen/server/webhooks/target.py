"""Where a message may go: only to a public address, found once and connected to as found.

A name is looked up here, every address that it has is checked, and the connection goes to a checked address itself; so
a name that answers with another address a moment later (DNS rebinding) leads nowhere else. Redirects are not followed.
"""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlsplit

from teisen.errors import BadInput, Problem

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Lookup = Callable[[str, int], list[str]]
NAT64 = ipaddress.ip_network("64:ff9b::/96")
LONGEST = 2_000


@dataclass(frozen=True)
class Target:
    """A checked place to send to: the address to connect to, and the name that it is asked by."""

    scheme: str
    host: str
    port: int
    path: str
    address: str

    @property
    def url(self) -> str:
        """The address to connect to, as a URL."""
        host = f"[{self.address}]" if ":" in self.address else self.address
        return f"{self.scheme}://{host}:{self.port}{self.path}"

    @property
    def host_header(self) -> str:
        """The name that the request is for."""
        usual = {"https": 443, "http": 80}[self.scheme]
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == usual else f"{host}:{self.port}"


def looked_up(host: str, port: int) -> list[str]:
    """The addresses of a name, as the system finds them."""
    return [str(found[4][0]) for found in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]


def target(url: str, *, inside: bool = False, lookup: Lookup = looked_up) -> Target:
    """Check where a URL leads.

    Args:
        url: ``https`` alone; with ``inside`` also ``http``.
        inside: whether addresses of the own network may be sent to.
        lookup: gives the addresses of a name.

    Raises:
        BadInput: it is no such URL, has no address, or one of its addresses is not public.
    """
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise _refused(url, "it is no web address") from None
    schemes = ("https", "http") if inside else ("https",)
    if len(url) > LONGEST or any(c.isspace() or not c.isprintable() for c in url):
        raise _refused(url, "it is no web address")
    if parts.scheme not in schemes or not parts.hostname:
        raise _refused(url, f"it does not begin with {' or '.join(f'{s}://' for s in schemes)} and a name")
    if parts.username is not None or parts.password is not None:
        raise _refused(url, "it holds a user name or a password")
    if parts.fragment:
        raise _refused(url, "it holds a fragment, which is never sent")
    port = port or {"https": 443, "http": 80}[parts.scheme]
    try:
        found = sorted(set(lookup(parts.hostname, port)))
    except (OSError, UnicodeError):
        found = []
    if not found:
        raise _refused(url, "its name has no address")
    if not inside and not all(public(one) for one in found):
        raise _refused(url, "it leads to an address that is not public")
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Target(parts.scheme, parts.hostname, port, path, found[0])


def public(text: str) -> bool:
    """Whether an address is one of the public network, also where one address is wrapped in another."""
    try:
        address: Address = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return False
    if isinstance(address, ipaddress.IPv6Address):
        inner: list[Address | None] = [address.ipv4_mapped, address.sixtofour, *(address.teredo or ())]
        if address in NAT64:
            inner.append(ipaddress.IPv4Address(int(address) & 0xFFFFFFFF))
        if not all(public(str(one)) for one in inner if one is not None):
            return False
        if address.ipv4_mapped is not None:
            return public(str(address.ipv4_mapped))
        if address.is_site_local:
            return False
    return address.is_global and not (address.is_multicast or address.is_reserved or address.is_unspecified)


def _refused(url: str, what: str) -> BadInput:
    shown = url if len(url) <= 80 else f"{url[:80]}…"
    return BadInput(Problem("webhook", 0, "url", f"{shown!r}: {what}", "Write a public https address."))
