"""How the server runs: from ``TEISEN_SERVER_*`` in the environment or from options; safe where nothing is said."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

from pydantic import Field, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from teisen.errors import BadInput, Problem

PREFIX = "TEISEN_SERVER_"
LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})


class Settings(BaseSettings):
    """Settings of one server.

    Attributes:
        host: address to listen on; by default this machine alone.
        port: port to listen on; 0: any that is free.
        address: address under which people reach it, such as ``https://watch.example.org``; empty: this machine.
        proxy: address of the proxy whose word about who connects is taken, where ``address`` is set.
        accounts: file of accounts and sessions; empty: ``<case folder>.accounts.sqlite`` beside the case.
        session_hours: how long a session lasts without being used.
        body_mb: largest body of a request, in 10^6 bytes; files may have ``file_mb``.
        file_mb: largest file that can be sent.
        requests_per_minute: most requests of one address in a minute, by the address of the connection.
        webhooks_inside: whether webhooks may go to addresses of the own network, and without TLS.
        oidc_issuer: address of an OpenID Connect provider; empty: accounts with passwords alone.
        oidc_client: client id there.
        oidc_secret: client secret there.
    """

    model_config = SettingsConfigDict(env_prefix=PREFIX, extra="ignore")

    host: str = "127.0.0.1"
    port: int = Field(default=8000, ge=0, le=65535)
    address: str = ""
    proxy: str = "127.0.0.1"
    accounts: Path | None = None
    session_hours: float = Field(default=12, gt=0, le=24 * 30)
    body_mb: float = Field(default=1, gt=0)
    file_mb: float = Field(default=64, gt=0)
    requests_per_minute: int = Field(default=1200, gt=0)
    webhooks_inside: bool = False
    oidc_issuer: str = ""
    oidc_client: str = ""
    oidc_secret: str = ""

    @field_validator("address")
    @classmethod
    def _whole(cls, value: str) -> str:
        parts = urlsplit(value)
        if value and (parts.scheme not in ("http", "https") or not parts.hostname or parts.path.strip("/")):
            raise ValueError("write it like https://watch.example.org")
        return value.rstrip("/")

    @property
    def secure(self) -> bool:
        """Whether people reach it over TLS, so that cookies never travel without."""
        return self.address.startswith("https://")

    @property
    def hosts(self) -> frozenset[str]:
        """Names that a request may be addressed to; a name beyond them is another site that points here."""
        named = urlsplit(self.address).hostname
        return LOOPBACK | ({named} if named else set()) | ({self.host} if self.host not in ("0.0.0.0", "::") else set())  # noqa: S104

    def check(self) -> None:
        """Refuse to serve beyond this machine without TLS in front.

        Raises:
            BadInput: it would listen to the network without an ``https://`` address.
        """
        if self.host not in LOOPBACK and not self.secure:
            what = f"listening on {self.host} without TLS would show passwords and sessions to the network"
            do = f"Put a proxy with TLS in front and write its https address as {PREFIX}ADDRESS, or leave --host out."
            raise BadInput(Problem("--host", 0, "", what, do))
