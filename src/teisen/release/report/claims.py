"""What the parties alleged about the day: as stated, each party apart, in the agreement's order, never summed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl

from teisen.languages import counted, say, say_again
from teisen.release.report import words
from teisen.release.report.amounts import amount
from teisen.release.report.context import Party
from teisen.release.report.days import Days
from teisen.release.report.incidents import Judged, Reference, findings, reference, web_link
from teisen.release.report.terms import ReadingOfDay

SAYS_NOTHING = 0.6
"""An interval of a share that is wider than this leaves the question open."""


@dataclass(frozen=True)
class NumberMet:
    """How a number of two and more is met: in words, with 90 % intervals of how many are on record and of how many
    there were with what nobody recorded, and the same ``under`` readings (key, intervals)."""

    word: str
    says: str
    on_record: str
    happened: str
    under: tuple[tuple[tuple[str, str, str], str, str], ...]
    bounded: bool
    """Whether it is known, and released, how many there were at most."""

    @property
    def compared(self) -> bool:
        """Whether its unit counts incidents, so that there is something to compare."""
        return self.word != "not_comparable"


@dataclass(frozen=True)
class Claim:
    """One allegation with its outcome."""

    id: str
    stated: str
    window: str
    where: str
    says: str
    parts: str
    gap: str
    accused: str
    accused_id: str | None
    total: str
    outcome: str
    outcome_title: str
    number: NumberMet | None
    p_corroborated: str
    p_would_see: str
    explanation: str
    matches: tuple[tuple[str, bool], ...]
    read: str
    flags: tuple[str, ...]
    text: str
    language: str
    link: str
    findings: tuple[Judged, ...]
    reference: Reference

    @property
    def became(self) -> str:
        """Its outcome, and how its number is met where there is something to compare."""
        if self.number is None or not self.number.compared:
            return self.outcome_title
        return f"{self.outcome_title}; {self.number.says}"


@dataclass(frozen=True)
class Claims:
    """One party's allegations; ``outcomes`` counts them by outcome in the vocabulary's order.

    ``overall`` says what became of all it alleged in the whole case, and what others could have recorded of it.
    """

    party: Party
    claims: tuple[Claim, ...]
    outcomes: tuple[tuple[str, int], ...]
    overall: str


def of_day(days: Days, shown: list[ReadingOfDay], incidents: set[str]) -> list[Claims]:
    """Every party's allegations about the day or stated on it; ``incidents`` are those that the page shows."""
    rows = days.allegations_today
    outcomes = {row["allegation_id"]: row for row in days.table("outcome").iter_rows(named=True)}
    mine = days.table("finding").filter(
        (pl.col("subject") == "allegation") & pl.col("subject_id").is_in(rows["allegation_id"].implode())
    )
    judged = findings(days, mine, shown)
    others = sorted(set(rows["accuser"].to_list()) - {p.id for p in days.about.parties})
    parties = [*days.about.parties, *(Party(other, other) for other in others)]
    found = []
    for party in parties:
        claims = tuple(
            _claim(days, row, outcomes.get(row["allegation_id"]), judged.get(row["allegation_id"], ()), incidents)
            for row in rows.filter(pl.col("accuser") == party.id).iter_rows(named=True)
        )
        counts = Counter(c.outcome for c in claims)
        ordered = [(words.outcome(o), counts[o]) for o in [*words.OUTCOMES, ""] if counts[o]]
        found.append(Claims(party, claims, tuple(ordered), _overall(days, party)))
    return found


def _overall(days: Days, party: Party) -> str:
    rows = days.table("corroboration").filter(pl.col("accuser") == party.id, pl.col("reading_id") == "*")
    return overall_says(rows.row(0, named=True)) if rows.height else ""


