"""What happens with accounts: the first one, invitations, signing in and out, tokens; each of it goes on record."""

from __future__ import annotations

import hmac
import logging
import re
import secrets
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from fastapi import Request

from teisen.errors import CaseBusy, NoKey
from teisen.languages import text
from teisen.server.access import delays
from teisen.server.access.passwords import fits, hashed, weakness
from teisen.server.access.roles import LIAISON, PUBLIC, roles
from teisen.server.access.sessions import NOT_BY_TOKEN, Sessions
from teisen.server.access.store import SECRET_BYTES, Account, Store, Token
from teisen.server.access.visitor import Visitor
from teisen.server.problems import Refusal
from teisen.server.settings import Settings
from teisen.server.writing.desk import Desk

log = logging.getLogger("teisen.server")
NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")
INVITED_S = 7 * 24 * 3600.0
TOKEN_DAYS = (1, 365)
WRONG = text("The name or the password is wrong.")


@dataclass(frozen=True)
class New:
    """An account to be made."""

    name: str
    role: str
    party: str = ""
    oidc: str = ""


class Signing:
    """Accounts of one server, over its store and its desk.

    ``setup`` is the text that the first account is made with, shown in the terminal; empty once there is an account.
    """

    def __init__(self, store: Store, desk: Desk, settings: Settings) -> None:
        self.store, self.desk, self.settings = store, desk, settings
        self.sessions = Sessions(store, settings)
        self._later = ThreadPoolExecutor(1, "on record later")
        self.setup = "" if store.accounts() else secrets.token_urlsafe(SECRET_BYTES)

    def make_first(self, setup: str, name: str, password: str) -> Account:
        """The first administrator, by whoever reads the terminal.

        Raises:
            Refusal: the text is not the one that was shown, there is an account already, or name or password won't do.
        """
        if not self.setup or not hmac.compare_digest(setup.encode(), self.setup.encode()):
            raise Refusal(
                403, text("That is not the text that the terminal shows, or the first account was made already.")
            )
        self._check(New(name, "administrator"))
        _check_password(password, name)
        account = Account(name, "administrator", "", hashed(password), "", active=True)
        self.desk.recorded("first-account", name, role=account.role)
        if not self.store.add_first(account):
            raise Refusal(409, text("The first account was made already."))
        self.setup = ""
        return account

    def make(self, new: New, by: Visitor) -> str:
        """An account, without a password; returns the text of the invitation to set one.

        Raises:
            Refusal: it won't do, or there is one of that name.
        """
        self._check(new)
        if self.store.account(new.name) or (new.oidc and self.store.account_of(new.oidc)):
            raise Refusal(409, text("There is an account of that name or subject."))
        self.desk.recorded("account-made", new.name, by=by.name, role=new.role, party=new.party)
        if not self.store.add(Account(new.name, new.role, new.party, "", new.oidc, active=True)):
            raise Refusal(409, text("There is an account of that name or subject."))
        return self.store.invite(new.name, INVITED_S)

    def invite(self, name: str, by: Visitor) -> str:
        """A new invitation for an account whose password is lost.

        Raises:
            Refusal: there is no such account.
        """
        account = self._account(name)
        self.desk.recorded("invited", name, by=by.name, role=account.role, party=account.party)
        return self.store.invite(name, INVITED_S)

    def switch(self, name: str, active: bool, by: Visitor) -> None:
        """Stop an account, or open it again; its sessions and tokens end.

        Raises:
            Refusal: there is no such account, or it is one's own.
        """
        account = self._account(name)
        if name == by.name:
            raise Refusal(409, text("Nobody stops their own account."))
        self.desk.recorded(
            "account-opened" if active else "account-stopped", name, by=by.name, role=account.role, party=account.party
        )
        self.store.change(name, active=active)

    def accept(self, invitation: str, password: str) -> Account:
        """Set a password by an invitation.

        Raises:
            Refusal: the invitation is not known or over, or the password won't do.
        """
        name = self.store.invited(invitation)
        account = self.store.account(name) if name else None
        if account is None or not account.active:
            raise Refusal(403, text("That invitation is not known, or no longer valid. Ask for another one."))
        _check_password(password, account.name)
        self.desk.recorded("password-set", account.name, role=account.role, party=account.party)
        self.store.change(account.name, password=hashed(password))
        return account

    def change_password(self, visitor: Visitor, old: str, new: str, address: str) -> Account:
        """Set another password; all sessions of the account end.

        Raises:
            Refusal: the old one is wrong, too many wrong ones came, or the new one won't do.
        """
        account = self._proved(visitor.name, old, address)
        _check_password(new, account.name)
        self.desk.recorded("password-set", account.name, role=account.role, party=account.party)
        self.store.change(account.name, password=hashed(new))
        return account

    def sign_in(self, name: str, password: str, address: str) -> Account:
        """Whose name and password these are.

        Raises:
            Refusal: nobody's (401), or too many wrong ones came (429). Neither says whether there is such an account.
        """
        account = self._proved(name, password, address)
        self.recorded_in(account)
        return account

    def recorded_in(self, account: Account) -> None:
        """Put on record that somebody signed in."""
        self.desk.recorded("sign-in", account.name, role=account.role, party=account.party)

    def signed_out(self, visitor: Visitor) -> None:
        """Put on record that somebody signed out."""
        self.desk.recorded("sign-out", visitor.name, role=visitor.role, party=visitor.party)

    def make_token(self, visitor: Visitor, label: str, scopes: frozenset[str], days: int) -> tuple[str, Token]:
        """An API token of a person, for some of what the role may do.

        Raises:
            Refusal: a scope is not the role's, or not for tokens.
        """
        may = {action for action in roles().actions if visitor.may(action)} - NOT_BY_TOKEN
        if not scopes or not scopes <= may:
            raise Refusal(422, text("A token is for one or more of {columns}.").format(columns=", ".join(sorted(may))))
        if not TOKEN_DAYS[0] <= days <= TOKEN_DAYS[1] or not 1 <= len(label) <= 100:
            raise Refusal(422, text("A token has a label of up to 100 letters and lasts 1 to 365 days."))
        self.desk.recorded("token-made", visitor.name, role=visitor.role, party=visitor.party)
        return self.store.make_token(visitor.name, label, scopes, days * 86400.0)

    def drop_token(self, visitor: Visitor, id_: str) -> None:
        """Take a token back.

        Raises:
            Refusal: the person has none of that id.
        """
        if not self.store.drop_token(visitor.name, id_):
            raise Refusal(404, text("You have no such token."))
        self.desk.recorded("token-dropped", visitor.name, role=visitor.role, party=visitor.party)

    def _proved(self, name: str, password: str, address: str) -> Account:
        wait = delays.wait_s(self.store, name, address)
        if wait:
            raise Refusal(
                429, text("Too many wrong passwords. Wait a while."), headers={"Retry-After": str(int(wait) + 1)}
            )
        account = self.store.account(name)
        right = fits(account.password if account and account.active else "", password)
        if account is None or not right:
            if delays.failed(self.store, name, address) and account:
                self._later.submit(self._delayed, account)
            raise Refusal(401, WRONG)
        delays.succeeded(self.store, name, address)
        return account

    def _delayed(self, account: Account) -> None:
        """Put on record that tries for an account have to wait: beside the answer, which would tell that there is such
        an account by when it comes, or by failing where the case is busy."""
        try:
            self.desk.recorded("delayed", account.name, role=account.role, party=account.party)
        except (CaseBusy, NoKey) as error:
            log.warning("not on record that tries for %s are delayed: %s", account.name, error)

    def settled(self) -> None:
        """Wait until what is put on record beside answers stands there."""
        self._later.submit(lambda: None).result()

    def _account(self, name: str) -> Account:
        found = self.store.account(name)
        if found is None:
            raise Refusal(404, text("There is no such account."))
        return found

    def _check(self, new: New) -> None:
        file = self.desk.case.definitions.case
        if not NAME.fullmatch(new.name):
            raise Refusal(422, text("A name has up to 64 lower-case letters, digits, dots, dashes and underscores."))
        if new.role not in roles().roles or new.role == PUBLIC:
            known = ", ".join(name for name in roles().roles if name != PUBLIC)
            raise Refusal(422, text("A role is one of {columns}.").format(columns=known))
        if (new.role == LIAISON) != (new.party in {party.id for party in file.parties}):
            raise Refusal(422, text("A party liaison, and nobody else, has a party of this case."))
        if new.role != LIAISON and new.party:
            raise Refusal(422, text("A party liaison, and nobody else, has a party of this case."))
        if len(new.oidc) > 255:
            raise Refusal(422, text("The provider's subject is too long."))


def signing(request: Request) -> Signing:
    """The accounts of the app."""
    found: Signing = request.app.state.signing
    return found


def _check_password(password: str, name: str) -> None:
    weak = weakness(password, name)
    if weak:
        raise Refusal(422, weak)
