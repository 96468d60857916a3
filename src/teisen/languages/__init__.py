"""Sentences in a reader's language: English stands in the code, every other language in a catalogue beside this file.

In: a text in English with named gaps. Out: the same in another language. Catalogues are gettext files (``ja.po``) that
translators edit with the tools they know; dates, numbers and plurals follow Unicode's CLDR, through Babel. Knows no
table and no word of the domain. How it is used: docs/languages.md.
"""

from teisen.languages.again import again
from teisen.languages.speaking import counted, say, say_again, speaking, spoken, text
from teisen.languages.words import ENGLISH, LANGUAGES, Words, words

__all__ = [
    "ENGLISH",
    "LANGUAGES",
    "Words",
    "again",
    "counted",
    "say",
    "say_again",
    "speaking",
    "spoken",
    "text",
    "words",
]
