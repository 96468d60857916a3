"""Teisen (停戦): an open system that monitors and verifies a ceasefire.

The rooms, in the order in which data flows through them: ``agreement`` and ``observation`` (the words),
``sources`` (files in, tables out), ``ledger`` (what was received and decided), ``fusion`` (incidents),
``judgement`` (findings), ``compliance`` (rates), ``release`` (what may leave), ``case`` (a folder that holds all of
it) and ``cli``. A room may use the rooms before it, never those after it.
"""

__version__ = "0.1.0"
