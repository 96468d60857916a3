"""CSV with a row of HXL tags (hxlstandard.org, HXL 1.1) under the heading, so that humanitarian tools can merge it.

A tag is a hashtag of the core schema with attributes; what the schema has no word for gets the nearest hashtag with
attributes of its own, as the standard allows.
"""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from teisen.release.csv_text import to_csv

HXL: Mapping[str, str] = {
    "incident_id": "#event+id",
    "finding_id": "#event+finding+id",
    "observation_id": "#meta+observation+id",
    "allegation_id": "#event+allegation+id",
    "subject": "#event+subject+type",
    "subject_id": "#event+subject+id",
    "start": "#date+start",
    "end": "#date+end",
    "reported": "#date+reported",
    "stated": "#date+reported",
    "decided": "#date+decided",
    "valid_from": "#date+valid+start",
    "valid_to": "#date+valid+end",
    "lon": "#geo+lon",
    "lat": "#geo+lat",
    "place_error_m": "#geo+error+m",
    "geometry": "#geo+wkb",
    "area_id": "#adm1+code",
    "place_name": "#loc+name",
    "name": "#loc+name",
    "level": "#severity+level",
    "kind": "#event+type",
    "kinds": "#event+type+list",
    "title": "#event+name",
    "targets": "#event+target+list",
    "weapons": "#event+weapon+list",
    "actors": "#org+actor+list",
    "attribution": "#org+actor+list",
    "accuser": "#org+accuser+code",
    "accused": "#org+accused+code",
    "agreement_id": "#meta+agreement+id",
    "provision_id": "#meta+provision+id",
    "reading_id": "#meta+reading+id",
    "p_conflict": "#indicator+conflict+prob",
    "p_violation": "#indicator+violation+prob",
    "p_in_scope": "#indicator+scope+prob",
    "p_detect": "#indicator+detect+prob",
    "p_corroborated": "#indicator+corroborated+prob",
    "n_observations": "#meta+observations+num",
    "n_groups": "#meta+groups+num",
    "severity": "#severity+name",
    "outcome": "#status+outcome",
    "state": "#status",
    "word": "#status+name",
    "explanation": "#description",
    "says": "#description",
    "reason": "#description+reason",
    "text": "#description+original",
    "language": "#meta+lang",
    "source_id": "#meta+source",
    "link": "#meta+url",
    "recorded": "#event+num",
    "expected": "#event+expected+num",
    "watched": "#indicator+watched+share",
    "rate": "#indicator+rate+num",
    "rate_low": "#indicator+rate+low+num",
    "rate_high": "#indicator+rate+high+num",
    "quantity": "#event+stated+num",
    "unit": "#event+stated+unit",
}
"""Tags by column; a column without one is left untagged, which HXL allows."""


def hxl_csv(frame: pl.DataFrame) -> str:
    """A table as UTF-8 CSV with a heading and a row of tags; times in UTC, lists as JSON, shapes as hex WKB."""
    heading, _, rows = to_csv(frame).partition("\n")
    return f"{heading}\n{','.join(HXL.get(name, '') for name in frame.columns)}\n{rows}"
