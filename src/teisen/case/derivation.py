"""From definitions and received files to every table of a case: a pure function, to be called in one line."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import polars as pl

from teisen.agreement import stated_allegations
from teisen.case.definitions import Definitions, parse_definitions
from teisen.case.reading import Content, Progress, Received, ground_of, once, read_files, silent
from teisen.compliance import assess
from teisen.fusion import fuse
from teisen.judgement import judge, weigh
from teisen.observation import ALLEGATION


def derived_tables(
    definitions: Definitions | Mapping[str, bytes],
    received: Iterable[Received],
    content: Content,
    progress: Progress = silent,
) -> dict[str, pl.DataFrame]:
    """Derive all tables of a case.

    Args:
        definitions: parsed, or YAML by path in the case folder.
        received: the files, in any order.
        content: gives a file's bytes by SHA-256.
        progress: told step by step.

    Returns:
        Tables by name, those of :data:`teisen.release.TABLES`. The same content gives the same rows in the same order,
        whatever the order of ``received``.

    Raises:
        BadInput: a definition does not fit.
    """
    if not isinstance(definitions, Definitions):
        definitions = parse_definitions(definitions)
    case, agreements, sources = definitions.case, definitions.agreements, definitions.sources
    tables = read_files(received, content, sources, case.scope, progress)
    stated = map(stated_allegations, agreements, definitions.agreement_blobs)
    tables["allegation"] = once(ALLEGATION, [tables["allegation"], *stated])
    ground = ground_of(tables)
    exposure = tables["exposure"]
    progress("fusing", 0, 1)
    fused = fuse(tables["observation"], exposure, ground, sources)
    progress("judging", 0, 1)
    judged = judge(fused.incidents, tables["allegation"], agreements, ground)
    progress("weighing allegations", 0, 1)
    outcome = weigh(tables["allegation"], fused.incidents, fused.evidence, exposure, sources, ground)
    progress("assessing compliance", 0, 1)
    rate = assess(judged.findings, fused.incidents, exposure, agreements, ground.areas, case.scope, case.zone)
    return tables | {
        "incident": fused.incidents,
        "evidence": fused.evidence,
        "finding": judged.findings,
        "parting": judged.partings,
        "outcome": outcome,
        "rate": rate,
    }
