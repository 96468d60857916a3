"""The difference between two derivations: what changed, from what to what, and because of what. A pure function."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import polars as pl

from teisen.case.causes import Changes, Manifest, causes_of
from teisen.decision import DECISION, NEW, SUBJECT_STATE
from teisen.fusion import Succession, succession
from teisen.fusion.schema import EVIDENCE, INCIDENT
from teisen.judgement.schema import FINDING, OUTCOME, TALLY
from teisen.observation import ALLEGATION, AREA, OBSERVATION, SITE
from teisen.release.difference import DIFFERENCE, TEXTS

_READ = (INCIDENT, EVIDENCE, TALLY, FINDING, SUBJECT_STATE, OUTCOME, DECISION, OBSERVATION, ALLEGATION, SITE, AREA)
COMPARED = {table.name: table for table in _READ}
"""Tables that a comparison reads."""
_INCIDENT = tuple(c.name for c in INCIDENT.columns if c.name not in {"incident_id", "title"})
_FINDING = ("p_in_scope", "p_violation", "level", "attribution", "state", "ruling")
_NUMBER = ("number", "record_low", "record_high", "number_low", "number_high")
_OUTCOME = ("outcome", "p_corroborated", "p_would_see", *_NUMBER, "incident_ids")
DISMISSED = "dismissed"
_RULE = ("agreement_id", "provision_id", "reading_id")


def differences(
    before: Mapping[str, pl.DataFrame],
    after: Mapping[str, pl.DataFrame],
    before_manifest: Manifest,
    after_manifest: Manifest,
) -> pl.DataFrame:
    """What differs between two derivations (DIFFERENCE).

    Args:
        before: tables by name, those of :data:`COMPARED`; one that is absent counts as empty. A table
            of another version may lack columns: what one side does not have is not compared.
        after: the same of the later derivation.
        before_manifest: manifest of the earlier derivation, which lists what it rests on.
        after_manifest: that of the later one.

    Values are compared as they were handed over, rounded; the same tables give no row. An incident is followed by the
    observations that make it: its id may change, and it and its findings are still the same.
    A cause is what changed and can have done it: files and observations under the incident, changed inputs of sources
    whose evidence of it changed, the terms of the provision, the reading; only where there is none of those, whatever
    else changed. A change of case.yaml, code or libraries can do anything and is named on every row.
    """
    old, new = _alike(before, after)
    follow = succession(old["evidence"], new["evidence"])
    parts = [
        _incidents(old["incident"], new["incident"], follow),
        _findings(_ruled(old), _ruled(new), follow.heirs),
        _outcomes(old["outcome"], new["outcome"], follow.heirs),
    ]
    blank = {"because": _none(), "causes": _none()}
    spans = _spans(old, new, follow.heirs)
    rows = pl.concat([DIFFERENCE.fill(_when(part, spans).with_columns(**blank)) for part in parts])
    changes = Changes.between(before_manifest, after_manifest)
    return DIFFERENCE.hand_over(causes_of(rows, changes, old, new, follow.heirs))


def _alike(*sides: Mapping[str, pl.DataFrame]) -> list[dict[str, pl.DataFrame]]:
    """All tables of both sides as declared, and empty in columns that one of them lacks."""
    full: list[dict[str, pl.DataFrame]] = [{}, {}]
    for name, table in COMPARED.items():
        frames = [side.get(name, table.empty()) for side in sides]
        lacking = {n for frame in frames for n in table.schema if n not in frame.columns}
        blank = [pl.lit(None, dtype=t).alias(n) for n, t in table.schema.items() if n in lacking]
        for tables, frame in zip(full, frames, strict=True):
            tables[name] = frame.with_columns(blank).select(table.schema.names())
    return full


def _none() -> pl.Expr:
    return pl.lit([], TEXTS)


def _spans(old: Mapping[str, pl.DataFrame], new: Mapping[str, pl.DataFrame], heirs: pl.DataFrame) -> pl.DataFrame:
    """First and last moment that an incident, allegation or tally speaks of, on either side and under either id."""
    parts = []
    for side in (old, new):
        parts.append(side["incident"].select("start", "end", mention="incident_id"))
        parts.append(side["tally"].select("start", "end", mention="tally_id"))
        parts.append(
            side["allegation"].select("start", end=pl.max_horizontal("end", "stated"), mention="allegation_id")
        )
    spans = pl.concat([part.select("mention", "start", "end") for part in parts])
    also = spans.join(heirs, left_on="mention", right_on="before").select("start", "end", mention="after")
    spans = pl.concat([spans, also.select("mention", "start", "end")])
    return spans.group_by("mention").agg(pl.col("start").min(), pl.col("end").max())


def _when(rows: pl.DataFrame, spans: pl.DataFrame) -> pl.DataFrame:
    """Rows with the moments between which all lies that they mention."""
    mentioned = rows.select("id", "change", mention="mentions").explode("mention", empty_as_null=True, keep_nulls=True)
    bounds = mentioned.join(spans, on="mention").group_by("id", "change")
    return rows.drop("mentions").join(
        bounds.agg(pl.col("start").min(), pl.col("end").max()), on=["id", "change"], how="left"
    )


def _fields(names: Sequence[str], present: str) -> pl.Expr:
    """Names of columns that differ from those with the suffix _old, where both sides have the row."""
    differ = [pl.when(pl.col(n).ne_missing(pl.col(f"{n}_old"))).then(pl.lit(n)) for n in names]
    listed = pl.concat_list(differ).list.drop_nulls()
    both = pl.col(present).is_not_null() & pl.col(f"{present}_old").is_not_null()
    return pl.when(both).then(listed).otherwise(_none()).alias("fields")


def _change(new: str, old: str) -> pl.Expr:
    return (
        pl.when(pl.col(old).is_null())
        .then(pl.lit("appeared"))
        .when(pl.col(new).is_null())
        .then(pl.lit("vanished"))
        .otherwise(pl.lit("changed"))
        .alias("change")
    )


def _old(frame: pl.DataFrame, key: str) -> pl.DataFrame:
    return frame.rename({name: f"{name}_old" for name in frame.columns}).with_columns(
        pl.col(f"{key}_old").alias("_key")
    )


def _incidents(before: pl.DataFrame, after: pl.DataFrame, follow: Succession) -> pl.DataFrame:
    heirs, pairs = follow.heirs, follow.pairs
    of = pairs.group_by("after").agg(others=pl.col("before").sort())
    parts = pairs.group_by("before").agg(parts=pl.len())
    crowded = pairs.join(parts, on="before").group_by("after").agg(parts=pl.col("parts").max())
    old = _old(before, "incident_id").join(heirs, left_on="_key", right_on="before", how="left")
    old = old.with_columns(pl.coalesce("after", "_key").alias("_key")).drop("after")
    both = after.with_columns(_key="incident_id").join(old, on="_key", how="full", coalesce=True)
    absorbed = pairs.select("before").unique().join(heirs, on="before", how="anti")
    both = both.join(absorbed, left_on="incident_id_old", right_on="before", how="anti")
    both = both.join(of, left_on="incident_id", right_on="after", how="left")
    both = both.join(crowded, left_on="incident_id", right_on="after", how="left")
    rows = both.select(
        pl.lit("incident").alias("subject"),
        pl.coalesce("incident_id", "incident_id_old").alias("id"),
        pl.when(pl.col("others").list.len() > 1)
        .then(pl.lit("merged"))
        .when(pl.col("parts") > 1)
        .then(pl.lit("split"))
        .otherwise(_change("incident_id", "incident_id_old"))
        .alias("change"),
        _fields(_INCIDENT, "incident_id"),
        pl.col("others").fill_null(_none()).list.set_difference(pl.concat_list("incident_id")),
        p_before="p_conflict_old",
        p_after="p_conflict",
        word_before="kind_old",
        word_after="kind",
    ).with_columns(mentions=pl.concat_list("id", "others"))
    renamed = pl.col("others").list.len() > 0
    return rows.filter((pl.col("change") != "changed") | (pl.col("fields").list.len() > 0) | renamed)


def _ruled(tables: Mapping[str, pl.DataFrame]) -> pl.DataFrame:
    """Findings with their state and ruling; the level that people gave takes the place of the automatic one."""
    states = tables["subject_state"].select("state", "ruling", finding_id="subject_id", _given="level")
    given = pl.when(pl.col("ruling") == DISMISSED).then(pl.lit(DISMISSED)).otherwise("_given")
    both = tables["finding"].join(states, on="finding_id", how="left")
    state = pl.col("state").fill_null(NEW.name)
    return both.with_columns(state, level=pl.coalesce(given, "level")).drop("_given")


def _findings(before: pl.DataFrame, after: pl.DataFrame, heirs: pl.DataFrame) -> pl.DataFrame:
    moved = before.join(heirs, left_on="subject_id", right_on="before", how="left")
    incident = pl.col("subject") == "incident"
    on = pl.when(incident).then(pl.coalesce("after", "subject_id")).otherwise("subject_id")
    old = moved.with_columns(_on=on).drop("after")
    old = old.rename({n: f"{n}_old" for n in before.columns if n not in _RULE and n != "subject"})
    key = ["subject", "_on", *_RULE]
    both = after.with_columns(_on="subject_id").join(old, on=key, how="full", coalesce=True)
    rows = both.select(
        pl.lit("finding").alias("subject"),
        pl.coalesce("finding_id", "finding_id_old").alias("id"),
        _change("finding_id", "finding_id_old"),
        _fields(_FINDING, "finding_id"),
        *_RULE,
        pl.coalesce("subject_id", "subject_id_old").alias("about"),
        pl.when(pl.col("finding_id") != pl.col("finding_id_old"))
        .then(pl.concat_list("finding_id_old"))
        .otherwise(_none())
        .alias("others"),
        p_before="p_violation_old",
        p_after="p_violation",
        scope_before="p_in_scope_old",
        scope_after="p_in_scope",
        word_before="level_old",
        word_after="level",
        mentions=pl.concat_list("subject_id", "subject_id_old").list.drop_nulls(),
    )
    return rows.filter((pl.col("change") != "changed") | (pl.col("fields").list.len() > 0))


def _outcomes(before: pl.DataFrame, after: pl.DataFrame, heirs: pl.DataFrame) -> pl.DataFrame:
    names = ["allegation_id", *_OUTCOME]
    old = before.select(names).with_columns(_renamed("incident_ids", heirs))
    both = after.select(names).with_columns(_key="allegation_id")
    both = both.join(_old(old, "allegation_id"), on="_key", how="full", coalesce=True)
    matched = [pl.col(n).fill_null(_none()) for n in ("incident_ids", "incident_ids_old")]
    rows = both.select(
        pl.lit("outcome").alias("subject"),
        pl.coalesce("allegation_id", "allegation_id_old").alias("id"),
        _change("allegation_id", "allegation_id_old"),
        _fields(_OUTCOME, "allegation_id"),
        matched[0].list.set_union(matched[1]).list.sort().alias("others"),
        p_before="p_corroborated_old",
        p_after="p_corroborated",
        word_before="outcome_old",
        word_after="outcome",
    ).with_columns(mentions=pl.concat_list("id", "others"))
    return rows.filter((pl.col("change") != "changed") | (pl.col("fields").list.len() > 0))


def _renamed(column: str, heirs: pl.DataFrame) -> pl.Expr:
    """A column of incident ids under the ids that they have later."""
    if heirs.is_empty():
        return pl.col(column)
    return pl.col(column).list.eval(pl.element().replace(heirs["before"], heirs["after"]))
