"""Who said what about which term: as a table, as a matrix by party and term, and where statements differ.

Nothing here says who is right: two positions that differ are named, both with their ids.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import combinations

import polars as pl

from teisen.agreement.model import Agreement
from teisen.agreement.stances import SILENT
from teisen.agreement.windows import to_utc
from teisen.tables import UTC_TIME, Column, Table

TEXT = pl.String()
ORDER = pl.Int64()
NOT_STATED = "not_stated"
"""No position stated, which is not agreement."""

POSITION = Table(
    "position",
    "What somebody said about one term of an agreement, as reported.",
    (
        Column("agreement_id", TEXT, "the agreement", nullable=False),
        Column("position_id", TEXT, "the position's id in its file", nullable=False),
        Column("nth", ORDER, "its place in the file, from 1", nullable=False),
        Column("who", TEXT, "party id, or the name of somebody else", nullable=False),
        Column("term_id", TEXT, "the term", nullable=False),
        Column("stance", TEXT, "accepts, rejects, conditional, contradicts or silent", nullable=False),
        Column("value", TEXT, "what is stated, in few words"),
        Column("condition", TEXT, "what has to come first"),
        Column("stated", UTC_TIME, "when it was said, a bare day from its midnight on; empty: not known"),
        Column("language", TEXT, "language of text (BCP 47)", nullable=False),
        Column("text", TEXT, "what was said, as reported", nullable=False),
        Column("citation", TEXT, "where it was read", nullable=False),
        Column("mark", TEXT, "sourced, background or computed", nullable=False),
        Column("link", TEXT, "where it was published"),
        Column("archive_sha256", TEXT, "SHA-256 of a stored copy, in hex"),
        Column("about_call", TEXT, "the call or meeting that it describes"),
    ),
    key=("agreement_id", "position_id"),
)

MATRIX = Table(
    "position_matrix",
    "The latest position of each party and other speaker on each term; not_stated is not agreement.",
    (
        Column("agreement_id", TEXT, "the agreement", nullable=False),
        Column("who_nth", ORDER, "parties in the agreement's order, then others as they first stand", nullable=False),
        Column("who", TEXT, "party id, or the name of somebody else", nullable=False),
        Column("term_nth", ORDER, "the term's place in the file, from 1", nullable=False),
        Column("term_id", TEXT, "the term", nullable=False),
        Column("stance", TEXT, "of the latest position, or not_stated", nullable=False),
        Column("value", TEXT, "what it states, in few words"),
        Column("stated", UTC_TIME, "when it was said; empty: not known, or nothing stated"),
        Column("position_id", TEXT, "the position; empty: nothing stated"),
        Column("n_positions", ORDER, "positions of the same speaker on the term up to then", nullable=False),
    ),
    key=("agreement_id", "who_nth", "term_nth"),
)

CONTRADICTION = Table(
    "contradiction",
    "Two positions on one term that differ, of one speaker or about one call; never who is right.",
    (
        Column("agreement_id", TEXT, "the agreement", nullable=False),
        Column("term_id", TEXT, "the term", nullable=False),
        Column("what", TEXT, "same_party (one speaker, twice) or same_call (two speakers, one call)", nullable=False),
        Column("differ_in", TEXT, "stance, value or silence (one of the two leaves the term out)", nullable=False),
        Column("position_a", TEXT, "the one that stands first in the file", nullable=False),
        Column("position_b", TEXT, "the other", nullable=False),
        Column("who_a", TEXT, "who said the first", nullable=False),
        Column("who_b", TEXT, "who said the other", nullable=False),
        Column("about_call", TEXT, "the call or meeting, where both describe one"),
    ),
    key=("agreement_id", "term_id", "what", "position_a", "position_b"),
)


def positions(agreement: Agreement) -> pl.DataFrame:
    """Every position (POSITION), with what it takes over from its statement."""
    statements = {statement.id: statement for statement in agreement.statements}
    rows: list[dict[str, object]] = []
    for nth, one in enumerate(agreement.positions, 1):
        said = statements.get(one.statement or "")
        date = one.date or (said.date if said else None)
        rows.append(
            {
                "agreement_id": agreement.id,
                "position_id": one.id,
                "nth": nth,
                "who": one.who,
                "term_id": one.term,
                "stance": one.stance,
                "value": one.value,
                "condition": one.condition,
                "stated": to_utc(date, one.zone) if date else None,
                "language": one.language or (said and said.language),
                "text": one.text or (said and said.text),
                "citation": one.citation or (said and said.citation),
                "mark": one.mark or (said and said.mark),
                "link": one.link or (said and said.link),
                "archive_sha256": one.archive_sha256,
                "about_call": one.about_call,
            }
        )
    return POSITION.hand_over(pl.DataFrame(rows, schema=POSITION.schema))


def matrix(agreements: Sequence[Agreement], as_of: datetime | None = None) -> pl.DataFrame:
    """The latest position of everybody on every term (MATRIX): one row for each pair, also where nothing was stated.

    Args:
        agreements: whose terms; those without terms have no row.
        as_of: the moment up to which statements count (included); a position whose day is not known is left out then.
            None: all, those of unknown day before the others.

    Of two positions of the same time the one that stands later in the file is the latest.
    """
    return MATRIX.hand_over(MATRIX.gather(_matrix(agreement, as_of) for agreement in agreements))


def _matrix(agreement: Agreement, as_of: datetime | None) -> pl.DataFrame:
    every = positions(agreement)
    said = every if as_of is None else every.filter(pl.col("stated") <= as_of)
    latest = (
        said.sort("stated", "nth", nulls_last=False)
        .group_by("who", "term_id", maintain_order=True)
        .agg(pl.col("stance", "value", "stated", "position_id").last(), n_positions=pl.len().cast(pl.Int64))
    )
    who = pl.DataFrame({"who": speakers(agreement)}, schema={"who": pl.String}).with_row_index("who_nth", 1)
    terms = pl.DataFrame(
        {"term_id": [term.id for term in agreement.terms]}, schema={"term_id": pl.String}
    ).with_row_index("term_nth", 1)
    grid = who.join(terms, how="cross").join(latest, on=["who", "term_id"], how="left")
    return MATRIX.check(
        grid.with_columns(
            pl.col("who_nth", "term_nth").cast(pl.Int64),
            pl.col("stance").fill_null(NOT_STATED),
            pl.col("n_positions").fill_null(0),
            agreement_id=pl.lit(agreement.id),
        )
    )


def speakers(agreement: Agreement) -> list[str]:
    """The parties in the agreement's order, then others in the order in which they first stand in the file."""
    return list(dict.fromkeys((*agreement.party_ids, *(one.who for one in agreement.positions))))


