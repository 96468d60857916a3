"""Signing in at a provider of identities (OpenID Connect Core 1.0, authorization code with PKCE, RFC 7636).

The provider says who somebody is; what they may do says the account here that carries the provider's subject. Nobody
gets an account by signing in there.
"""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock
from typing import Any
from urllib.parse import quote, urlencode

import httpx
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from teisen.languages import text
from teisen.server.problems import Refusal
from teisen.server.settings import Settings

ALGORITHMS = ["RS256", "ES256", "PS256", "EdDSA"]
"""Signatures that are taken; never ``none`` and never a shared secret."""
LASTS_S = 600
MOST_PENDING = 1_000
SLACK_S = 120
TIMEOUT_S = 10.0
WELL_KNOWN = "/.well-known/openid-configuration"


@dataclass(frozen=True)
class Pending:
    """A sign-in that was begun: what has to come back, and where it leads."""

    nonce: str
    verifier: str
    follow: str
    begun: float


class Provider:
    """One provider. ``transport`` is how it is reached; by default over the network."""

    def __init__(
        self,
        settings: Settings,
        transport: httpx.BaseTransport | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.settings, self.transport, self.clock = settings, transport, clock
        self._pending: dict[str, Pending] = {}
        self._lock = Lock()

    def begin(self, redirect: str, follow: str) -> tuple[str, str]:
        """Where to lead the browser, and the state that it has to bring back in a cookie as well.

        Raises:
            Refusal: the provider cannot be reached (503).
        """
        state, verifier, nonce = (secrets.token_urlsafe(size) for size in (24, 48, 24))
        with self._client() as client:
            page = self._described(client)["authorization_endpoint"]
        asked = {
            "response_type": "code",
            "scope": "openid",
            "client_id": self.settings.oidc_client,
            "redirect_uri": redirect,
            "state": state,
            "nonce": nonce,
            "code_challenge": to_url64(hashlib.sha256(verifier.encode()).digest()),
            "code_challenge_method": "S256",
        }
        url = f"{page}{'&' if '?' in page else '?'}{urlencode(asked)}"
        now = self.clock()
        with self._lock:
            self._pending = {k: p for k, p in self._pending.items() if p.begun > now - LASTS_S}
            if len(self._pending) >= MOST_PENDING:
                raise Refusal(503, text("Too many are signing in. Try again in a while."))
            self._pending[state] = Pending(nonce, verifier, follow, now)
        return url, state

    def end(self, redirect: str, state: str, cookie: str, code: str) -> tuple[str, str]:
        """The subject that signed in, and where the browser was to be led.

        Raises:
            Refusal: what came back is not what was begun in this browser, or the provider's word does not hold.
        """
        with self._lock:
            pending = self._pending.pop(state, None)
        if pending is None or not secrets.compare_digest(state.encode(), cookie.encode()):
            raise Refusal(403, text("That sign-in was not begun here, or is too old. Begin again."))
        if pending.begun < self.clock() - LASTS_S:
            raise Refusal(403, text("That sign-in is too old. Begin again."))
        try:
            with self._client() as client:
                known = self._described(client)
                answer = self._exchanged(client, known["token_endpoint"], redirect, code, pending.verifier)
                keys = KeySet.import_key_set(client.get(known["jwks_uri"]).raise_for_status().json())
            claims = jwt.decode(str(answer["id_token"]), keys, algorithms=ALGORITHMS).claims
        except (JoseError, httpx.HTTPError, KeyError, ValueError, TypeError):
            raise Refusal(403, text("The provider did not confirm who you are. Begin again.")) from None
        return self._subject(claims, pending), pending.follow

    def _subject(self, claims: dict[str, Any], pending: Pending) -> str:
        """The subject, after the checks of OpenID Connect Core, section 3.1.3.7."""
        now, audience = self.clock(), claims.get("aud")
        audiences = audience if isinstance(audience, list) else [audience]
        party = claims.get("azp", self.settings.oidc_client)
        holds = (
            claims.get("iss") == self.settings.oidc_issuer
            and self.settings.oidc_client in audiences
            and (len(audiences) == 1 or "azp" in claims)
            and party == self.settings.oidc_client
            and isinstance(claims.get("exp"), int | float)
            and claims["exp"] > now - SLACK_S
            and isinstance(claims.get("iat"), int | float)
            and abs(claims["iat"] - now) < LASTS_S + SLACK_S
            and secrets.compare_digest(str(claims.get("nonce", "")).encode(), pending.nonce.encode())
        )
        subject = claims.get("sub")
        if not holds or not isinstance(subject, str) or not 0 < len(subject) <= 255:
            raise Refusal(403, text("The provider did not confirm who you are. Begin again."))
        return subject

    def _client(self) -> httpx.Client:
        return httpx.Client(timeout=TIMEOUT_S, transport=self.transport)

    def _exchanged(self, client: httpx.Client, at: str, redirect: str, code: str, verifier: str) -> dict[str, Any]:
        """The provider's answer to a code."""
        sent = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": redirect,
            "client_id": self.settings.oidc_client,
            "code_verifier": verifier,
        }
        secret = self.settings.oidc_secret
        auth = (quote(self.settings.oidc_client, safe=""), quote(secret, safe="")) if secret else None
        answer = client.post(at, data=sent, auth=auth or httpx.USE_CLIENT_DEFAULT).raise_for_status()
        found: dict[str, Any] = answer.json()
        return found

    def _described(self, client: httpx.Client) -> dict[str, Any]:
        try:
            found = client.get(self.settings.oidc_issuer.rstrip("/") + WELL_KNOWN)
            known: dict[str, Any] = found.raise_for_status().json()
        except (httpx.HTTPError, json.JSONDecodeError):
            raise Refusal(503, text("The provider of identities cannot be reached.")) from None
        if known.get("issuer") != self.settings.oidc_issuer:
            raise Refusal(503, text("The provider of identities says that it is another one."))
        return known


def to_url64(data: bytes) -> str:
    """Base64 for addresses, without padding (RFC 7636, appendix A)."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")
