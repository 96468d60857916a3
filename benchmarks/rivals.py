"""What a user would otherwise put reports together with, each tuned on the truth in its own favour.

- window: reports of kinds that go together, within so many kilometres and hours, are one incident, and so is what hangs
  together through them: matching by distance, days and type as conflict research does (MELTT and its like);
- DBSCAN and HDBSCAN in space and time, a kilometre weighing as much as so many minutes;
- Splink: a record-linkage model (Fellegi-Sunter, learned by EM) over distance, time and kind, pairs above a threshold
  clustered.
"""

from __future__ import annotations

import itertools
import logging
import warnings
from collections.abc import Callable, Iterator

import numpy as np
import polars as pl
import splink.comparison_library as cl
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree
from sklearn.cluster import DBSCAN, HDBSCAN
from splink import DuckDBAPI, Linker, SettingsCreator, block_on

from teisen.evaluation.partitions import pairwise
from teisen.fusion.kinds import either_way
from teisen.fusion.reports import Reports
from teisen.geodesy import Floats

Labels = np.ndarray
KM = (0.5, 1.0, 2.0, 4.0, 8.0, 16.0)
HOURS = (0.5, 2.0, 6.0, 12.0, 24.0, 48.0)
METRES_A_SECOND = (0.05, 0.2, 0.8, 3.0)
SMALLEST = (2, 3)


def best(truth: pl.Series, tries: Iterator[Labels]) -> Labels:
    """Of ``tries`` that with the highest pairwise F1; every report alone where there is none."""
    chosen, highest = np.arange(len(truth)), -1.0
    for labels in tries:
        score = pairwise(pl.DataFrame({"incident": labels, "truth": truth})).f1
        if score > highest:
            chosen, highest = labels, score
    return chosen


def window(reports: Reports) -> Iterator[Labels]:
    """Connected components of pairs within a distance, a time and compatible kinds."""
    middle = (reports.start + reports.end) / 2
    fitting = reports.kinds @ either_way()
    for km, hours in itertools.product(KM, HOURS):
        scale = km * 1000 / (hours * 3600)
        pair = cKDTree(np.column_stack([reports.xyz, middle * scale])).query_pairs(
            km * 1000, p=np.inf, output_type="ndarray"
        )
        if len(pair) > MOST_PAIRS:
            continue
        i, j = pair[:, 0], pair[:, 1]
        fits = np.einsum("nk,nk->n", fitting[i], reports.kinds[j]) >= 0.25
        fits &= ((reports.xyz[i] - reports.xyz[j]) ** 2).sum(axis=1) <= (km * 1000) ** 2
        yield _components(len(reports), i[fits], j[fits])


MOST_PAIRS = 30_000_000
"""Settings that put more pairs than this together are left out: they put everything together."""


def _components(n: int, i: np.ndarray, j: np.ndarray) -> Labels:
    graph = coo_matrix((np.ones(len(i), np.int8), (i, j)), shape=(n, n))
    return np.asarray(connected_components(graph, directed=False)[1])


def _points(reports: Reports, metres_a_second: float) -> Floats:
    return np.column_stack([reports.xyz, (reports.start + reports.end) / 2 * metres_a_second])


def dbscan(reports: Reports) -> Iterator[Labels]:
    """DBSCAN over radius, weight of time and least number of neighbours; noise stands alone."""
    for km, speed, least in itertools.product(KM, METRES_A_SECOND, SMALLEST):
        points = _points(reports, speed)
        if (
            cKDTree(points).count_neighbors(cKDTree(points[:: max(len(points) // 2000, 1)]), km * 1000)
            > MOST_PAIRS // 10
        ):
            continue
        yield _alone(DBSCAN(eps=km * 1000, min_samples=least).fit_predict(points))


def hdbscan(reports: Reports) -> Iterator[Labels]:
    """HDBSCAN over weight of time, least size and way to choose clusters; noise stands alone."""
    for speed, least, choice in itertools.product(METRES_A_SECOND, SMALLEST, ("eom", "leaf")):
        model = HDBSCAN(min_cluster_size=least, cluster_selection_method=choice, copy=True)
        yield _alone(model.fit_predict(_points(reports, speed)))


def _alone(labels: Labels) -> Labels:
    noise = np.flatnonzero(labels < 0)
    labels = labels.copy()
    labels[noise] = labels.max(initial=0) + 1 + np.arange(len(noise))
    return labels


def splink(reports: Reports) -> Iterator[Labels]:
    """Splink's model of duplicates, trained on the reports, over thresholds of the probability of a match."""
    middle = (reports.start + reports.end) / 2
    frame = pl.DataFrame(
        {
            "unique_id": np.arange(len(reports)),
            "lat": reports.lat,
            "lon": reports.lon,
            "hours": middle / 3600,
            "kind": reports.frame["kind"],
            "cell": (np.floor(reports.lon / 0.2) * 10_000 + np.floor(reports.lat / 0.15)).astype(np.int64),
            "day": np.floor(middle / 86_400).astype(np.int64),
        }
    ).to_pandas()
    apart = [
        {"sql_condition": f"abs(hours_l - hours_r) <= {hours}", "label_for_charts": f"{hours} h"}
        for hours in (0.25, 1, 4, 12, 24)
    ]
    nothing = {
        "sql_condition": "hours_l IS NULL OR hours_r IS NULL", "label_for_charts": "null", "is_null_level": True,
    }  # fmt: skip
    levels = [nothing, *apart, {"sql_condition": "ELSE", "label_for_charts": "else"}]
    settings = SettingsCreator(
        link_type="dedupe_only",
        comparisons=[
            cl.DistanceInKMAtThresholds("lat", "lon", [0.5, 1, 2, 4, 8, 16]),
            {"output_column_name": "hours", "comparison_levels": levels},
            cl.ExactMatch("kind"),
        ],
        blocking_rules_to_generate_predictions=[block_on("cell", "day")],
    )
    logging.getLogger("splink").setLevel(logging.ERROR)
    linker = Linker(DuckDBAPI().register(frame), settings)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        linker.training.estimate_u_using_random_sampling(max_pairs=1e6, seed=1)
        linker.training.estimate_parameters_using_expectation_maximisation(block_on("cell", "day"))
        pairs = linker.inference.predict(threshold_match_probability=0.01).as_pandas_dataframe()
    i, j = pairs["unique_id_l"].to_numpy(), pairs["unique_id_r"].to_numpy()
    p = pairs["match_probability"].to_numpy()
    for least in (0.05, 0.2, 0.5, 0.8, 0.9, 0.95, 0.99, 0.999):
        keep = p >= least
        yield _components(len(reports), i[keep], j[keep])


RIVALS: dict[str, Callable[[Reports], Iterator[Labels]]] = {
    "window": window,
    "DBSCAN": dbscan,
    "HDBSCAN": hdbscan,
    "Splink": splink,
}
