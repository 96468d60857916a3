"""Evidence for and against each incident, and P(it is an incident of the conflict) as the sum of its log ratios.

Naive Bayes over groups of sources. The most credible group founds the belief with its odds of reporting truly; each
other group adds that it saw the same; supports add how unusual they are; groups that watched and saw nothing take away.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import polars as pl

from teisen.fusion.coverage import NEGLIGIBLE, Watch, coverage, seen_by_source
from teisen.fusion.kinds import kind_names
from teisen.fusion.making import Made
from teisen.fusion.posterior import Settled
from teisen.fusion.reporting import Reporting
from teisen.fusion.reports import Reports
from teisen.fusion.supports import detections
from teisen.geodesy import Floats
from teisen.sources import Ground, Source
from teisen.tables import PROBABILITY_DECIMALS

AGREEMENT_AT_MOST = 3.0
"""Largest log ratio with which a second group's agreement is believed (assumed)."""
MISS_AT_MOST = 0.95
"""Largest probability to detect that a miss is believed with (assumed)."""
COUNTS_FROM = 0.4
"""A support counts as a group of its own from this log ratio (a factor of 1.5; assumed)."""
LEAST, MOST = 0.002, 0.99
"""P(conflict) is kept within these: fusion alone is never certain."""

HUNDREDTHS = {n: str(n / 100) for n in range(101)}
"""As written: a division of a column by 100 may differ in its last digit with the number of rows."""

COLUMNS = ["incident", "source_id", "group", "observation_id", "relation", "log_ratio", "p_detect", "reason"]


def member_rows(made: Made, sources: Mapping[str, Source], reporting: Reporting) -> pl.DataFrame:
    """Evidence rows of members (:data:`COLUMNS`), ``incident`` being the label."""
    reports, label, lead, settled = made.reports, made.label, made.lead, made.settled
    agreement = _agreement(made)
    p_detect = detections(reports.frame["source_id"], sources, settled.kinds[label])
    added = np.log1p(p_detect * np.exp(np.minimum(agreement, AGREEMENT_AT_MOST)))
    at = np.arange(len(reports))
    source = reporting.index(reports)
    first, further = (np.where(reports.weighed, 0.0, one[source]) for one in reporting.repeats)
    rows = reports.frame.select("source_id", "group", "observation_id").with_columns(
        first=pl.Series(first),
        further=pl.Series(further),
        incident=pl.Series(label),
        copy=pl.Series(lead != at),
        of=reports.frame["observation_id"].gather(lead),
        base=pl.Series(np.round(reports.base, 3)),
        added=pl.Series(np.round(added, 3)),
        credit=reports.credit,
        weighed=pl.Series(reports.weighed),
    )
    rows = rows.with_columns(best=pl.col("base").max().over("incident", "group")).sort(
        ["incident", "best", "group", "copy", "base", "added", "observation_id"],
        descending=[False, True, False, False, True, True, False],
    )
    first_group = pl.col("group").first().over("incident")
    founds = pl.int_range(pl.len()).over("incident") == 0
    speaks = pl.int_range(pl.len()).over("incident", "group") == 0
    same = (pl.col("source_id") == pl.col("source_id").first().over("incident")) & ~pl.col("copy")
    nth = pl.int_range(pl.len()).over("incident", "source_id", "copy")
    so_far = pl.min_horizontal(pl.col("first") + pl.col("further") * nth, AGREEMENT_AT_MOST)
    before = pl.min_horizontal(pl.col("first") + pl.col("further") * (nth - 1), AGREEMENT_AT_MOST)
    repeated = (so_far - before).round(3)
    return rows.select(
        "incident",
        "source_id",
        "group",
        "observation_id",
        relation=pl.lit("member"),
        log_ratio=pl.when(founds)
        .then((pl.col("base") + pl.min_horizontal("first", AGREEMENT_AT_MOST)).round(3))
        .when(same)
        .then(repeated)
        .when(speaks & (pl.col("group") != first_group))
        .then("added")
        .otherwise(0.0),
        p_detect=pl.lit(None, pl.Float64),
        reason=pl.when(pl.col("copy"))
        .then(pl.format("a copy of {}: counts once", pl.col("of")))
        .when(founds & (pl.col("first") <= -0.1))
        .then(pl.format("{}; of an incident it mostly makes more reports than one", "credit"))
        .when(founds)
        .then("credit")
        .when(same & pl.col("weighed"))
        .then(pl.lit("a further report of the same source: what lies about it is in the odds of the first"))
        .when(same)
        .then(pl.lit("a further report of the same source: it repeats a false one less often than a true one"))
        .when(speaks)
        .then(pl.lit("a source independent of the others agrees in place, time and kind"))
        .otherwise(pl.lit("a further report of the same group of sources: counts once")),
    )


