"""Paper: a document of headings, text, tables and drawings as a PDF, the same bytes for the same document.

In: a :class:`Paper`, made of blocks. Out: the bytes of a tagged PDF (PDF/UA-1 and PDF/A-2a), set by Typst with fonts
that come as packages; nothing of the system, no clock and no network. Knows no table and no report: the daily report
and the annex of a watch plan are written with it.
"""

from teisen.release.paper.blocks import Block, Facts, Figure, Grid, Heading, Lines, Notice, Paper, Quote, Text
from teisen.release.paper.drawing import standalone
from teisen.release.paper.typesetting import pdf

__all__ = [
    "Block",
    "Facts",
    "Figure",
    "Grid",
    "Heading",
    "Lines",
    "Notice",
    "Paper",
    "Quote",
    "Text",
    "pdf",
    "standalone",
]
