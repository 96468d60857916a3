"""What parties and others say about an agreement's terms, as data: a term, and one stance on it."""

from __future__ import annotations

from typing import Annotated, Literal, get_args

from pydantic import Field, model_validator

from teisen.agreement.vocabulary import Id
from teisen.agreement.windows import LocalTime, Zone
from teisen.documents import Strict

Text = Annotated[str, Field(min_length=1)]
Language = Annotated[str, Field(pattern=r"^[a-z]{2,3}(-[A-Za-z0-9]+)*$")]
Mark = Literal["sourced", "background", "computed"]
Stance = Literal["accepts", "rejects", "conditional", "contradicts", "silent"]
STANCES: tuple[str, ...] = get_args(Stance)
SILENT = "silent"


class Term(Strict):
    """Something that the sides have to agree on: scope, start, verification."""

    id: Id
    title: Text


class Position(Strict):
    """What somebody said about one term, as reported; never whether it is right.

    ``statement`` names a statement of the agreement, whose date, language, text, citation, link and mark hold where the
    position gives none; without it the position brings them itself. ``value`` is what is stated in few words, the same
    words for the same thing: positions that give different values differ. ``contradicts`` is said against another's
    statement; ``silent`` is a statement that leaves the term out. ``about_call`` is one id for all who describe the
    same call or meeting. A ``date`` that is known nowhere stays empty; its clock is that of ``zone``, or UTC.
    """

    id: Id
    who: Text
    term: Id
    stance: Stance
    value: Text | None = None
    condition: Text | None = None
    date: LocalTime | None = None
    zone: Zone | None = None
    language: Language | None = None
    text: Text | None = None
    statement: Id | None = None
    citation: Text | None = None
    mark: Mark | None = None
    link: Annotated[str, Field(pattern=r"^https?://")] | None = None
    archive_sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")] | None = None
    about_call: Id | None = None

    @model_validator(mode="after")
    def _sound(self) -> Position:
        if self.statement is None and not (self.citation and self.language and self.text and self.mark):
            raise ValueError(
                "a position needs `statement:` with the id of a statement, or its own citation, language, text and mark"
            )
        if (self.stance == "conditional") != (self.condition is not None):
            raise ValueError("`condition:` goes with `stance: conditional`, and that stance needs one")
        if self.stance == SILENT and self.value is not None:
            raise ValueError("a silent position states no `value:`; remove it, or write another stance")
        return self
