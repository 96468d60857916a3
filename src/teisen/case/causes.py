"""What changed between two derivations that can have changed a result: files, terms, definitions, versions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl

from teisen.case.terms import STATED

Manifest = Mapping[str, Any]
Tables = Mapping[str, pl.DataFrame]
SHOWN = 5
"""Files of one source that are named one by one where none of them is under the row itself."""
CAUSE = {"because": pl.String, "cause": pl.String}
COUNTED = ("in_force", "seconded")
"""Standings of decisions that took effect."""
INPUTS = pl.Schema({**CAUSE, "source_id": pl.String})
TERMS = pl.Schema({**CAUSE, "agreement_id": pl.String, "provision_id": pl.String, "reading_id": pl.String})
CAUSES = pl.Schema({"id": pl.String, **CAUSE})
CLASSES = {"profiles": "profile", "mappings": "mapping", "agreements": "agreement"}
"""Class of a cause by the folder that the definition lies in."""


@dataclass(frozen=True)
class Changes:
    """What is not the same on both sides.

    ``files``: ``blob``, ``source_id``, ``verb``, ``cause`` of each file that one side lacks. ``sources``: the same
    gathered by source, with profiles and mappings of the source (INPUTS). ``terms``: changed pieces of agreements; what
    is empty of provision and reading holds for all of them (TERMS). ``stated``: agreements whose files changed, for
    what they record of allegations (TERMS). ``everywhere``: class and name of what can change anything.
    """

    files: pl.DataFrame
    sources: pl.DataFrame
    terms: pl.DataFrame
    stated: pl.DataFrame
    everywhere: pl.DataFrame

    @classmethod
    def between(cls, before: Manifest, after: Manifest) -> Changes:
        """What two manifests list differently; one that lists nothing gives the cause ``unknown`` if inputs differ."""
        files = list(_files(before, after))
        changed = list(_definitions(before, after))
        sources = [*_gathered(files), *_of_sources(changed, before, after)]
        agreements = list(_of_agreements(changed, before, after))
        stated = [row for row in agreements if STATED in _pieces(row[2], before, after)]
        everywhere = [(because, cause) for path, because, cause in changed if path == "case.yaml"]
        everywhere += _versions(before, after)
        acted = before.get("acts", []) != after.get("acts", [])
        if before.get("inputs") != after.get("inputs") and not (files or changed or acted):
            everywhere.append(("unknown", "what the derivations rest on differs, and a manifest does not list it"))
        schema = {"blob": pl.String, "source_id": pl.String, "verb": pl.String, "cause": pl.String}
        return cls(
            pl.DataFrame(files, schema, orient="row"),
            pl.DataFrame(sources, INPUTS, orient="row"),
            pl.DataFrame(list(_terms(agreements, before, after)), TERMS, orient="row"),
            pl.DataFrame(stated, TERMS, orient="row"),
            pl.DataFrame(everywhere, CAUSE, orient="row"),
        )


def _files(before: Manifest, after: Manifest) -> Iterator[tuple[str, str, str, str]]:
    old, new = ({tuple(one) for one in side.get("files", ())} for side in (before, after))
    for verb, ones in (("added", new - old), ("removed", old - new)):
        for source, blob, name in sorted(ones):
            yield blob, source, verb, f"{source}: {name} {verb} ({blob[:12]})"


def _gathered(files: Iterable[tuple[str, str, str, str]]) -> Iterator[tuple[str, str, str]]:
    files = list(files)
    counts = Counter((source, verb) for _, source, verb, _ in files)
    for _, source, verb, cause in files:
        if counts[source, verb] <= SHOWN:
            yield "data", cause, source
    for (source, verb), n in counts.items():
        if n > SHOWN:
            yield "data", f"{source}: {n} files {verb}", source


def _verb(key: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> str:
    return "added" if key not in old else "removed" if key not in new else "changed"


def _definitions(before: Manifest, after: Manifest) -> Iterator[tuple[str, str, str]]:
    """Path, class and cause of each definition that is not the same."""
    old, new = before.get("definitions", {}), after.get("definitions", {})
    for path in sorted(p for p in old.keys() | new.keys() if old.get(p) != new.get(p)):
        yield path, CLASSES.get(path.partition("/")[0], "case"), f"{path} {_verb(path, old, new)}"


def _of_sources(
    changed: Iterable[tuple[str, str, str]], before: Manifest, after: Manifest
) -> Iterator[tuple[str, str, str]]:
    uses = {(s, path) for side in (before, after) for s, paths in side.get("sources", {}).items() for path in paths}
    for path, because, cause in changed:
        for source in sorted(s for s, used in uses if used == path):
            yield because, cause, source


def _of_agreements(
    changed: Iterable[tuple[str, str, str]], before: Manifest, after: Manifest
) -> Iterator[tuple[str, str, str, None, None]]:
    uses = {(a, path) for side in (before, after) for a, path in side.get("agreements", {}).items()}
    for path, because, cause in changed:
        for agreement in sorted(a for a, used in uses if used == path):
            yield because, cause, agreement, None, None


def _pieces(agreement: str, before: Manifest, after: Manifest) -> Mapping[str, str]:
    """Pieces of an agreement that differ, each with how; the agreement as a whole where a side lists none."""
    old, new = (side.get("terms", {}).get(agreement) for side in (before, after))
    if old is None or new is None:
        return {STATED: "changed", "": "changed"}
    return {p: _verb(p, old, new) for p in sorted(old.keys() | new.keys()) if old.get(p) != new.get(p)}


def _terms(
    agreements: Iterable[tuple[str, str, str, None, None]], before: Manifest, after: Manifest
) -> Iterator[tuple[str, str, str, str | None, str | None]]:
    """Pieces of changed agreements on which findings rest."""
    for _, _, agreement, *_ in agreements:
        for piece, verb in _pieces(agreement, before, after).items():
            if piece == STATED:
                continue
            provision, _, reading = piece.partition("/")
            place = "/".join(filter(None, (agreement, provision)))
            if reading:
                yield "reading", f"{place}: reading {reading} {verb}", agreement, provision, reading
            else:
                yield "agreement", f"{place}: text or terms {verb}", agreement, provision or None, None


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


def causes_of(rows: pl.DataFrame, changes: Changes, old: Tables, new: Tables, heirs: pl.DataFrame) -> pl.DataFrame:
    """Fill ``because`` and ``causes`` of rows (DIFFERENCE). Nearest causes first; see :func:`differences`."""
    order, rows = rows.columns, rows.drop("because", "causes")
    of = {name: rows.filter(pl.col("subject") == name) for name in ("incident", "finding", "outcome")}
    decided = _decided(old, new)
    far = pl.concat([changes.sources.select(*CAUSE), decided.select(*CAUSE)]).unique()
    near = [_near(of["incident"], changes, old, new, heirs), *_met(of["incident"], decided)]
    incidents = _or_all(pl.concat(near), of["incident"]["id"], far)
    past = _each(of["incident"], "others").join(incidents, on="id").select("because", "cause", id="other")
    under = pl.concat([incidents, past.select(CAUSES.names()), decided]).unique()
    stated = _stated(changes, old, new)
    near = [_of_findings(of["finding"], changes, pl.concat([under, stated])), *_met(of["finding"], decided)]
    findings = _or_all(pl.concat(near), of["finding"]["id"], far)
    findings = pl.concat([findings, of["finding"].select("id").join(_ground(changes, old, new), how="cross")])
    outcomes = _or_all(pl.concat(_met(of["outcome"], pl.concat([under, stated]))), of["outcome"]["id"], far)
    told = [
        frame.select("id", "because", "cause", subject=pl.lit(name))
        for name, frame in (("incident", incidents), ("finding", findings), ("outcome", outcomes))
    ]
    everywhere = rows.select("subject", "id").join(changes.everywhere, how="cross")
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


def _each(rows: pl.DataFrame, column: str) -> pl.DataFrame:
    """``id`` and each ``other`` that a column of lists names."""
    each = rows.select("id", other=column).explode("other", empty_as_null=True, keep_nulls=True)
    return each.drop_nulls()


def _met(rows: pl.DataFrame, causes: pl.DataFrame) -> list[pl.DataFrame]:
    """Of causes by id those of a row's own id and of the other ids that it names (CAUSES)."""
    others = _each(rows, "others").join(causes.rename({"id": "other"}), on="other")
    return [part.select(CAUSES.names()) for part in (rows.select("id").join(causes, on="id"), others)]


