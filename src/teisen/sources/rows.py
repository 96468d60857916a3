"""From the bytes of a delimited file to a frame of strings, and from strings to values; what fails is set aside.

Every reader of CSV goes through here, so that damage is answered the same way everywhere: what is readable is kept,
each row that is not is set aside with its number, column, reason and remedy.
"""

from __future__ import annotations

import hashlib
import io
import zlib
from collections.abc import Iterable, Sequence

import polars as pl
import pyarrow as pa
import pyarrow.csv as pacsv

from teisen.errors import BadInput, Problem
from teisen.observation import SET_ASIDE
from teisen.sources.clocks import OFFSET, as_in, fitting, moment, skipped
from teisen.sources.encoded import decoded
from teisen.sources.groups import GROUP, LETTER, LOCAL, lettered
from teisen.sources.gzipped import MARK, inflated
from teisen.sources.headings import separated, some
from teisen.sources.reader import Scope, Source, SourceFile

ONCE = "Nothing to do: it is counted once."
ROW = "row"
"""Column that holds the data row's number, from 1."""
LARGEST_FILE = 2 << 30
"""Bytes that a compressed file may unpack to; more is refused as a bomb."""
EARLIEST_YEAR = 1970
LATEST_YEAR = 2100


class Rows:
    """Rows of one file on their way to a table: ``frame`` what is still good, ``aside`` what was set aside.

    Methods narrow ``frame`` and move failing rows to ``aside``; nothing is lost between the two.
    """

    def __init__(self, frame: pl.DataFrame, file: SourceFile, source: Source) -> None:
        self.frame = frame
        self.file = file
        self.source = source
        self.raw = frame
        self.aside: list[pl.DataFrame] = []

    def set_aside(self, where: pl.Expr, column: str, what: pl.Expr | str, do: str) -> None:
        """Move the rows for which ``where`` holds (null counts as holding) to the set-aside table."""
        flagged = where.fill_null(True)
        bad = self.frame.filter(flagged).select(ROW, what=pl.lit(what) if isinstance(what, str) else what)
        if bad.height:
            self.aside.append(self._aside(bad, column, do))
            self.frame = self.frame.filter(~flagged)

    def _aside(self, bad: pl.DataFrame, column: str, do: str) -> pl.DataFrame:
        names = [name for name in self.raw.columns if name != ROW]
        fields = [pl.col(n).fill_null("") for n in names]
        as_csv = [
            pl.when(field.str.contains('[,"\n]'))
            .then(pl.format('"{}"', field.str.replace_all('"', '""')))
            .otherwise(field)
            for field in fields
        ]
        raw = self.raw.join(bad.select(ROW), on=ROW, how="semi").select(ROW, raw=pl.concat_str(as_csv, separator=","))
        joined = bad.join(raw, on=ROW, how="left", maintain_order="left")
        return SET_ASIDE.check(
            joined.select(
                source_id=pl.lit(self.source.source_id),
                file=pl.lit(self.file.name),
                blob=pl.lit(self.file.blob),
                row=pl.col(ROW),
                column=pl.lit(column),
                what="what",
                do=pl.lit(do),
                raw="raw",
            )
        )

    def number(
        self,
        column: str,
        low: float,
        high: float,
        *,
        required: bool = True,
        heading: str = "",
        decimal: str = ".",
        comma_do: str = "Write decimals with a point, and thousands without a mark: 1234.5.",
    ) -> None:
        """Turn ``column`` into numbers within [low, high]; others are set aside. Empty is allowed if not required.

        ``heading`` is what the file calls the column, for messages; empty: the same. ``decimal`` is the mark before
        decimals: where it is a comma, numbers with a point are set aside, as it may part thousands. ``comma_do``: what
        to do about a comma that is none.
        """
        heading = heading or column
        if decimal == ",":
            points = pl.format("'{}' has a point, and decimals have a comma here", pl.col(column).str.slice(0, 40))
            pointed = pl.col(column).str.contains(".", literal=True).fill_null(False)
            self.set_aside(
                pointed, heading, points, "Write decimals with a comma, and thousands without a mark: 1234,5."
            )
            self.frame = self.frame.with_columns(pl.col(column).str.replace(",", ".", literal=True))
        value = pl.col(column).str.strip_chars().cast(pl.Float64, strict=False)
        given = pl.col(column).str.strip_chars().fill_null("") != ""
        good = value.is_between(low, high) & value.is_finite()
        bad = (given & ~good.fill_null(False)) | (~given if required else pl.lit(False))
        comma = bad & given & pl.col(column).str.contains(",", literal=True)
        says = pl.format("'{}' has a comma", pl.col(column).str.slice(0, 40))
        self.set_aside(comma.fill_null(False), heading, says, comma_do)
        self.set_aside(
            bad,
            heading,
            pl.when(~given)
            .then(pl.lit("it is empty"))
            .otherwise(
                pl.concat_str(
                    pl.lit("'"), pl.col(column).str.slice(0, 40), pl.lit(f"' is no number from {low:g} to {high:g}")
                )
            ),
            f"Correct the value, or check that the columns of the file stand under their own headings ({heading}).",
        )
        self.frame = self.frame.with_columns(value.alias(column))

    def time(
        self, column: str, formats: Sequence[str], zone: str, *, into: str, required: bool = True, heading: str = ""
    ) -> None:
        """Turn ``column`` into UTC times in ``into``, reading ``formats`` in ``zone``; others are set aside.

        A time that a clock change makes ambiguous is read as the earlier one; one that it skips is set aside.
        Years before 1970 or after 2100 are set aside as impossible. ``heading`` as for :meth:`number`.
        """
        text = pl.col(column).str.strip_chars()
        given = text.fill_null("") != ""
        shown, formats = as_in(formats), fitting(self.frame[column].str.strip_chars(), formats)
        value = moment(text, formats, zone)
        good = value.dt.year().is_between(EARLIEST_YEAR, LATEST_YEAR).fill_null(False)
        bad = (given & ~good) | (~given if required else pl.lit(False))
        never = given & skipped(text, formats, zone)
        says = pl.format(
            "'{}' is a time that the clock of {} never showed: it was put forward over it", text, pl.lit(zone)
        )
        self.set_aside(never.fill_null(False), heading or column, says, f"Write what the clock showed, or {OFFSET}.")
        if GROUP in formats:
            letter = lettered(text, zone)
            says = pl.format("'{}' is in zone {}: {}", text.str.slice(0, 40), letter, letter.replace_strict(LOCAL))
            self.set_aside(letter.is_not_null() & value.is_null(), heading or column, says, LETTER)
        self.set_aside(
            bad,
            heading or column,
            pl.when(~given)
            .then(pl.lit("it is empty"))
            .otherwise(
                pl.concat_str(pl.lit("'"), pl.col(column).str.slice(0, 40), pl.lit("' is no possible date or time"))
            ),
            f"Write it as {shown}, or check that the columns of the file stand under their own headings.",
        )
        self.frame = self.frame.with_columns(value.alias(into))

    def once(self) -> None:
        """Keep the first of rows that are the same in every column; set the others aside with the first's number."""
        names = [name for name in self.raw.columns if name != ROW]
        first = self.raw.group_by(names).agg(pl.col(ROW).min().alias("_first"), pl.col(ROW).alias("_rows"))
        again = (
            first.explode("_rows", empty_as_null=True, keep_nulls=True)
            .filter(pl.col("_rows") != pl.col("_first"))
            .select(pl.col("_rows").alias(ROW), "_first")
        )
        self.frame = self.frame.join(again, on=ROW, how="left", maintain_order="left")
        self.set_aside(
            pl.col("_first").is_not_null(),
            "",
            pl.format("the same row stands at row {} already", pl.col("_first")),
            ONCE,
        )
        self.frame = self.frame.drop("_first")

    def distinct(self, table: pl.DataFrame, key: str, *, do: str = ONCE) -> pl.DataFrame:
        """``table``, made of these rows, with the first row of each ``key``; the others are set aside as the same.

        For reports that are the same although a column that the id does not rest on differs.
        """
        first = table.with_columns(pl.col(ROW).min().over(key).alias("_first"))
        again = first.filter(pl.col(ROW) != pl.col("_first"))
        if again.height:
            says = again.select(ROW, what=pl.format("it reports the same as row {}", pl.col("_first")))
            self.aside.append(self._aside(says, "", do))
        return first.filter(pl.col(ROW) == pl.col("_first")).drop("_first")

    def in_scope(self, scope: Scope, *, start: str, end: str, lon: str | None = None, lat: str | None = None) -> int:
        """Leave out rows outside the case's time and box; return how many.

        Where more rows would lie in the box with longitude and latitude exchanged than as they stand, those rows are
        set aside: the columns are taken for swapped.
        """
        if lon and lat:
            inside = pl.col(lon).is_between(scope.west, scope.east) & pl.col(lat).is_between(scope.south, scope.north)
            swapped = pl.col(lat).is_between(scope.west, scope.east) & pl.col(lon).is_between(scope.south, scope.north)
            n_inside, n_swapped = self.frame.select(inside.sum(), (swapped & ~inside).sum()).row(0)
            if n_swapped > n_inside:
                self.set_aside(
                    (swapped & ~inside).fill_null(False),
                    lon,
                    "longitude and latitude seem to be exchanged: as they stand the place is outside the case's area",
                    "Exchange the two columns, or their headings.",
                )
        keep = (pl.col(end) >= scope.start) & (pl.col(start) < scope.end)
        if lon and lat:
            keep = keep & (inside | pl.col(lon).is_null())
        before = self.frame.height
        self.frame = self.frame.filter(keep)
        return before - self.frame.height

    def set_aside_table(self) -> pl.DataFrame:
        """All that was set aside so far (SET_ASIDE)."""
        return SET_ASIDE.gather(self.aside)


