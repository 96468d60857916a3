"""Signing in and out, the first account, and invitations."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Form, Request, Response

from teisen.languages import text
from teisen.server.access import CurrentVisitor, allowed
from teisen.server.access.gate import address_of
from teisen.server.access.sessions import form_cookie, give_form_cookie, new_form_text
from teisen.server.access.signing import signing
from teisen.server.access.store import Account
from teisen.server.pages.forms import led_to, local
from teisen.server.pages.rendering import render
from teisen.server.problems import Refusal

router = APIRouter()
Text = Annotated[str, Form(max_length=1000)]


@dataclass(frozen=True)
class SignIn:
    """What the pages show: which of them, the text that comes back with the form, and what was wrong."""

    title: str
    path: str
    csrf: str
    secret: str = ""
    follow: str = "/"
    wrong: str = ""
    provider: bool = False


def _shown(request: Request, page: str, status: int = 200, wrong: str = "", secret: str = "") -> Response:
    settings, titles = signing(request).settings, {"/sign-in": "Sign in", "/set-up": "First account"}
    csrf = request.cookies.get(form_cookie(settings)) or new_form_text()
    follow = local(request.query_params.get("follow", "/"))
    title = titles.get(page, "Set a password")
    model = SignIn(title, page, csrf, secret, follow, wrong, bool(settings.oidc_issuer))
    response = render(request, "sign_in.html.j2", model, status=status)
    give_form_cookie(response, settings, csrf)
    return response


def _signed_in(request: Request, account: Account, follow: str = "/") -> Response:
    response = led_to(request, follow)
    sessions = signing(request).sessions
    sessions.begin(response, account, request.cookies.get(sessions.cookie, ""))
    return response


@router.get("/sign-in", dependencies=[allowed("sign-in")])
def form(request: Request) -> Response:
    """The form to sign in."""
    return _shown(request, "/sign-in")


@router.post("/sign-in", dependencies=[allowed("sign-in")])
def sign_in(request: Request, name: Text, password: Text, follow: Text = "/") -> Response:
    """Sign in; the session is a new one, whatever the browser brought."""
    try:
        account = signing(request).sign_in(name, password, address_of(request))
    except Refusal as refusal:
        shown = _shown(request, "/sign-in", refusal.status, refusal.detail)
        shown.headers.update(refusal.headers or {})
        return shown
    return _signed_in(request, account, follow)


@router.post("/sign-out", dependencies=[allowed("own-account")])
def sign_out(request: Request, visitor: CurrentVisitor) -> Response:
    """Sign out."""
    signing(request).signed_out(visitor)
    response = led_to(request, "/")
    signing(request).sessions.end(response, visitor)
    return response


@router.get("/set-up", dependencies=[allowed("sign-in")])
def set_up_form(request: Request, setup: str = "") -> Response:
    """The form for the first account."""
    if not signing(request).setup:
        raise Refusal(404, text("The first account was made already."))
    return _shown(request, "/set-up", secret=setup)


@router.post("/set-up", dependencies=[allowed("sign-in")])
def set_up(request: Request, secret: Text, name: Text, password: Text) -> Response:
    """Make the first account."""
    try:
        account = signing(request).make_first(secret, name, password)
    except Refusal as refusal:
        return _shown(request, "/set-up", refusal.status, refusal.detail, secret)
    signing(request).recorded_in(account)
    return _signed_in(request, account)


@router.get("/invitation", dependencies=[allowed("sign-in")])
def invitation_form(request: Request, secret: str = "") -> Response:
    """The form to set a password."""
    return _shown(request, "/invitation", secret=secret)


@router.post("/invitation", dependencies=[allowed("sign-in")])
def invitation(request: Request, secret: Text, password: Text) -> Response:
    """Set a password by an invitation."""
    try:
        signing(request).accept(secret, password)
    except Refusal as refusal:
        return _shown(request, "/invitation", refusal.status, refusal.detail, secret)
    return led_to(request, "/sign-in")
