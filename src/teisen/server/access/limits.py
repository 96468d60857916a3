"""How many requests one address may make: a bucket that fills evenly and holds one minute's worth."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable

MOST_ADDRESSES = 20_000


class Buckets:
    """Counts requests by address, in memory alone. Not for several threads."""

    def __init__(self, per_minute: int, clock: Callable[[], float] = time.monotonic) -> None:
        self.per_minute, self.clock = per_minute, clock
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def take(self, address: str, cost: float = 1.0) -> float:
        """Take ``cost`` requests; returns 0, or the seconds to wait where the bucket is empty."""
        now, rate = self.clock(), self.per_minute / 60
        left, since = self._left.pop(address, (float(self.per_minute), now))
        left = min(float(self.per_minute), left + (now - since) * rate)
        wait = 0.0 if left >= cost else (cost - left) / rate
        self._left[address] = (left - cost if wait == 0 else left, now)
        while len(self._left) > MOST_ADDRESSES:
            self._left.popitem(last=False)
        return wait
