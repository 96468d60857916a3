"""One sheet of a workbook, or of a ZIP of CSV files, with the columns of the rows that its rows belong to.

Forms that are filled on phones leave several tables: a row for each form, and, of what is asked again and again, a row
for each time with the number of its form. KoboToolbox writes them as sheets (``_index``, ``_parent_table_name``,
``_parent_index``), ODK Central as files of a ZIP (``KEY``, ``PARENT_KEY``). Here each row of a sheet has the columns of
its form too; where both have a heading the row's own counts.
"""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import PurePosixPath
from typing import Any

import polars as pl
from python_calamine import CalamineError, CalamineWorkbook

from teisen.errors import BadInput, Problem
from teisen.sources.reader import Source, SourceFile
from teisen.sources.rows import LARGEST_FILE, ROW, Rows, read_csv

ZIP = b"PK\x03\x04"
OLD_WORKBOOK = b"\xd0\xcf\x11\xe0"
LONGEST_NAME = 31
"""Letters of a sheet's name; longer names of forms are cut."""
LINKS = (("_parent_index", "_index"), ("PARENT_KEY", "KEY"))
"""The column of a row that names its form, and the form's own."""
IN_FORM = "@in_form"
"""Column that tells the rows of a form apart: its id and which of its rows it is. Two kinds of guns of which there are
twelve each are two rows, also where nothing else that a mapping reads tells them apart."""
FORM_IDS = ("_submission__uuid", "_submission__id")
NO_FORM = "the form that it belongs to is not in the file"


def holds_sheets(file: SourceFile) -> bool:
    """Whether a file is a workbook or a ZIP."""
    return file.content.startswith((ZIP, OLD_WORKBOOK))


def read_sheet(
    file: SourceFile, source: Source, columns: Iterable[str], *, sheet: str | None, delimiter: str = ","
) -> Rows:
    """Rows of one sheet (none named: the first), as :func:`teisen.sources.rows.read_csv` gives them.

    Args:
        columns: headings that the sheet or its forms must have.
        sheet: its name; of a ZIP the name of a file without ``.csv``, or what follows the last hyphen of it.
        delimiter: of the files of a ZIP.

    Raises:
        BadInput: it is no workbook and no ZIP of CSV files, has no such sheet, or a heading is missing.
    """
    book = _Book(_texts(file, delimiter), file, source, delimiter)
    rows = book.rows(book.named(sheet))
    missing = [name for name in dict.fromkeys(columns) if name not in rows.frame.columns]
    if missing:
        has = ", ".join(name for name in rows.frame.columns if name != ROW)
        what, do = (
            f"the sheet lacks {', '.join(missing)}; it has {has}",
            "Correct the headings, or name another `sheet:`.",
        )
        raise BadInput(Problem(rows.file.name, 1, ", ".join(missing), what, do))
    return rows


def _texts(file: SourceFile, delimiter: str) -> Mapping[str, bytes]:
    """Each sheet as CSV, by its name, in the order of the file.

    Raises:
        BadInput: it is neither, or is damaged.
    """
    damaged = BadInput(Problem(file.name, 0, "", "it is no whole workbook and no whole ZIP", "Send the file again."))
    if file.content.startswith(ZIP):
        try:
            with zipfile.ZipFile(io.BytesIO(file.content)) as held:
                names = held.namelist()
                if "[Content_Types].xml" not in names:
                    tables = [one for one in held.infolist() if one.filename.lower().endswith(".csv")]
                    if sum(one.file_size for one in tables) > LARGEST_FILE:
                        what = f"it unpacks to more than {LARGEST_FILE >> 30} GiB"
                        raise BadInput(Problem(file.name, 0, "", what, "Split the file into smaller ones."))
                    return {PurePosixPath(one.filename).stem: held.read(one) for one in tables}
        except (zipfile.BadZipFile, EOFError, NotImplementedError, RuntimeError, OSError):
            raise damaged from None
    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(file.content))
        return {name: _csv(book.get_sheet_by_name(name).to_python(), delimiter) for name in book.sheet_names}
    except (CalamineError, OSError, ValueError):
        raise damaged from None


