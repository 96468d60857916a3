"""Posts of a party's ministry or of those who speak for a side, read as allegations; what cannot be read stays as text.

A post is cut into the items of its list; each item that alleges an attack is one row. Its day, hour, place, class of
target, kind and number are taken where the item says them. ``read`` is ``parsed`` (day, place and target or number),
``partly`` (some of it) or ``unread`` (it accuses, and nothing more could be told). Items that accuse nobody are counted
by day (condition ``posts_read``, ``posts_alleging``) and not kept.

With ``admits: true`` the posts tell of their own side's strikes on the other: accuser and accused are then both the
party that speaks, with the flag ``own_act_claimed``: a claim, against interest or boastful, and never a proof.
Coordinates that such posts give are not read.

Flags: ``cut`` (the text breaks off), ``intercepted`` (drones said to be brought down), ``summary`` (a day's digest,
which repeats other posts), ``follow_up``, ``own_act_claimed``, ``day_unsaid``, ``target_from_heading`` (an item of a
list about such targets), ``several_regions``, ``several_places``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from typing import Any, Literal
from zoneinfo import ZoneInfo

import polars as pl
from pydantic import BaseModel, ConfigDict, Field, field_validator

from teisen.errors import BadInput, Problem
from teisen.observation import ALLEGATION, CONDITION, EXPOSURE
from teisen.sources import texts
from teisen.sources.options import options as options_of
from teisen.sources.places import towns
from teisen.sources.reader import Ground, Intake, Scope, Source, SourceFile
from teisen.sources.rows import ROW, ids, read_csv

FORMATS = ("%Y-%m-%d %H:%M", "%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M:%S%z", "%Y-%m-%d")
ABOUT = timedelta(minutes=15)
"""What "about 17.00" is taken to mean, to either side (assumed)."""
EVENING, MORNING = time(20), time(8)
"""A night without hours is taken from one to the other, in the statement's zone (assumed)."""
RECENT, LOOKS_BACK = timedelta(days=1), timedelta(days=7)
"""How far back a statement without a day is taken to speak, and one that shows results (assumed)."""
BULLET = re.compile("[▫▪•🔹🔸●◾◽]\ufe0f?")


class Options(BaseModel):
    """How to read a file of posts.

    ``time`` and ``text``: columns. ``time_zone``: of the posts' times; ``zone``: in which the texts speak.
    ``language``: of the texts. ``words``: the word list; left out, that of the language. ``cut_at``: characters at
    which the file cuts texts; 0: whole. ``admits``: the posts tell of their own side's acts. ``days``: a time of
    midnight stands for the day, whose end is taken. ``quotes``: the texts are of others who quote; the same text again
    is one.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)
    time: str = "datetime"
    text: str = "text_snippet"
    time_zone: str = "UTC"
    zone: str = "UTC"
    language: Literal["ru", "uk"]
    words: Literal["ru", "uk", "uk-press"] | None = None
    cut_at: int = Field(0, ge=0)
    admits: bool = False
    days: bool = False
    quotes: bool = False

    @field_validator("time_zone", "zone")
    @classmethod
    def _known(cls, zone: str) -> str:
        try:
            ZoneInfo(zone)
        except (KeyError, ValueError, OSError):
            raise ValueError(f"{zone} is no time zone; write an IANA name such as Europe/Vienna") from None
        return zone


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


class Statements:
    """Reader of statements."""

    name = "statements"
    phase: Literal["ground", "watch"] = "watch"

    def read(self, file: SourceFile, source: Source, ground: Ground, scope: Scope) -> Intake:
        """Allegations of one file."""
        options = options_of(source, Options)
        if source.reported_by is None:
            do = "Write `reported_by:` with the party that speaks through this source."
            raise BadInput(Problem("case.yaml", 0, f"sources.{source.source_id}", "it names no party that speaks", do))
        rows = read_csv(file, source, (options.time, options.text))
        rows.set_aside(
            pl.col(options.text).str.strip_chars().fill_null("") == "",
            options.text,
            "it is empty",
            "Send the post with its text, or leave the row out.",
        )
        rows.time(options.time, FORMATS, options.time_zone, into="at")
        rows.once()
        left_out = rows.in_scope(scope, start="at", end="at")
        reading = _Reading(options, ground)
        posts = rows.frame.select(ROW, _stated(options).alias("at"), pl.col(options.text).alias("text")).sort(ROW)
        if options.quotes:
            posts = posts.sort("at", ROW).unique("text", keep="first").sort(ROW)
        found = [
            (row, at, number, claim)
            for row, at, text in posts.iter_rows()
            for number, claim in enumerate(reading.claims(text, at), 1)
        ]
        table = _table(found, file, source, options)
        days = _days(posts, {row for row, *_ in found}, file, source)
        return Intake({ALLEGATION.name: table, CONDITION.name: days, "set_aside": rows.set_aside_table()}, left_out)

    def expose(self, source: Source, seen: Mapping[str, pl.DataFrame], ground: Ground, scope: Scope) -> pl.DataFrame:
        """None: a party's statements show what it says, not what could be seen."""
        return EXPOSURE.empty()


READER = Statements()


