"""Committed seeds: what is published fixes what is drawn, and another program gets the same from the description."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from teisen.planning.commitment import Chain, Secret, before, chain_opens, commitment, day_key, opens
from teisen.planning.draw import below, chosen, numbers, some_of

secret_bytes = st.binary(min_size=32, max_size=32)


def test_a_commitment_is_what_the_description_says():
    salt, value = bytes(range(32)), bytes(32)
    said = '{"format":"teisen-seed/1","salt":"' + salt.hex() + '","value":"' + value.hex() + '"}'
    assert commitment(salt, value) == hashlib.sha256(said.encode()).hexdigest()


def test_a_days_key_and_its_numbers_are_what_the_description_says():
    link, contributions = b"\x07" * 32, {"party-b": b"\x02" * 32, "party-a": b"\x01" * 32}
    said = json.dumps(
        {"contributions": {k: v.hex() for k, v in sorted(contributions.items())}, "day": 3, "format": "teisen-seed/1",
         "schedule": "s"}, separators=(",", ":"),
    )  # fmt: skip
    key = hmac.new(link, said.encode(), "sha256").digest()
    assert day_key("s", 3, link, contributions) == key
    block = hmac.new(key, b"teisen-draw/1\nlabel\n" + (1).to_bytes(8, "big"), "sha256").digest()
    stream = numbers(key, "label")
    assert [next(stream) for _ in range(8)][4:] == [int.from_bytes(block[i : i + 8], "big") for i in (0, 8, 16, 24)]


@given(secret_bytes, secret_bytes, secret_bytes)
def test_only_what_was_committed_to_opens(salt, value, other):
    published = commitment(salt, value)
    assert opens(published, Secret(salt, value))
    assert opens(published, Secret(salt, other)) == (other == value)
    assert Secret.decode(Secret(salt, value).encode()) == Secret(salt, value)


@given(secret_bytes, secret_bytes, st.integers(1, 12), st.data())
def test_each_link_opens_its_day_alone(salt, last, days, data):
    chain = Chain(salt, last, days)
    day, other = data.draw(st.integers(0, days)), data.draw(st.integers(0, days))
    assert chain_opens(chain.commitment, salt, chain.link(day), day)
    assert chain_opens(chain.commitment, salt, chain.link(day), other) == (day == other)
    assert day == 0 or before(chain.link(day)) == chain.link(day - 1)


def test_secrets_differ_and_are_not_shown():
    one, two = Secret.new(), Secret.new()
    assert one.commitment != two.commitment
    assert one.value.hex() not in repr(one)
    assert Chain.new(3).last != Chain.new(3).last
    assert "last" not in repr(Chain.new(3))


@pytest.mark.parametrize(
    "opened", [{"salt": "00" * 32}, {"salt": "00" * 32, "value": "0g" * 32}, {"salt": "", "value": ""}]
)
def test_what_is_no_opening_is_refused(opened):
    with pytest.raises(ValueError, match="hexadecimal"):
        Secret.decode(opened)


@given(secret_bytes, st.integers(1, 2**64))
def test_numbers_lie_below_their_limit(key, limit):
    assert 0 <= below(limit, numbers(key, "x")) < limit


def test_a_remainder_is_no_likelier_than_another():
    """2^64 is no multiple of the limit: numbers of the last, short run are passed over."""
    limit = 3 << 62
    assert below(limit, iter([limit, limit + 5, 7])) == 7


def test_tickets_are_drawn_in_their_proportion():
    drawn = Counter(chosen([700, 0, 250, 50], b"k" * 32, str(n)) for n in range(4000))
    assert set(drawn) == {0, 2, 3}
    assert drawn[0] / 4000 == pytest.approx(0.7, abs=0.03)
    assert drawn[2] / 4000 == pytest.approx(0.25, abs=0.03)
    with pytest.raises(ValueError, match="limit"):
        chosen([], b"k", "")


def test_inspections_are_drawn_evenly():
    drawn = Counter(some_of(2, 4, b"k" * 32, str(n)) for n in range(3000))
    assert len(drawn) == 6
    assert all(count / 3000 == pytest.approx(1 / 6, abs=0.03) for count in drawn.values())
    with pytest.raises(ValueError, match="choose"):
        some_of(5, 4, b"k", "")
