"""PNG: recipe and title in text chunks."""

from __future__ import annotations

import os
import zlib
from pathlib import Path
from typing import IO, TYPE_CHECKING

from gdviz.encode.format import Format
from gdviz.encode.marks import LONGEST

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

KEYWORDS = {"gdviz": "gdviz", "title": "Title", "software": "Software"}
SIGNATURE = b"\x89PNG\r\n\x1a\n"


def starts(head: bytes) -> bool:
    """Whether a file starts like PNG."""
    return head.startswith(SIGNATURE)


def write(path: str | os.PathLike[str], pixels: NDArray[np.uint8], dpi: float, metadata: dict[str, str]) -> None:
    """One picture uint8[H, W, 3] of `dpi` pixels an inch."""
    import imageio.v3 as imageio

    data = imageio.imwrite("<bytes>", pixels, plugin="pillow", extension=".png", dpi=(dpi, dpi))
    head = len(SIGNATURE) + 25  # the first chunk, IHDR, has a fixed length
    marks = b"".join(chunk(KEYWORDS[key], text) for key, text in metadata.items() if key in KEYWORDS)
    Path(path).write_bytes(data[:head] + marks + data[head:])


def chunk(keyword: str, text: str) -> bytes:
    """A text as an iTXt chunk. Source: PNG specification, third edition, 5.3 and 11.3.3.4."""
    body = b"iTXt" + keyword.encode("latin-1") + b"\0\0\0\0\0" + text.encode("utf-8")
    return (len(body) - 4).to_bytes(4, "big") + body + zlib.crc32(body).to_bytes(4, "big")


def texts(file: IO[bytes]) -> dict[str, str]:
    """tEXt, zTXt and iTXt chunks by keyword. Source: PNG specification, third edition, 11.3.3."""
    end = file.seek(0, os.SEEK_END)
    start = len(SIGNATURE)
    found: dict[str, str] = {}
    while start + 12 <= end:
        file.seek(start)
        head = file.read(8)
        length, kind = int.from_bytes(head[:4], "big"), head[4:]
        if kind == b"IEND" or start + 12 + length > end:
            break
        if kind in (b"tEXt", b"zTXt", b"iTXt") and length <= LONGEST:
            keyword, _, rest = file.read(length).partition(b"\0")
            found[keyword.decode("latin-1")] = plain(kind, rest)
        start += 12 + length
    return found


def plain(kind: bytes, rest: bytes) -> str:
    """The text of a chunk after its keyword."""
    if kind == b"tEXt":
        return rest.decode("latin-1")
    if kind == b"zTXt":
        return inflated(rest[1:]).decode("latin-1")
    packed, rest = rest[:1] == b"\1", rest[2:]
    rest = rest.split(b"\0", 2)[2]  # language and translated keyword stand before the text
    return (inflated(rest) if packed else rest).decode("utf-8", "replace")


def inflated(data: bytes) -> bytes:
    """Unpack at most LONGEST bytes, so that a small file cannot fill the memory."""
    return zlib.decompressobj().decompress(data, LONGEST)


FORMAT = Format(
    "PNG",
    (".png",),
    "image/png",
    starts,
    texts,
    pixels=write,
    reader={"plugin": "pillow", "mode": "RGB"},
    slides=True,
)
