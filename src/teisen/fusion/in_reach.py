"""How much of what a source could report lies in its reach: what its exposure says at the places of others' reports.

A profile declares how often a source reports what lies in its reach: posts may stand forty kilometres apart and hear
twelve, cameras see a field. What counts when two reports meet is how often the source reports what others report, and
that is the mean, over their reports, of what its exposure gives it there and then. It rests on no report of the source
itself, nor on what was joined.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import polars as pl

from teisen.fusion.coverage import seen_by_each
from teisen.fusion.detection import detection
from teisen.fusion.exposed import watch
from teisen.fusion.reporting import Reporting, kind_weights
from teisen.fusion.reports import Reports
from teisen.geodesy import Floats
from teisen.sources import Ground, Source

COVERED = 0.7
"""Share of the chance to detect that a profile declares which holds over all incidents, where exposure tells nothing
(chosen on simulations of the gallery with seeds 2,001 to 2,004 off their own, between 0.4 and 0.8)..."""
PRIOR_PLACES = 10.0
"""...and the reports of others that this counts as."""
MOST_TELLING = 500
"""Of more reports that tell every second, third, ... is looked at."""


def share_in_reach(
    reports: Reports, who: tuple[str, ...], exposure: pl.LazyFrame, ground: Ground, sources: Mapping[str, Source]
) -> Floats:
    """Share of its declared detection that each source has where others report, shape (sources,).

    Reports of sources that are mostly right tell, and of such alone, of other groups. Of a source that is mostly wrong
    :mod:`teisen.fusion.beside` tells how often it sees what others report.

    Args:
        reports: originals that have a place.
        who: ids of the sources in order.
        exposure: EXPOSURE.
    """
    telling = np.flatnonzero(reports.base > 0)
    few = reports.take(telling[:: max(-(-len(telling) // MOST_TELLING), 1)])
    plain, group = Reporting.of(who), {name: source.profile.group for name, source in sources.items()}
    source = plain.index(few)
    others = few.frame["group"].to_numpy()[None, :] != np.array([group.get(name, name) for name in who])[:, None]
    wrong = np.bincount(plain.index(reports), reports.base, len(who)) < 0
    asked = [name for name, some, bad in zip(who, others, wrong, strict=True) if some.any() and not bad]
    watched = exposure.filter(pl.col("source_id").is_in(asked)).collect() if asked else None
    share = np.full(len(who), COVERED)
    if watched is None or watched.is_empty():
        return share
    kinds = kind_weights(plain.said(few, source) + plain.kind_prior)
    start, end = few.core
    places = few.frame.select("lon", "lat", area_id=pl.lit(None, pl.String)).with_columns(
        id=pl.int_range(pl.len()), from_s=pl.Series(start), to_s=pl.Series(np.maximum(end, start + 1.0))
    )
    seen = seen_by_each(places, watch(watched), ground.areas, None, kinds)
    for one, name in enumerate(seen.names):
        at, mine = who.index(name), seen.source == one
        if not mine.any():
            continue
        chance, hoped = np.zeros(len(few)), kinds @ detection(sources.get(name))
        chance[seen.id[mine]] = seen.p[mine]
        known = others[at] & ~np.isnan(chance)
        prior = PRIOR_PLACES * hoped.mean()
        share[at] = (chance[known].sum() + COVERED * prior) / (hoped[known].sum() + prior)
    return share
