"""A paper as a page: its blocks in HTML, with nothing fetched and no script."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape

from teisen.release.paper import Block, Facts, Figure, Grid, Heading, Lines, Notice, Paper, Quote, Text

STYLE = """
body{font:16px/1.55 'Noto Sans','Noto Sans JP','Noto Sans CJK JP',sans-serif;max-width:60rem;margin:2rem auto;
padding:0 1rem;color:#1a1a1a;background:#fff}
h1,h2,h3{line-height:1.25}table{border-collapse:collapse;width:100%;margin:1rem 0}
caption{text-align:left;font-weight:600;padding:.3rem 0}th,td{text-align:left;padding:.3rem .6rem .3rem 0;
border-bottom:1px solid #bbb;vertical-align:top}.n{text-align:right;font-variant-numeric:tabular-nums}
.notice{border-left:.3rem solid #8a4b00;background:#fff4e5;padding:.6rem 1rem}small,footer{color:#444}
dt{font-weight:600}dd{margin:0 0 .5rem;overflow-wrap:anywhere}
.scroll{overflow-x:auto}svg{max-width:100%;height:auto}
@media(max-width:40rem){table{font-size:.85rem}}
@media(prefers-color-scheme:dark){body{color:#eee;background:#16181c}.notice{background:#3a2a10}
small,footer{color:#bbb}}
"""


def page(paper: Paper, sha256: str) -> str:
    """The page; ``sha256`` of the document stands in its head for programs."""
    body = "\n".join(markup(block) for block in paper.blocks)
    foot = " · ".join(escape(one) for one in (paper.author, paper.foot) if one)
    return (
        f'<!doctype html>\n<html lang="{escape(paper.language)}">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f'<meta name="teisen-plan" content="{sha256}">\n<title>{escape(paper.title)}</title>\n'
        f"<style>{STYLE}</style>\n</head>\n<body>\n<main>\n<h1>{escape(paper.title)}</h1>\n"
        f"<p>{escape(paper.subtitle)}</p>\n{body}\n</main>\n<footer>{foot}</footer>\n</body>\n</html>\n"
    )


def markup(block: Block, below: int = 1) -> str:
    """A block in HTML, its headings under one of level ``below``; texts in it are escaped."""
    return "\n".join(_block(block, below))


def _block(block: Block, below: int) -> Iterator[str]:
    match block:
        case Heading(text, level):
            yield f"<h{level + below}>{escape(text)}</h{level + below}>"
        case Text(text, head, small):
            bold = f"<strong>{escape(head)}</strong> " if head else ""
            inner = f"{bold}{escape(text)}"
            yield f"<p>{f'<small>{inner}</small>' if small else inner}</p>"
        case Notice(text):
            yield f'<p class="notice">{escape(text)}</p>'
        case Quote(text, language):
            yield f'<blockquote lang="{escape(language)}">{escape(text)}</blockquote>'
        case Facts(rows):
            yield '<dl class="facts">' + "".join(f"<dt>{escape(a)}</dt><dd>{escape(b)}</dd>" for a, b in rows) + "</dl>"
        case Lines(items):
            yield "<ul>" + "".join(f"<li><strong>{escape(a)}</strong> {escape(b)}</li>" for a, b in items) + "</ul>"
        case Figure(svg, alt, caption):
            yield f'<figure role="img" aria-label="{escape(alt)}">{svg}'
            yield f"<figcaption>{escape(caption)}</figcaption></figure>"
        case Grid():
            yield from _grid(block)


def _grid(grid: Grid) -> Iterator[str]:
    def cells(row: tuple[str, ...], tag: str) -> str:
        scope = " scope=col" if tag == "th" else ""
        return "".join(
            f"<{tag}{scope}{' class=n' if n in grid.numbers else ''}>{escape(one)}</{tag}>" for n, one in enumerate(row)
        )

    yield f'<div class="scroll" tabindex="0" role="region" aria-label="{escape(grid.caption)}">'
    yield f"<table><caption>{escape(grid.caption)}</caption><thead><tr>{cells(grid.heads, 'th')}</tr></thead><tbody>"
    yield from (f"<tr>{cells(row, 'td')}</tr>" for row in grid.rows)
    yield "</tbody></table></div>"
