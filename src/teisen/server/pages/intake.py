"""Intake: an observer's report, which works on a phone and offline; files of a source; a party's allegation."""

from __future__ import annotations

from dataclasses import dataclass

from fastapi import APIRouter, Request, Response

from teisen.observation import vocabulary
from teisen.server.access import CurrentVisitor, Visitor, allowed
from teisen.server.current import CurrentView
from teisen.server.pages.rendering import render
from teisen.server.view import View
from teisen.server.writing.forms import Field, fields_of

router = APIRouter()


@dataclass(frozen=True)
class FieldShown:
    """A field of a form with its words as (value, title)."""

    name: str
    form: str
    required: bool
    words: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class FormShown:
    """A form: the source that it fills, and where it goes."""

    source: str
    title: str
    action: str
    fields: tuple[FieldShown, ...]


@dataclass(frozen=True)
class Intake:
    """The page: reports that can be filed, and sources whose files can be sent."""

    title: str
    forms: tuple[FormShown, ...]
    sources: tuple[tuple[str, str], ...]
    party: str


def intake(view: View, visitor: Visitor) -> Intake:
    """The observers' page."""
    forms: list[FormShown] = []
    if visitor.may("report"):
        forms = [_form(view, source, f"/acts/report/{source}") for source in view.case.intake.reports]
    sources: tuple[tuple[str, str], ...] = ()
    if visitor.may("upload"):
        names = view.case.intake.files or tuple(source.id for source in view.case.sources)
        sources = tuple((name, view.about.source_title(name)) for name in names)
    return Intake("Report", tuple(forms), sources, "")


def allege(view: View, visitor: Visitor) -> Intake:
    """The liaison's page."""
    source = view.case.intake.allegations.get(visitor.party, "")
    forms = (_form(view, source, "/acts/allege"),) if source else ()
    return Intake("Allege", forms, (), view.about.name_of(visitor.party))


def _form(view: View, source: str, action: str) -> FormShown:
    fields = tuple(_field(one, view) for one in fields_of(view.sources[source]))
    return FormShown(source, view.about.source_title(source), action, fields)


def _field(one: Field, view: View) -> FieldShown:
    known = vocabulary()
    titles = {name: kind.title for name, kind in known.kinds.items()}
    titles |= {name: item.title for name, item in known.target_classes.items()}
    titles |= {name: item.title for name, item in known.weapons.items()}
    titles |= {party.id: party.name for party in view.about.parties}
    return FieldShown(one.name, one.form, one.required, tuple((word, titles.get(word, word)) for word in one.words))


@router.get("/intake", dependencies=[allowed("report")])
def page(request: Request, view: CurrentView, visitor: CurrentVisitor) -> Response:
    """The forms of an observer."""
    return render(request, "intake.html.j2", intake(view, visitor))


@router.get("/allege", dependencies=[allowed("allege")])
def liaison(request: Request, view: CurrentView, visitor: CurrentVisitor) -> Response:
    """The form of a party's liaison."""
    return render(request, "intake.html.j2", allege(view, visitor))