def _decided(old: Tables, new: Tables) -> pl.DataFrame:
    """What people did to anything that counts on one side alone, by what it is about (CAUSES)."""
    did = (pl.col("state_from") != pl.col("state_to")) | (pl.col("fields").list.len() > 0)
    sides = [tables["decision"].filter(did, pl.col("standing").is_in(COUNTED)) for tables in (old, new)]
    lone = [a.join(b, on="decision_id", how="anti") for a, b in (sides, sides[::-1])]
    cause = "decision " + pl.col("decision_id") + ": " + pl.col("action")
    return pl.concat(lone).select(id="subject_id", because=pl.lit("decision"), cause=cause).unique()


def _near(incidents: pl.DataFrame, changes: Changes, old: Tables, new: Tables, heirs: pl.DataFrame) -> pl.DataFrame:
    """Files and observations under an incident, and changed inputs of sources whose evidence of it differs (CAUSES)."""
    renamed = old["evidence"].join(heirs, left_on="incident_id", right_on="before", how="left")
    renamed = renamed.with_columns(pl.coalesce("after", "incident_id").alias("incident_id")).drop("after")
    columns = new["evidence"].columns
    about = incidents.select(incident_id="id")
    sides = [side.select(columns).join(about, on="incident_id", how="semi") for side in (renamed, new["evidence"])]
    differ = [a.join(b, on=columns, how="anti", nulls_equal=True) for a, b in (sides, sides[::-1])]
    touched = pl.concat(differ).select(id="incident_id", source_id="source_id").unique()
    files, seen = [], []
    own = changes.files.select("blob", "source_id", "cause")
    for evidence, tables, other, verb in zip(sides, (old, new), (new, old), ("removed", "added"), strict=True):
        under = evidence.join(tables["observation"].select("observation_id", "blob"), on="observation_id")
        under = under.select("observation_id", "blob", "source_id", id="incident_id")
        files.append(under.join(own, on=["blob", "source_id"]).select("id", "source_id", "cause"))
        lone = under.join(other["observation"], on="observation_id", how="anti")
        lone = lone.join(own, on=["blob", "source_id"], how="anti")
        seen.append(lone.select("id", "source_id", cause=pl.col("source_id") + f": observations {verb}"))
    direct = pl.concat([*files, *seen]).unique().with_columns(because=pl.lit("data"))
    data = pl.col("because") == "data"
    by_source = touched.join(changes.sources, on="source_id")
    rest = by_source.filter(data).join(direct, on=["id", "source_id"], how="anti")
    parts = [direct, by_source.filter(~data), rest]
    return pl.concat([part.select(CAUSES.names()) for part in parts]).unique()