def _agreement(made: Made) -> Floats:
    """Mean log ratio of each report with the reports of other groups in its incident; 0 where there are none."""
    label, pairs = made.label, made.pairs
    rows = pl.DataFrame({"at": np.arange(len(label)), "label": label, "group": made.reports.frame["group"]})
    rows = rows.filter(pl.Series(made.lead == np.arange(len(label)))).filter(
        pl.col("group").n_unique().over("label") > 1
    )
    met = rows.join(rows, on="label", suffix="_2").filter(pl.col("group") != pl.col("group_2")).sort("at", "at_2")
    i, j = met["at"].to_numpy(), met["at_2"].to_numpy()
    value = pairs.of_areas(i, j) if np.isnan(made.reports.lon).all() else pairs.of_places(i, j)
    total = np.bincount(i, value, len(label))
    return np.asarray(np.round(total / np.maximum(np.bincount(i, minlength=len(label)), 1), 3))


def support_rows(supports: Reports, found: pl.DataFrame) -> pl.DataFrame:
    """Evidence rows of supports, from what :func:`teisen.fusion.supports.supporting` found."""
    away = (
        pl.when((supports.frame["area_id"].is_null() & supports.frame["lon"].is_null()).gather(found["support"]))
        .then(pl.lit("of no stated place, so of every incident of its time"))
        .when(pl.col("distance_m").is_null())
        .then(pl.lit("over its area"))
        .otherwise(pl.format("{} km away", (pl.col("distance_m") / 1000).round(0).cast(pl.Int64)))
    )
    columns = [pl.col(name).gather(found["support"]) for name in ("source_id", "group", "observation_id")]
    return found.with_columns(supports.frame.select(columns)).select(
        pl.col("incident").cast(pl.Int64),
        "source_id",
        "group",
        "observation_id",
        relation=pl.lit("supports"),
        log_ratio="log_ratio",
        p_detect=pl.lit(None, pl.Float64),
        reason=pl.format(
            "{}, covers {} % of its time; this source says so here {} % of the time",
            away,
            (pl.col("fit") * 100).round(0).cast(pl.Int64),
            (pl.col("base") * 100).round(0).cast(pl.Int64),
        ),
    )


def once(members: pl.DataFrame, supports: pl.DataFrame) -> pl.DataFrame:
    """Members and supports together; a group that has a member, or a better support, counts no further support."""
    made = members.select("incident", "group", made=pl.lit(True)).unique()
    rows = supports.join(made, on=["incident", "group"], how="left").sort(
        ["incident", "group", "log_ratio", "observation_id"], descending=[False, False, True, False]
    )
    counts = (pl.int_range(pl.len()).over("incident", "group") == 0) & pl.col("made").is_null()
    nothing = pl.format("{}: moves nothing", pl.col("reason"))
    rows = rows.with_columns(
        log_ratio=pl.when(counts).then("log_ratio").otherwise(0.0),
        reason=pl.when(~counts)
        .then(pl.format("{}; its group of sources counts once", pl.col("reason")))
        .otherwise(pl.when(pl.col("log_ratio") > 0).then("reason").otherwise(nothing)),
    )
    return pl.concat([members.select(COLUMNS), rows.select(COLUMNS)])


