"""From what a case knows to what an audience gets: delay, coarsen, withhold, and a log of every redaction.

Everything works on the rows at hand and gives no audience a way back: coarsened values carry no trace of the finer
ones, rows that speak of something withheld go with it, and doing it twice changes nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import polars as pl

from teisen.decision import COARSENED, COUNT
from teisen.errors import SchemaError
from teisen.judgement import corroboration
from teisen.release.coarsening import coarsen_places, coarsen_times
from teisen.release.ids import Ids, Secret, hash_again
from teisen.release.outgoing import Outgoing
from teisen.release.policy import Policy, Terms
from teisen.release.tables import TABLES
from teisen.release.watch import in_words
from teisen.sources import Source

TABLE_TIMES: Mapping[str, tuple[str, ...]] = {
    "observation": ("end", "reported"),
    "exposure": ("end",),
    "allegation": ("end", "stated"),
    "condition": ("end",),
    "incident": ("end",),
    "tally": ("end",),
    "rate": ("end",),
    "sector_rate": ("end",),
    "rate_part": ("end",),
    "course": ("end",),
    "week": ("end",),
    "profile": ("end",),
    "missed": ("end",),
    "activity": ("end",),
    "change": ("end", "found"),
    "verdict": ("end",),
    "interruption": ("compared_to",),
    "forecast": ("end",),
    "contact_line": ("end",),
    "difference": ("end",),
    "area": ("valid_from",),
}
"""The times that a row speaks of; it leaves the delay after the last of them."""
TOLD_BY = {"compared_to": pl.col("at") + pl.duration(hours=24 * pl.col("days_after"))}
"""Such times that no column holds: the end of the days that are compared with those before."""
CLOSED_ROWS = ("observation", "area", "sector_area", "name", "site", "condition", "set_aside")
"""Tables whose rows are the source's own; of a closed source none leaves."""
COUNTED: Mapping[str, tuple[str, ...]] = {
    "rate": ("recorded",),
    "rate_part": ("expected", "by", "value"),
    "course": ("expected", "measure"),
}
"""Tables of counts by area: the column with the count, and what else than reading and time tells their cells apart."""
SMALL_COUNT = "a count below"
"""How the log begins to say why a row of an area is left out whose count is small."""
NUMBERS_OF_EXPOSURE = (
    r": P\(others report it\) = [0-9.]*[0-9]",
    r"; had all of it happened, others would have recorded [0-9.]*[0-9]",
    r" With what nobody recorded: [0-9to ]* \(90 % interval\)\.",
)
"""What an outcome's sentence says of how well a place was watched, as a number."""
FEW_ON_RECORD = (
    r": of [^;]* \(expected number\)(?:; [a-z][^;]*?)?\.( On| So| Whether|$)",
    r" On record: [0-9to ]*\.",
)
"""What it says of how many incidents are on record, and (of the first) what follows."""
FIGURES_OF_SILENCE = (
    (r": watched, would have reported it with p [0-9.]*[0-9]; nothing reported \(.*\)$", ": watched; nothing reported"),
    (r"^(.*: (?:too weak to see|no data|cloud|outage|refused|jammed|unknown)) \(.*\)$", "${1}"),
)
"""The same of the reason of a line of evidence for which nothing was reported, and what stands there instead."""
CLOSED_COLUMNS = ("text", "native_id", "link")


@dataclass(frozen=True)
class Released:
    """What an audience gets: tables by name, each as declared, and the log of what was done to them (REDACTION).

    ``ids`` gave the ids in them; None: they are as they are inside.
    """

    tables: Mapping[str, pl.DataFrame]
    log: pl.DataFrame
    audience: str
    as_of: datetime
    terms: Terms
    ids: Ids | None = field(default=None, repr=False, compare=False)

    def small_withheld(self, table: str) -> bool:
        """Whether rows of a table are left out because a count was small."""
        of_it = pl.col("table") == table, pl.col("reason").str.starts_with(SMALL_COUNT)
        return not self.log.filter(*of_it).is_empty()


