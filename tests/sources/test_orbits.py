from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import polars as pl
import pytest

from teisen.errors import BadInput
from teisen.observation import ORBIT
from teisen.sources import Ground, Intake
from teisen.sources.orbits import earth_fixed, julian_dates, passes, satellite, track
from teisen.sources.readers.orbits import READER
from tests.builders import SCOPE, source, source_file
from tests.sources.damage import reasons

# The example of the CelesTrak documentation and of SGP4's own verification (Vanguard 1, Spacetrack report 3 revisited).
TLE = (
    "1 00005U 58002B   00179.78495062  .00000023  00000-0  28098-4 0  4753\n"
    "2 00005  34.2682 348.7242 1859667 331.7664  19.3264 10.82419157413667\n"
)
HEADS = (
    "OBJECT_NAME,OBJECT_ID,EPOCH,MEAN_MOTION,ECCENTRICITY,INCLINATION,RA_OF_ASC_NODE,ARG_OF_PERICENTER,MEAN_ANOMALY,"
    "EPHEMERIS_TYPE,CLASSIFICATION_TYPE,NORAD_CAT_ID,ELEMENT_SET_NO,REV_AT_EPOCH,BSTAR,MEAN_MOTION_DOT,MEAN_MOTION_DDOT\n"
)
MESSAGE = "NOAA 20,2017-073A,2025-04-01T00:00:00.000000,14.195,0.0001,98.75,30,90,10,0,U,43013,999,0,0,0,0\n"


def read(content: str) -> Intake:
    return READER.read(source_file(content), source("orbits", "orbits"), Ground(), SCOPE)


def test_two_lines_with_and_without_a_name() -> None:
    rows = ORBIT.hand_over(read("VANGUARD 1\n" + TLE).table("orbit")).to_dicts()
    assert (rows[0]["catalogue_number"], rows[0]["satellite"]) == (5, "VANGUARD 1")
    assert rows[0]["mean_motion"] == pytest.approx(10.82419157)
    assert (rows[0]["eccentricity"], rows[0]["inclination"]) == (0.1859667, 34.2682)
    assert rows[0]["epoch"] == datetime(2000, 6, 27, 18, 50, 19, 733568, tzinfo=UTC)
    assert read(TLE).table("orbit")["satellite"].to_list() == ["5"]


def test_position_at_the_epoch_is_that_of_the_verification_of_sgp4() -> None:
    record = satellite(read(TLE).table("orbit").row(0, named=True))
    _, place, _ = record.sgp4_tsince(0.0)
    assert place == pytest.approx((7022.46529266, -1400.08296755, 0.03995155), abs=1e-3)


def test_the_same_elements_as_omm() -> None:
    row = read(HEADS + MESSAGE).table("orbit").row(0, named=True)
    assert (row["satellite"], row["catalogue_number"], row["mean_motion"]) == ("NOAA 20", 43013, 14.195)
    assert row["epoch"] == datetime(2025, 4, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (TLE.replace("4753", "4754"), "checksum"),
        (TLE.splitlines()[0] + "\n", "not whole"),
        (HEADS + MESSAGE.replace("98.75", "998.75"), "not possible"),
        (HEADS + MESSAGE.replace("14.195", ""), "missing or wrong"),
    ],
)
def test_what_is_no_set_of_elements_is_set_aside(content: str, says: str) -> None:
    seen = read(content)
    assert seen.table("orbit").height == 0
    assert says in " ".join(what for _, what in reasons(seen).values())


def test_a_file_without_elements_is_refused() -> None:
    with pytest.raises(BadInput, match="no orbital elements"):
        read(HEADS)
    with pytest.raises(BadInput, match="document type"):
        read("<!DOCTYPE a><ndm></ndm>")


def test_passes_are_the_moments_of_least_distance() -> None:
    elements = read(HEADS + MESSAGE).table("orbit")
    places = pl.DataFrame({"area_id": ["a", "b"], "lon": [35.0, 25.0], "lat": [50.0, 45.0]})
    start, end = datetime(2025, 4, 10, tzinfo=UTC), datetime(2025, 4, 12, tzinfo=UTC)
    found = passes(elements, places, start, end, 1_530_000)
    record = satellite(elements.row(0, named=True))
    for area, lon, lat in places.iter_rows():
        seconds = [start + timedelta(seconds=n) for n in range(2 * 86_400)]
        cosine = track(record, julian_dates(pl.Series(seconds))) @ earth_fixed([lon], [lat])[0]
        away = np.degrees(np.arccos(cosine))
        nearest = [n for n in range(1, len(away) - 1) if away[n] < min(away[n - 1], away[n + 1]) and away[n] <= 13.76]
        mine = found.filter(area_id=area)
        assert 5 <= mine.height == len(nearest)
        off = [abs((t - seconds[n]).total_seconds()) for t, n in zip(mine["time"], nearest, strict=True)]
        assert max(off) <= 3
        assert mine["off_track_m"].to_numpy() / 111_194.9 == pytest.approx(away[nearest], abs=0.02)


def test_of_several_epochs_the_nearest_counts_and_none_for_long() -> None:
    later = MESSAGE.replace("2025-04-01", "2025-05-01").replace("NOAA 20", "LATER")
    elements = read(HEADS + MESSAGE + later).table("orbit")
    places = pl.DataFrame({"area_id": ["a"], "lon": [35.0], "lat": [50.0]})
    found = passes(elements, places, datetime(2025, 1, 1, tzinfo=UTC), datetime(2025, 12, 1, tzinfo=UTC), 1_530_000)
    assert found["time"].min() > datetime(2025, 1, 30, tzinfo=UTC)
    assert found["time"].max() < datetime(2025, 7, 1, tzinfo=UTC)
    turn = datetime(2025, 4, 16, tzinfo=UTC)
    assert set(found.filter(pl.col("time") < turn)["satellite"]) == {"NOAA 20"}
    assert set(found.filter(pl.col("time") >= turn)["satellite"]) == {"LATER"}


def test_messages_that_no_parser_takes_are_refused_and_impossible_numbers_set_aside() -> None:
    for content in (HEADS + "x" * 200_000, HEADS + "a\rb\n"):
        with pytest.raises(BadInput):
            read(content)
    assert set(reasons(read(HEADS + MESSAGE.replace("43013", "9" * 50) + MESSAGE))) == {1}
