"""The technical annex: a watch plan for negotiators, as a page, a paper, a map and tables, in their languages.

In: a plan, its patrol programme, signatures and changes, and the terms of an audience. Out: files by name. What may
leave is decided by the terms (:mod:`teisen.release.policy`), once, in :mod:`.cut`; everything else writes what is left.
"""

from teisen.release.annex.annex import annex
from teisen.release.annex.blocks import content
from teisen.release.annex.cut import Cut, cut, leaves
from teisen.release.annex.drawing import MARKS
from teisen.release.annex.page import markup
from teisen.release.annex.wording import sentences

__all__ = ["MARKS", "Cut", "annex", "content", "cut", "leaves", "markup", "sentences"]
