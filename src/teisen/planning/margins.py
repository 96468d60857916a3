"""What one more of each rule's bound, and each site, is worth: the prices of the proven bound.

The bound of :mod:`.bound` is a linear programme's, so its prices hold for any change (weak duality): with a dollar more
no plan by the rules passes the bound by more than the dollar's price, and without a site none passes the bound less the
site's price.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from teisen.observation.schema import NUMBER, TEXT
from teisen.planning.bound import Proof
from teisen.planning.coverage import ANYWHERE
from teisen.planning.plan import Margin
from teisen.tables import Column, Table

MILLION = 1e6
DECIMALS = 8

SITE_WORTH = Table(
    "sites",
    "What each site is worth: without it no plan by the rules passes the bound less this.",
    (
        Column("site_id", TEXT, "the site", nullable=False),
        Column("worth", NUMBER, "weighted mean of detection", nullable=False, decimals=DECIMALS),
    ),
    key=("site_id",),
)


def margins(proof: Proof, options: pl.DataFrame) -> tuple[Margin, ...]:
    """What one more of each bound is worth at most, and the site that is worth most.

    Args:
        proof: of the bound.
        options: OPTION, in the order that was proven for.
    """
    found = []
    for name, worth in proof.worth.items():
        people = name == "people"
        found.append(
            Margin(of=name, unit="person" if people else "million US dollars a year",
                   worth=round(worth if people else worth * MILLION, DECIMALS))
        )  # fmt: skip
    sites = site_worth(proof, options).sort("worth", "site_id", descending=[True, False])
    if sites.height and sites["worth"][0] > 0:
        found.append(Margin(of="site", unit=sites["site_id"][0], worth=sites["worth"][0]))
    return tuple(found)


def site_worth(proof: Proof, options: pl.DataFrame) -> pl.DataFrame:
    """What each site is worth (SITE_WORTH); arguments as of :func:`margins`.

    Schedules of a sensor shut each other out at a site, so that only the best of them counts.
    """
    by_sensor = (
        options.select("site_id", "sensor")
        .with_columns(worth=pl.Series(np.maximum(proof.beyond, 0.0)))
        .group_by("site_id", "sensor")
        .agg(pl.col("worth").max())
    )
    sites = by_sensor.sort("site_id", "sensor").group_by("site_id", maintain_order=True).agg(pl.col("worth").sum())
    return SITE_WORTH.hand_over(sites.filter(pl.col("site_id") != ANYWHERE))
