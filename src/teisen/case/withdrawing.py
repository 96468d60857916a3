"""Files taken back: they stay on record, every byte of them, and count no more from then on.

A source sends a corrected file in place of an earlier one, or sent one that was not meant for the case. Nothing leaves
the ledger for that: a further entry says that the file counts no more, and why; another may say that it counts again.
What the case knew before is derived from the entries before that (:mod:`teisen.case.asof`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from teisen.case.folder import WAIT_S, Case
from teisen.case.once import done_before, sealed
from teisen.case.taken_back import RESTORE, WITHDRAW, TakenBack, taken_back
from teisen.errors import BadInput, Problem
from teisen.ledger import SOURCE_FILE, WITHDRAWAL, Draft, Entry, Signer

FORMAT = "teisen-withdrawal/1"
DIGITS = re.compile(r"[0-9a-f]{6,64}")
SHOWN = 5
"""Files that a message names."""


def withdraw(
    case: Case,
    source_id: str,
    files: Sequence[str],
    reason: str,
    *,
    undo: bool = False,
    author: Signer | None = None,
    once: str = "",
    wait_s: float = WAIT_S,
) -> tuple[TakenBack, ...]:
    """Put on record that files of a source count no more, or with ``undo`` that they count again.

    Args:
        case: the case.
        source_id: the source that they came from.
        files: each the name that it was received under, or at least six first digits of its SHA-256 (hex).
        reason: why, for those who read the ledger.
        undo: take an earlier withdrawal back.
        author: who signs the entries; by default the ledger itself.
        once: a text of the author's choice: what they recorded with it before is what they get, and nothing is added.
        wait_s: seconds to wait for another command.

    Raises:
        BadInput: no reason is given; or one of the files is not there, is not the only one of its name, or is so
            already. Nothing is recorded then. NoKey, CaseBusy: as the ledger says.
    """
    if not reason.strip():
        raise BadInput(Problem("", 0, "reason", "no reason is given", "Write why."))
    signed_as = author.name if author else case.ledger.origin
    with case.busy(wait_s):
        entries = case.ledger.entries()
        back = taken_back(entries)
        received = {
            (e.subject, e.blob.sha256): e.blob.name
            for e in entries
            if e.type == SOURCE_FILE and e.blob and e.subject == source_id
        }
        if done := done_before(entries, (WITHDRAWAL,), signed_as, once):
            return tuple(_told(one, received) for one in done)
        chosen: list[tuple[str, str]] = []
        problems: list[Problem] = []
        for file in dict.fromkeys(files):
            try:
                chosen.append(_one(file, received, back, undo=undo))
            except BadInput as error:
                problems += error.problems
        if problems:
            raise BadInput(*problems)
        action = RESTORE if undo else WITHDRAW
        bodies = [
            {"format": FORMAT, "action": action, "blob": blob, "reason": reason.strip()}
            for _, blob in dict.fromkeys(chosen)
        ]
        drafts = [Draft(WITHDRAWAL, source_id, body=body, commitments=sealed(signed_as, once)) for body in bodies]
        added = case.ledger.append(drafts, author=author, wait_s=wait_s)
        entries = case.ledger.entries()
        return tuple(_told(entries[one.index], received) for one in added)


def _told(one: Entry, received: Mapping[tuple[str, str], str]) -> TakenBack:
    blob, again = str(one.body["blob"]), one.body["action"] == RESTORE
    name = received.get((one.subject, blob), "")
    return TakenBack(one.subject, name, blob, str(one.body["reason"]), one.index, again)


def _one(
    file: str,
    received: Mapping[tuple[str, str], str],
    back: Mapping[tuple[str, str], TakenBack],
    *,
    undo: bool,
) -> tuple[str, str]:
    """The one file meant that is not so already."""
    meant = [key for key, name in received.items() if name == file]
    if not meant and DIGITS.fullmatch(file.lower()):
        meant = [key for key in received if key[1].startswith(file.lower())]
    if not meant:
        newest = ", ".join(list(received.values())[-SHOWN:])
        what = "no file of this name was received from this source"
        do = f"The last ones received are: {newest}." if newest else "None was received from it."
        raise BadInput(Problem(file, 0, "", what, do))
    fit = [key for key in meant if (key in back) == undo]
    if not fit:
        what = "it counts already" if undo else f"it is withdrawn already ({back[meant[-1]].reason})"
        raise BadInput(Problem(file, 0, "", what, "Nothing is left to do."))
    if len(fit) > 1:
        digests = ", ".join(blob[:12] for _, blob in fit)
        do = f"Write the first digits of its SHA-256 instead: {digests}."
        raise BadInput(Problem(file, 0, "", f"{len(fit)} files of this source have this name", do))
    return fit[0]
