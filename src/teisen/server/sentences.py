"""Sentences that the server gets in English and says again in the language of who asked (:mod:`teisen.languages`).

Readers of files, the record of publications and the check of what programs send stay free of languages. What is not
listed here, such as the words of a parser's own error, stays English.
"""

from __future__ import annotations

from teisen.languages import text

UNFIT = (
    text("Field required"),
    text("Extra inputs are not permitted"),
    text("JSON decode error"),
    text("Input should be {options}"),
    text("Input should be a valid integer"),
    text("Input should be a valid integer, unable to parse string as an integer"),
    text("Input should be a valid number"),
    text("Input should be a valid number, unable to parse string as a number"),
    text("Input should be a valid string"),
    text("Input should be a valid boolean"),
    text("Input should be a valid boolean, unable to interpret input"),
    text("Input should be a valid dictionary"),
    text("Input should be a valid dictionary or object to extract fields from"),
    text("Input should be a valid list"),
    text("Input should be a valid date or datetime, {reason}"),
    text("Input should be a valid date in the format YYYY-MM-DD, {reason}"),
    text("Input should be a valid datetime or date, {reason}"),
    text("Input should have timezone info"),
    text("Input should be greater than {n}"),
    text("Input should be greater than or equal to {n}"),
    text("Input should be less than {n}"),
    text("Input should be less than or equal to {n}"),
    text("String should have at least {n} character"),
    text("String should have at least {n} characters"),
    text("String should have at most {n} character"),
    text("String should have at most {n} characters"),
    text("String should match pattern '{pattern}'"),
    text("List should have at most {n} items after validation, not {number}"),
    text("Dictionary should have at most {n} items after validation, not {number}"),
    text("Value error, {reason}"),
)
"""What is wrong with a value that a program sent, from Pydantic."""

ROWS = (
    text("it is empty"),
    text("'{value}' is no distance and direction"),
    text("it tells how far away, but not from where"),
    text("'{value}' is no position"),
    text("'{value}' is no latitude"),
    text("'{value}' is no longitude"),
    text("one of easting and northing is empty"),
    text("easting {east} and northing {north} lie off the grid {grid}"),
    text("'{value}' is in zone J: the local time of whoever wrote it"),
    text("'{value}' is in zone L: UTC+11, or local time as many write it"),
    text("'{value}' is no {word}"),
    text("'{value}' is no number from {low} to {high}"),
    text("'{value}' has a comma"),
    text("'{value}' is no party of this case"),
    text("'{value}' is no possible date or time"),
    text("'{value}' is no date"),
    text("'{value}' is no confidence: neither l, n, h nor 0 to 100"),
    text("'{value}' is no id of the form {form}"),
    text("'{value}' are no hours"),
    text("'{value}' is not among the values of {column} in the mapping"),
    text("'{value}' names no known area; closest: {names}"),
    text("'{value}' names no known place; closest: {names}"),
    text("'{value}' names places far from each other"),
    text("'{value}' names a place, but none in '{area}'"),
    text("'{value}' stands at feature {number} already"),
    text("the same row stands at row {number} already"),
    text("it reports the same as row {number}"),
    text("the same report stands in an earlier row, written otherwise"),
    text("longitude and latitude seem to be exchanged"),
    text("longitude and latitude seem to be exchanged: as they stand the place is outside the case's area"),
    text("one of longitude and latitude is empty"),
    text("it names no area and no place"),
    text("it ends before it starts"),
    text("it ends before it begins to hold"),
    text("it is a day without an hour"),
    text("it has {found} fields, not {wanted}"),
    text("the heading lacks {column}; it has {columns}"),
    text("the heading names {column} twice"),
    text("the records lack {column}; they have {columns}"),
    text("it lacks {columns}"),
    text("more were destroyed than launched"),
    text("no target class is given for it"),
    text("a site with this id stands above"),
    text("it is no line in degrees (WKT LINESTRING, longitude first)"),
    text("neither region nor oblast stands in the heading, or all are empty"),
    text("the two lines of elements are not whole"),
    text("the checksum of a line is wrong"),
    text("an element is missing or wrong: {error}"),
    text("the name {name} holds no day"),
    text("the day {day} stands in {name} already"),
)
"""What is wrong with a row, from :mod:`teisen.sources`."""

