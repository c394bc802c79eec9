"""SVG: recipe and title in its <metadata>."""

from __future__ import annotations

import re
from typing import IO

from gdviz.encode.format import Format, Outlines
from gdviz.encode.marks import LONGEST, MARK, marked

# letters as paths, so that no font is needed; the salt keeps the names inside the same
SETTINGS = {"svg.hashsalt": "gdviz", "svg.fonttype": "path", "svg.image_inline": True}


def starts(head: bytes) -> bool:
    """Whether a file starts like SVG: the element, or what may stand before it."""
    return b"<svg" in head or (head.lstrip(b"\xef\xbb\xbf \r\n\t").startswith(b"<?xml") and b"svg" in head.lower())


def labels(metadata: dict[str, str]) -> dict[str, str | None]:
    """Matplotlib's `metadata=` for this format; no date, so that the same scene gives the same bytes."""
    named: dict[str, str | None] = {"Date": None, "Description": marked(metadata.get("gdviz", ""))}
    if "title" in metadata:
        named["Title"] = metadata["title"]
    if "software" in metadata:
        named["Creator"] = metadata["software"]
    return named


def texts(file: IO[bytes]) -> dict[str, str]:
    """The marked text inside <metadata>, which Matplotlib writes first."""
    import html

    head = file.read(2 * LONGEST).decode("utf-8", "replace")
    inside = re.search(r"<metadata\b.*?</metadata>", head, re.DOTALL)
    marks = re.search(re.escape(MARK) + r"[^<]*", inside[0]) if inside else None
    return {"description": html.unescape(marks[0])} if marks else {}


FORMAT = Format("SVG", (".svg",), "image/svg+xml", starts, texts, outlines=Outlines("svg", labels, SETTINGS))