def miss_rows(
    settled: Settled, rows: pl.DataFrame, exposure: Watch, ground: Ground, sources: Mapping[str, Source]
) -> pl.DataFrame:
    """Evidence rows of sources with exposure at an incident and no report of it: missed, or could not see.

    The silence of a source that speaks for a party counts nothing, for parties leave out what they like; nor that of
    one that only supports, for it names no single incidents.
    """
    m = len(settled)
    lon, lat = (pl.Series(values).fill_nan(None) for values in (settled.lon, settled.lat))
    places = pl.DataFrame({"id": np.arange(m), "from_s": settled.start, "to_s": settled.end}).with_columns(
        lon=lon, lat=lat, area_id=settled.area_id
    )
    at, kind = np.nonzero(settled.kinds)
    names = pl.Series(kind_names(), dtype=pl.String)
    kinds = pl.DataFrame(
        {"id": at, "kind": names.gather(kind), "weight": settled.kinds[at, kind]},
        schema={"id": pl.Int64, "kind": pl.String, "weight": pl.Float64},
    )
    covered = coverage(places, exposure, ground.areas, settled.inside)
    seen = seen_by_source(covered, kinds).rename({"id": "incident"})
    silent = seen.join(rows, on=["incident", "source_id"], how="anti").with_columns(
        group=pl.col("source_id").replace({name: source.profile.group for name, source in sources.items()})
    )
    silent = silent.join(
        rows.select("incident", "group").unique().with_columns(heard=True), on=["incident", "group"], how="left"
    ).sort(["incident", "group", "p", "source_id"], descending=[False, False, True, False], nulls_last=True)
    missed = (pl.col("p") >= NEGLIGIBLE).fill_null(False)
    telling = [n for n, s in sources.items() if s.profile.role == "makes" and s.reported_by is None]
    tells = pl.col("source_id").is_in(telling)
    first = pl.int_range(pl.len()).over("incident", "group", tells) == 0
    counts = missed & tells & pl.col("heard").is_null() & first
    return silent.with_columns(_silences(silent, sources)).select(
        pl.col("incident").cast(pl.Int64),
        "source_id",
        "group",
        observation_id=pl.lit(""),
        relation=pl.when(missed).then(pl.lit("missed")).otherwise(pl.lit("could_not_see")),
        log_ratio=pl.when(counts).then((1 - pl.col("p").clip(0, MISS_AT_MOST)).log().round(3)).otherwise(0.0),
        p_detect="p",
        reason="words",
    )


def _silences(silent: pl.DataFrame, sources: Mapping[str, Source]) -> pl.Series:
    """Why each source said nothing, in words; every sentence is written once."""
    said = silent.select(
        "source_id", "state", "reason", hundredths=(pl.col("p") * 100).round().cast(pl.Int64)
    ).with_columns(
        hundredths=pl.when(pl.col("hundredths").is_not_null() & (silent["p"] >= NEGLIGIBLE)).then("hundredths")
    )
    key = said.columns
    title = pl.col("source_id").replace({name: source.profile.title for name, source in sources.items()})
    state = pl.col("state").replace({"watched": "too weak to see", "no_data": "no data"})
    sentences = said.unique().with_columns(
        words=pl.when(pl.col("hundredths").is_not_null())
        .then(
            pl.format(
                "{}: watched, would have reported it with p {}; nothing reported ({})",
                title,
                pl.col("hundredths").replace_strict(HUNDREDTHS, default=None, return_dtype=pl.String),
                pl.col("reason"),
            )
        )
        .otherwise(pl.format("{}: {} ({})", title, state, pl.col("reason")))
    )
    return said.join(sentences, on=key, how="left", nulls_equal=True, maintain_order="left")["words"]


def believe(rows: pl.DataFrame, m: int) -> pl.DataFrame:
    """``p_conflict``, ``n_observations`` and ``n_groups`` of incidents 0 to ``m``, in that order.

    ``p_conflict`` is the logistic of the sum of the rows' log ratios, within 0.002 and 0.99. Groups are those of
    members, and of supports that move the odds by a factor of 1.5 and more.
    """
    counted = (pl.col("relation") == "member") | (
        (pl.col("relation") == "supports") & (pl.col("log_ratio") >= COUNTS_FROM)
    )
    sums = rows.group_by("incident").agg(
        p_conflict=(1 / (1 + (-pl.col("log_ratio").sum().round(3)).exp()))
        .clip(LEAST, MOST)
        .round(PROBABILITY_DECIMALS),
        n_observations=(pl.col("relation") == "member").sum().cast(pl.Int64),
        n_groups=pl.col("group").filter(counted).n_unique().cast(pl.Int64),
    )
    every = pl.DataFrame({"incident": pl.Series(range(m), dtype=pl.Int64)})
    return every.join(sums, on="incident", how="left", maintain_order="left").drop("incident")
