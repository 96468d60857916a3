"""How outcomes of allegations move with the thresholds and fits that are assumed (docs/methods.md has the table).

    python benchmarks/thresholds.py CASE        a case whose tables are derived

Prints one row a choice: how many allegations of each party end as corroborated, partly, not seen although watched, and
not seen where nobody could. Nothing is changed in the case.
"""

from __future__ import annotations

import sys
from collections import Counter
from dataclasses import replace
from pathlib import Path

import polars as pl

from teisen.case import Case, stored
from teisen.case.reading import ground_of
from teisen.judgement import FITS, THRESHOLDS, own_voice, weigh

WORDS = ("corroborated", "partly", "not_seen_watched", "not_seen_blind")
CHOICES = {
    "as shipped": (THRESHOLDS, FITS),
    "corroborated from 0.4": (replace(THRESHOLDS, corroborated=0.4), FITS),
    "corroborated from 0.6": (replace(THRESHOLDS, corroborated=0.6), FITS),
    "partly from 0.1": (replace(THRESHOLDS, partly=0.1), FITS),
    "partly from 0.3": (replace(THRESHOLDS, partly=0.3), FITS),
    "watched from 0.3": (replace(THRESHOLDS, watched=0.3), FITS),
    "watched from 0.7": (replace(THRESHOLDS, watched=0.7), FITS),
    "target untold 0.2": (THRESHOLDS, replace(FITS, target_untold=0.2)),
    "target untold 0.8": (THRESHOLDS, replace(FITS, target_untold=0.8)),
    "area alone 0.4": (THRESHOLDS, replace(FITS, area_alone=0.4)),
    "area alone 0.8": (THRESHOLDS, replace(FITS, area_alone=0.8)),
    "nowhere 0.6": (THRESHOLDS, replace(FITS, nowhere=0.6)),
}


def main(folder: Path) -> None:
    """Weigh the case's allegations anew under each choice."""
    case = Case.open(folder)
    tables, sources = stored.read_tables(case.derived), case.definitions.sources
    against = pl.col("accused").is_null() | (pl.col("accused") != pl.col("accuser"))
    allegations = tables["allegation"].filter(against)
    heard = own_voice(tables["evidence"], tables["observation"], allegations)
    ground, parties = ground_of(tables), [party.id for party in case.definitions.case.parties]
    print(f"| choice | {' | '.join(parties)} |")
    print(f"|---|{'---|' * len(parties)}")
    for name, (t, f) in CHOICES.items():
        found = weigh(allegations, tables["incident"], heard, tables["exposure"], sources, ground, thresholds=t, fits=f)
        cells = []
        for party in parties:
            counts = Counter(found.filter(pl.col("accuser") == party)["outcome"])
            cells.append(", ".join(str(counts[word]) for word in WORDS))
        print(f"| {name} | {' | '.join(cells)} |", flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
