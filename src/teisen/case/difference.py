"""The difference between two derivations as it leaves a case: through the release policy, as a page with CSVs."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

import polars as pl

from teisen.case.definitions import CASE_FILE
from teisen.case.folder import Case
from teisen.case.publish import context
from teisen.case.sides import Side
from teisen.errors import BadInput, Problem
from teisen.languages import words
from teisen.ledger import DEFINITIONS
from teisen.release import TABLES, Released, release
from teisen.release.csv_text import to_csv
from teisen.release.difference import by_cause
from teisen.release.exports import export
from teisen.release.report.changes import Stand, difference_page
from teisen.tables import Table

TOLD = ("incident", "evidence", "observation", "allegation", "tally")
"""Tables that say what a row of the difference is about."""


def publish_difference(
    case: Case,
    sides: tuple[Side, Side],
    rows: pl.DataFrame,
    folder: Path,
    *,
    audience: str = "public",
    as_of: datetime | None = None,
    language: str = "en",
) -> Path:
    """Write what an audience may have of a difference (DIFFERENCE) into ``folder``; return its page.

    Args:
        case: whose derivations they are; its release policy as it is on record now decides.
        sides: the earlier and the later derivation.
        rows: what differs between them (:func:`teisen.case.sides.compared`).
        folder: made if absent; the page, the rows, the causes, and the attributions of the sources.
        audience: one of the case's release policy.
        as_of: the moment of release; by default the time of the ledger's newest entry, never the clock.
        language: what the page is written in.

    Raises:
        BadInput: a side is no derivation of this case, or there is no such audience.
    """
    _check_own(case, sides)
    file, sources, moment = case.definitions.case, case.definitions.sources, as_of or case.head_time()
    before = _released(case, sides[0], moment, audience, {})
    after = _released(case, sides[1], moment, audience, {"difference": rows})
    allowed = after.tables.get("difference")
    if allowed is None:
        what, do = f"the policy hides the difference from {audience!r}", "Name another audience."
        raise BadInput(Problem(CASE_FILE, 0, "release", what, do))
    export(after, "difference", "csv", folder, sources, simulated=file.simulated)
    named = folder / f"{'simulated-' if file.simulated else ''}causes.csv"
    named.write_text(to_csv(by_cause(allowed)), encoding="utf-8", newline="")
    page = folder / "index.html"
    stands = (_stand(sides[0]), _stand(sides[1]))
    html = difference_page(
        allowed, (before.tables, after.tables), stands, context(case, after, words(language).language)
    )
    page.write_text(html, encoding="utf-8", newline="\n")
    return page


def _check_own(case: Case, sides: tuple[Side, Side]) -> None:
    """Only with the case's own tables does its policy know what may not leave."""
    own = {e.blob.sha256 for e in case.ledger.entries() if e.type in DEFINITIONS and e.subject == CASE_FILE and e.blob}
    for side, name in zip(sides, ("before", "after"), strict=True):
        if side.manifest.get("definitions", {}).get(CASE_FILE) not in own:
            what = f"the tables do not rest on a case.yaml that {case.folder} has on record"
            raise BadInput(Problem(name, 0, "", what, "Name the case with --case, or derive them again."))


def _released(case: Case, side: Side, moment: datetime, audience: str, more: Mapping[str, pl.DataFrame]) -> Released:
    """What tells of one side, released. What a source says that the case has no more is left to its kind."""
    sources, file = case.definitions.sources, case.definitions.case
    tables = {name: _whole(TABLES[name], frame) for name, frame in side.tables.items() if name in TOLD}
    unknown = ~pl.col("source_id").is_in(list(sources)) & (pl.col("relation") == "member")
    foreign = pl.col("incident_id").is_in(tables["evidence"].filter(unknown)["incident_id"].implode())
    tables["incident"] = tables["incident"].with_columns(
        title=pl.when(foreign).then("kind").otherwise("title"), place_name=pl.when(~foreign).then("place_name")
    )
    return release(tables | dict(more), file.release, audience, moment, sources, secret=case.ledger.secret)


def _whole(table: Table, frame: pl.DataFrame) -> pl.DataFrame:
    """A table as declared; what one of another version lacks is empty, or says nothing where it may not be empty."""
    nothing = {pl.String: "", pl.Boolean: False, pl.Int64: 0, pl.Float64: 0.0, pl.List: []}
    lacking = [column for column in table.columns if column.name not in frame.columns]
    required = [column for column in lacking if not column.nullable and column.dtype.base_type() in nothing]
    blank = [pl.lit(nothing[c.dtype.base_type()], dtype=c.dtype).alias(c.name) for c in required]
    return table.fill(frame.with_columns(blank))


def _stand(side: Side) -> Stand:
    told = side.stated()
    return Stand(
        told["size"], told["root"], told["known_by"], str(told["version"]), str(told["code"]), str(told["inputs"])
    )
