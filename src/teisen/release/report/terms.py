"""What was a violation under whose reading: the day's findings counted, and where readings part."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

import polars as pl

from teisen.languages import counted, say, say_again, text
from teisen.release.report import quotas, who, words
from teisen.release.report.context import ProvisionShown, ReadingShown
from teisen.release.report.days import Days
from teisen.release.report.drawing import label
from teisen.release.report.groups import GROUPS, Group, of_group

ABOUTS = (
    *(text("window"), text("place"), text("target"), text("kind"), text("party"), text("condition")),
    *(text("weapon"), text("quantity"), text("side")),
)
"""What can decide where readings part, as the table names it."""
SUBJECTS = {"incident": text("incident"), "allegation": text("allegation"), "tally": text("count of a quota")}
ALL = "*"
"""Area id of a rate for the whole case."""
WEEK = 7
UNDER_READING = ["agreement_id", "provision_id", "reading_id"]


@dataclass(frozen=True)
class ReadingOfDay:
    """One reading of one provision on the day, with its rate over all areas (None: not assessed or not released).

    ``in_scope`` are the ids of the day's incidents that may be in its scope (None: findings are not released),
    ``found`` the violations expected among them by group. ``unnamed`` counts uses of force that it does not count
    because nobody is named for them and it asks who did it. Of one that asks for a count ``counted`` says what was
    counted on the day, and ``so_far`` up to its end.
    """

    label: str
    anchor: str
    agreement: str
    provision: ProvisionShown
    reading: ReadingShown
    key: tuple[str, str, str]
    held_by: str
    in_force: bool
    rate: dict[str, object] | None
    before: float | None
    week: float | None
    levels: tuple[tuple[str, int], ...]
    in_scope: frozenset[str] | None
    found: Mapping[Group, float]
    unnamed: int
    says: str
    counted: str = ""
    so_far: str = ""


@dataclass(frozen=True)
class PartingOfDay:
    """One subject on which readings part; reading labels stand for the readings."""

    subject: str
    subject_id: str
    anchor: str
    title: str
    in_under: tuple[str, ...]
    out_under: tuple[str, ...]
    because: str


def readings(days: Days) -> list[ReadingOfDay]:
    """Every reading of every provision, in the agreements' order, labelled R1, R2, ..."""
    rows = []
    for number, (title, provision, reading, key) in enumerate(_walk(days), 1):
        levels, in_scope = _levels(days, key)
        rate = _rate(days, key, days.day)
        week = [_expected(_rate(days, key, days.day - timedelta(days=n))) for n in range(1, WEEK + 1)]
        known = [value for value in week if value is not None]
        one = ReadingOfDay(
            label=f"R{number}",
            anchor=f"reading-{number}",
            agreement=title,
            provision=provision,
            reading=reading,
            key=key,
            held_by=days.about.name_of(reading.held_by),
            in_force=_in_force(days, reading, rate),
            rate=rate,
            before=week[0],
            week=sum(known) / WEEK if len(known) == WEEK else None,
            levels=levels,
            in_scope=in_scope,
            found=_found(days, key),
            unnamed=_unnamed(days, key) if reading.only else 0,
            says="",
            counted=quotas.on_day(days, reading, key) if reading.counts else "",
            so_far=quotas.until(days, reading, key) if reading.counts else "",
        )
        rows.append(one)
    return rows


def _walk(days: Days) -> Iterator[tuple[str, ProvisionShown, ReadingShown, tuple[str, str, str]]]:
    for agreement in days.about.agreements:
        for provision in agreement.provisions:
            for reading in provision.readings:
                yield agreement.title, provision, reading, (agreement.id, provision.id, reading.id)


def _in_force(days: Days, reading: ReadingShown, rate: dict[str, object] | None) -> bool:
    if rate is not None:
        return rate["word"] != "out_of_window"
    start, end = days.bounds
    begun = reading.start is None or reading.start < end
    return begun and (reading.end is None or reading.end > start)


def _rate(days: Days, key: tuple[str, str, str], day: date, area: str = ALL) -> dict[str, object] | None:
    row = days.rates.filter(under(key) & (pl.col("area_id") == area) & (pl.col("day") == day))
    return row.row(0, named=True) if row.height else None


def _expected(rate: dict[str, object] | None) -> float | None:
    if rate is None or rate["word"] == "out_of_window":
        return None
    value = rate["expected"]
    return value if isinstance(value, float) else None


