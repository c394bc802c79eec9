"""The contact sheet of a site: optimizers side by side on landscapes, as one table of small pictures."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from html import escape
from typing import Any

from gdviz.gallery import records
from gdviz.gallery.entry import SHEET
from gdviz.gallery.markup import sources, title_of
from gdviz.lang import texts
from gdviz.registry.kinds import KINDS

PAGE = f"{SHEET}.html"

Manifest = Mapping[str, Any]


def cells(manifest: Manifest) -> dict[str, tuple[str, str]]:
    """Landscape and optimizer of every picture of the sheet, by the name of its entry; none where there is no sheet."""
    asked = manifest.get("sheet") or {"landscapes": (), "optimizers": ()}
    return {f"{SHEET}/{one}/{other}": (one, other) for one in asked["landscapes"] for other in asked["optimizers"]}


def body(manifest: Manifest, lang: str, pages: Collection[str]) -> str:
    """The table; pages: names of the entries that have a page, to which rows and columns then lead."""
    asked, made = manifest["sheet"], {entry["name"]: entry for entry in manifest["entries"]}
    heads = "".join(f'<th scope="col">{_head("optimizer", name, lang, pages)}</th>' for name in asked["optimizers"])
    rows = []
    for landscape in asked["landscapes"]:
        row = [f'<th scope="row">{_head("landscape", landscape, lang, pages)}</th>']
        row += [_cell(made.get(f"{SHEET}/{landscape}/{optimizer}"), lang) for optimizer in asked["optimizers"]]
        rows.append(f"<tr>{''.join(row)}</tr>")
    title = escape(texts(lang).text("page_sheet"))
    listed = "\n".join(rows)
    return (
        f'<h1>{title}</h1>\n<div class="sheet" tabindex="0" role="region" aria-label="{title}">\n<table>\n'
        f"<thead><tr><td></td>{heads}</tr></thead>\n<tbody>\n{listed}\n</tbody>\n</table>\n</div>"
    )


def _head(kind: str, name: str, lang: str, pages: Collection[str]) -> str:
    title, page = escape(title_of(kind, name, lang)), f"{KINDS[kind].plural}/{name}"
    return f'<a href="{escape(page)}.html">{title}</a>' if page in pages else title


def _cell(entry: Manifest | None, lang: str) -> str:
    if entry is None or not entry["pictures"]:
        return "<td></td>"
    pictures = {one["theme"]: one for one in entry["pictures"]}
    first = next(iter(pictures.values()))
    _, landscape, optimizer = entry["name"].split("/")
    alt = escape(f"{title_of('optimizer', optimizer, lang)}, {title_of('landscape', landscape, lang)}")
    wide, high = first["thumbnail"]
    image = sources(pictures, "thumb", f"../{records.FILES}/{entry['name']}")
    return f'<td><img loading="lazy" width="{wide}" height="{high}" alt="{alt}" title="{alt}" {image}></td>'
