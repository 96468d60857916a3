"""Who is asking, and what they may do: roles, accounts, sessions, tokens, and the one check of every route.

In: a request. Out: a :class:`Visitor`, or a refusal. The table of roles and actions is ``roles.yaml``; a route says
which action it is with :func:`allowed`, and the server does not start with one that says none.
"""

from teisen.server.access.allowed import Allowed, Declared, action_of, allowed, declared, undeclared
from teisen.server.access.roles import Roles, roles
from teisen.server.access.visitor import CurrentVisitor, Visitor

__all__ = [
    "Allowed",
    "CurrentVisitor",
    "Declared",
    "Roles",
    "Visitor",
    "action_of",
    "allowed",
    "declared",
    "roles",
    "undeclared",
]
