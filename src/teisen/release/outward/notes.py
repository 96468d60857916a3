"""What every format says beside the rows: whose data it is, what it does not mean, and where nothing happened."""

from __future__ import annotations

import re
from collections.abc import Mapping

from teisen.languages import say, text
from teisen.release.report.context import ReportContext
from teisen.sources import Source

SIMULATED = text("SIMULATED: nothing in this file happened.")
MEANING = text(
    "Records are what sources reported, with the probability that they are of the conflict; what nobody could have "
    "seen is not in them. Who did it is what sources state, and whether it was a violation is judged apart, under each "
    "reading of the terms."
)
NAMES = text(
    "Boundaries, names and designations used here do not imply the expression of any opinion whatsoever on the legal "
    "status of any territory or of its authorities, or on where its borders run."
)
HOST = re.compile(r"[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)+")
NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Characters that XML 1.0 does not allow (section 2.2)."""


def disclaimer() -> str:
    """What the records do not mean, and that no name or boundary is an opinion; in the language being spoken."""
    return f"{say(MEANING)} {say(NAMES)}"


def attributions(sources: Mapping[str, Source]) -> list[str]:
    """One line for each licence that the sources come under, in alphabetical order."""
    licences = {source.profile.licence for source in sources.values()}
    return sorted(f"{lic.attribution} ({lic.name}{', ' + lic.url if lic.url else ''})" for lic in licences)


def authority(about: ReportContext) -> str:
    """The name in whose space ids are made: the host of the ledger's origin, or one under ``.invalid`` (RFC 2606)."""
    host = about.origin.split("/", 1)[0].lower()
    return host if HOST.fullmatch(host) else "teisen.invalid"


def shown(given: str) -> str:
    """A text as XML may hold it."""
    return NOT_XML.sub("\ufffd", given)
