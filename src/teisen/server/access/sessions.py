"""From a cookie or a token to who is asking; cookies as they are set."""

from __future__ import annotations

import secrets

from fastapi import Response

from teisen.server.access.roles import LIAISON
from teisen.server.access.store import Account, Store
from teisen.server.access.visitor import Visitor
from teisen.server.settings import Settings

LONGEST_HOURS = 24 * 7
"""A session ends then, however busy it is."""
NOT_BY_TOKEN = frozenset({"own-account", "manage-accounts", "sign-in"})
"""Actions that no token may do: a stolen one must not make others, nor accounts."""


class Sessions:
    """Recognises who is asking, by what the store knows."""

    def __init__(self, store: Store, settings: Settings) -> None:
        self.store, self.settings = store, settings
        self.cookie = "__Host-teisen" if settings.secure else "teisen"

    def of_cookie(self, secret: str, language: str) -> Visitor | None:
        """Who has a session of that text; None: nobody, or not any more."""
        session = self.store.session(secret, self.settings.session_hours * 3600, LONGEST_HOURS * 3600)
        account = self.store.account(session.account) if session else None
        if session is None or account is None or not account.active:
            return None
        return _visitor(account, language, csrf=session.csrf, session=secret)

    def of_token(self, secret: str, language: str) -> Visitor | None:
        """Who has a token of that text; None: nobody, or not any more."""
        token = self.store.token(secret)
        account = self.store.account(token.account) if token else None
        if token is None or account is None or not account.active:
            return None
        return _visitor(account, language, scopes=token.scopes - NOT_BY_TOKEN)

    def begin(self, response: Response, account: Account, before: str = "") -> None:
        """Begin a session with a text of its own, whatever the browser brought, and put it into a cookie."""
        secret = self.store.begin(account.name, before)
        response.set_cookie(self.cookie, secret, path="/", secure=self.settings.secure, httponly=True, samesite="lax")

    def end(self, response: Response, visitor: Visitor) -> None:
        """End a session."""
        self.store.end(visitor.session)
        response.delete_cookie(self.cookie, path="/", secure=self.settings.secure, httponly=True, samesite="lax")


def form_cookie(settings: Settings) -> str:
    """Name of the cookie that a form of somebody without a session has to agree with."""
    return "__Host-teisen-form" if settings.secure else "teisen-form"


def give_form_cookie(response: Response, settings: Settings, value: str) -> None:
    """Put the text that such a form brings back into a cookie."""
    response.set_cookie(
        form_cookie(settings), value, path="/", secure=settings.secure, httponly=True, samesite="strict"
    )


def new_form_text() -> str:
    """A text for such a form."""
    return secrets.token_urlsafe(24)


def _visitor(
    account: Account, language: str, *, csrf: str = "", session: str = "", scopes: frozenset[str] | None = None
) -> Visitor:
    party = account.party if account.role == LIAISON else ""
    return Visitor(account.role, account.name, party, language, csrf, session, scopes)