def _or_all(near: pl.DataFrame, ids: pl.Series, far: pl.DataFrame) -> pl.DataFrame:
    """``near``, and for ids that have no near cause every changed input of a source and decision (CAUSES)."""
    near = near.unique()
    without = pl.DataFrame({"id": ids.unique()}).join(near, on="id", how="anti")
    return pl.concat([near, without.join(far, how="cross").select(CAUSES.names())])


def _of_findings(findings: pl.DataFrame, changes: Changes, under: pl.DataFrame) -> pl.DataFrame:
    """Changed terms of the provision and the reading, and causes under what the finding is about (CAUSES)."""
    keys, terms = ["agreement_id", "provision_id", "reading_id"], changes.terms
    parts = [findings.select("id", "about").join(under.rename({"id": "about"}), on="about")]
    for depth in (1, 2, 3):
        whole = pl.all_horizontal(pl.col(key).is_null() for key in keys[depth:]) if depth < 3 else pl.lit(True)
        these = terms.filter(whole, *(pl.col(key).is_not_null() for key in keys[:depth]))
        parts.append(findings.select("id", *keys[:depth]).join(these.select(*CAUSE, *keys[:depth]), on=keys[:depth]))
    return pl.concat([part.select(CAUSES.names()) for part in parts])


def _stated(changes: Changes, old: Tables, new: Tables) -> pl.DataFrame:
    """Causes under an allegation itself: its file, the definitions of its source, or its agreement (CAUSES)."""
    columns = ("allegation_id", "source_id", "blob")
    sides = [tables["allegation"].select(columns) for tables in (old, new)]
    both = pl.concat(sides).unique()
    own = changes.files.select("blob", "source_id", "cause")
    files = both.join(own, on=["blob", "source_id"]).with_columns(because=pl.lit("data"))
    defined = both.join(changes.sources.filter(pl.col("because") != "data"), on="source_id")
    agreed = both.with_columns(agreement_id=pl.col("source_id").str.strip_prefix("agreement:"))
    parts = [files, defined, agreed.join(changes.stated, on="agreement_id")]
    for mine, other, verb in zip(sides, sides[::-1], ("removed", "added"), strict=True):
        lone = mine.join(other, on="allegation_id", how="anti").join(own, on=["blob", "source_id"], how="anti")
        lone = lone.filter(~pl.col("source_id").str.starts_with("agreement:"))
        cause = pl.col("source_id") + f": statements {verb}"
        parts.append(lone.with_columns(because=pl.lit("data"), cause=cause))
    return pl.concat([p.select("because", "cause", id="allegation_id").select(CAUSES.names()) for p in parts]).unique()


def _ground(changes: Changes, old: Tables, new: Tables) -> pl.DataFrame:
    """Files of sites and areas that one side lacks: what is near what may have changed (because, cause)."""
    blobs = pl.concat([t[name].select("blob") for t in (old, new) for name in ("site", "area")]).unique()
    return changes.files.join(blobs, on="blob", how="semi").select(pl.lit("data").alias("because"), "cause").unique()
