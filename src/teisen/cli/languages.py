"""The command languages: what catalogues lack, as entries for a translator to fill in."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

import teisen
from teisen.cli.terminal import AsJson, result, say
from teisen.decision import life_cycle
from teisen.evaluation.trials import load_trials
from teisen.languages import LANGUAGES, Words, words
from teisen.languages.wanted import Wanted, gaps, wanted
from teisen.observation import vocabulary

One = Annotated[str | None, typer.Argument(help=f"One language: {', '.join(LANGUAGES[1:])}. Default: all of them.")]


def languages(language: One = None, *, as_json: AsJson = False) -> None:
    """List the texts that catalogues lack, ready to be filled in; exit 1 if there are any."""
    texts = wanted_here()
    chosen = [language] if language else list(LANGUAGES[1:])
    faults = {code: _faults(texts, words(code)) for code in chosen}
    if as_json:
        result(faults, "", as_json)
    else:
        for code, one in faults.items():
            say(f"# {code}: {len(one['missing'])} missing, {len(one['beside'])} that nothing says, "
                f"{len(one['gaps'])} with other gaps than the English text")  # fmt: skip
            for text in one["beside"]:
                say(f"# nothing says: {text}")
            for text in one["gaps"]:
                say(f"# other gaps: {text}")
            if one["missing"]:
                say(texts.entries(one["missing"]))
    if any(fault for one in faults.values() for fault in one.values()):
        raise typer.Exit(1)


def wanted_here() -> Wanted:
    """All texts of this installation: what its code and templates say, the titles of its vocabularies, and what is said
    of the trials that ship.
    """
    known, cycle = vocabulary(), life_cycle()
    titles = {kind.title for kind in known.kinds.values()} | {weapon.title for weapon in known.weapons.values()}
    titles |= {target.title for target in known.target_classes.values()} | set(cycle.roles.values())
    titles |= {state.title for state in cycle.states.values()} | {action.title for action in cycle.actions.values()}
    titles |= {said for trial in load_trials() for said in (trial.title, trial.says)}
    return wanted(Path(teisen.__file__).parent, titles)


def _faults(texts: Wanted, known: Words) -> dict[str, list[str]]:
    plurals = {form: (one, form) for one, forms in known.plurals.items() for form in forms}
    pairs = [*known.catalogue.items(), *plurals.values()]
    return {
        "missing": texts.missing(known),
        "beside": texts.beside(known),
        "gaps": sorted({english for english, said in pairs if gaps(english) != gaps(said)}),
    }


COMMANDS = (languages,)