def unpack(file: SourceFile) -> tuple[bytes, str | None]:
    """The bytes of a file, gunzipped if it is a gzip; and what is wrong if it breaks off.

    Raises:
        BadInput: it unpacks to more than :data:`LARGEST_FILE`.
    """
    if not file.content.startswith(MARK):
        return file.content, None
    good = bytearray()
    try:
        for part in inflated(file.content):
            good += part
            if len(good) > LARGEST_FILE:
                what = f"it unpacks to more than {LARGEST_FILE >> 30} GiB"
                raise BadInput(Problem(file.name, 0, "", what, "Split the file into smaller ones."))
    except EOFError:
        return bytes(good), "the compressed file breaks off before its end"
    except zlib.error as error:
        return bytes(good), f"the compressed file is damaged ({error})"
    return bytes(good), None


def read_csv(
    file: SourceFile,
    source: Source,
    columns: Iterable[str],
    *,
    delimiter: str = ",",
    quote: str = '"',
    optional: Iterable[str] = (),
) -> Rows:
    """Read a CSV file into strings, one column a heading, with the row's number in :data:`ROW`.

    Args:
        columns: headings that must be there. ``optional``: headings that are added as nulls where absent.

    Raises:
        BadInput: no text, not UTF-8 as a whole, no heading, or a heading is missing.
    """
    content, damage = unpack(file)
    text, undecodable = decoded(content, file)
    if not text.strip():
        raise BadInput(Problem(file.name, 0, "", damage or "the file is empty", "Send the file again, whole."))
    if damage is None and b"\x00" in text:
        raise BadInput(
            Problem(file.name, 0, "", "it holds NUL bytes: this is no text file", "Send the CSV file itself.")
        )
    if damage and not text.endswith(b"\n"):
        text, _, tail = text.rpartition(b"\n")
    else:
        tail = b""
    text = text if text.endswith(b"\n") else text + b"\n"  # a heading alone is a file without rows
    broken: list[tuple[int, str, str]] = []

    def ragged(row: pacsv.InvalidRow) -> str:
        broken.append((row.number - 1, f"it has {row.actual_columns} fields, not {row.expected_columns}", row.text))
        return "skip"

    try:
        heading = pacsv.open_csv(
            io.BytesIO(text),
            parse_options=pacsv.ParseOptions(
                delimiter=delimiter,
                quote_char=quote,
                newlines_in_values=True,
                invalid_row_handler=lambda row: "skip",
            ),
        ).schema.names
        table = pacsv.read_csv(
            io.BytesIO(text),
            read_options=pacsv.ReadOptions(use_threads=False, block_size=max(len(text), 1 << 20)),
            parse_options=pacsv.ParseOptions(
                delimiter=delimiter, quote_char=quote, newlines_in_values=True, invalid_row_handler=ragged
            ),
            convert_options=pacsv.ConvertOptions(
                column_types={name: pa.string() for name in heading}, strings_can_be_null=False
            ),
        )
    except (pa.ArrowInvalid, pa.ArrowKeyError) as error:
        raise BadInput(
            Problem(file.name, 0, "", f"not readable as CSV: {error}", "Send it as comma-separated UTF-8 text.")
        ) from None
    names = [name.strip().strip('"') for name in table.column_names]
    if twice := sorted({name for name in (*columns, *optional) if names.count(name) > 1}):
        told, do = ", ".join(twice), "Give each column a heading of its own."
        raise BadInput(Problem(file.name, 1, told, f"the heading names {told} twice", do))
    first = {name: n for n, name in reversed([*enumerate(names)])}
    apart = [name if first[name] == n else f"{name}@{n}" for n, name in enumerate(names)]
    frame = pl.DataFrame(pl.from_arrow(table.rename_columns(apart)))
    missing = [name for name in columns if name not in frame.columns]
    if missing:
        raise BadInput(
            Problem(
                file.name,
                1,
                ", ".join(missing),
                f"the heading lacks {', '.join(missing)}; it has {some(frame.columns)}",
                separated(names, delimiter)
                or "Check that this is the right file for this source, or correct the headings.",
            )
        )
    lost = {number for number, _, _ in broken}
    numbers = [n for n in range(1, frame.height + len(lost) + 1) if n not in lost]
    absent = [pl.lit(None, dtype=pl.String).alias(n) for n in optional if n not in frame.columns]
    frame = frame.drop(ROW, strict=False).with_columns(absent).with_columns(pl.Series(ROW, numbers, dtype=pl.Int64))
    rows = Rows(frame, file, source)
    if numbers and numbers[-1] > max(lost, default=0) and _left_open(frame, text, quote):
        what = "the file breaks off within this row: a quote is not closed"
        rows.set_aside(pl.col(ROW) == numbers[-1], "", what, "Send the file again, whole.")
    whole = "Correct the row: each field under its heading, quotes closed."
    for number, what, raw in broken:
        rows.aside.append(_one(rows, number, what, whole, raw))
    if undecodable:
        bad = pl.any_horizontal(
            pl.col(n).str.contains("�", literal=True).fill_null(False) for n in frame.columns if n != ROW
        )
        rows.set_aside(bad, "", "it holds bytes that are not UTF-8", "Save the file as UTF-8 and send it again.")
    if damage:
        rows.aside.append(
            _one(
                rows,
                0,
                damage,
                "Send the file again, whole; the rows before the break were kept.",
                tail.decode("utf-8", "replace")[:2000],
            )
        )
    # Spreadsheets save rows below the last one that were once touched: separators and nothing between them.
    blank = pl.all_horizontal(pl.col(n).fill_null("").str.strip_chars() == "" for n in frame.columns if n != ROW)
    rows.frame = rows.frame.filter(~blank)
    rows.raw = rows.raw.filter(~blank)
    return rows


