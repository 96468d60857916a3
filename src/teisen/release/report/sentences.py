"""Sentences that stages write into tables in English, and that a report says again in its reader's language.

Stages stay free of languages: they write English, and :func:`teisen.languages.again` recognises it by these texts. A
sentence that a stage changes has to be changed here; the test of this room says which are not recognised.
"""

from __future__ import annotations

from teisen.languages import text

FUSION = (
    text("{percent} % of this source's reports are true"),
    text("a source independent of the others agrees in place, time and kind"),
    text("a further report of the same group of sources: counts once"),
    text("a further report of the same source: it repeats a false one less often than a true one"),
    text("a further report of the same source: what lies about it is in the odds of the first"),
    text("{reason}; of an incident it mostly makes more reports than one"),
    text("{percent} % of its true reports are joined by others of its group, and this one is by none"),
    text("a copy of {id}: counts once"),
    text(
        "days with one within {cells} cells and {days} days: {others} others, {usual} are ordinary here at this season"
    ),
    text("in this area {percent} % are of the conflict"),
    text("this cell has {times} times its neighbours' in ordinary years"),
    text("in working hours {percent} % of what it reports from here is work"),
    text("{where}, covers {percent} % of its time"),
    text("this source says so here {base} % of the time"),
    text("of no stated place, so of every incident of its time"),
    text("over its area"),
    text("{distance} km away"),
    text("{reason}: moves nothing"),
    text("its group of sources counts once"),
    text("{source}: watched, would have reported it with p {p}; nothing reported ({reason})"),
    text("{source}: too weak to see ({reason})"),
    text("{source}: no data ({reason})"),
    text("{source}: cloud ({reason})"),
    text("{source}: outage ({reason})"),
    text("{source}: refused ({reason})"),
    text("{source}: jammed ({reason})"),
    text("{source}: unknown ({reason})"),
    text("{source}: watched; nothing reported"),
    text("{source}: too weak to see"),
    text("{source}: no data"),
    text("{source}: cloud"),
    text("{source}: outage"),
    text("{source}: refused"),
    text("{source}: jammed"),
    text("{source}: unknown"),
)
"""Why a line of evidence counts, from :mod:`teisen.fusion`; without its figures where a release takes them out."""

EFFORT = (
    text("cloud {percent} % ({whence})"),
    text("of the day at the nearest place"),
    text("of the day"),
    text("normal of the month"),
    text("mean of the month over all areas"),
    text("cloud unknown"),
    text("the files hold {percent} % of the day"),
    text("{n} passes"),
    text("no file for this day"),
    text("no file holds this day"),
    text("{n} reports, usually {usual}: the feed failed in part"),
    text("{n} reports, usually {usual}"),
    text("what outlets miss is unknown"),
    text("within reach {percent} %"),
    text("curfew"),
    text("the feed runs"),
    text("under alert for {percent} % of the day"),
    text("under alert for {percent} % of the day: an alert tells little here"),
    text("the region never stands in this feed"),
    text("the feed holds nothing for this day"),
    text("the tallies speak about this day"),
    text("the tallies state nothing about this day"),
    text("the tallies hold nothing for this day"),
    text("the feed is silent for {percent} %, longer than its habit ({hours} h): it failed, or had nothing to say"),
    text("on patrol"),
    text("on watch"),
    text("as the file states"),
    text("the mapping does not say what was watched"),
)
"""What a source could see, from :mod:`teisen.sources`."""

WEIGHED = (
    text("Corroborated: {found} recorded without the accuser's sources fit (P = {p}; by chance {c})."),
    text("Partly corroborated: {found} recorded without the accuser's sources fit in part (P = {p}; by chance {c})."),
    text("Not corroborated, and it could not well have been seen: P(others report it) = {w}."),
    text("Not corroborated, and it could not well have been seen."),
    text("Not corroborated, although it would probably have been seen: P(others report it) = {w}."),
    text("Not corroborated, although it would probably have been seen."),
    text("Not corroborated; it names no place, so what could have been seen is not known."),
    text("Not read: the statement is kept as text and nothing is guessed from it."),
    text(
        "{outcome}: of {number} {unit} stated, {matched} on record without the accuser's sources fit "
        "(expected number); {would}."
    ),
    text(
        "{outcome}: of {number} {unit} stated, {matched} on record without the accuser's sources fit (expected number)."
    ),
    text("Corroborated by number"),
    text("Partly corroborated by number"),
    text("Not corroborated by number, and it is not shown that a part of it could have been seen"),
    text("Not corroborated by number, although a part of it would probably have been seen"),
    text("had all of it happened, others would have recorded {number}"),
    text("where it happened is not stated, so what others would have recorded is not known"),
    text("Corroborated by number."),
    text("Partly corroborated by number."),
    text("Not corroborated by number, and it is not shown that a part of it could have been seen."),
    text("Not corroborated by number, although a part of it would probably have been seen."),
    text("On record: {number}."),
    text("On record: {low} to {high}."),
    text("With what nobody recorded: {number} (90 % interval)."),
    text("With what nobody recorded: {low} to {high} (90 % interval)."),
    text("So many are on record."),
    text("So many can have been."),
    text("So many are not supported: the evidence speaks for fewer."),
    text("Whether there were so many cannot be told: most would probably have gone unseen."),
    text("Whether there were so many cannot be told."),
    text("So many {unit} are no number of incidents; whether something of this kind was there is weighed."),
)
"""What became of an allegation, from :mod:`teisen.judgement`; without its numbers where a release takes them out."""

