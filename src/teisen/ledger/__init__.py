"""The ledger: the append-only, signed log of what was received and decided, with its blobs.

In: drafts (a type, a subject and bytes). Out: signed entries, blobs, proofs and an audit. May touch only ``errors``
and its own folder; knows no case, no format of a source and no stage. The wall clock is read here and nowhere else.
"""

from teisen.ledger.audit import Summary
from teisen.ledger.entry import ACCESS, DEFINITIONS, REDACTION, SOURCE_FILE, WITHDRAWAL, Author, Blob, Draft, Entry
from teisen.ledger.keys import KEYS_VARIABLE, keys_folder, person_key
from teisen.ledger.ledger import Appended, Ledger
from teisen.ledger.note import Checkpoint, Signer, VerifierKey
from teisen.ledger.past import Past

__all__ = [
    "ACCESS",
    "DEFINITIONS",
    "KEYS_VARIABLE",
    "REDACTION",
    "SOURCE_FILE",
    "WITHDRAWAL",
    "Appended",
    "Author",
    "Blob",
    "Checkpoint",
    "Draft",
    "Entry",
    "Ledger",
    "Past",
    "Signer",
    "Summary",
    "VerifierKey",
    "keys_folder",
    "person_key",
]
