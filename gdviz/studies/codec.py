"""Chunks as bytes: little-endian values, compressed, with a checksum behind them, as Zarr's codecs of these names do.

They are made here and not by Zarr, whose writer neither tells a full disk from other faults nor leaves a process that
is killed in the middle without traces; Zarr, and so xarray, reads them.
"""

from __future__ import annotations

import struct
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from gdviz.errors import UsageError

if TYPE_CHECKING:
    from numcodecs.abc import Codec

LEVEL = 1
"""Of zstd."""

TEXT = "string"
"""The dtype of texts, which are not compressed."""

CHECKSUM = {"name": "crc32c"}
NUMBERS: list[dict[str, Any]] = [
    {"name": "bytes", "configuration": {"endian": "little"}},
    {"name": "zstd", "configuration": {"level": LEVEL, "checksum": False}},
    CHECKSUM,
]
TEXTS: list[dict[str, Any]] = [{"name": "vlen-utf8", "configuration": {}}, CHECKSUM]


class Damaged(ValueError):
    """Bytes that do not hold what was written."""


def encoded(values: NDArray[Any]) -> bytes:
    """A chunk of numbers or texts as a file holds it."""
    if values.dtype.kind == "U":
        texts = [text.encode() for text in values.tolist()]
        data = struct.pack("<I", len(texts)) + b"".join(struct.pack("<I", len(text)) + text for text in texts)
    else:
        little = np.ascontiguousarray(values, values.dtype.newbyteorder("<"))
        data = bytes(_compressor().encode(little))
    return data + _checksum(data)


def decoded(data: bytes, dtype: str, shape: tuple[int, ...]) -> NDArray[Any]:
    """The same back. Raises Damaged where the checksum does not hold or they are no such chunk."""
    if not holds(data):
        raise Damaged("its checksum does not hold")
    try:
        if dtype == TEXT:
            return np.array(_texts(data[4:-4]), str).reshape(shape)
        values = np.frombuffer(_compressor().decode(data[:-4]), np.dtype(dtype).newbyteorder("<"))
        return values.reshape(shape).astype(dtype, copy=False)
    except (ValueError, RuntimeError, struct.error) as error:
        raise Damaged(str(error)) from error


def holds(data: bytes) -> bool:
    """Whether the checksum of a chunk does."""
    return len(data) > 4 and _checksum(data[:-4]) == data[-4:]


def _texts(data: bytes) -> list[str]:
    texts = []
    while data:
        (length,) = struct.unpack_from("<I", data)
        texts.append(data[4 : 4 + length].decode())
        data = data[4 + length :]
    return texts


def _checksum(data: bytes) -> bytes:
    try:
        import google_crc32c
    except ImportError:
        raise UsageError('stores of studies need Zarr and xarray; pip install "gdviz[study]"') from None
    return struct.pack("<I", google_crc32c.value(data))


@cache
def _compressor() -> Codec:
    try:
        from numcodecs.zstd import Zstd
    except ImportError:
        raise UsageError('stores of studies need Zarr and xarray; pip install "gdviz[study]"') from None
    return Zstd(level=LEVEL)