def release(
    tables: Mapping[str, pl.DataFrame],
    policy: Policy,
    audience: str,
    as_of: datetime,
    sources: Mapping[str, Source],
    *,
    secret: Secret,
) -> Released:
    """What ``audience`` may have of ``tables`` at ``as_of``.

    Args:
        tables: derived tables by name, those of :data:`~teisen.release.tables.TABLES`.
        policy: terms by audience.
        audience: whose terms.
        as_of: the moment of release (aware); the delay counts back from it.
        sources: by id, for their licences.
        secret: of the ledger, under which ids leave that are not to be told from what was reported.

    Raises:
        BadInput: the policy has no such audience. NoKey: there has to be a secret, and it cannot be read.
        SchemaError: a table is unknown or not as declared.
    """
    terms = policy.terms(audience)
    ids = None if terms.plain_ids else Ids(secret())
    if unknown := sorted(set(tables) - set(TABLES)):
        raise SchemaError(f"no declared tables: {unknown}")
    work = Outgoing({name: TABLES[name].check(tables[name]) for name in sorted(tables)})
    if terms.delay_hours:
        _delay(work, as_of - timedelta(hours=terms.delay_hours), terms)
    if terms.closed_sources == "withhold":
        closed = sorted(i for i, source in sources.items() if not source.profile.licence.redistribute)
        _close(work, closed, tables.get("evidence"))
    if terms.exposure == "words":
        _words(work, tables.get("area"))
    if terms.smallest_cell > 1:
        _small_cells(work, terms.smallest_cell)
    if terms.place_km:
        coarsen_places(work, terms.place_km)
    if terms.time != "second":
        coarsen_times(work, terms.time)
    _people(work, terms)
    _hide(work, terms)
    if ids:
        hash_again(work, ids)
    out = {name: TABLES[name].hand_over(frame) for name, frame in work.tables.items()}
    return Released(out, work.logged(), audience, as_of, terms, ids)


def _delay(work: Outgoing, cutoff: datetime, terms: Terms) -> None:
    reason = f"younger than {terms.delay_hours:g} hours"
    for table, columns in TABLE_TIMES.items():
        if table in work.tables:
            latest = pl.max_horizontal([TOLD_BY.get(c, pl.col(c)) for c in columns])
            work.keep(table, latest.is_null() | (latest <= cutoff), reason)
    work.blank("area", "valid_to", pl.col("valid_to") > cutoff, reason)
    weighed = work.height("outcome")
    _follow(work, reason)
    if work.height("outcome") < weighed:
        _bear_out_anew(work, reason)


def _bear_out_anew(work: Outgoing, reason: str) -> None:
    """How far records bear a party out is counted again, from the outcomes that leave alone."""
    before, findings = work.tables.get("corroboration"), work.tables.get("finding")
    if before is not None and findings is not None:
        parties = before.sort("nth")["accuser"].unique(maintain_order=True).to_list()
        work.tables["corroboration"] = corroboration(work.tables["outcome"], findings, parties)
        work.note("corroboration", "counted again without what is withheld", reason, before.height)


def _follow(work: Outgoing, reason: str) -> None:
    """Withhold what speaks of a withheld incident, observation, allegation or tally."""
    incidents, allegations, observations, tallies = (
        work.tables[name][f"{name}_id"].implode() if name in work.tables else None
        for name in ("incident", "allegation", "observation", "tally")
    )
    if incidents is not None:
        work.keep("evidence", pl.col("incident_id").is_in(incidents), reason)
        if "outcome" in work.tables:
            kept = pl.col("incident_ids").list.eval(pl.element().filter(pl.element().is_in(incidents)))
            work.tables["outcome"] = work.tables["outcome"].with_columns(kept.alias("incident_ids"))
    if observations is not None:
        seen = pl.col("observation_id")
        work.keep("evidence", ~pl.col("relation").is_in(["member", "supports"]) | seen.is_in(observations), reason)
    if allegations is not None:
        work.keep("outcome", pl.col("allegation_id").is_in(allegations), reason)
    for table in ("finding", "parting"):
        for subject, ids in (("incident", incidents), ("allegation", allegations), ("tally", tallies)):
            if ids is not None:
                work.keep(table, (pl.col("subject") != subject) | pl.col("subject_id").is_in(ids), reason)


