from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from teisen.errors import SchemaError
from teisen.tables import Column, Table

TABLE = Table(
    "things",
    "things",
    (
        Column("id", pl.String(), "id", nullable=False),
        Column("p", pl.Float64(), "probability", decimals=2),
        Column("word", pl.String(), "word"),
    ),
    key=("id",),
)


def frame(**columns: list[object]) -> pl.DataFrame:
    return pl.DataFrame(columns, schema={"id": pl.String, "p": pl.Float64, "word": pl.String})


def test_hand_over_orders_rounds_and_has_no_negative_zero() -> None:
    given_rows = frame(id=["b", "a"], p=[0.126, -0.001], word=[None, "x"])
    result = TABLE.hand_over(given_rows)
    assert result.rows() == [("a", 0.0, "x"), ("b", 0.13, None)]
    assert str(result["p"][0]) == "0.0"


@given(st.permutations(range(6)))
def test_hand_over_does_not_depend_on_the_order_of_rows(order: list[int]) -> None:
    rows = frame(id=[f"i{n}" for n in range(6)], p=[n / 7 for n in range(6)], word=["w"] * 6)
    assert TABLE.hand_over(rows[order]).equals(TABLE.hand_over(rows))


@pytest.mark.parametrize(
    ("bad", "said"),
    [
        (pl.DataFrame({"id": ["a"], "p": [0.5]}), "missing columns ['word']"),
        (frame(id=["a"], p=[0.5], word=["x"]).with_columns(other=1), "unknown columns ['other']"),
        (frame(id=["a"], p=[0.5], word=["x"]).with_columns(p=pl.lit("x")), "p is String, not Float64"),
        (frame(id=[None], p=[0.5], word=["x"]), "empty values in ['id']"),
        (frame(id=["a", "a"], p=[0.5, 0.5], word=["x", "y"]), "stands more than once"),
    ],
)
def test_hand_over_says_what_is_wrong(bad: pl.DataFrame, said: str) -> None:
    with pytest.raises(SchemaError) as caught:
        TABLE.hand_over(bad)
    assert said in str(caught.value)


def test_build_fills_columns_that_are_not_given() -> None:
    assert TABLE.build({"id": ["a"]}).rows() == [("a", None, None)]
    assert TABLE.gather([]).schema == TABLE.schema