def _levels(days: Days, key: tuple[str, str, str]) -> tuple[tuple[tuple[str, int], ...], frozenset[str] | None]:
    """Findings of the day by level, the most probable level first, and the incidents that are in scope at all."""
    mine = days.findings_today.filter(under(key) & (pl.col("p_in_scope") > 0))
    counts = mine.group_by("level").agg(n=pl.len(), p=pl.col("p_violation").max()).sort(-pl.col("p"), "level")
    told = None if days.table("finding").is_empty() else frozenset(mine["subject_id"])
    return tuple(counts.select("level", "n").iter_rows()), told


def _found(days: Days, key: tuple[str, str, str]) -> dict[Group, float]:
    mine = days.findings_today.filter(under(key))
    return {g: float(mine.filter(of_group(g, "of_kind"))["p_violation"].sort().sum()) for g in GROUPS}


def _unnamed(days: Days, key: tuple[str, str, str]) -> int:
    """Uses of force out of scope that nobody is named for, each else of what the rule asks in some possible world.

    Of several conditions of one kind (targets, or sites near by) one that holds is enough: a rule may offer a choice.
    """
    mine = days.findings_today.filter(
        under(key), of_group("force", "of_kind"), pl.col("p_in_scope") == 0, pl.col("actors").list.len() == 0
    )
    asked = mine.select("subject_id", "reasons").explode("reasons", empty_as_null=True, keep_nulls=True)
    asked = asked.drop_nulls("reasons").unnest("reasons").filter(pl.col("predicate") != "bound_party")
    held = asked.group_by("subject_id", "predicate").agg(pl.col("share").max() > 0)
    return mine.join(held.filter(~pl.col("share")), on="subject_id", how="anti").height


def divided(one: ReadingOfDay, expected: float | None) -> str:
    """What violations are expected among, in proportion to the findings; empty: among uses of force alone."""
    heads: dict[Group, str] = {
        "force": say("uses of force"),
        "trace": say("fires and other traces, cause not told"),
        "rest": say("other things"),
    }
    whole = sum(one.found.values())
    shares = {g: one.found[g] / whole for g in GROUPS if whole > 0 and one.found[g] > 0}
    if not expected or not (shares.keys() - {"force"}):
        return ""
    return words.listing([f"{heads[g]} {words.estimate(expected * share)}" for g, share in shares.items()])


def nobody_named(days: Days, one: ReadingOfDay) -> str:
    """That a reading binds some alone and that others were not named; empty: nothing is left out for that."""
    if not one.unnamed:
        return ""
    only = words.listing([days.about.name_of(party) for party in one.reading.only])
    return counted(
        one.unnamed,
        "It counts only acts of: {parties}. {n} more use of force may be in its scope, but nobody is said to have done "
        "it: not counted here, it may be a violation all the same.",
        "It counts only acts of: {parties}. {n} more uses of force may be in its scope, but nobody is said to have "
        "done them: not counted here, they may be violations all the same.",
        parties=only,
    )


def nothing_seen_by(days: Days, one: ReadingOfDay) -> str:
    """Of nothing seen, that whoever looked speaks for a party; empty: something was seen, or others looked too."""
    return who.of_parties(days) if one.rate is not None and one.rate["word"] == "nothing_seen" else ""


def under(key: tuple[str, str, str]) -> pl.Expr:
    """Rows of one reading."""
    return pl.all_horizontal(pl.col(c) == k for c, k in zip(UNDER_READING, key, strict=True))


def beside(one: ReadingOfDay, most: int) -> str:
    """A reading in at most so many letters: its label and whose it is stay whole, its provision's title is cut."""
    ends = f"{one.label} ", f" ({one.held_by})"
    return f"{ends[0]}{label(one.provision.title, max(most - len(''.join(ends)), 8))}{ends[1]}"


def as_read(one: ReadingOfDay) -> str:
    """A provision as one party reads it, as the head of a line."""
    gaps = {"agreement": one.agreement, "provision": one.provision.title, "party": one.held_by}
    return say("{agreement}: {provision}, as {party} reads it", **gaps)


def sentence(days: Days, one: ReadingOfDay, recorded: Mapping[Group, Collection[str]]) -> str:
    """What the day was under a reading in force, in plain words, with what could be seen.

    Args:
        days: the day.
        one: the reading.
        recorded: ids of what was recorded, in its scope or not, by group.
    """
    return " ".join(filter(None, (_sentence(one, recorded), nobody_named(days, one), nothing_seen_by(days, one))))


