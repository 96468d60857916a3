"""What hangs together."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from teisen.fusion.partition import connected


@given(st.data(), st.integers(1, 60))
def test_reports_hang_together_as_pairs_connect_them(data: st.DataObject, n: int) -> None:
    at = st.integers(0, n - 1)
    pairs = np.array(data.draw(st.lists(st.tuples(at, at), max_size=80)), dtype=np.int64).reshape(-1, 2)
    i, j = pairs.T
    label = connected_components(coo_matrix((np.ones(len(i)), (i, j)), shape=(n, n)), directed=False)[1]
    np.testing.assert_array_equal(connected(n, i, j), np.unique(label, return_index=True)[1][label])


def test_a_long_chain_in_any_order_is_one() -> None:
    order = np.random.default_rng(1).permutation(10_000)
    np.testing.assert_array_equal(connected(10_000, order[:-1], order[1:]), 0)