FILES = (
    text("not readable as {format}: {error}"),
    text("not readable as a zip file ({error})"),
    text("not readable as a GeoJSON geometry ({error})"),
    text("the file breaks off within this row: a quote is not closed"),
    text("the file breaks off, or is damaged, after the last whole record"),
    text("the compressed file breaks off before its end"),
    text("the compressed file is damaged ({error})"),
    text("it unpacks to more than {n} GiB"),
    text("it holds bytes that are not UTF-8"),
    text("it holds NUL bytes: this is no text file"),
    text("it is not UTF-8"),
    text("it is not UTF-8 (byte {n})"),
    text("it is UTF-16, not UTF-8"),
    text("it is a workbook or an archive, not a table as text"),
    text("it is no UTF-8 text"),
    text("it is not readable as JSON and holds no whole record"),
    text("it is no list of JSON objects and no GeoJSON"),
    text("it holds no list of features"),
    text("it holds no orbital elements"),
    text("it holds no points"),
    text("it declares a document type, which no {format} needs"),
    text("its coordinates are in {crs}, not in degrees of WGS84"),
    text("the geometry is {found}, not a {wanted}"),
    text("coordinates from {first} to {last} are no degrees"),
)
"""What is wrong with a file as a whole, from :mod:`teisen.sources`."""

MENDING = (
    text("Nothing to do: it is counted once."),
    text("Correct the value, or check that the columns of the file stand under their own headings ({column})."),
    text("Correct the id, or check that the columns stand under their own headings ({column})."),
    text("Write it as {form}, or check that the columns of the file stand under their own headings."),
    text("Correct the row: each field under its heading, quotes closed."),
    text("Give each column a heading of its own."),
    text("Its fields seem to be separated by {sign}: write `delimiter: {sign}` into the mapping."),
    text("Save the sheet as CSV (UTF-8) and send that."),
    text("Correct the name, or add it to the case's names of areas."),
    text(
        "Correct the name, give the area that it lies in (`area`), or add the place to the case's names "
        "(reader `names`)."
    ),
    text("Write it as 4-6 km NE, 3 km or 1500 m 270°, or leave it empty where it is not known."),
    text("Give the place that it is told from (`place`, or `lon` and `lat`)."),
    text("Write it as {form} or in decimal degrees, minutes and seconds below 60."),
    text(
        "Write it as 46°12.5'N 030°44.2'E, as MGRS with its zone (36TWS 1234 5678) or as UTM with its zone "
        "(36T 512345 5123456)."
    ),
    text("Write the letter of the clock that it was read from (Z is UTC, B is UTC+2, C is UTC+3)."),
    text("Check the code under `grid`, and that the two columns are not exchanged."),
    text("Correct the times."),
    text("Correct the times, or exchange the two columns."),
    text("Correct the numbers, or exchange the two columns."),
    text("Correct the two dates."),
    text("Correct the line, or check the file's quote character."),
    text("Correct the feature's geometry."),
    text("Exchange the two columns, or their headings."),
    text("Write longitude first, then latitude."),
    text("Write one of {columns}, or leave it empty: watched."),
    text("Write one of {columns}, or map it under fields.{column}.values."),
    text("Write decimals with a point, and thousands without a mark: 1234.5."),
    text("Write them as 20:00-06:00, or leave them empty: day and night."),
    text("Write a date as 2014-09-19, or a time of ISO 8601."),
    text("Write a name in {column}."),
    text("Add it under fields.{column}.values, or give {columns} an otherwise."),
    text("Add the value to `classes:`."),
    text("Give it a word under fields.{column}.values in the mapping."),
    text("Give it, or a constant in the mapping."),
    text("Give both, or none."),
    text("Give both, or neither."),
    text("Give every post a name."),
    text("Give each site its own id."),
    text("Give each row its area."),
    text("Give each feature its {column}."),
    text("Give an area id or a place."),
    text("Give the time of day."),
    text("Give a {form} or Multi{column}."),
    text("Name the model, or write Unknown Missile or Unknown UAV."),
    text("Name the file after its day, as the options say."),
    text("Keep one file for each day."),
    text("Keep one feature for each area."),
    text("A report without text says nothing; send the row with its headline."),
    text("Send the post with its text, or leave the row out."),
    text("Send the track with its places."),
    text("Send the feed with the regions of its alerts."),
    text("Send the elements again as they were published (TLE, or OMM as CSV or XML)."),
    text("Send plain GPX."),
    text("Send a GPX file with track points."),
    text("Send a list of records."),
    text("Send a GeoJSON FeatureCollection."),
    text("Send the CSV file itself."),
    text("Send it as comma-separated UTF-8 text."),
    text("Send the file again."),
    text("Send the file again, whole."),
    text("Send the file again, whole, as GeoJSON."),
    text("Send the file again, whole; the rows before the break were kept."),
    text("Send the file again, whole; the records before the break were kept."),
    text("Send this day's file again."),
    text("Split the file into smaller ones."),
    text("Save the file as UTF-8 and send it again."),
    text("Save the file as UTF-8 (CSV UTF-8) and send it again."),
    text("Check that this is the right file for this source, or correct the headings."),
    text("Check that this is the right file for this source, or correct the names."),
    text("Convert it to WGS84."),
    text("Convert it to WGS84 (EPSG:4326)."),
)
"""What to do about a row or a file, from :mod:`teisen.sources`."""

