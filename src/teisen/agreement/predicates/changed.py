"""What becomes of a rule by later changes of its provision: extended, suspended, terminated, amended.

Nobody writes these: a reading's whole rule holds them where the reading recognises the change.
"""

from __future__ import annotations

from teisen.agreement.predicates.base import Failure, Leaf, Predicate, Span
from teisen.agreement.predicates.rule import AllOf, AnyOf
from teisen.agreement.predicates.time import Stretch, clocked, outside
from teisen.agreement.windows import Moment, Window
from teisen.agreement.worlds import Sets, Worlds
from teisen.languages import ENGLISH, Words

Names = tuple[str, ...]


class Extended(Stretch):
    """A stretch of time that ends later than first agreed."""

    extended: Stretch
    until: Moment
    by: Names

    @property
    def name(self) -> str:  # noqa: D102
        return self.extended.name

    @property
    def span(self) -> Span:  # noqa: D102
        return Span(self.extended.span.start_us, self.until.us)

    def says(self, words: Words = ENGLISH) -> str:  # noqa: D102
        clause = self.extended.says(words)
        return words("{clause}, extended up to {end} ({zone}) by {parties}", clause=clause, **self._gaps(words))

    def fails(self, words: Words = ENGLISH) -> tuple[Failure, ...]:  # noqa: D102
        late = words("Outside the window: extended by {parties}, it ended on {end} ({zone}).", **self._gaps(words))
        return outside(self.span, self.extended.fails(words)[0][1], late)

    def _gaps(self, words: Words) -> dict[str, str]:
        return {**clocked(self.span, self.until.clock, words), "parties": words.listed(self.by, "and")}


class Terminated(Stretch):
    """It happened before the provision was terminated."""

    terminated: Moment
    by: Names

    @property
    def span(self) -> Span:  # noqa: D102
        return Span(None, self.terminated.us)

    def says(self, words: Words = ENGLISH) -> str:  # noqa: D102
        return words(
            "it happened before the provision was terminated on {end} ({zone}) by {parties}", **self._gaps(words)
        )

    def fails(self, words: Words = ENGLISH) -> tuple[Failure, ...]:  # noqa: D102
        text = words("Out of scope: the provision was terminated on {end} ({zone}) by {parties}.", **self._gaps(words))
        return ((None, text),)

    def _gaps(self, words: Words) -> dict[str, str]:
        return {**clocked(self.span, self.terminated.clock, words), "parties": words.listed(self.by, "and")}


class Suspended(Leaf):
    """It happened while the provision was not suspended."""

    about, timely = "window", True
    suspended: Window
    by: Names

    def holds(self, worlds: Worlds) -> Sets:  # noqa: D102
        return ~worlds.during(self.suspended.start_us, self.suspended.end_us)

    def says(self, words: Words = ENGLISH) -> str:  # noqa: D102
        gaps = self._gaps(words)
        if self.suspended.end is None:
            return words("it happened before the provision was suspended on {start} ({zone}) by {parties}", **gaps)
        return words("it happened outside of the suspension from {start} up to {end} ({zone}) by {parties}", **gaps)

    def fails(self, words: Words = ENGLISH) -> tuple[Failure, ...]:  # noqa: D102
        gaps = self._gaps(words)
        for_good = words("Out of scope: the provision was suspended on {start} ({zone}) by {parties}.", **gaps)
        a_while = words(
            "Out of scope: the provision was suspended from {start} up to {end} ({zone}) by {parties}.", **gaps
        )
        return ((None, for_good if self.suspended.end is None else a_while),)

    def _gaps(self, words: Words) -> dict[str, str]:
        span = Span(self.suspended.start_us, self.suspended.end_us)
        return {**clocked(span, self.suspended.clock, words), "parties": words.listed(self.by, "and")}


class Version(Stretch):
    """It happened before an amendment, or from it on."""

    amended: Moment
    after: bool

    @property
    def span(self) -> Span:  # noqa: D102
        return Span(self.amended.us, None) if self.after else Span(None, self.amended.us)

    def says(self, words: Words = ENGLISH) -> str:  # noqa: D102
        gaps = {"moment": words.moment(self.amended.at), "zone": self.amended.clock}
        if self.after:
            return words("it happened after the amendment of {moment} ({zone})", **gaps)
        return words("it happened before the amendment of {moment} ({zone})", **gaps)


class Amended(AnyOf):
    """What a rule asked for before an amendment, and what it asks for from then on.

    Its two parts are the old condition (none: nothing was asked for) before the moment, and the new one from it on.
    """

    new: Predicate
    old: Predicate | None
    amendment: Moment

    @classmethod
    def at(cls, amendment: Moment, old: Predicate | None, new: Predicate) -> Amended:
        """``old`` up to but without the moment, ``new`` from it on."""
        before, after = (Version(amended=amendment, after=side) for side in (False, True))
        first = AllOf.model_construct(all_of=(before, old)) if old else before
        parts = (first, AllOf.model_construct(all_of=(after, new)))
        return cls.model_construct(any_of=parts, old=old, new=new, amendment=amendment)

    @property
    def name(self) -> str:  # noqa: D102
        return self.new.name

    def says(self, words: Words = ENGLISH) -> str:  # noqa: D102
        gaps = {"moment": words.moment(self.amendment.at), "zone": self.amendment.clock, "new": self.new.says(words)}
        if self.old is None:
            return words("since the amendment of {moment} ({zone}) {new}", **gaps)
        return words("{old}; since the amendment of {moment} ({zone}) {new}", old=self.old.says(words), **gaps)

    def fails(self, words: Words = ENGLISH) -> tuple[Failure, ...]:  # noqa: D102
        moment, after = self.amendment.us, self.new.fails(words)
        then = [text for us, text in after if us is None or us <= moment][-1]
        later = [(us, text) for us, text in after if us is not None and us > moment]
        if self.old is None:
            return ((None, then), *later)
        earlier = [(us, text) for us, text in self.old.fails(words) if us is None or us < moment]
        return (*earlier, (moment, then), *later)
