"""A schedule's seeds in a ledger: who may do what when, what is drawn, and what breaks it."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import polars as pl
import pytest

from teisen.ledger import Draft, Ledger, person_key
from teisen.planning.commitment import Chain, Secret
from teisen.planning.game import solve
from teisen.planning.programme import Guarantee, Place, Programme, sector_mix
from teisen.planning.seeds import (
    COMMITMENT_ENTRY,
    OPENING_ENTRY,
    START_ENTRY,
    Seeds,
    departures,
    drawn,
    seeds,
)
from tests.planning.games import line_sector

FIRST = date(2025, 6, 2)
BEFORE = datetime(2025, 6, 1, 12, tzinfo=UTC)
CHAIN = Chain(b"\x05" * 32, b"\x06" * 32, 3)
GIVEN = {name: Secret(name.encode().ljust(32), name.encode().rjust(32)) for name in ("party-a", "party-b", "mediator")}


@pytest.fixture(scope="module")
def programme() -> Programme:
    game, _, _, _ = line_sector(places=3, crews=2)
    mix = solve(game, gap=0.02)
    places = [Place(id=f"p{n}", lon=round(-30 + n / 10, 5), lat=0.0) for n in range(3)]
    least = mix.guaranteed(game)
    said = [Guarantee(kind="shelling", found=least[0], most=min(mix.alone[0], 1))]
    sector = sector_mix("s1", places, game, mix, guarantees=said, slot_h=1.0)
    return Programme(id="patrols", plan="0" * 64, slot_h=1, period=24, sectors=(sector,))


class Book:
    """A ledger to which tests add a schedule's entries."""

    def __init__(self, folder: Path, programme: Programme) -> None:
        self.keys, self.programme = folder / "keys", programme
        self.ledger = Ledger.create(folder / "ledger", "test-case", self.keys)

    def commit(self, who: str, published: str, role: str = "contribute", **changes: object) -> None:
        body = {"format": "teisen-seed/1", "role": role, "who": who, "programme": self.programme.sha256,
                "first": FIRST.isoformat(), "days": 3} | changes  # fmt: skip
        self.add(who, Draft(COMMITMENT_ENTRY, "june", body=body, commitments={"seed": published}))

    def open(self, who: str, opened: Secret, day: int = 0) -> None:
        self.add(
            who,
            Draft(OPENING_ENTRY, "june", body={"format": "teisen-seed/1", "who": who, "day": day, **opened.encode()}),
        )

    def start(self, *who: str, now: datetime = BEFORE) -> None:
        self.add(
            "mission", Draft(START_ENTRY, "june", body={"format": "teisen-seed/1", "contributions": list(who)}), now
        )

    def add(self, who: str, draft: Draft, now: datetime = BEFORE) -> None:
        self.ledger.append([draft], now=now, author=person_key(who, self.keys))

    def state(self) -> Seeds:
        return seeds(self.ledger.entries(), "june")


@pytest.fixture
def book(tmp_path, programme) -> Book:
    made = Book(tmp_path, programme)
    made.commit("mission", CHAIN.commitment, "run")
    return made


def all_contribute(book: Book) -> None:
    for who, secret in GIVEN.items():
        book.commit(who, secret.commitment)
    for who, secret in GIVEN.items():
        book.open(who, secret)


def link(day: int) -> Secret:
    return Secret(CHAIN.salt, CHAIN.link(day))


def test_days_are_checked_one_by_one_and_are_what_the_mission_drew(book, programme):
    all_contribute(book)
    book.start("party-a", "party-b", "mediator")
    state = book.state()
    assert state.wrong == []
    mission = drawn(state, programme, {day: CHAIN.link(day) for day in (1, 2, 3)})
    assert drawn(state, programme).is_empty()
    book.open("mission", link(1), 1)
    checked = drawn(book.state(), programme)
    assert checked.equals(mission.filter(day=1))
    assert checked.height > 0
    book.open("mission", link(3), 3)
    assert set(drawn(book.state(), programme)["day"]) == {1, 3}


def test_routes_are_of_the_programme_and_on_their_day(book, programme):
    all_contribute(book)
    book.start("party-a", "party-b", "mediator")
    rows = drawn(book.state(), programme, {2: CHAIN.link(2)})
    sector = programme.sectors[0]
    slots = rows.select(
        ((pl.col("start") - datetime(2025, 6, 3, tzinfo=UTC)).dt.total_hours()).alias("slot"), "crew", "place_id"
    )
    routes = tuple(
        tuple((int(p[1:]), s) for s, c, p in slots.sort("slot").iter_rows() if c == crew) for crew in sector.crews
    )
    listed = [tuple(tuple((w.place, w.slot) for w in route) for route in one.routes) for one in sector.drawn]
    assert routes in listed


