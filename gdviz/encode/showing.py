"""Finished files as a notebook shows them."""

from __future__ import annotations

import base64
import html
from pathlib import Path
from urllib.parse import quote

from gdviz.encode.formats import FORMATS

MOST = 20_000_000
"""Bytes of a file that a notebook is handed: it keeps every one that it shows, and grows by a third more."""

TAGS = {
    "image": '<img src="{source}" alt="{name}" style="max-width: 100%">',
    "text": '<iframe src="{source}" title="{name}" style="width: 100%; aspect-ratio: 16 / 10; border: 0"></iframe>',
    "video": '<video src="{source}" title="{name}" controls loop muted style="max-width: 100%"></video>',
}
"""How a page shows files, by the first word of what the web calls their format; others it links to."""


class Files(list[Path]):
    """Paths of finished files, a list that a notebook shows as pictures and films.

    These go into the notebook itself, so that it can be moved and printed. Of a file above MOST bytes, 20 MB, path and
    size are told in a sentence, and to a format that no page shows, such as PDF, there is a link.
    """

    def _repr_html_(self) -> str | None:
        return "\n".join(map(_shown, self)) or None  # of nothing a notebook shows the list


def _shown(path: Path) -> str:
    name = html.escape(str(path))
    if not path.is_file():
        return f"<p>{name} is no longer there.</p>"
    size = path.stat().st_size
    mime = FORMATS[path.suffix.lower()].mime
    tag = TAGS.get(mime.partition("/")[0])
    if tag is None:
        return f'<p><a href="{quote(path.as_posix())}">{name}</a></p>'
    if size > MOST:
        return f"<p>{name} has {size / 1e6:.0f} MB, more than a notebook should hold; open the file.</p>"
    data = base64.b64encode(path.read_bytes()).decode("ascii")
    return tag.format(source=f"data:{mime};base64,{data}", name=name)
