"""What a post of a party's ministry, or of those who speak for a side, alleges: a text in, claims out.

A text is cut into the items of its list; each that alleges an attack is one claim, with day, hour, place, class of
target, kind and number where the item says them. Words are data (``lexicon/statements.yaml``), grammar is in
:mod:`teisen.sources.texts`; here is what stands together for an accusation.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from teisen.sources import texts
from teisen.sources.places import towns
from teisen.sources.reader import Ground

ABOUT = timedelta(minutes=15)
"""What "about 17.00" is taken to mean, to either side (assumed)."""
EVENING, MORNING = time(20), time(8)
"""A night without hours is taken from one to the other, in the statement's zone (assumed)."""
RECENT, LOOKS_BACK = timedelta(days=1), timedelta(days=7)
"""How far back a statement without a day is taken to speak, and one that shows results (assumed)."""
BULLET = re.compile("[▫▪•🔹🔸●◾◽]\ufe0f?")


@dataclass
class Claim:
    """What one item of a post alleges, as far as it could be told."""

    start: datetime
    end: datetime
    kind: str
    text: str
    read: str = "parsed"
    target: str | None = None
    quantity: float | None = None
    unit: str | None = None
    area: str | None = None
    place: str | None = None
    lon: float | None = None
    lat: float | None = None
    error_m: float | None = None
    parts: list[dict[str, Any]] = field(default_factory=list)
    flags: list[str] = field(default_factory=list)