def _left_open(frame: pl.DataFrame, text: bytes, quote: str) -> bool:
    """Whether the last row's last quote is never closed: its field then swallows the end of the file."""
    last = (cell for cell in frame.row(-1) if isinstance(cell, str))
    return text.count(quote.encode()) % 2 == 1 and any(cell.endswith("\n") for cell in last)


def _one(rows: Rows, number: int, what: str, do: str, raw: str) -> pl.DataFrame:
    return SET_ASIDE.build(
        {
            "source_id": [rows.source.source_id],
            "file": [rows.file.name],
            "blob": [rows.file.blob],
            "row": [number],
            "column": [""],
            "what": [what],
            "do": [do],
            "raw": [raw],
        }
    )


def ids(frame: pl.DataFrame, source_id: str, columns: Sequence[str]) -> pl.Series:
    """Stable ids: the source, a colon and 16 hex digits of SHA-256 over the given columns as text.

    The id depends on what was reported, not on file or row, so that the same report in two files is one.
    """
    text = frame.select(pl.concat_str([_text(frame, name) for name in columns], separator="\x1f").alias("t"))["t"]
    digests = [f"{source_id}:{hashlib.sha256(t.encode()).hexdigest()[:16]}" for t in text]
    return pl.Series("id", digests, dtype=pl.String)


def _text(frame: pl.DataFrame, name: str) -> pl.Expr:
    dtype = frame.schema[name]
    if isinstance(dtype, pl.Datetime):
        return pl.col(name).dt.epoch("us").cast(pl.String).fill_null("")
    if dtype.is_float():
        return pl.col(name).round(6).cast(pl.String).fill_null("")
    return pl.col(name).cast(pl.String).fill_null("")