def _people(work: Outgoing, terms: Terms) -> None:
    """What people decided leaves with what it concerns, and is no finer than that."""
    if terms.delay_hours:
        reason = "speaks of what is not released"
        for name in ("incident", "finding", "allegation"):
            if name in work.tables:
                known = work.tables[name][f"{name}_id"].implode()
                for table in ("decision", "subject_state"):
                    work.keep(table, (pl.col("subject") != name) | pl.col("subject_id").is_in(known), reason)
                if name == "incident":
                    work.keep("correction", pl.col("incident_id").is_in(known), reason)
    finer = {"place": bool(terms.place_km), "time": terms.time != "second"}
    coarse = pl.col("field").is_in([name for name in COARSENED if finer[name]])
    for column in ("automatic", "corrected"):
        work.blank("correction", column, coarse, "places and times leave coarser")
    if terms.decisions == "standing":
        work.keep("decision", pl.col("standing").is_in(COUNT), "waits for a second person, or does not count")
        for table, column in (("decision", "author"), ("subject_state", "by")):
            work.blank(table, column, pl.lit(True), "names of people stay inside")
        work.blank("subject_state", "proposed", pl.lit(True), "waits for a second person")


def _close(work: Outgoing, closed: list[str], evidence: pl.DataFrame | None) -> None:
    """Rows and texts of sources that may not be passed on stay inside; what was derived from them leaves.

    ``evidence`` is what is known: a report that is itself still withheld may have given its incident a title.
    """
    reason = "the source's licence forbids to pass it on"
    is_closed = pl.col("source_id").is_in(closed)
    observations = work.tables.get("observation")
    if closed and "incident" in work.tables and evidence is not None:
        touched = evidence.filter(is_closed & (pl.col("relation") == "member"))["incident_id"].implode()
        hit = pl.col("incident_id").is_in(touched)
        incident = work.tables["incident"]
        work.note("incident", "title and place name replaced", reason, int(incident.select(hit.sum()).item()))
        work.tables["incident"] = incident.with_columns(
            title=pl.when(hit).then(pl.col("kind")).otherwise("title"),
            place_name=pl.when(~hit).then("place_name"),
        )
    for table in CLOSED_ROWS:
        work.keep(table, ~is_closed, reason)
    if observations is not None and "observation" in work.tables:
        work.note("evidence", "refers to an observation that stays inside", reason, _inside(work, closed))
    if "tally" in work.tables:
        _close_counts(work, closed, reason)
    for column in CLOSED_COLUMNS:
        work.blank("allegation", column, is_closed, reason)


def _close_counts(work: Outgoing, closed: list[str], reason: str) -> None:
    """A sum may be a closed source's one number; that somebody counted, and what was found of it, leaves."""
    tally = work.tables["tally"]
    kept = pl.col("counts").list.filter(~pl.element().struct.field("source_id").is_in(closed))
    hit = kept.list.len() < pl.col("counts").list.len()
    work.note("tally", "count withheld", reason, int(tally.select(hit.sum()).item()))
    work.tables["tally"] = tally.with_columns(kept.alias("counts"))


def _inside(work: Outgoing, closed: list[str]) -> int:
    evidence = work.tables.get("evidence")
    if evidence is None:
        return 0
    return evidence.filter(pl.col("source_id").is_in(closed) & (pl.col("observation_id") != "")).height


def _words(work: Outgoing, areas: pl.DataFrame | None) -> None:
    reason = "what could be seen leaves as words by region and day"
    if "exposure" in work.tables:
        before = work.tables["exposure"]
        work.tables["exposure"] = in_words(before, areas)
        work.note("exposure", "rows put into words", reason, before.height)
    unseen = pl.col("relation").is_in(["missed", "could_not_see"])
    for column in ("p_detect", "log_ratio"):
        work.blank("evidence", column, unseen, reason)
    if "evidence" in work.tables:
        silence = pl.col("reason")
        for figures, word in FIGURES_OF_SILENCE:
            silence = silence.str.replace(figures, word)
        evidence = work.tables["evidence"]
        plain = evidence.with_columns(reason=pl.when(unseen).then(silence).otherwise("reason"))
        work.note("evidence", "reason shortened", reason, int((plain["reason"] != evidence["reason"]).sum()))
        work.tables["evidence"] = plain
    for table in ("rate", "sector_rate", "rate_part", "course"):
        work.blank(table, "watched", pl.col("area_id") != "*", reason)
    for column in ("p_would_see", "would_record", "p_number", "number_low", "number_high"):
        work.blank("outcome", column, pl.lit(True), reason)
    if "outcome" in work.tables:
        said = pl.col("explanation")
        for number in NUMBERS_OF_EXPOSURE:
            said = said.str.replace(number, "")
        none = [pl.lit(None, kind).alias(name) for name, kind in _OF_THE_UNSEEN.items()]
        under = pl.col("under").list.eval(pl.element().struct.with_fields(*none))
        work.tables["outcome"] = work.tables["outcome"].with_columns(said, under.alias("under"))