class Reading:
    """The word list of one language and the places of the ground, ready to read posts with."""

    def __init__(self, ground: Ground, words: str, *, zone: str, cut_at: int = 0, admits: bool = False) -> None:
        """``words``: the list of the lexicon; ``zone``, in which texts speak, ``cut_at`` and ``admits``: as the reader
        of statements takes them."""
        self.zone, self.cut_at, self.admits = ZoneInfo(zone), cut_at, admits
        lexicon = texts.lexicon("statements")
        self.words: dict[str, Any] = lexicon[words]
        self.find = {name: texts.finder(stems) for name, stems in self.words.items() if isinstance(stems, list)}
        self.kinds = {name: texts.finder(stems) for name, stems in lexicon["kinds"].items()}
        self.targets = {name: texts.finder(stems) for name, stems in lexicon["targets"].items()}
        self.regions = {area: texts.for_re(pattern) for area, pattern in texts.region_patterns().items()}
        listed = texts.lexicon("regions")["regions"]
        self.bare = {a: texts.for_re(texts.any_of(r["adjective"])) for a, r in listed.items() if r["adjective"]}
        # the ground may know the seas and regions by other ids: it is asked by the name
        known = set(ground.areas["area_id"]) | set(ground.names["area_id"].drop_nulls())
        self.area_ids = {
            area: area if area in known else next(
                (ground.area_by_name[n.lower()] for n in region["names"] if n.lower() in ground.area_by_name), area
            )
            for area, region in listed.items()
        }  # fmt: skip
        self.towns = [
            (re.compile("^" + texts.name_pattern([name]) + "$"), lon, lat, error, area)
            for name, lon, lat, error, area in towns(ground)
            .select("name", "lon", "lat", "place_error_m", "area_id")
            .iter_rows()
            if len(name) > 2
        ]

    def has(self, group: str, text: str) -> bool:
        """Whether the text has a word of the group."""
        return (finder := self.find.get(group)) is not None and finder.search(text) is not None

    def claims(self, raw: str, stated: datetime) -> Iterator[Claim]:
        """The allegations of one post, in its order."""
        cut = bool(self.cut_at) and len(raw) >= self.cut_at
        text = texts.plain(raw)
        if self.has("intercepted", text) and self.has("drones", text) and not self.has("summary", text):
            claim = self._interception(text, stated, cut)
            if claim is not None:
                yield claim
                return
        heading, *items = [part.strip() for part in BULLET.split(text)] if self.words["items"] else [text]
        last_day, found = None, False
        for number, item in enumerate(items):
            if not self._accuses(item, heading):
                continue
            claim, last_day = self._item(item, stated, last_day)
            if claim.target is None and (wide := _first(self.targets, heading)):
                claim.target = wide
                claim.flags.append("target_from_heading")
            if cut and number == len(items) - 1:
                claim.flags.append("cut")
            if self.has("summary", heading):
                claim.flags.append("summary")
            found = True
            yield claim
        if not found and self._accuses(heading if items else text, ""):
            claim, _ = self._item(heading if items else text, stated, None)
            if cut:
                claim.flags.append("cut")
            yield claim

    def _accuses(self, item: str, heading: str) -> bool:
        if not self.has("acts", item) or self.has("neutral", item):
            return False
        if "speakers" in self.find and not self.has("speakers", item):
            return False
        actor = self.has("accused", item) or (bool(item) and self.has("accused", heading))
        if not actor or self.has("own", item):
            return False
        return self.has("protected", item + " " + heading) or self.has("broke", item)

    def _item(self, item: str, stated: datetime, last_day: datetime | None) -> tuple[Claim, datetime | None]:
        start, end, day = self._when(item, stated, last_day)
        claim = Claim(start, end, _first(self.kinds, item) or "other", item)
        if day is None:
            claim.flags.append("day_unsaid")
        claim.target = _first(self.targets, item)
        counts = [texts.number_in(m[1]) for m in re.finditer(texts.re_letters(self.words["count"]), item.lower())]
        claim.quantity = next((number for number in counts if number is not None), None)
        claim.unit = "strikes" if claim.quantity is not None else None
        self._where(item, claim)
        if self.has("follow_up", item):
            claim.flags.append("follow_up")
        if self.admits:
            claim.flags.append("own_act_claimed")
        told = [day is not None, claim.area is not None or claim.lon is not None, claim.target is not None]
        told[2] = told[2] and (claim.target != "energy" or claim.quantity is not None or all(told[:2]))
        claim.read = "parsed" if all(told) else "partly" if any(told) or claim.quantity is not None else "unread"
        return claim, day or last_day

    def _when(
        self, item: str, stated: datetime, last_day: datetime | None
    ) -> tuple[datetime, datetime, datetime | None]:
        """Earliest and latest time in UTC, and the day (midnight in the statement's zone) if said or carried on."""
        local = stated.astimezone(self.zone)
        day = texts.day_in(item[: self.words["day_within"]], local.date())
        midnight = datetime.combine(day, time(), self.zone) if day else None
        hours = texts.hours_in(item)
        clock = texts.clock_in(item)
        base = midnight or (last_day if clock or hours else None)
        if hours and (base or clock):
            on = base or datetime.combine(local.date(), time(), self.zone)
            first, last = on + hours[0], on + hours[1]
            last += timedelta(days=1) if last < first else timedelta()
            while last > local + ABOUT:
                first, last = first - timedelta(days=1), last - timedelta(days=1)
            return first.astimezone(UTC), _latest(last, stated), on
        if clock and base:
            moment = base + timedelta(hours=clock[0], minutes=clock[1])
            return (moment - ABOUT).astimezone(UTC), _latest(moment + ABOUT, stated), base
        if midnight and self.has("night", item):
            evening = datetime.combine(midnight.date() - timedelta(days=1), EVENING, self.zone)
            morning = datetime.combine(midnight.date(), MORNING, self.zone)
            return evening.astimezone(UTC), min(morning.astimezone(UTC), max(stated, evening.astimezone(UTC))), midnight
        if midnight:
            return midnight.astimezone(UTC), (midnight + timedelta(days=1)).astimezone(UTC), midnight
        said = datetime.combine(local.date(), time(), self.zone)
        if clock:
            moment = said + timedelta(hours=clock[0], minutes=clock[1])
            moment -= timedelta(days=1) if moment > local + ABOUT else timedelta()
            return (moment - ABOUT).astimezone(UTC), _latest(moment + ABOUT, stated), said
        if self.has("night", item):
            evening = datetime.combine(local.date() - timedelta(days=1), EVENING, self.zone)
            return evening.astimezone(UTC), stated, said
        if self.has("day", item):
            return stated - timedelta(days=1), stated, said
        return stated - (LOOKS_BACK if self.has("follow_up", item) else RECENT), stated, None

    def _where(self, item: str, claim: Claim) -> None:
        areas = self._areas(item)
        # the adjective of a region is no town: what named a region is taken out before towns are looked for
        rest = item
        for pattern in self.regions.values():
            for found in pattern.finditer(item):
                rest = rest[: found.start()] + "." * len(found[0]) + rest[found.end() :]
        names = re.findall(r"[А-ЯІЇЄҐЁ][\w’'ʼ-]+(?:\s[А-ЯІЇЄҐЁ][\w’'ʼ-]+)?", rest)
        words = {texts.fold(part, latin=False): part for name in names for part in (name, *name.split())}
        hits = {
            (lon, lat): (word, error, area)
            for pattern, lon, lat, error, area in self.towns
            if not areas or area is None or area in areas
            for folded, word in words.items()
            if pattern.match(folded)
        }
        if len(hits) == 1:
            ((claim.lon, claim.lat), (claim.place, claim.error_m, area)) = next(iter(hits.items()))
            areas = areas or ([area] if area else [])
        elif hits:
            claim.flags.append("several_places")
        if len(areas) == 1:
            claim.area = areas[0]
        elif areas:
            claim.flags.append("several_regions")

    def _areas(self, text: str, *, bare: bool = False) -> list[str]:
        """Ids of the regions that a text names; ``bare``: also by the adjective without the word for region."""
        return [
            self.area_ids[area]
            for area, pattern in self.regions.items()
            if pattern.search(text) or (bare and area in self.bare and self.bare[area].search(text))
        ]

    def _interception(self, text: str, stated: datetime, cut: bool) -> Claim | None:
        """Drones said to be brought down: the total, and its parts by region as the statement gives them."""
        low = text.lower()
        if self.has("own", low) or not self.has("accused", low):
            return None
        total = 1.0 if re.search(self.words["one"], low) else None
        for match in re.finditer(texts.re_letters(self.words["sorties"]), low):
            total = texts.number_in(match[1]) if total is None else total
        if total is None:
            return None
        start, end, day = self._when(text, stated, None)
        claim = Claim(start, end, "drone-strike", text, quantity=total, unit="drones", flags=["intercepted"])
        found = re.finditer(texts.re_letters(self.words["part"]), low)
        marks = [(m, number) for m in found if (number := texts.number_in(m[1])) is not None]
        for n, (match, number) in enumerate(marks):
            until = marks[n + 1][0].start() if n + 1 < len(marks) else len(low)
            areas = self._areas(low[match.end() : until], bare=True)
            if not areas:
                continue
            label = [[area] for area in areas] if texts.is_each(match[1]) else [areas]
            claim.parts += [{"label": " + ".join(a), "quantity": number, "unit": "drones"} for a in label]
        areas = self._areas(low)
        if len(areas) == 1:
            claim.area = areas[0]
        elif areas:
            claim.flags.append("several_regions")
        if cut:
            claim.flags.append("cut")
        if day is None:
            claim.flags.append("day_unsaid")
        claim.read = "parsed" if areas and day is not None and not cut else "partly"
        return claim


def _latest(local: datetime, stated: datetime) -> datetime:
    """A time as late as it may be in UTC, where the clock shows it twice: not long after it was ``stated``, though."""
    early, late = (local.replace(fold=fold).astimezone(UTC) for fold in (0, 1))
    return max(early, min(late, stated + ABOUT))


def _first(finders: Mapping[str, re.Pattern[str] | None], text: str) -> str | None:
    return next((name for name, finder in finders.items() if finder and finder.search(text)), None)
