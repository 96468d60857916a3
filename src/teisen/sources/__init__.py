"""Sources: one module a format under ``readers/``, one profile a source under ``profiles/``.

In: the bytes of a received file and the case's declarations. Out: observations, exposure, allegations, areas, names,
sites and conditions. May touch ``observation`` and below; knows no ledger, no agreement and no stage.
"""

from teisen.sources.reader import READ_TABLES, Ground, Intake, Reader, Scope, Source, SourceFile

__all__ = ["READ_TABLES", "Ground", "Intake", "Reader", "Scope", "Source", "SourceFile"]
