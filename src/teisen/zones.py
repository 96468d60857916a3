"""Names of time zones."""

from __future__ import annotations

from functools import cache
from zoneinfo import available_timezones


@cache
def zones() -> frozenset[str]:
    """The IANA names that are known here; asked once, since every asking reads the whole folder of zones."""
    return frozenset(available_timezones())