def _sentence(one: ReadingOfDay, recorded: Mapping[Group, Collection[str]]) -> str:
    rate = one.rate
    if one.counted:
        return one.counted
    if rate is None:
        return say("Not assessed for this day in this release.")
    seen = say("what was watched is {share} of area and day", share=words.share(_float(rate["watched"])))
    if rate["watched"] is None:
        seen = say("how much of area and day was watched is not known")
    low, middle, high = (_float(rate[name]) for name in ("rate_low", "rate", "rate_high"))
    interval = say("no rate can be given")
    if low is not None and high is not None and middle is not None:
        interval = say(
            "with what could not be seen taken into account {low} to {high} (5 % to 95 %, middle {middle})",
            low=words.number(low),
            high=words.number(high),
            middle=words.number(middle),
        )
    before = words.estimate(one.before)
    compare = say(
        "The day before {number}, mean of the {days} days before {mean}.",
        number=before,
        days=WEEK,
        mean=words.estimate(one.week),
    )
    if one.week is None:
        compare = say("The day before {number}.", number=before) if one.before is not None else ""
    match rate["word"]:
        case "nobody_could_see":
            said = say("Nobody could have seen a violation, and none recorded means nothing: no number is given.")
            return f"{said} {compare}"
        case "nothing_seen":
            said = say("Nothing was seen, and it was looked for: {seen}; {interval}.", seen=seen, interval=interval)
            if one.unnamed:
                said = say("Nothing that counts under it was seen: {seen}; {interval}.", seen=seen, interval=interval)
            return f"{said} {compare}"
    parts = divided(one, _float(rate["expected"]))
    compare = f"{say('What was expected lies among: {parts}.', parts=parts)} {compare}" if parts else compare
    if one.in_scope is None:
        said = say(
            "{expected} violations expected; {interval}; {seen}.",
            expected=words.estimate(_float(rate["expected"])),
            interval=interval,
            seen=seen,
        )
        return f"{said} {compare}"
    said = say(
        "{expected} violations expected; of what was recorded may be in its scope: {counts}; {interval}; {seen}.",
        expected=words.estimate(_float(rate["expected"])),
        counts=words.listing(
            [
                say("uses of force {n} of {all}", **_of(one.in_scope, recorded["force"])),
                *(
                    [say("fires and other traces {n} of {all}", **_of(one.in_scope, recorded["trace"]))]
                    if recorded["trace"]
                    else []
                ),
                *(
                    [say("other things {n} of {all}", **_of(one.in_scope, recorded["rest"]))]
                    if recorded["rest"]
                    else []
                ),
            ]
        ),
        interval=interval,
        seen=seen,
    )
    return f"{said} {compare}"


def _of(in_scope: frozenset[str], ids: Collection[str]) -> dict[str, str]:
    return {"n": words.number(len(in_scope.intersection(ids))), "all": words.number(len(ids))}


def _float(value: object) -> float | None:
    return float(value) if isinstance(value, int | float) else None


def _because(words_of_it: str) -> str:
    return words.listing([say_again(about) for about in words_of_it.split(" and ")])


def partings(days: Days, shown: list[ReadingOfDay], titles: dict[str, str]) -> list[PartingOfDay]:
    """Subjects of the day on which readings of one provision part; ``titles`` are the day's subjects by id."""
    labels = {one.key: one.label for one in shown}
    rows = days.table("parting").filter(pl.col("subject_id").is_in(list(titles)))

    def named(row: dict[str, object], column: str) -> tuple[str, ...]:
        ids = row[column]
        keys = (
            [(str(row["agreement_id"]), str(row["provision_id"]), str(i)) for i in ids] if isinstance(ids, list) else []
        )
        return tuple(sorted((labels.get(k, k[2]) for k in keys), key=lambda x: (len(x), x)))

    found = [
        PartingOfDay(
            say(SUBJECTS.get(str(row["subject"]), str(row["subject"]))),
            str(row["subject_id"]),
            str(row["subject_id"]),
            titles[str(row["subject_id"])],
            named(row, "in_under"),
            named(row, "out_under"),
            _because(str(row["because"])),
        )
        for row in rows.iter_rows(named=True)
    ]
    order = {subject: place for place, subject in enumerate(titles)}
    return sorted(found, key=lambda p: (order[p.subject_id], p.in_under, p.out_under))