def _stated(options: Options) -> pl.Expr:
    """When a post was made: at its time, or at the end of its day where only that is known."""
    local = pl.col("at").dt.convert_time_zone(options.time_zone)
    end = local.dt.offset_by("1d").dt.convert_time_zone("UTC")
    return pl.when(pl.lit(options.days) & (local.dt.time() == time())).then(end).otherwise("at")


class _Reading:
    """The word list of one language and the places of the ground, ready to read posts with."""

    def __init__(self, options: Options, ground: Ground) -> None:
        self.options = options
        self.zone = ZoneInfo(options.zone)
        words = texts.lexicon("statements")
        self.words: dict[str, Any] = words[options.words or options.language]
        self.find = {name: texts.finder(stems) for name, stems in self.words.items() if isinstance(stems, list)}
        self.kinds = {name: texts.finder(stems) for name, stems in words["kinds"].items()}
        self.targets = {name: texts.finder(stems) for name, stems in words["targets"].items()}
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
        cut = bool(self.options.cut_at) and len(raw) >= self.options.cut_at
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
        if self.options.admits:
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
        spans = re.search(r"(?i)\bс\s+(\d{1,2})[.:](\d\d)\D.*?\b(?:до|по)\s+(\d{1,2})[.:](\d\d)", item)
        clock = texts.clock_in(item)
        base = midnight or (last_day if clock or spans else None)
        if spans and (base or clock):
            on = base or datetime.combine(local.date(), time(), self.zone)
            first = on + timedelta(hours=int(spans[1]), minutes=int(spans[2]))
            last = on + timedelta(hours=int(spans[3]), minutes=int(spans[4]))
            last += timedelta(days=1) if last < first else timedelta()
            while last > local + ABOUT:
                first, last = first - timedelta(days=1), last - timedelta(days=1)
            return first.astimezone(UTC), last.astimezone(UTC), on
        if clock and base:
            moment = base + timedelta(hours=clock[0], minutes=clock[1])
            return (moment - ABOUT).astimezone(UTC), (moment + ABOUT).astimezone(UTC), base
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
            return (moment - ABOUT).astimezone(UTC), (moment + ABOUT).astimezone(UTC), said
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
            each = match[1].strip().startswith("по ")
            label = [[area] for area in areas] if each else [areas]
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


def _first(finders: Mapping[str, re.Pattern[str] | None], text: str) -> str | None:
    return next((name for name, finder in finders.items() if finder and finder.search(text)), None)


def _table(
    found: list[tuple[int, datetime, int, Claim]], file: SourceFile, source: Source, options: Options
) -> pl.DataFrame:
    claims = [claim for *_, claim in found]
    n = len(claims)
    gaps = [  # where the text breaks off, missing parts are nobody's mistake
        c.quantity - sum(p["quantity"] for p in c.parts)
        if c.parts and c.quantity is not None and "cut" not in c.flags
        else None
        for c in claims
    ]
    accused = source.reported_by if options.admits else source.about
    frame = ALLEGATION.build(
        {
            "allegation_id": [""] * n,
            "native_id": [f"{at:%Y-%m-%dT%H:%M:%SZ}#{number}" for _, at, number, _ in found],
            "accuser": [source.reported_by] * n,
            "accused": [accused] * n,
            "stated": [at for _, at, _, _ in found],
            "start": [c.start for c in claims],
            "end": [c.end for c in claims],
            "source_zone": [options.zone] * n,
            "lon": [c.lon for c in claims],
            "lat": [c.lat for c in claims],
            "place_error_m": [
                (c.error_m or source.profile.place_error_m.value) if c.lon is not None else None for c in claims
            ],
            "area_id": [c.area for c in claims],
            "place_name": [c.place for c in claims],
            "kind": [c.kind for c in claims],
            "target_class": [c.target for c in claims],
            "quantity": [c.quantity for c in claims],
            "unit": [c.unit for c in claims],
            "components": [c.parts for c in claims],
            "components_gap": gaps,
            "read": [c.read for c in claims],
            "flags": [c.flags for c in claims],
            "language": [options.language] * n,
            "text": [c.text for c in claims],
            "source_id": [source.source_id] * n,
            "blob": [file.blob] * n,
            "row": [row for row, *_ in found],
        }
    )
    frame = frame.with_columns(ids(frame, source.source_id, ["stated", "text", "native_id"]).alias("allegation_id"))
    return frame.unique("allegation_id", keep="first", maintain_order=True)


def _days(posts: pl.DataFrame, alleging: set[int], file: SourceFile, source: Source) -> pl.DataFrame:
    """How many posts were read on each UTC day, and how many of them allege something (CONDITION)."""
    days = (
        posts.group_by(start=pl.col("at").dt.truncate("1d"))
        .agg(posts_read=pl.len(), posts_alleging=pl.col(ROW).is_in(list(alleging)).sum())
        .sort("start")
        .with_row_index("n", 1)
        .unpivot(["posts_read", "posts_alleging"], index=["n", "start"], variable_name="quantity", value_name="value")
    )
    return CONDITION.fill(
        days.select(
            "start",
            pl.col("start").dt.offset_by("1d").alias("end"),
            "quantity",
            pl.col("value").cast(pl.Float64),
            source_id=pl.lit(source.source_id),
            blob=pl.lit(file.blob),
            row=pl.col("n").cast(pl.Int64),
        )
    )
