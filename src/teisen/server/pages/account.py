"""One's own account: password and API tokens; and, for administrators, everybody's accounts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Form, Request, Response

from teisen.server.access import CurrentVisitor, Visitor, allowed, roles
from teisen.server.access.gate import address_of
from teisen.server.access.roles import PUBLIC
from teisen.server.access.sessions import NOT_BY_TOKEN
from teisen.server.access.signing import New, signing
from teisen.server.access.store import Account
from teisen.server.pages.forms import led_to
from teisen.server.pages.rendering import render

router = APIRouter()
Text = Annotated[str, Form(max_length=1000)]


@dataclass(frozen=True)
class TokenRow:
    """A token as its owner sees it."""

    id: str
    label: str
    scopes: str
    until: str


@dataclass(frozen=True)
class OwnAccount:
    """What the page of one's own account shows; ``secret`` is a new token's text, this once."""

    title: str
    tokens: list[TokenRow]
    scopes: list[str]
    secret: str = ""


@dataclass(frozen=True)
class Accounts:
    """What the page of all accounts shows; ``secret`` is a new invitation's address, this once."""

    title: str
    accounts: list[Account]
    roles: list[str]
    parties: list[str]
    secret: str = ""


def _own(request: Request, visitor: Visitor, secret: str = "") -> Response:
    tokens = [
        TokenRow(
            one.id, one.label, ", ".join(sorted(one.scopes)), f"{datetime.fromtimestamp(one.expires, UTC):%Y-%m-%d}"
        )
        for one in signing(request).store.tokens(visitor.name)
    ]
    scopes = [action for action in roles().actions if visitor.may(action) and action not in NOT_BY_TOKEN]
    return render(request, "account.html.j2", OwnAccount("Your account", tokens, scopes, secret))


@router.get("/account", dependencies=[allowed("own-account")])
def own(request: Request, visitor: CurrentVisitor) -> Response:
    """One's own account."""
    return _own(request, visitor)


@router.post("/account/password", dependencies=[allowed("own-account")])
def change_password(request: Request, visitor: CurrentVisitor, old: Text, new: Text) -> Response:
    """Set another password; the session goes on under a new text, all others end."""
    account = signing(request).change_password(visitor, old, new, address_of(request))
    response = led_to(request, "/account")
    signing(request).sessions.begin(response, account, visitor.session)
    return response


@router.post("/account/tokens", dependencies=[allowed("own-account")])
def make_token(
    request: Request,
    visitor: CurrentVisitor,
    label: Text,
    days: Annotated[int, Form()],
    scopes: Annotated[list[str], Form()],
) -> Response:
    """Make an API token and show it, this once."""
    secret, _ = signing(request).make_token(visitor, label, frozenset(scopes), days)
    return _own(request, visitor, secret)


@router.post("/account/tokens/{token}/drop", dependencies=[allowed("own-account")])
def drop_token(request: Request, visitor: CurrentVisitor, token: str) -> Response:
    """Take a token back."""
    signing(request).drop_token(visitor, token)
    return led_to(request, "/account")


def _all(request: Request, secret: str = "") -> Response:
    known = signing(request)
    model = Accounts(
        "Accounts",
        known.store.accounts(),
        [name for name in roles().roles if name != PUBLIC],
        [party.id for party in known.desk.case.definitions.case.parties],
        f"{known.settings.address or str(request.base_url).rstrip('/')}/invitation?secret={secret}" if secret else "",
    )
    return render(request, "accounts.html.j2", model)


@router.get("/accounts", dependencies=[allowed("manage-accounts")])
def everybody(request: Request) -> Response:
    """All accounts."""
    return _all(request)


@router.post("/accounts", dependencies=[allowed("manage-accounts")])
def make(
    *, request: Request, visitor: CurrentVisitor, name: Text, role: Text, party: Text = "", oidc: Text = ""
) -> Response:
    """Make an account and show the invitation, this once."""
    return _all(request, signing(request).make(New(name, role, party, oidc), visitor))


@router.post("/accounts/{name}/invite", dependencies=[allowed("manage-accounts")])
def invite(request: Request, visitor: CurrentVisitor, name: str) -> Response:
    """Invite an account's owner to set a new password."""
    return _all(request, signing(request).invite(name, visitor))


@router.post("/accounts/{name}/stop", dependencies=[allowed("manage-accounts")])
def stop(request: Request, visitor: CurrentVisitor, name: str) -> Response:
    """Stop an account."""
    signing(request).switch(name, False, visitor)
    return led_to(request, "/accounts")


@router.post("/accounts/{name}/open", dependencies=[allowed("manage-accounts")])
def open_again(request: Request, visitor: CurrentVisitor, name: str) -> Response:
    """Open an account again."""
    signing(request).switch(name, True, visitor)
    return led_to(request, "/accounts")