def test_each_contribution_changes_what_is_drawn(book, programme):
    all_contribute(book)
    book.start("party-a", "party-b", "mediator")
    state = book.state()
    links = {day: CHAIN.link(day) for day in (1, 2, 3)}
    usual = drawn(state, programme, links)
    for who in GIVEN:
        other = Seeds(**{**vars(state), "counted": {**state.counted, who: b"\xff" * 32}})
        assert not drawn(other, programme, links).equals(usual)


def test_a_contribution_that_is_not_opened_in_time_is_left_out(book, programme):
    book.commit("party-a", GIVEN["party-a"].commitment)
    book.commit("party-b", GIVEN["party-b"].commitment)
    book.open("party-a", GIVEN["party-a"])
    book.start("party-a")
    book.open("party-b", GIVEN["party-b"])
    state = book.state()
    assert set(state.counted) == {"party-a"}
    assert any("party-b opened after the start" in said for said in state.wrong)


@pytest.mark.parametrize(
    ("do", "said"),
    [
        (lambda b: b.open("party-a", GIVEN["party-b"]), "not what was committed to"),
        (lambda b: b.open("mission", link(1), 1), "before the start"),
        (lambda b: b.open("mission", Secret(CHAIN.salt, CHAIN.link(2)), 1), "not of the chain"),
        (lambda b: b.open("mission", link(3), 9), "no day 9"),
        (lambda b: b.commit("other", "00" * 32, "run"), "committed to run"),
        (lambda b: b.commit("party-a", "00" * 32), "twice"),
        (lambda b: b.commit("party-b", "00" * 32, days=4), "another programme"),
        (lambda b: b.start("party-a", "party-b"), "party-b had not opened"),
        (lambda b: (b.open("party-a", GIVEN["party-a"]), b.start()), "party-a had opened in time and was left out"),
        (lambda b: (b.open("party-a", GIVEN["party-a"]), b.commit("party-b", "00" * 32)), "others had opened"),
        (lambda b: b.start(now=datetime(2025, 6, 2, 1, tzinfo=UTC)), "after its first day"),
        (lambda b: b.add("party-a", Draft(START_ENTRY, "june", body={"contributions": []})), "only who runs"),
        (lambda b: b.add("party-a", Draft(OPENING_ENTRY, "june", body={"who": "x"})), "not of this format"),
    ],
)
def test_what_breaks_the_rules_is_told(book, do, said):
    book.commit("party-a", GIVEN["party-a"].commitment)
    do(book)
    assert any(said in one for one in book.state().wrong)


def test_another_programme_is_not_the_one_that_was_committed_to(book, programme):
    book.start()
    other = programme.model_copy(update={"id": "other"})
    with pytest.raises(ValueError, match="not the programme"):
        drawn(book.state(), other)
    with pytest.raises(ValueError, match="not started"):
        drawn(seeds([], "june"), programme)


def test_where_crews_were_not_as_drawn_is_listed(book, programme):
    book.start()
    rows = drawn(book.state(), programme, {1: CHAIN.link(1), 2: CHAIN.link(2), 3: CHAIN.link(3)})
    done = rows[1:].with_columns(
        place_id=pl.when(pl.int_range(pl.len()) == 0).then(pl.lit("elsewhere")).otherwise("place_id")
    )
    assert departures(rows, rows).is_empty()
    assert departures(rows, done)["what"].sort().to_list() == ["missed", "missed", "not drawn"]


def test_no_secret_stands_in_the_ledger_before_it_is_opened(book):
    for who, secret in GIVEN.items():
        book.commit(who, secret.commitment)
    said = b"".join(entry.encode() for entry in book.ledger.entries())
    hidden = [CHAIN.last, CHAIN.link(0), CHAIN.salt, *(part for s in GIVEN.values() for part in (s.salt, s.value))]
    assert not any(secret.hex().encode() in said for secret in hidden)


def test_tickets_that_do_not_sum_up_are_refused(programme):
    sector = programme.sectors[0].model_dump()
    sector["drawn"][0]["tickets"] += 1
    with pytest.raises(ValueError, match="do not sum"):
        Programme(id="patrols", plan="0" * 64, slot_h=1, period=24, sectors=(sector,))
