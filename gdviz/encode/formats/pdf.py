"""PDF: recipe and title in the document information."""

from __future__ import annotations

import os
import re
from typing import IO

from gdviz.encode.format import Format, Outlines
from gdviz.encode.marks import LONGEST, marked

SETTINGS = {"pdf.fonttype": 42, "pdf.compression": 6, "pdf.use14corefonts": False}
TAIL = 2048  # bytes that hold the trailer and `startxref` of an unedited file
ENTRY = 20  # bytes of each line of the cross-reference table
ESCAPES = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f", b"\n": b"", b"\r": b""}


def starts(head: bytes) -> bool:
    """Whether a file starts like PDF."""
    return head.startswith(b"%PDF-")


def labels(metadata: dict[str, str]) -> dict[str, str | None]:
    """Matplotlib's `metadata=` for this format; no date, so that the same scene gives the same bytes."""
    named: dict[str, str | None] = {"CreationDate": None, "Subject": marked(metadata.get("gdviz", ""))}
    if "title" in metadata:
        named["Title"] = metadata["title"]
    if "software" in metadata:
        named["Creator"] = named["Producer"] = metadata["software"]
    return named


def texts(file: IO[bytes]) -> dict[str, str]:
    """The strings of the information dictionary. Source: ISO 32000-1, 7.3.4.2, 7.5.4 and 14.3.3."""
    end = file.seek(0, os.SEEK_END)
    file.seek(max(0, end - TAIL))
    tail = file.read(TAIL)
    number, start = re.search(rb"/Info\s+(\d+)\s+\d+\s+R", tail), re.search(rb"startxref\s+(\d+)", tail)
    if number is None or start is None:
        return {}
    file.seek(int(start[1]))
    table = re.match(rb"xref\s+0\s+\d+\s*?\r?\n", file.read(64))
    if table is None:
        return {}
    file.seek(int(start[1]) + table.end() + ENTRY * int(number[1]))
    file.seek(int(file.read(10)))
    information = file.read(4 * LONGEST)  # UTF-16 with escapes is up to four times as long as the text
    if not re.match(rb"\s*%s\s+\d+\s+obj" % number[1], information):
        return {}
    return {f"string {k}": text for k, text in enumerate(strings(information.partition(b"endobj")[0]))}


def strings(data: bytes) -> list[str]:
    """Every (literal string), decoded."""
    pieces = re.findall(rb"\(((?:[^\\()]|\\.)*)\)", data, re.DOTALL)
    return [decoded(re.sub(rb"\\([0-7]{1,3}|.)", unescaped, piece, flags=re.DOTALL)) for piece in pieces]


def unescaped(escape: re.Match[bytes]) -> bytes:
    """What one backslash sequence stands for."""
    code = escape[1]
    return bytes([int(code, 8) & 255]) if code[:1] in b"01234567" else ESCAPES.get(code, code)


def decoded(data: bytes) -> str:
    """UTF-16 when it says so, else bytes as they are."""
    return data[2:].decode("utf-16-be", "replace") if data.startswith(b"\xfe\xff") else data.decode("latin-1")


FORMAT = Format("PDF", (".pdf",), "application/pdf", starts, texts, outlines=Outlines("pdf", labels, SETTINGS))
