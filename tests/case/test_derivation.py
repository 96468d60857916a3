from __future__ import annotations

from datetime import timedelta

import polars as pl
import shapely

from teisen.case.derivation import LINE_OF_CONTACT, with_line
from teisen.judgement import worlds
from teisen.judgement.bits import unpack
from teisen.planning import LINE
from tests.judgement.cases import NOON, ground, incident, incidents, square

DAY = timedelta(days=1)


def drawn(*lons: float) -> pl.DataFrame:
    """The line of contact on the day before noon and the day after it, north to south."""
    rows = [
        {
            "start": NOON + (n - 1) * DAY,
            "end": NOON + n * DAY,
            "geometry": shapely.to_wkb(shapely.LineString([(lon, 49), (lon, 51)])),
            "length_km": 222.0,
            "pieces": 1,
            "tolerance_m": 3000.0,
            "simplify_m": 0.0,
            "source_id": "control",
        }
        for n, lon in enumerate(lons)
    ]
    return LINE.hand_over(pl.DataFrame(rows, schema=LINE.schema))


def test_rules_can_name_the_line_of_contact_as_it_ran_on_each_day() -> None:
    land = with_line(ground([square()]), drawn(30.0, 30.5))
    assert land.areas.filter(level="line")["area_id"].unique().to_list() == [LINE_OF_CONTACT]
    rows = [incident("inc-1", start=NOON - DAY / 2), incident("inc-2", start=NOON + DAY / 2)]
    near = unpack(worlds(incidents(*rows), land).near_line((LINE_OF_CONTACT,), 10_000.0))
    assert near.all(axis=1).tolist() == [True, False]
    assert not near[1].any()


def test_a_case_without_a_line_has_none() -> None:
    land = ground([square()])
    assert with_line(land, LINE.empty()).areas.equals(land.areas)
