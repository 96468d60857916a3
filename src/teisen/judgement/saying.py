"""What became of an allegation, in sentences."""

from __future__ import annotations

import polars as pl

from teisen.judgement.numbers import REGIONS

SAYS = {
    "corroborated": "Corroborated: {n} recorded without the accuser's sources fit (P = {p}; by chance {c}).",
    "partly": "Partly corroborated: {n} recorded without the accuser's sources fit in part (P = {p}; by chance {c}).",
    "not_seen_blind": "Not corroborated, and it could not well have been seen: P(others report it) = {w}.",
    "not_seen_watched": "Not corroborated, although it would probably have been seen: P(others report it) = {w}.",
    "nowhere": "Not corroborated; it names no place, so what could have been seen is not known.",
    "unread": "Not read: the statement is kept as text and nothing is guessed from it.",
}
COUNTED_SAYS = {
    "corroborated": "Corroborated by number",
    "partly": "Partly corroborated by number",
    "not_seen_blind": "Not corroborated by number, and it is not shown that a part of it could have been seen",
    "not_seen_watched": "Not corroborated by number, although a part of it would probably have been seen",
}
UNPLACED = "where it happened is not stated, so what others would have recorded is not known"
NUMBER_SAYS = {
    "borne_out": "So many are on record.",
    "possible": "So many can have been.",
    "not_supported": "So many are not supported: the evidence speaks for fewer.",
    "cannot_tell": "Whether there were so many cannot be told: most would probably have gone unseen.",
    "not_known": "Whether there were so many cannot be told.",
    "not_comparable": "So many {unit} are no number of incidents; whether something of this kind was there is weighed.",
}


def placed() -> pl.Expr:
    """The sentences of an allegation that names a place, or that is about one incident."""
    return (
        pl.when(pl.col("half").is_not_null())
        .then(total())
        .otherwise(pl.concat_str(_single(), _number(), ignore_nulls=True))
    )


def total() -> pl.Expr:
    """The sentences of a number of incidents."""
    would = pl.format("had all of it happened, others would have recorded {}", _two("would_record"))
    first = pl.format(
        "{}: of {} {} stated, {} on record without the accuser's sources fit (expected number); {}.",
        pl.col("outcome").replace_strict(COUNTED_SAYS, default="", return_dtype=pl.String),
        _stated(),
        pl.col("unit").fill_null("incidents"),
        _two("matched"),
        would.fill_null(UNPLACED),
    )
    return pl.concat_str(first, _number(), ignore_nulls=True)


def _number() -> pl.Expr:
    """How a number is met; empty where none of two and more is stated."""
    known = pl.when(pl.col("number") != "not_comparable")
    record = pl.format(" On record: {}.", _range("record_low", "record_high"))
    happened = pl.format(" With what nobody recorded: {} (90 % interval).", _range("number_low", "number_high"))
    untold = pl.col("seen_one").is_null() | (pl.col("unit") == REGIONS).fill_null(False)
    unknown = (pl.col("number") == "cannot_tell") & untold
    word = pl.when(unknown).then(pl.lit("not_known")).otherwise("number")
    says = word.replace_strict(NUMBER_SAYS, default=None, return_dtype=pl.String)
    says = says.str.replace("{unit}", pl.col("unit").fill_null(""), literal=True)
    return pl.when(pl.col("number").is_not_null()).then(
        pl.concat_str(known.then(record), known.then(happened), pl.format(" {}", says), ignore_nulls=True)
    )


def _range(low: str, high: str) -> pl.Expr:
    """Two numbers as "3 to 8"; one where they are the same, and empty where the upper is not known."""
    return (
        pl.when(pl.col(low) == pl.col(high))
        .then(pl.col(low).cast(pl.String))
        .otherwise(pl.format("{} to {}", low, high))
    )


def _stated() -> pl.Expr:
    return pl.col("quantity").cast(pl.String).str.strip_suffix(".0")


def _single() -> pl.Expr:
    words = pl.lit("")
    for outcome in ("corroborated", "partly", "not_seen_watched", "not_seen_blind"):
        words = pl.when(pl.col("outcome") == outcome).then(pl.lit(SAYS[outcome])).otherwise(words)
    nowhere = pl.col("p_would_see").is_null() & (pl.col("outcome") == "not_seen_blind")
    words = pl.when(nowhere).then(pl.lit(SAYS["nowhere"])).otherwise(words)
    n = pl.format("{} incident{}", "n", pl.when(pl.col("n") == 1).then(pl.lit("")).otherwise(pl.lit("s")))
    chance = _two("chance").fill_null("not known")
    for mark, value in (("{n}", n), ("{p}", _two("p_corroborated")), ("{c}", chance), ("{w}", _two("p_would_see"))):
        words = words.str.replace(mark, value.fill_null(""), literal=True)
    return words


def _two(name: str) -> pl.Expr:
    return pl.col(name).round(2).cast(pl.String)
