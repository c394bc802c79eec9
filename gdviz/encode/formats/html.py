"""HTML: a clip that one can touch, in one file that asks nothing of anybody; its recipe in a <meta> element."""

from __future__ import annotations

import base64
import html
import json
import os
import re
import zlib
from collections.abc import Mapping
from importlib import resources
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from gdviz.encode.format import Format
from gdviz.encode.marks import LONGEST, MARK, marked

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

FOLDER = "page"
"""Where in gdviz.encode the page's own text, looks and program are."""

QUALITY = 94
"""Of pictures that need not be exact, of a hundred: below 90 the blocks of their gradients are seen."""

WILD = 86
"""Of pictures so full of lines that even so they would be more than twice LARGE: there no block is seen."""

LARGE = 150_000
"""Bytes of a picture from which it is not kept exactly: grounds of 1080p have 50 to 150 kB, the wildest three times
that."""

TYPES = {"int16": "i2", "uint8": "u1", "uint16": "u2", "uint32": "u4", "float32": "f4"}
"""Arrays that a page reads, in the order of bytes of every machine that shows pages, low ones first."""


def starts(head: bytes) -> bool:
    """Whether a file starts like a page."""
    return head.lstrip(b"\xef\xbb\xbf \r\n\t")[:14].lower().startswith(b"<!doctype html")


def write(path: str | os.PathLike[str], content: Mapping[str, Any], metadata: dict[str, str]) -> None:
    """A page of what `content` tells.

    content: "page", the texts of the page itself by their names in clip.html, and what clip.js plays: numbers, texts,
    arrays of TYPES, and pictures: uint8[H, W, 3 or 4] exactly up to LARGE, float32[H, W, 3] as near as
    the eye tells.
    """
    told = {key: value for key, value in content.items() if key != "page"}
    data = json.dumps(told, default=_coded, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    texts = {key: html.escape(text) for key, text in content["page"].items()}
    texts |= {
        "title": html.escape(metadata.get("title", "")),
        "recipe": html.escape(marked(metadata.get("gdviz", ""))),
        "software": html.escape(metadata.get("software", "")),
        "data": base64.b64encode(zlib.compress(data.encode(), 9)).decode("ascii"),
        "style": _own("clip.css"),
        "script": _own("clip.js"),
    }
    page = re.sub(r"\{\{(\w+)\}\}", lambda gap: texts[gap[1]], _own("clip.html"))
    Path(path).write_bytes(page.encode("utf-8"))


def _own(name: str) -> str:
    return (resources.files("gdviz.encode") / FOLDER / name).read_text(encoding="utf-8")


def _coded(value: Any) -> Any:
    import numpy as np

    if not isinstance(value, np.ndarray):
        raise TypeError(f"a page holds no {type(value).__name__}")
    if value.ndim == 3:
        return _picture(value)
    name = value.dtype.name
    low = np.ascontiguousarray(value).astype(value.dtype.newbyteorder("<"), copy=False)
    return {"type": TYPES[name], "bytes": base64.b64encode(low.tobytes()).decode("ascii")}


def _picture(pixels: NDArray[np.uint8 | np.float32]) -> str:
    """A picture as the address of itself."""
    import imageio.v3 as imageio
    import numpy as np

    def coded(whole: NDArray[Any], **how: Any) -> bytes:
        return bytes(imageio.imwrite("<bytes>", whole, plugin="pillow", extension=".webp", **how))

    if pixels.dtype == np.uint8:
        data = coded(pixels, lossless=True)
        data = min(data, coded(pixels, quality=QUALITY), key=len) if len(data) > LARGE else data
        data = coded(pixels, quality=WILD) if len(data) > 2 * LARGE else data
    else:
        data = coded(np.rint(pixels).astype(np.uint8), quality=QUALITY)
    return f"data:image/webp;base64,{base64.b64encode(data).decode('ascii')}"


def texts(file: IO[bytes]) -> dict[str, str]:
    """The marked text of a <meta> element, which stand first in a page."""
    head = file.read(4 * LONGEST).decode("utf-8", "replace")
    found = re.search(r'<meta name="gdviz" content="([^"]*)">', head)
    text = html.unescape(found[1]) if found else ""
    return {"description": text} if MARK in text else {}


FORMAT = Format("HTML", (".html",), "text/html", starts, texts, page=write)
