"""How often a source reports an incident of each kind, as its profile declares it."""

from __future__ import annotations

import numpy as np

from teisen.fusion.kinds import by_trace, kind_names
from teisen.geodesy import Floats
from teisen.sources import Source

UNDECLARED_DETECTION = 0.5
"""P(a source reports an incident) where its profile declares no detection at all (assumed)."""


def detection(source: Source | None) -> Floats:
    """P(the source reports | an incident of each kind), shape (kinds,); by traces where a kind is not declared."""
    declared = source.profile.detection if source else {}
    if not declared:
        return np.full(len(kind_names()), UNDECLARED_DETECTION)
    rows = [kind_names().index(kind) for kind in declared]
    values = np.array([figure.value for figure in declared.values()])
    found = np.asarray((by_trace()[:, rows] * values).max(axis=1))
    found[rows] = values
    return found
