"""What a paper is made of; texts are plain, nothing in them is taken for markup."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class Heading:
    """A heading; ``level`` is 1 for a chapter. A level is never left out on the way down."""

    text: str
    level: int = 1


@dataclass(frozen=True)
class Text:
    """A paragraph; ``head`` stands before it in bold."""

    text: str
    head: str = ""
    small: bool = False


@dataclass(frozen=True)
class Notice:
    """A sentence that nobody may overlook."""

    text: str


@dataclass(frozen=True)
class Quote:
    """Somebody's words, in their language (BCP 47; empty: not told)."""

    text: str
    language: str = ""


@dataclass(frozen=True)
class Facts:
    """Terms with what they are, one a line."""

    rows: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Lines:
    """A list; the first of each pair stands in bold, the second after it."""

    items: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Grid:
    """A table: its heads, the relative widths of its columns, which of them are numbers, and its rows."""

    caption: str
    heads: tuple[str, ...]
    widths: tuple[float, ...]
    rows: tuple[tuple[str, ...], ...]
    numbers: frozenset[int] = frozenset()


@dataclass(frozen=True)
class Figure:
    """A drawing (SVG that stands alone), a text that says the same, and its caption."""

    svg: str
    alt: str
    caption: str


Block = Heading | Text | Notice | Quote | Facts | Lines | Grid | Figure


@dataclass(frozen=True)
class Paper:
    """A document.

    Attributes:
        title: of the document, as its first heading and in its metadata.
        subtitle: what kind of document it is.
        language: code of the language that it is written in.
        dated: the day that stands in the metadata; of the document, never of its making.
        banner: stands on the top of every page (empty: none), for what is simulated.
        author: who publishes it.
        foot: stands at the foot of every page.
        blocks: what it says.
    """

    title: str
    subtitle: str
    language: str
    dated: date
    blocks: Sequence[Block]
    banner: str = ""
    author: str = ""
    foot: str = ""