def overall_says(row: dict[str, Any]) -> str:
    """What became of all that a party alleged against others, from a row of the corroboration table; empty: nothing.

    It tells as much about who could look as about what happened, and says so.
    """
    if not row["allegations"]:
        return ""
    titles = {name: words.outcome(name) for name in words.OUTCOMES if name != "unplaced"}
    titles["not_seen_blind"] = say("not corroborated; it would probably have gone unseen, or names no place to look at")
    counts = [(title, row[name]) for name, title in titles.items() if row[name]]
    outcomes = words.listing([f"{n} {title}" for title, n in counts])
    asked = counted(
        row["allegations"],
        "{n} statement against others in this case: {outcomes}.",
        "{n} statements against others in this case: {outcomes}.",
        outcomes=outcomes,
    )
    opportunity = words.estimate(row["opportunity"])
    would = say("Had all happened as stated, others would have recorded {number}.", number=opportunity)
    if row["unplaced"]:
        would = say(
            "Had all happened as stated, others would have recorded {number}; "
            "for {unplaced} of them what could be seen is not known.",
            number=opportunity,
            unplaced=row["unplaced"],
        )
    gaps = {"low": words.share(row["share_low"]), "high": words.share(row["share_high"])}
    if row["share_high"] - row["share_low"] > SAYS_NOTHING:
        tells = say(
            "As far as that tells, {low} to {high} of them happened as stated (90 % interval): "
            "next to nothing can be said.",
            **gaps,
        )
    else:
        tells = say("As far as that tells, {low} to {high} of them happened as stated (90 % interval).", **gaps)
    return f"{asked} {would} {tells}"


def _claim(
    days: Days, row: dict[str, Any], outcome: dict[str, Any] | None, judged: tuple[Judged, ...], incidents: set[str]
) -> Claim:
    zone = days.about.zone
    quantity = amount(row["quantity"], row["unit"]) or say("quantity not said")
    target = f", {words.target(row['target_class'])}" if row["target_class"] else ""
    kind = say("kind not said") if row["kind"] == "other" else words.kind(row["kind"])
    gap = gap_says(row["components_gap"])
    word = _outcome(row, outcome)
    return Claim(
        id=row["allegation_id"],
        stated=words.moment(row["stated"], zone),
        window=words.window(row["start"], row["end"], zone),
        where=_where(days, row),
        says=f"{quantity}; {kind}{target}",
        parts="; ".join(
            f"{part['label']}: {amount(part['quantity'], part['unit'])}" for part in row["components"] or []
        ),
        gap=gap,
        accused=days.about.name_of(row["accused"]),
        accused_id=row["accused"],
        total=", ".join(filter(None, (quantity, gap))) if "party_total" in (row["flags"] or ()) else "",
        outcome=word,
        outcome_title=words.outcome(word) or say("not weighed"),
        number=number_met(outcome),
        p_corroborated=words.chance(outcome["p_corroborated"]) if outcome else say("not known"),
        p_would_see=words.chance(outcome["p_would_see"]) if outcome else say("not known"),
        explanation=days.about.named(say_again(outcome["explanation"])) if outcome else "",
        matches=tuple((i, i in incidents) for i in (outcome["incident_ids"] if outcome else [])),
        read=row["read"],
        flags=tuple(row["flags"] or ()),
        text=row["text"] or "",
        language=row["language"] or "",
        link=web_link(row["link"]),
        findings=judged,
        reference=reference(days, row),
    )


def _outcome(row: dict[str, Any], outcome: dict[str, Any] | None) -> str:
    """The outcome's word; a statement that names no place is told apart from a place that nobody watched."""
    word = str(outcome["outcome"]) if outcome else ""
    placed = row["lon"] is not None or row["area_id"]
    return word if placed or word != "not_seen_blind" else "unplaced"


def _where(days: Days, row: dict[str, Any]) -> str:
    if row["place_name"]:
        return str(row["place_name"])
    if row["area_id"]:
        return str(days.region_names.get(row["area_id"], row["area_id"]))
    return words.place(row["lon"], row["lat"]) if row["lon"] is not None else say("place not told")


def number_met(outcome: Mapping[str, Any] | None) -> NumberMet | None:
    """How the number is met, of a row of OUTCOME; none: it states none of two and more, or is not weighed."""
    if outcome is None or not outcome.get("number"):
        return None

    def said(row: Mapping[str, Any]) -> tuple[str, str]:
        record = words.interval(row["record_low"], row["record_high"])
        return record, words.interval(row["number_low"], row["number_high"])

    under = tuple(
        ((row["agreement_id"], row["provision_id"], row["reading_id"]), *said(row)) for row in outcome["under"] or ()
    )
    bounded = outcome["number_high"] is not None
    return NumberMet(outcome["number"], words.number_met(outcome["number"]), *said(outcome), under, bounded)


def gap_says(gap: float | None) -> str:
    """How the statement's own parts fail to add up to its total; empty: they add up, or it gives none."""
    if gap is None or gap == 0:
        return ""
    if gap > 0:
        return say("its parts leave {number} of its total unexplained", number=words.number(gap))
    return say("its parts sum to {number} more than its total", number=words.number(-gap))
