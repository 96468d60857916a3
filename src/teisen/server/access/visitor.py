"""Who is asking: role, party, language, and the token that a form has to bring back."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated

from fastapi import Depends, Request

from teisen.languages import LANGUAGES, Words, words
from teisen.server.access.roles import PUBLIC, roles

LANGUAGE = "lang"
"""Name of the parameter and of the cookie that choose a language."""


@dataclass(frozen=True)
class Visitor:
    """Who asks: an account's name (empty: nobody in person), its role and party, and the language they read.

    ``csrf`` goes into every form as the field ``csrf``, or into the header ``X-CSRF-Token``; empty without a session.
    ``scopes`` are the actions that an API token is limited to; None: no token, all of the role.
    """

    role: str = PUBLIC
    name: str = ""
    party: str = ""
    language: str = "en"
    csrf: str = ""
    session: str = field(default="", repr=False)
    scopes: frozenset[str] | None = None

    @property
    def words(self) -> Words:
        """The words of their language."""
        return words(self.language)

    def may(self, action: str) -> bool:
        """Whether the table of roles lets them, and their token too if they came with one."""
        return roles().may(self.role, action) and (self.scopes is None or action in self.scopes)


def language_of(request: Request) -> str:
    """The language asked for: of the address, else of the cookie, else the first of the browser's that there is."""
    asked = request.query_params.get(LANGUAGE) or request.cookies.get(LANGUAGE)
    if asked in LANGUAGES:
        return asked
    for part in request.headers.get("accept-language", "").split(","):
        code = part.partition(";")[0].strip().lower().partition("-")[0]
        if code in LANGUAGES:
            return code
    return LANGUAGES[0]


def current_visitor(request: Request) -> Visitor:
    """Who asks, as the server recognised them before the route was called."""
    found = getattr(request.state, "visitor", None)
    return found if isinstance(found, Visitor) else Visitor(language=language_of(request))


CurrentVisitor = Annotated[Visitor, Depends(current_visitor)]
