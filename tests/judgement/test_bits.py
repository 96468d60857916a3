from __future__ import annotations

import hashlib

import numpy as np
import pytest

from teisen.judgement.bits import Ladder, pack, share, unpack
from teisen.judgement.draws import draws

RNG = np.random.default_rng(5)


def test_bits_are_the_worlds_they_were_packed_from() -> None:
    answer = RNG.random((7, 512)) < 0.3
    other = RNG.random((7, 512)) < 0.6
    assert np.array_equal(unpack(pack(answer)), answer)
    assert np.array_equal(share(pack(answer)), answer.mean(axis=1))
    assert np.array_equal(unpack(pack(answer) & ~pack(other)), answer & ~other)


def test_a_ladder_gives_the_worlds_whose_draw_lies_below_a_bound() -> None:
    drawn = draws().time
    bounds = np.array([-1.0, 0.0, drawn[3], 0.25, 0.999, 1.0, np.inf, -np.inf])
    assert np.array_equal(unpack(Ladder(drawn).below(bounds)), drawn < bounds[:, None])


def test_worlds_fill_their_words() -> None:
    with pytest.raises(ValueError, match="multiple"):
        draws(100)


def test_draws_that_were_there_before_a_new_dimension_are_as_they_were() -> None:
    drawn = draws()
    old = ("u", "v", "time", "kind", "target", "actor", "along", "across", "site_east", "site_north")
    digest = hashlib.sha256(b"".join(np.ascontiguousarray(getattr(drawn, name)).tobytes() for name in old))
    assert digest.hexdigest()[:16] == "d874a361b1e40362"  # of the version before weapons were drawn
    assert np.array_equal(np.sort(drawn.weapon), (np.arange(512) + 0.5) / 512)
