from __future__ import annotations

import numpy as np
import pytest

from teisen.agreement.predicates import AllOf, During
from teisen.compliance.windows import in_force

DAY_US = 86_400_000_000
STARTS = np.array([0, DAY_US], dtype=np.int64)


@pytest.mark.parametrize(("met", "share"), [("yes", 1.0), ("no", 0.0), ("unknown", 0.0)])
def test_a_condition_that_is_not_met_keeps_a_reading_out_of_force(met: str, share: float) -> None:
    rule = AllOf.model_validate({"all_of": [{"is_kind": ["attack"]}, {"provided": {"that": "it rains", "met": met}}]})
    assert in_force(rule, STARTS, STARTS + DAY_US).tolist() == [share, share]


def test_a_window_of_half_a_day_is_in_force_for_half_of_it() -> None:
    window = {"from": "1970-01-01T12:00", "to": "1970-01-02T00:00", "zone": "UTC"}
    rule = During.model_validate({"during": window})
    assert in_force(rule, STARTS, STARTS + DAY_US).tolist() == [0.5, 0.0]
