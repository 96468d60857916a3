"""Webhooks: other programs are told that there is a new state, and come for what is released to them.

A message says that there is something new and how large the ledger is, nothing of what it is: so the release policy is
applied where it always is, when somebody reads. Messages are signed (Standard Webhooks: HMAC-SHA256), sent again with
growing delays until they are taken, and never to an address inside of the network unless that is allowed. Secrets lie
in a file beside the case that its owner alone can read, never in the ledger.
"""

from teisen.server.webhooks.hooks import Hook, Hooks
from teisen.server.webhooks.routes import router
from teisen.server.webhooks.sending import Webhooks

__all__ = ["Hook", "Hooks", "Webhooks", "router"]
