"""A reading's whole rule: changes, events, notices and other provisions, on both sides of each border."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from teisen.agreement import conditions, leaves
from teisen.languages import words
from tests.agreement.cases import RULE, Exact, agreed, border, holds, rule_of, utc

ON_OFF, OFF_ON, ON, OFF = (True, False), (False, True), (True, True), (False, False)
EXTENDS = "{id: x, what: extends, until: 2030-05-21, zone: UTC, by: [a, b], source: s}"
SUSPENDS = "{id: x, what: suspends, from: 2030-05-03, to: 2030-05-05, zone: UTC, by: [a], source: s}"
TERMINATES = "{id: x, what: terminates, at: 2030-05-06, zone: UTC, by: [a], source: s}"


def amends(rule: str, *, name: str = "x", at: str = "2030-05-06") -> str:
    return f"{{id: {name}, what: amends, at: {at}, zone: UTC, by: [a, b], source: s, rule: {rule}}}"


def changed(*changes: str, rule: str = RULE, recognises: str = "[x, y, z]") -> object:
    names = [name for name in "xyz" if any(f"id: {name}," in change for change in changes)]
    known = f"[{', '.join(names)}]" if recognises == "[x, y, z]" else recognises
    return rule_of(agreed(rule=rule, changes=f"[{', '.join(changes)}]", recognises=known))


class TestExtends:
    def test_a_window_ends_later(self) -> None:
        rule = changed(EXTENDS)
        assert border(rule, "2030-05-01") == OFF_ON
        assert border(rule, "2030-05-11") == ON
        assert border(rule, "2030-05-21") == ON_OFF

    def test_one_that_ends_later_already_stays(self) -> None:
        assert changed(EXTENDS.replace("2030-05-21", "2030-05-10")) == changed()

    def test_one_without_an_end_stays(self) -> None:
        rule = "{during: {from: 2030-05-01, zone: UTC}}"
        assert changed(EXTENDS, rule=rule) == changed(rule=rule)

    def test_the_end_is_on_the_clock_of_the_change(self) -> None:
        assert border(changed(EXTENDS.replace("zone: UTC", "zone: Europe/Kyiv")), "2030-05-20T21:00") == ON_OFF

    def test_of_windows_side_by_side_the_last_ends_later(self) -> None:
        nights = (
            "{any_of: [{during: {from: 2030-05-01, to: 2030-05-02}}, {during: {from: 2030-05-03, to: 2030-05-04}}]}"
        )
        rule = changed(EXTENDS, rule=nights)
        assert border(rule, "2030-05-02") == ON_OFF
        assert border(rule, "2030-05-04") == ON
        assert border(rule, "2030-05-21") == ON_OFF

    def test_of_windows_that_hold_together_each_ends_later(self) -> None:
        both = "{all_of: [{during: {to: 2030-05-08}}, {during: {from: 2030-05-01, to: 2030-05-11}}]}"
        assert border(changed(EXTENDS, rule=both), "2030-05-08") == ON
        assert border(changed(EXTENDS, rule=both), "2030-05-21") == ON_OFF

    def test_an_exception_stays(self) -> None:
        rule = f"{{all_of: [{RULE}, {{unless: {{during: {{from: 2030-05-03, to: 2030-05-04}}}}}}]}}"
        assert border(changed(EXTENDS, rule=rule), "2030-05-04") == OFF_ON

    def test_a_later_extension_counts_whichever_is_written_first(self) -> None:
        more = EXTENDS.replace("id: x", "id: y").replace("2030-05-21", "2030-06-01")
        for both in ((EXTENDS, more), (more, EXTENDS)):
            assert border(changed(*both), "2030-06-01") == ON_OFF

    def test_the_sentences_name_the_later_end_and_who_gave_it(self) -> None:
        rule = changed(EXTENDS)
        early, late = rule.fails()
        assert rule.says().endswith("extended up to 21 May 2030 00:00 (UTC) by a and b")
        assert early == (None, "Outside the window: it began on 1 May 2030 00:00 (UTC).")
        assert late[1] == "Outside the window: extended by a and b, it ended on 21 May 2030 00:00 (UTC)."
        assert late[0] == (utc("2030-05-21") - utc("1970-01-01")) // timedelta(microseconds=1)


class TestSuspends:
    def test_the_time_between_is_out_of_scope(self) -> None:
        rule = changed(SUSPENDS)
        assert border(rule, "2030-05-03") == ON_OFF
        assert border(rule, "2030-05-05") == OFF_ON

    def test_without_an_end_it_is_for_good(self) -> None:
        rule = changed(SUSPENDS.replace("to: 2030-05-05, ", ""))
        assert border(rule, "2030-05-03") == ON_OFF
        assert border(rule, "2030-05-05") == OFF
        assert "suspended on 3 May 2030 00:00 (UTC) by a" in conditions(rule)[1].fails()[0][1]

    def test_the_sentence_names_it(self) -> None:
        says = conditions(changed(SUSPENDS))[1].fails()[0][1]
        assert (
            says == "Out of scope: the provision was suspended from 3 May 2030 00:00 up to 5 May 2030 00:00 (UTC) by a."
        )


class TestTerminates:
    def test_it_is_cut(self) -> None:
        assert border(changed(TERMINATES), "2030-05-06") == ON_OFF
        assert border(changed(TERMINATES), "2030-05-11") == OFF

    def test_a_later_extension_does_not_bring_it_back(self) -> None:
        rule = changed(TERMINATES, EXTENDS.replace("id: x", "id: y"))
        assert border(rule, "2030-05-06") == ON_OFF
        assert border(rule, "2030-05-20") == OFF
        assert rule.span.end_us == (utc("2030-05-06") - utc("1970-01-01")) // timedelta(microseconds=1)

    def test_the_sentence_names_it(self) -> None:
        says = conditions(changed(TERMINATES))[1].fails()[0][1]
        assert says == "Out of scope: the provision was terminated on 6 May 2030 00:00 (UTC) by a."


class TestAmends:
    rule = f"{{all_of: [{RULE}, {{is_kind: [shelling]}}]}}"

    def test_the_old_rule_holds_before_and_the_new_one_from_its_moment_on(self) -> None:
        rule = changed(amends("{is_kind: [movement]}"), rule=self.rule)
        assert border(rule, "2030-05-06") == ON_OFF
        assert border(rule, "2030-05-06", kind="movement") == OFF_ON

    def test_what_has_no_name_in_the_old_rule_is_asked_for_from_then_on(self) -> None:
        rule = changed(amends("{within: {areas: [zone-2]}}"), rule=self.rule)
        assert border(rule, "2030-05-06", area="zone-1") == ON_OFF
        assert border(rule, "2030-05-06", area="zone-2") == ON

    def test_several_predicates_change_at_once(self) -> None:
        both = "{all_of: [{is_kind: [movement]}, {during: {from: 2030-05-01, to: 2030-06-01, zone: UTC}}]}"
        rule = changed(amends(both), rule=self.rule)
        assert border(rule, "2030-05-06", kind="movement") == OFF_ON
        assert border(rule, "2030-05-11", kind="movement") == ON
        assert border(rule, "2030-06-01", kind="movement") == ON_OFF

    def test_a_second_amendment_follows_the_first_whichever_is_written_first(self) -> None:
        first = amends("{is_kind: [movement]}")
        second = amends("{is_kind: [overflight]}", name="y", at="2030-05-08")
        for both in ((first, second), (second, first)):
            rule = changed(*both, rule=self.rule)
            assert border(rule, "2030-05-06") == ON_OFF
            assert border(rule, "2030-05-08", kind="movement") == ON_OFF
            assert border(rule, "2030-05-08", kind="overflight") == OFF_ON

    def test_who_is_bound_is_filled_in_there_too(self) -> None:
        rule = changed(amends("{bound_party: }"), rule=self.rule)
        assert border(rule, "2030-05-06", actor="c") == ON_OFF
        assert border(rule, "2030-05-06", actor="undetermined") == ON

    def test_a_later_extension_extends_the_new_window_alone(self) -> None:
        window = amends("{during: {from: 2030-05-15, to: 2030-05-18, zone: UTC}}", at="2030-05-14")
        rule = changed(window, EXTENDS.replace("id: x", "id: y"))
        assert border(rule, "2030-05-11") == ON_OFF
        assert border(rule, "2030-05-15") == OFF_ON
        assert border(rule, "2030-05-21") == ON_OFF

    def test_the_sentence_is_that_of_the_time(self) -> None:
        rule = changed(amends("{is_kind: [movement]}"), rule=self.rule)
        (_, before), (moment, after) = conditions(rule)[1].fails()
        assert "artillery" in before
        assert "movement" in after
        assert moment == (utc("2030-05-06") - utc("1970-01-01")) // timedelta(microseconds=1)
        assert "since the amendment of 6 May 2030 00:00 (UTC) it was of kind movement of troops" in rule.says()


@pytest.mark.parametrize("change", [EXTENDS, SUSPENDS, TERMINATES, amends("{is_kind: [movement]}")])
def test_a_change_that_a_reading_does_not_recognise_changes_nothing(change: str) -> None:
    assert changed(change, recognises="[]") == changed()
    assert changed(change, recognises="") == changed()
    assert changed(change) != changed()


def test_a_reading_inherits_the_rule_and_not_what_the_other_recognises() -> None:
    heir = "      - {id: two, title: Two, held_by: b, sources: [s], inherits: one"
    agreement = agreed(changes=f"[{SUSPENDS}]", recognises="[x]", more=heir + "}")
    assert border(rule_of(agreement, "two"), "2030-05-03") == ON
    agreement = agreed(changes=f"[{EXTENDS}]", more=heir + ", recognises: [x], rule: {during: {to: 2030-05-12}}}")
    assert border(rule_of(agreement, "one"), "2030-05-11") == ON_OFF
    assert border(rule_of(agreement, "two"), "2030-05-21") == ON_OFF


class TestAfter:
    rule = "{after: {event: start, from_days: 2, to_days: 14}}"

    def resolved(self, rule: str = rule, at: str = "at: 2030-03-25T12:00, zone: Europe/Paris") -> object:
        return rule_of(agreed(rule=rule, events=f"[{{id: start, title: The start, {at}, source: s}}]"))

    def test_days_of_24_hours_are_counted_from_the_event(self) -> None:
        assert border(self.resolved(), "2030-03-27T11:00") == OFF_ON  # Paris is an hour ahead of UTC at the event
        assert border(self.resolved(), "2030-04-08T11:00") == ON_OFF  # and two at the end

    def test_without_an_end_it_stays_open(self) -> None:
        rule = self.resolved("{after: {event: start}}")
        assert border(rule, "2030-03-25T11:00") == OFF_ON
        assert border(rule, "2040-01-01") == ON

    def test_an_event_not_known_to_have_happened_never_holds(self) -> None:
        rule = self.resolved(at="zone: UTC")
        assert border(rule, "2030-03-28") == OFF
        assert rule.fails() == ((None, "Out of scope: 'The start' is not known to have happened."),)

    def test_it_names_the_event_and_keeps_its_name_for_heirs(self) -> None:
        rule = self.resolved()
        assert rule.name == "after"
        assert rule.says().endswith("counted from 'The start'")
        assert "「The start」" in rule.says(words("ja"))
        assert [us is None for us, _ in rule.fails()] == [True, False]
        assert all("The start" in text for _, text in rule.fails())

    def test_an_extension_moves_its_end(self) -> None:
        events = "[{id: start, title: The start, at: 2030-05-01, zone: UTC, source: s}]"
        rule = rule_of(agreed(rule=self.rule, events=events, changes=f"[{EXTENDS}]", recognises="[x]"))
        assert border(rule, "2030-05-15") == ON
        assert border(rule, "2030-05-21") == ON_OFF


class TestNotified:
    window = "window: {from: 2030-05-05, to: 2030-05-06, zone: UTC}"

    def resolved(self, hours: float = 48, given: str = "2030-05-03", more: str = "") -> object:
        notice = f"{{id: n, by: a, given: {given}, zone: UTC, what: A column, {self.window}, source: s{more}}}"
        rule = f"{{all_of: [{RULE}, {{unless: {{notified: {{hours_before: {hours}}}}}}}]}}"
        return rule_of(agreed(rule=rule, notices=f"[{notice}]"))

    def test_its_window_is_excepted_for_who_gave_it(self) -> None:
        assert border(self.resolved(), "2030-05-05") == ON_OFF
        assert border(self.resolved(), "2030-05-06") == OFF_ON
        assert border(self.resolved(), "2030-05-05", actor="b") == ON
        assert border(self.resolved(), "2030-05-05", actor="undetermined") == ON

    def test_it_has_to_be_given_early_enough(self) -> None:
        assert border(self.resolved(given="2030-05-03"), "2030-05-05") == ON_OFF
        assert border(self.resolved(given="2030-05-03T00:01"), "2030-05-05") == ON

    @pytest.mark.parametrize(("more", "what"), [(", areas: [zone-1]", "area"), (", kinds: [shelling]", "kind")])
    def test_it_covers_the_areas_and_kinds_that_it_names(self, more: str, what: str) -> None:
        other = {"area": "zone-2", "kind": "movement"}[what]
        assert border(self.resolved(more=more), "2030-05-05") == ON_OFF
        assert border(self.resolved(more=more), "2030-05-05", **{what: other}) == ON

    def test_any_of_several_will_do(self) -> None:
        notices = ", ".join(
            f"{{id: {name}, by: {name}, given: 2030-05-01, zone: UTC, what: T, {self.window}, source: s}}"
            for name in "ab"
        )
        rule = rule_of(agreed(rule="{notified: {hours_before: 1}}", notices=f"[{notices}]"))
        assert border(rule, "2030-05-05") == border(rule, "2030-05-05", actor="b") == OFF_ON

    def test_without_a_notice_nothing_is_excepted(self) -> None:
        rule = rule_of(agreed(rule="{notified: {hours_before: 1}}"))
        assert border(rule, "2030-05-05") == OFF


class TestInForce:
    rule = "{all_of: [{is_kind: [shelling]}, {in_force: {provision: q, reading: other}}]}"

    def test_it_holds_while_the_other_provision_does_whatever_else_that_asks_for(self) -> None:
        other = f"{{all_of: [{RULE}, {{is_kind: [overflight]}}, {{within: {{areas: [zone-9]}}}}, {{bound_party: }}]}}"
        rule = rule_of(agreed(rule=self.rule, other=other))
        assert border(rule, "2030-05-01") == OFF_ON
        assert border(rule, "2030-05-11") == ON_OFF
        assert border(rule, "2030-05-05", kind="overflight") == OFF

    def test_with_the_changes_that_the_other_reading_recognises(self) -> None:
        provision = "{in_force: {provision: p, reading: one}}"
        for known, then in (("[x]", ON_OFF), ("[]", ON)):
            agreement = agreed(changes=f"[{SUSPENDS}]", recognises=known, other=provision)
            q = agreement.provisions[1]
            assert border(agreement.rule(q, q.readings[0]), "2030-05-03") == then

    def test_an_exception_by_time_counts_and_one_by_kind_does_not(self) -> None:
        day = "{unless: {during: {from: 2030-05-03, to: 2030-05-04, zone: UTC}}}"
        other = f"{{all_of: [{RULE}, {day}, {{unless: {{is_kind: [shelling]}}}}]}}"
        rule = rule_of(agreed(rule=self.rule, other=other))
        assert border(rule, "2030-05-03") == ON_OFF
        assert border(rule, "2030-05-04") == OFF_ON

    def test_windows_that_hold_for_some_kinds_alone_leave_it_in_force(self) -> None:
        other = f"{{any_of: [{RULE}, {{is_kind: [overflight]}}]}}"
        assert border(rule_of(agreed(rule=self.rule, other=other)), "2030-05-11") == ON

    @pytest.mark.parametrize(("met", "then"), [("yes", ON), ("no", OFF), ("unknown", OFF)])
    def test_a_condition_of_the_other_counts(self, met: str, then: tuple[bool, bool]) -> None:
        rule = rule_of(agreed(rule=self.rule, other=f"{{provided: {{that: it rains, met: {met}}}}}"))
        assert border(rule, "2030-05-05") == then

    def test_one_that_says_nothing_of_time_holds_at_any_time(self) -> None:
        assert border(rule_of(agreed(rule=self.rule, other="{is_kind: [overflight]}")), "1990-01-01") == ON

    def test_the_sentence_names_the_provision_and_why(self) -> None:
        standing = conditions(rule_of(agreed(rule=self.rule)))[1]
        assert standing.says() == "'Q' was in force, as 'Other' has it"
        late = standing.fails()[-1][1]
        assert late == (
            "Out of scope: 'Q' was not in force, as 'Other' has it. "
            "Outside the window: it ended on 11 May 2030 00:00 (UTC)."
        )


def test_every_leaf_says_itself_in_every_language() -> None:
    events = "[{id: start, title: The start, at: 2030-05-01, source: s}, {id: never, title: Not yet, source: s}]"
    rule = """{all_of: [{after: {event: start}}, {any_of: [{after: {event: never}}, {notified: {hours_before: 1}},
        {in_force: {provision: q, reading: other}}]}]}"""
    changes = [
        change.replace("id: x", f"id: {name}")
        for name, change in zip(
            "xyzw", (EXTENDS, SUSPENDS, TERMINATES, amends("{within: {areas: [zone-2]}}")), strict=True
        )
    ]
    agreement = agreed(
        rule=rule,
        events=events,
        changes=f"[{', '.join(changes)}]",
        recognises="[x, y, z, w]",
        other="{is_kind: [fire]}",
    )
    for leaf in leaves(rule_of(agreement)):
        english, japanese = leaf.says(), leaf.says(words("ja"))
        assert english
        assert japanese != english
        assert leaf.fails(words("ja"))[0][1] != leaf.fails()[0][1]


DAY = st.integers(1, 28)
MOMENTS = [datetime(2030, 5, 1, 1, tzinfo=UTC) + timedelta(hours=7 * n) for n in range(150)]


@st.composite
def windows(draw: st.DrawFn) -> str:
    first, length = draw(DAY), draw(st.integers(1, 3))
    end = datetime(2030, 5, first, tzinfo=UTC) + timedelta(days=length)
    return f"{{during: {{from: 2030-05-{first:02}, to: {end:%Y-%m-%d}, zone: UTC}}}}"


RULES = st.recursive(
    windows() | st.sampled_from(["{is_kind: [shelling]}", "{is_kind: [movement]}", "{during: {from: 2030-05-09}}"]),
    lambda inner: st.one_of(
        st.lists(inner, min_size=1, max_size=3).map(lambda parts: f"{{all_of: [{', '.join(parts)}]}}"),
        st.lists(inner, min_size=1, max_size=3).map(lambda parts: f"{{any_of: [{', '.join(parts)}]}}"),
        inner.map(lambda part: f"{{unless: {part}}}"),
    ),
    max_leaves=6,
)


@settings(max_examples=60, deadline=None)
@given(RULES, DAY, st.sampled_from(["extends", "suspends", "terminates"]))
def test_extending_never_lowers_and_suspending_and_terminating_never_raise(rule: str, day: int, what: str) -> None:
    change = {
        "extends": f"{{id: x, what: extends, until: 2030-05-{day:02}, zone: UTC, by: [a], source: s}}",
        "suspends": f"{{id: x, what: suspends, from: 2030-05-{day:02}, zone: UTC, by: [a], source: s}}",
        "terminates": f"{{id: x, what: terminates, at: 2030-05-{day:02}, zone: UTC, by: [a], source: s}}",
    }[what]
    without, with_it = (holds(changed(change, rule=rule, recognises=known), Exact(MOMENTS)) for known in ("[]", "[x]"))
    assert (without <= with_it).all() if what == "extends" else (with_it <= without).all()