VERDICTS = (
    text("What it forbids is at {level}."),
    text("What it forbids is at {level}: low, but twice the truce's quietest and more."),
    text("What it forbids is at {level}: it did not fall, or came back."),
    text("It is at {level}, but a fall and a fault of the one source that looked look alike (P {p})."),
    text("It is at {level}; no answer is sure enough: holding {holding}, eroding {eroding}, collapsed {collapsed}."),
    text("{middle} ({low} to {high}) of the time before, by {n} independent source"),
    text("{middle} ({low} to {high}) of the time before, by {n} independent sources"),
    text("Fewer than seven days before it are known: too little to compare with."),
    text("Nobody could see on this day."),
    text("Too little of it was recorded before: its absence says nothing."),
    text("It is in force for a small part of this day only."),
)
"""Whether it holds, from :mod:`teisen.compliance`."""

POLICY = (
    text("public"),
    text("mission"),
    text("Rows leave {hours} hours after what they speak of."),
    text("Places leave on a grid of {km} km."),
    text("Times are widened to the {unit}."),
    text("minute"),
    text("hour"),
    text("day"),
    text("Counts of an area and day from 1 to {most} are withheld."),
    text("What could be seen leaves in words by region and day."),
    text("Rows and texts of sources whose licence forbids to pass them on stay inside."),
    text("Some sources' licences forbid to pass their rows and texts on: for internal use."),
    text("Decisions and replies leave without names of people."),
    text("Ids leave hashed again, under a secret of the ledger."),
    text("Watch plans leave {hours} hours after they are put on record."),
    text("Not released: {columns}."),
)
"""Terms of a release, from :mod:`teisen.release.policy`."""

REDACTED = (
    text("row withheld"),
    text("{column} withheld"),
    text("count withheld"),
    text("table withheld"),
    text("title and place name replaced"),
    text("refers to an observation that stays inside"),
    text("rows put into words"),
    text("reason shortened"),
    text("counted again without what is withheld"),
    text("place coarsened"),
    text("shape coarsened"),
    text("time widened"),
    text("ids hashed again"),
    text("younger than {hours} hours"),
    text("speaks of what is not released"),
    text("places and times leave coarser"),
    text("waits for a second person, or does not count"),
    text("waits for a second person"),
    text("names of people stay inside"),
    text("the source's licence forbids to pass it on"),
    text("what could be seen leaves as words by region and day"),
    text("a count below {least}, or needed to hide one"),
    text("places leave on a grid of {km} km"),
    text("times leave to the {unit}"),
    text("a plain id would tell what it was made from"),
    text("hidden by the case's policy"),
)
"""What a release changed and why, from :mod:`teisen.release.redaction`."""

LEVELS = (
    text("unlikely"),
    text("possible"),
    text("likely"),
    text("very likely"),
    text("alleged"),
    text("nobody counted"),
)
"""Levels of a finding where an agreement states no words of its own, and those that are no matter of probability."""

UNITS = (
    *(text("drones"), text("missiles"), text("strikes"), text("violations"), text("hits"), text("regions")),
    *(text("shells"), text("shots"), text("explosions"), text("launched"), text("alerts"), text("reports")),
    *(text("deliveries"), text("trucks"), text("aircraft"), text("casualties"), text("sites")),
)
"""Units of counts; a number stands before them, so a catalogue takes the form that counts take."""

MISSED = (
    text("no group of sources saw any alone"),
    text("one group of sources alone is no capture and recapture"),
    text("two lists alone: that they see independently of each other is assumed and cannot be checked"),
    text("too few violations were seen"),
    text("hardly any violation was seen by several lists"),
    text("some two lists saw nothing in common"),
    text("the data leave the total open by more than a factor of four"),
    text("models that fit about as well give totals far apart"),
    text("lists depend on each other"),
    text("some violations seem easier to see than others, and how many are hard to see no data tells"),
    text("no model fits who saw what: lists depend in more than pairs, or some violations are easier to see"),
    text("lists depend on each other, and then it need not lie below what there was"),
    text("it lies below the lower bound that holds whatever violations differ in"),
    text("two latent classes fit as well and give another total"),
    text("capture-recapture and detection probabilities disagree"),
    text("latent classes need four lists"),
    text("no source's probability to detect is known where they were seen"),
    text("what happened where and when nobody could see is not in it"),
    text("detection probabilities are mostly assumed, not measured"),
)
"""What speaks against an estimate of all violations, from :mod:`teisen.compliance.missed`."""
