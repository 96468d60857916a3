"""Ids that leave: nobody finds a place by trying candidates against them, and they still join what belongs together."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from teisen.case import Case, derive, ingest
from teisen.case import publish as room
from teisen.decision import founded_by
from teisen.release.coarsening import snap
from tests.case import small

LATER = datetime(2025, 6, 1, tzinfo=UTC)


def guessed(folder: Path, lon: float, lat: float) -> dict[str, tuple[float, float]]:
    """Ids of what a source would have reported at each place of a 0.01 degree grid in the cell of 10 km around a
    released place, as anybody can make them with Teisen: moment, kind and words are known, the place is not."""
    xs, ys = (np.round(np.arange(middle - 0.08, middle + 0.08, 0.01), 2) for middle in (lon, lat))
    out = io.StringIO()
    rows = csv.writer(out)
    rows.writerow(["at", "x", "y", "what", "words"])
    rows.writerows(["2025-04-19 07:00", f"{x:.2f}", f"{y:.2f}", "drone-strike", "second"] for x in xs for y in ys)
    own = Case.create(folder / "guesses", small.template(folder / "own"))
    (folder / "guesses.csv").write_text(out.getvalue(), encoding="utf-8")
    ingest(own, "regions", [folder / "own" / "regions.geojson"])
    ingest(own, "news", [folder / "guesses.csv"])
    seen = derive(own)["observation"]
    places = dict(zip(seen["observation_id"], zip(seen["lon"], seen["lat"], strict=True), strict=True))
    return places | {founded_by(one): place for one, place in places.items()}


def test_the_place_inside_a_cell_is_not_found_by_trying_candidates(full: Case, tmp_path: Path) -> None:
    exact = (30.50, 50.50)
    cell = snap(np.array(exact[:1]), np.array(exact[1:]), 10_000)
    candidates = guessed(tmp_path, float(cell[0][0]), float(cell[1][0]))
    inside = derive(full)["observation"]
    assert exact in [candidates[one] for one in inside["observation_id"] if one in candidates]  # the attack works
    out = room.released(full, "public", as_of=LATER).tables
    assert (out["observation"]["lon"] != exact[0]).all()
    ids = {*out["observation"]["observation_id"], *out["incident"]["incident_id"], *out["evidence"]["incident_id"]}
    assert not ids & set(candidates)
