"""Signing in with one's organisation: to its provider of identities and back."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from teisen.languages import text
from teisen.server.access import allowed
from teisen.server.access.provider import LASTS_S, Provider
from teisen.server.access.signing import signing
from teisen.server.pages.forms import SEE_OTHER, led_to, local
from teisen.server.problems import Refusal

router = APIRouter()
BACK = "/sign-in/back"
COOKIE = "teisen-provider"


def _provider(request: Request) -> Provider:
    found: Provider = request.app.state.provider
    if not found.settings.oidc_issuer:
        raise Refusal(404, text("This server has no provider of identities."))
    return found


def _back(request: Request) -> str:
    address = signing(request).settings.address or str(request.base_url).rstrip("/")
    return f"{address}{BACK}"


@router.get("/sign-in/provider", dependencies=[allowed("sign-in")])
def begin(request: Request, follow: str = "/") -> Response:
    """Lead to the provider."""
    url, state = _provider(request).begin(_back(request), local(follow))
    response = RedirectResponse(url, SEE_OTHER)
    response.set_cookie(
        COOKIE,
        state,
        max_age=LASTS_S,
        path=BACK,
        secure=signing(request).settings.secure,
        httponly=True,
        samesite="lax",
    )
    return response


@router.get(BACK, dependencies=[allowed("sign-in")])
def back(request: Request, state: str = "", code: str = "") -> Response:
    """Sign in whom the provider names, if there is an account with that subject."""
    known = signing(request)
    subject, follow = _provider(request).end(_back(request), state, request.cookies.get(COOKIE, ""), code)
    account = known.store.account_of(subject)
    if account is None or not account.active:
        raise Refusal(
            403,
            text("There is no account for you here yet. Tell an administrator your subject: {id}").format(id=subject),
        )
    known.recorded_in(account)
    response = led_to(request, follow)
    known.sessions.begin(response, account, request.cookies.get(known.sessions.cookie, ""))
    response.delete_cookie(COOKIE, path=BACK)
    return response