def contradictions(agreement: Agreement) -> pl.DataFrame:
    """Pairs of positions on one term that differ (CONTRADICTION): of one speaker, or of several about one call.

    Two differ where their stances do, else where both give a ``value`` and these do. A silent statement does not
    contradict the speaker's own other statements, but two accounts of one call differ where one leaves the term out.
    """
    rows = list(_pairs(positions(agreement).sort("nth")))
    return CONTRADICTION.hand_over(pl.DataFrame(rows, schema=CONTRADICTION.schema))


def _pairs(said: pl.DataFrame) -> Iterator[dict[str, object]]:
    for _, group in said.group_by("term_id", maintain_order=True):
        for a, b in combinations(group.iter_rows(named=True), 2):
            one_speaker = a["who"] == b["who"]
            one_call = a["about_call"] is not None and a["about_call"] == b["about_call"]
            differ_in = _differ_in(a, b)
            if differ_in is None or not (one_speaker or one_call) or (one_speaker and differ_in == "silence"):
                continue
            yield {
                "agreement_id": a["agreement_id"],
                "term_id": a["term_id"],
                "what": "same_party" if one_speaker else "same_call",
                "differ_in": differ_in,
                **{f"position_{side}": row["position_id"] for side, row in (("a", a), ("b", b))},
                **{f"who_{side}": row["who"] for side, row in (("a", a), ("b", b))},
                "about_call": a["about_call"] if one_call else None,
            }


def _differ_in(a: dict[str, object], b: dict[str, object]) -> str | None:
    if a["stance"] != b["stance"]:
        return "silence" if SILENT in {a["stance"], b["stance"]} else "stance"
    return "value" if a["value"] is not None and b["value"] is not None and a["value"] != b["value"] else None
