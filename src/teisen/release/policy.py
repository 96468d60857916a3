"""What may leave, for whom, how late and how coarse; the one place where it is decided.

Defaults follow common practice in public reports on ceasefires (docs/adr/0005-case-room.md): rows after 72 hours, on a
grid of 10 km, to the hour, small cells of statistics left out, exposure as words by region and day.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from pydantic import Field, RootModel, field_validator, model_validator

from teisen.documents import Strict
from teisen.errors import BadInput, Problem
from teisen.release.tables import TABLES

DEFAULTS: Mapping[str, Mapping[str, Any]] = {
    "public": {
        "delay_hours": 72,
        "place_km": 10,
        "time": "hour",
        "smallest_cell": 3,
        "exposure": "words",
        "closed_sources": "withhold",
        "decisions": "standing",
        "watch_plan": "summary",
        "plan_delay_hours": 0,
        "hide": ["name", "set_aside.raw"],
    },
    "mission": {
        "delay_hours": 0,
        "place_km": None,
        "time": "second",
        "smallest_cell": 1,
        "exposure": "full",
        "closed_sources": "keep",
        "decisions": "all",
        "watch_plan": "full",
        "plan_delay_hours": 0,
        "hide": [],
    },
}
"""What an audience gets where a case does not say; another audience starts from ``public``."""


NAMED_BY_HASH = ("observation", "exposure", "allegation", "incident", "site")
"""Tables from whose places and times ids are made: where one of their columns is hidden, ids would tell of it."""


class Terms(Strict):
    """What one audience gets.

    Attributes:
        delay_hours: a row leaves this long after the last moment it speaks of; 0: at once, whatever it speaks of.
        place_km: places are moved to the middle of the cell of a grid this wide; empty: as they are.
        time: times are widened to the second, the minute, the hour or the day (UTC).
        smallest_cell: counts of an area and day below this and above zero are withheld.
        exposure: ``full`` rows, or ``words`` by region and day without probability or place.
        closed_sources: ``withhold`` rows and texts of sources whose licence forbids to pass them on, or ``keep`` them
            (for those who are inside).
        decisions: ``standing``: what people decided and replied where it counts, without their names and without what
            waits for a second person; or ``all``. A decision leaves with the incident that it concerns.
        watch_plan: ``full``: every place, sector and guarantee, for the commission; or ``summary``: what is used, what
            it costs and what it sees on the whole, without any sensor's place and without where or when it sees least.
        plan_delay_hours: what is on record of watch plans leaves this long after it was put there; 0: at once.
        hide: tables, or ``table.column``, that do not leave at all.
    """

    delay_hours: float = Field(ge=0, allow_inf_nan=False)
    place_km: float | None = Field(gt=0, le=500)
    time: Literal["second", "minute", "hour", "day"]
    smallest_cell: int = Field(ge=1)
    exposure: Literal["full", "words"]
    closed_sources: Literal["withhold", "keep"]
    decisions: Literal["standing", "all"]
    watch_plan: Literal["full", "summary"]
    plan_delay_hours: float = Field(ge=0, allow_inf_nan=False)
    hide: tuple[str, ...]

    @field_validator("hide")
    @classmethod
    def _known(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for what in value:
            name, _, column = what.partition(".")
            columns = {c.name: c for c in TABLES[name].columns} if name in TABLES else {}
            if name not in TABLES or (column and column not in columns):
                raise ValueError(f"nothing is called {what!r}; tables are {', '.join(TABLES)}")
            if column and not columns[column].nullable:
                raise ValueError(f"{what} cannot be empty; hide the whole table {name!r}")
        return tuple(sorted(set(value)))

    @property
    def plain_ids(self) -> bool:
        """Whether ids leave as they are inside: only where nothing is made coarser or held back that an id, a hash of
        what was reported, could be tried for."""
        whole = self.place_km is None and self.time == "second" and self.exposure == "full"
        hidden = any(what.partition(".")[0] in NAMED_BY_HASH for what in self.hide)
        return whole and self.closed_sources == "keep" and not hidden

    @property
    def says(self) -> tuple[str, ...]:
        """The terms in words, for whoever reads what was released."""
        delay = f"Rows leave {self.delay_hours:g} hours after what they speak of." if self.delay_hours else ""
        place = f"Places leave on a grid of {self.place_km:g} km." if self.place_km else ""
        time = f"Times are widened to the {self.time}." if self.time != "second" else ""
        cells = f"Counts of an area and day from 1 to {self.smallest_cell - 1} are withheld."
        words = "What could be seen leaves in words by region and day." if self.exposure == "words" else ""
        closed = {
            "withhold": "Rows and texts of sources whose licence forbids to pass them on stay inside.",
            "keep": "Some sources' licences forbid to pass their rows and texts on: for internal use.",
        }[self.closed_sources]
        nameless = "Decisions and replies leave without names of people." if self.decisions == "standing" else ""
        ids = "" if self.plain_ids else "Ids leave hashed again, under a secret of the ledger."
        later = self.plan_delay_hours
        plans = f"Watch plans leave {later:g} hours after they are put on record." if later else ""
        hidden = f"Not released: {', '.join(self.hide)}." if self.hide else ""
        said = (
            delay,
            place,
            time,
            cells if self.smallest_cell > 1 else "",
            words,
            closed,
            nameless,
            ids,
            plans,
            hidden,
        )
        return tuple(sentence for sentence in said if sentence)


class Policy(RootModel[dict[str, Terms]]):
    """Terms by audience; ``public`` and ``mission`` are always there."""

    @model_validator(mode="before")
    @classmethod
    def _with_defaults(cls, data: Any) -> Any:
        if not isinstance(data, Mapping):
            return data
        given = {name: data.get(name) or {} for name in sorted({*DEFAULTS, *map(str, data)})}
        return {
            name: dict(DEFAULTS.get(name, DEFAULTS["public"])) | dict(terms) if isinstance(terms, Mapping) else terms
            for name, terms in given.items()
        }

    def terms(self, audience: str) -> Terms:
        """The terms of ``audience``.

        Raises:
            BadInput: the case has no such audience.
        """
        if audience not in self.root:
            raise BadInput(
                Problem(
                    "case.yaml",
                    0,
                    "release",
                    f"there is no audience {audience!r}",
                    f"Write one of {', '.join(sorted(self.root))}, or add it under `release:`.",
                )
            )
        return self.root[audience]