FORMS = (
    text("the form has no such field"),
    text("Fill {columns}."),
    text("it is too long"),
    text("Write up to {n} characters."),
    text("Fill it in."),
    text("it does not fit"),
    text("Send 16 to 64 letters, digits, dashes or underscores, new for each report."),
    text("it lies outside of the case's time or box"),
    text("Correct time or place."),
)
"""What is wrong with a filled form, from :mod:`teisen.server.writing`."""

PUBLICATIONS = (
    text("the same report is on record as {id}"),
    text("Release that one."),
    text("the role {role} does not release"),
    text("the role {role} does not withdraw what was released"),
    text("Ask a duty-officer."),
    text("{who} prepared {id}"),
    text("A second person has to release it."),
    text("case.yaml changed since it was prepared"),
    text("Prepare it anew, under the terms that hold now."),
    text("{id} is withdrawn"),
    text("Nothing is left to do."),
    text("there is no publication '{id}'"),
    text("Take its id from the list."),
)
"""Why a report is not prepared, released or withdrawn, from :mod:`teisen.case.publication`."""

WITHDRAWING = (
    text("no reason is given"),
    text("Write why."),
    text("no file of this name was received from this source"),
    text("The last ones received are: {columns}."),
    text("None was received from it."),
    text("it counts already"),
    text("it is withdrawn already ({column})"),
    text("{n} files of this source have this name"),
    text("Write the first digits of its SHA-256 instead: {columns}."),
)
"""Why a file is not withdrawn, from :mod:`teisen.case.withdrawing`."""

DECIDING = (
    text("'{value}' is no party of this case"),
    text("Write one of {columns}, or none."),
    text("no incident {id} is derived"),
    text("Take its id from a report or an export."),
    text("{column} is no report under {id}"),
    text("Its reports are {columns}."),
    text("{column} founds {id}, whose id comes from it"),
    text("Part the other reports."),
    text("'{value}' is no level of this agreement"),
    text("Write one of {columns}."),
)
"""Why a decision is not recorded, from :mod:`teisen.case.deciding`."""

HOOKS = (
    text("'{value}': it is no web address"),
    text("'{value}': it does not begin with {form} and a name"),
    text("'{value}': it holds a user name or a password"),
    text("'{value}': it holds a fragment, which is never sent"),
    text("'{value}': its name has no address"),
    text("'{value}': it leads to an address that is not public"),
    text("Write a public https address."),
)
"""Why an address is not told of new states, from :mod:`teisen.server.webhooks`."""

CHANGES = (
    text("It came back to about {ratio} of the time of reference (P {p})."),
    text("Independent sources fell alike, to about {ratio} of the time of reference (P {p})."),
    text("Only {source} fell; what others show did not change (P {p})."),
    text("Counts fell as the effort did: less could be seen (P {p})."),
    text("A quiet day among others (P {p})."),
    text(
        "It cannot be told: less happened {less}, {source} alone fell {alone}, less could be seen {unseen}, "
        "scatter {scatter}."
    ),
    text("a source"),
)
"""Why a change is none or one, from :mod:`teisen.compliance.change`."""
