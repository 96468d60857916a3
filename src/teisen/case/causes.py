"""What changed between two derivations that can have changed a result: files, definitions, code, libraries."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl

Manifest = Mapping[str, Any]
SHOWN = 5
"""Files of one source that are named one by one where none of them is under the row itself."""
INPUTS = pl.Schema({"because": pl.String, "cause": pl.String, "source_id": pl.String, "agreement_id": pl.String})
CAUSES = pl.Schema({"id": pl.String, "because": pl.String, "cause": pl.String})


@dataclass(frozen=True)
class Changes:
    """What is not the same on both sides.

    ``files``: ``blob``, ``source_id``, ``cause`` of each file that one side lacks. ``sources``: the same gathered by
    source, with profiles and mappings of the source (INPUTS). ``agreements``: changed agreements (INPUTS).
    ``everywhere``: class and name of what can change anything.
    """

    files: pl.DataFrame
    sources: pl.DataFrame
    agreements: pl.DataFrame
    everywhere: tuple[tuple[str, str], ...]

    @classmethod
    def between(cls, before: Manifest, after: Manifest) -> Changes:
        """What two manifests list differently; one that lists nothing gives the cause ``unknown`` if inputs differ."""
        files = list(_files(before, after))
        schema = {"blob": pl.String, "source_id": pl.String, "verb": pl.String, "cause": pl.String}
        frame = pl.DataFrame(files, schema, orient="row")
        definitions = list(_definitions(before, after))
        inputs = [*_gathered(files), *(row for row in definitions if row[2])]
        everywhere = [
            (because, cause) for because, cause, source, agreement in definitions if not (source or agreement)
        ]
        everywhere += _versions(before, after)
        known = bool(files or definitions)
        if before.get("inputs") != after.get("inputs") and not known:
            everywhere.append(("unknown", "what the derivations rest on differs, and a manifest does not list it"))
        return cls(
            frame,
            pl.DataFrame(inputs, INPUTS, orient="row"),
            pl.DataFrame([row for row in definitions if row[3]], INPUTS, orient="row"),
            tuple(everywhere),
        )


def _files(before: Manifest, after: Manifest) -> Iterator[tuple[str, str, str, str]]:
    old, new = ({tuple(one) for one in side.get("files", ())} for side in (before, after))
    for verb, ones in (("added", new - old), ("removed", old - new)):
        for source, blob, name in sorted(ones):
            yield blob, source, verb, f"{source}: {name} {verb} ({blob[:12]})"


def _gathered(files: Iterable[tuple[str, str, str, str]]) -> Iterator[tuple[str, str, str, None]]:
    files = list(files)
    counts = Counter((source, verb) for _, source, verb, _ in files)
    for _, source, verb, cause in files:
        if counts[source, verb] <= SHOWN:
            yield "data", cause, source, None
    for (source, verb), n in counts.items():
        if n > SHOWN:
            yield "data", f"{source}: {n} files {verb}", source, None


def _definitions(before: Manifest, after: Manifest) -> Iterator[tuple[str, str, str | None, str | None]]:
    """Changed definitions that a side uses: class, cause, and the source or the agreement that they define."""
    old, new = before.get("definitions", {}), after.get("definitions", {})
    for path in sorted(p for p in old.keys() | new.keys() if old.get(p) != new.get(p)):
        verb = "added" if path not in old else "removed" if path not in new else "changed"
        cause = f"{path} {verb}"
        sides = (before, after)
        for source in sorted({s for side in sides for s, paths in side.get("sources", {}).items() if path in paths}):
            yield "definition", cause, source, None
        for agreement in sorted({a for side in sides for a, p in side.get("agreements", {}).items() if p == path}):
            yield "definition", cause, None, agreement
        if path == "case.yaml":
            yield "definition", cause, None, None


def _versions(before: Manifest, after: Manifest) -> Iterator[tuple[str, str]]:
    if before.get("code") != after.get("code"):
        ends = [f"{m.get('version', '?')} ({str(m.get('code', '?'))[:12]})" for m in (before, after)]
        yield "code", f"code: {ends[0]} -> {ends[1]}"
    old, new = before.get("libraries", {}), after.get("libraries", {})
    for name in sorted(old.keys() | new.keys()):
        if old.get(name) != new.get(name):
            yield "library", f"{name}: {old.get(name, 'none')} -> {new.get(name, 'none')}"
    known = [(m.get("as_of") or {}).get("known_by") or "all that is recorded" for m in (before, after)]
    if known[0] != known[1]:
        yield "known_by", f"known by: {known[0]} -> {known[1]}"


Tables = Mapping[str, pl.DataFrame]


def causes_of(rows: pl.DataFrame, changes: Changes, old: Tables, new: Tables, heirs: pl.DataFrame) -> pl.DataFrame:
    """Fill ``because`` and ``causes`` of rows (DIFFERENCE). Nearest causes first; see :func:`differences`."""
    order, rows = rows.columns, rows.drop("because", "causes")
    incidents = rows.filter(pl.col("subject") == "incident")
    near = _near(incidents, changes, old, new, heirs)
    by_incident = _or_all(near, incidents["id"], changes)
    gone = incidents.select(pl.col("others").alias("other"), "id").explode("other", empty_as_null=True, keep_nulls=True)
    past = gone.drop_nulls().join(by_incident, on="id").select(id="other", because="because", cause="cause")
    under = pl.concat([by_incident, past]).unique()
    stated = _stated(changes, old, new)
    ground = _ground(changes, old, new)
    findings = rows.filter(pl.col("subject") == "finding")
    agreed = findings.join(changes.agreements.select("agreement_id", "because", "cause"), on="agreement_id")
    parts = [agreed.select(CAUSES.names())]
    parts += [
        findings.select("id", "about").join(known.rename({"id": "about"}), on="about").select(CAUSES.names())
        for known in (under, stated)
    ]
    if ground.height:
        parts.append(findings.select("id").join(ground, how="cross"))
    by_finding = _or_all(pl.concat(parts), findings["id"], changes)
    outcomes = rows.filter(pl.col("subject") == "outcome")
    matched = outcomes.select("id", about="others").explode("about", empty_as_null=True, keep_nulls=True).drop_nulls()
    met = matched.join(under.rename({"id": "about"}), on="about").select(CAUSES.names())
    own = outcomes.select("id").join(stated, on="id").select(CAUSES.names())
    by_outcome = _or_all(pl.concat([met, own]), outcomes["id"], changes)
    told = [
        frame.with_columns(subject=pl.lit(name))
        for name, frame in (("incident", by_incident), ("finding", by_finding), ("outcome", by_outcome))
    ]
    wide = pl.DataFrame(list(changes.everywhere), {"because": pl.String, "cause": pl.String}, orient="row")
    everywhere = rows.select("subject", "id").join(wide, how="cross")
    both = pl.concat([pl.concat(told).select("subject", "id", "because", "cause"), everywhere])
    gathered = both.group_by("subject", "id").agg(
        pl.col("because").unique().sort(), pl.col("cause").unique().sort().alias("causes")
    )
    filled = rows.join(gathered, on=["subject", "id"], how="left")
    nothing = pl.col("because").is_null()
    return filled.with_columns(
        pl.when(nothing).then(pl.lit(["unknown"])).otherwise("because").alias("because"),
        pl.when(nothing).then(pl.lit([], pl.List(pl.String))).otherwise("causes").alias("causes"),
    ).select(order)


def _near(incidents: pl.DataFrame, changes: Changes, old: Tables, new: Tables, heirs: pl.DataFrame) -> pl.DataFrame:
    """Files under an incident, and changed inputs of sources whose evidence of it is not the same (CAUSES)."""
    renamed = old["evidence"].join(heirs, left_on="incident_id", right_on="before", how="left")
    renamed = renamed.with_columns(pl.coalesce("after", "incident_id").alias("incident_id")).drop("after")
    columns = new["evidence"].columns
    sides = (renamed.select(columns), new["evidence"])
    differ = [a.join(b, on=columns, how="anti", nulls_equal=True) for a, b in (sides, sides[::-1])]
    touched = pl.concat(differ).select(id="incident_id", source_id="source_id").unique()
    touched = touched.join(incidents.select("id"), on="id", how="semi")
    direct = []
    for evidence, tables in zip(sides, (old, new), strict=True):
        blobs = tables["observation"].select("observation_id", "blob")
        under = evidence.join(blobs, on="observation_id").select("blob", "source_id", id="incident_id")
        direct.append(under.join(changes.files.select("blob", "source_id", "cause"), on=["blob", "source_id"]))
    files = pl.concat(direct).join(incidents.select("id"), on="id", how="semi").unique()
    data = pl.col("because") == "data"
    by_source = touched.join(changes.sources.select("source_id", "because", "cause"), on="source_id")
    rest = by_source.filter(data).join(files, on=["id", "source_id"], how="anti")
    parts = [files.with_columns(because=pl.lit("data")), by_source.filter(~data), rest]
    return pl.concat([part.select(CAUSES.names()) for part in parts]).unique()


def _or_all(near: pl.DataFrame, ids: pl.Series, changes: Changes) -> pl.DataFrame:
    """``near``, and for ids that have no near cause every changed input of a source (CAUSES)."""
    near = near.unique()
    without = pl.DataFrame({"id": ids.unique()}).join(near, on="id", how="anti")
    far = changes.sources.select("because", "cause").unique()
    return pl.concat([near, without.join(far, how="cross").select(CAUSES.names())])


def _stated(changes: Changes, old: Tables, new: Tables) -> pl.DataFrame:
    """Causes under an allegation itself: its file, the definitions of its source, or its agreement (CAUSES)."""
    both = pl.concat([t["allegation"].select("allegation_id", "source_id", "blob") for t in (old, new)]).unique()
    files = both.join(changes.files.select("blob", "source_id", "cause"), on=["blob", "source_id"])
    defined = both.join(changes.sources.filter(pl.col("because") == "definition"), on="source_id")
    agreed = both.with_columns(agreement_id=pl.col("source_id").str.strip_prefix("agreement:")).join(
        changes.agreements.select("agreement_id", "because", "cause"), on="agreement_id"
    )
    parts = [files.with_columns(because=pl.lit("data")), defined, agreed]
    return pl.concat([p.select("because", "cause", id="allegation_id").select(CAUSES.names()) for p in parts]).unique()


def _ground(changes: Changes, old: Tables, new: Tables) -> pl.DataFrame:
    """Files of sites and areas that one side lacks: what is near what may have changed (because, cause)."""
    blobs = pl.concat([t[name].select("blob") for t in (old, new) for name in ("site", "area")]).unique()
    return changes.files.join(blobs, on="blob", how="semi").select(pl.lit("data").alias("because"), "cause").unique()
