"""WebP stills, lossless: recipe and title in an XMP packet."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import IO, TYPE_CHECKING

from gdviz.encode.format import Format
from gdviz.encode.marks import LONGEST, MARK, marked

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

PACKET = """<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">\
<rdf:Description xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:xmp="http://ns.adobe.com/xap/1.0/">\
<dc:title><rdf:Alt><rdf:li xml:lang="x-default">{title}</rdf:li></rdf:Alt></dc:title>\
<xmp:CreatorTool>{software}</xmp:CreatorTool>\
<dc:description><rdf:Alt><rdf:li xml:lang="x-default">{recipe}</rdf:li></rdf:Alt></dc:description>\
</rdf:Description></rdf:RDF></x:xmpmeta>"""
"""Source: ISO 16684-1, 7."""


def starts(head: bytes) -> bool:
    """Whether a file starts like WebP."""
    return head[:4] == b"RIFF" and head[8:12] == b"WEBP"


def write(path: str | os.PathLike[str], pixels: NDArray[np.uint8], dpi: float, metadata: dict[str, str]) -> None:
    """One picture uint8[H, W, 3]; the format has no place for `dpi`."""
    import html

    import imageio.v3 as imageio

    given = {key: html.escape(metadata.get(key, "")) for key in ("title", "software")}
    packet = PACKET.format(recipe=html.escape(marked(metadata.get("gdviz", ""))), **given)
    data = imageio.imwrite(
        "<bytes>", pixels, plugin="pillow", extension=".webp", lossless=True, xmp=packet.encode("utf-8")
    )
    Path(path).write_bytes(data)


def texts(file: IO[bytes]) -> dict[str, str]:
    """The marked text of the XMP packet. Source: RFC 9649, 2.3 and 2.7.1.4."""
    import html

    end = file.seek(0, os.SEEK_END)
    start = 12
    while start + 8 <= end:
        file.seek(start)
        head = file.read(8)
        length = int.from_bytes(head[4:], "little")
        if head[:4] == b"XMP " and length <= 4 * LONGEST:
            found = re.search(re.escape(MARK) + r"[^<]*", file.read(length).decode("utf-8", "replace"))
            return {"description": html.unescape(found[0])} if found else {}
        start += 8 + length + length % 2
    return {}


FORMAT = Format(
    "WebP", (".webp",), "image/webp", starts, texts, pixels=write, reader={"plugin": "pillow", "mode": "RGB"}
)