_OF_THE_UNSEEN = {"p_number": pl.Float64, "number_low": pl.Int64, "number_high": pl.Int64}
"""What is told of a number with what nobody recorded: from it and the record could be told how well it was watched."""


def _few_on_record(work: Outgoing, smallest: int) -> None:
    """Withhold how many incidents are on record of a number alleged at a place where they may be few."""
    if "outcome" not in work.tables or "allegation" not in work.tables:
        return
    placed = work.tables["allegation"].filter(pl.col("area_id").is_not_null() | pl.col("lon").is_not_null())
    some = pl.col("record_high").is_between(1, smallest - 1)
    few = (pl.col("allegation_id").is_in(placed["allegation_id"].implode()) & some).fill_null(False)
    ids = work.tables["outcome"].filter(few)["allegation_id"]
    here, reason = pl.col("allegation_id").is_in(ids.implode()), f"{SMALL_COUNT} {smallest}"
    said = pl.col("explanation").str.replace(FEW_ON_RECORD[0], ".${1}").str.replace(FEW_ON_RECORD[1], "")
    work.tables["outcome"] = work.tables["outcome"].with_columns(
        pl.when(here).then(said).otherwise("explanation").alias("explanation")
    )
    for column in ("matched", "record_low", "record_high", "under"):
        work.blank("outcome", column, here, reason)


def _small_cells(work: Outgoing, smallest: int) -> None:
    """Withhold counts of areas that are small, and one more where a lone gap could be told from the total."""
    _few_on_record(work, smallest)
    fine = work.tables.get("sector_rate")
    if fine is not None and smallest > 1:  # regions less their sectors would tell what is withheld
        work.note(
            "sector_rate", "row withheld", f"sectors are smaller than counts from {smallest} on allow", fine.height
        )
        work.tables["sector_rate"] = fine.clear()
    for name, (count, *over) in COUNTED.items():
        frame = work.tables.get(name)
        if frame is None or frame.is_empty():
            continue
        cell = ["agreement_id", "provision_id", "reading_id", "start", "end", *over]
        small = (pl.col("area_id") != "*") & (pl.col(count) > 0) & (pl.col(count) < smallest)
        other = (pl.col("area_id") != "*") & ~pl.col("_small")
        marked = frame.with_columns(small.alias("_small")).with_columns(
            _lone=pl.col("_small").sum().over(cell) == 1,
            _next=pl.struct(count, "area_id").rank("ordinal").over([*cell, other]),
        )
        gap = pl.col("_small") | (pl.col("_lone") & other & (pl.col("_next") == 1))
        kept = marked.filter(~gap)
        if name == "rate_part" and "rate" in work.tables:  # no part of a cell that is withheld as a whole
            kept = kept.join(work.tables["rate"], on=[*TABLES["rate"].key], how="semi", maintain_order="left")
        work.note(name, "row withheld", f"{SMALL_COUNT} {smallest}, or needed to hide one", frame.height - kept.height)
        work.tables[name] = kept.select(frame.columns)


_SHOWN_OF = {
    "finding.p_violation": ("p_before", "p_after"),
    "outcome.p_corroborated": ("p_before", "p_after"),
}
"""Columns of the difference that hold what a policy can hide elsewhere."""
_TELLS_OF = {
    "decision": pl.col("because").list.contains("decision"),
    "subject_state": pl.col("fields").list.eval(pl.element().is_in(["state", "ruling"])).list.any(),
}
"""Rows of the difference that tell of tables which are none of its subjects."""


def _hide(work: Outgoing, terms: Terms) -> None:
    reason = "hidden by the case's policy"
    for what in terms.hide:
        hidden, _, column = what.partition(".")
        of_it = pl.col("subject") == hidden
        if not column:
            work.keep("difference", ~_TELLS_OF.get(hidden, of_it), reason)
        for shown in _SHOWN_OF.get(what, ()):
            work.blank("difference", shown, of_it, reason)
        if hidden not in work.tables:
            continue
        if column:
            work.blank(hidden, column, pl.lit(True), reason)
        else:
            gone = work.tables.pop(hidden)
            work.note(hidden, "table withheld", reason, gone.height)