def _csv(cells: list[list[Any]], delimiter: str) -> bytes:
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter, lineterminator="\n").writerows([_text(cell) for cell in row] for row in cells)
    return text.getvalue().encode()


def _text(cell: Any) -> str:
    """A cell as it is shown: whole numbers without decimals, days and moments in ISO 8601."""
    if isinstance(cell, bool):
        return str(int(cell))
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 1e15:
        return str(int(cell))
    if isinstance(cell, datetime | date):
        midnight = isinstance(cell, datetime) and cell.time() == datetime.min.time()
        return cell.date().isoformat() if midnight and isinstance(cell, datetime) else cell.isoformat()
    return str(cell)


@dataclass(frozen=True)
class _Book:
    texts: Mapping[str, bytes]
    file: SourceFile
    source: Source
    delimiter: str

    def named(self, sheet: str | None) -> str:
        """The whole name of a sheet."""
        if sheet is None and self.texts:
            return min(self.texts, key=len) if self.is_zip else next(iter(self.texts))
        fits = [name for name in self.texts if sheet in (name, name.rpartition("-")[2])]
        if sheet is not None and len(fits) == 1:
            return fits[0]
        has = ", ".join(self.texts) or "none"
        what = f"it has no sheet {sheet!r}; it has {has}" if sheet else "it holds no sheet"
        raise BadInput(Problem(self.file.name, 0, "", what, "Write `sheet:` with one of its names into the mapping."))

    @property
    def is_zip(self) -> bool:
        """Whether it is a ZIP of files: the one of the forms has the shortest name."""
        return b"[Content_Types].xml" not in self.file.content and self.file.content.startswith(ZIP)

    def rows(self, name: str) -> Rows:
        """The rows of a sheet with the columns of their forms."""
        file = SourceFile(f"{self.file.name}, {name}", self.file.blob, self.texts[name])
        rows = read_csv(file, self.source, (), delimiter=self.delimiter)
        for link, own in LINKS:
            if link in rows.frame.columns and (parent := self._parent(rows.frame, name)) is not None:
                forms = self.rows(parent).frame.drop(ROW)
                fresh = [n for n in forms.columns if n not in rows.frame.columns and n != own]
                forms = forms.select(pl.col(own).alias(link), *fresh, pl.lit(value=True).alias("_form"))
                joined = rows.frame.join(forms.unique(link, keep="first"), on=link, how="left", maintain_order="left")
                rows.frame = joined
                rows.set_aside(pl.col("_form").is_null(), link, NO_FORM, "Export the forms with what they hold.")
                form = next((n for n in FORM_IDS if n in rows.frame.columns), link)
                nth = pl.int_range(1, pl.len() + 1).over(form).cast(pl.String)
                rows.frame = rows.frame.drop("_form").with_columns(
                    pl.concat_str(form, nth, separator="/").alias(IN_FORM)
                )
                rows.raw = joined.drop("_form")
        return rows

    def _parent(self, frame: pl.DataFrame, name: str) -> str | None:
        """The sheet of the forms that rows belong to: the one they name, else the one whose keys they have."""
        told = frame["_parent_table_name"].drop_nulls().first() if "_parent_table_name" in frame.columns else None
        fits = [one for one in self.texts if one != name and told and one in (told, str(told)[:LONGEST_NAME])]
        if fits:
            return fits[0]
        others = [one for one in self.texts if one != name]
        if "PARENT_KEY" in frame.columns:
            keys = set(frame["PARENT_KEY"])
            return next((one for one in others if keys & set(self._keys(one))), None)
        return others[0] if others else None

    def _keys(self, name: str) -> list[str]:
        file = SourceFile(name, self.file.blob, self.texts[name])
        frame = read_csv(file, self.source, (), delimiter=self.delimiter).frame
        return frame["KEY"].to_list() if "KEY" in frame.columns else []
