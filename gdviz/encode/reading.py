"""Finished pictures and films as arrays again."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gdviz.encode.formats import FORMATS
from gdviz.errors import OutputError


def frames(path: str | os.PathLike[str]) -> Iterator[NDArray[np.uint8]]:
    """The frames of a film, or the one of a still, as they are shown: uint8[H, W, 3] each.

    Films are decoded while frames are asked for. Raises OutputError where there is no such file, where it is of a
    format without pixels, or where it cannot be decoded.
    """
    file = Path(path)
    format = FORMATS.get(file.suffix.lower())
    if format is None or format.reader is None:
        known = " ".join(ending for ending, format in FORMATS.items() if format.reader)
        raise OutputError(f"{file.name} has no frames to be read; give a file that ends in one of {known}")
    if not file.is_file():
        raise OutputError(f"there is no file {file}; give a picture or a film")
    return _decoded(file, format.reader)


def _decoded(file: Path, reader: Mapping[str, Any]) -> Iterator[NDArray[np.uint8]]:
    import imageio.v3 as imageio

    try:
        for frame in imageio.imiter(file, **reader):
            yield np.asarray(frame, np.uint8)
    except (OSError, SyntaxError, ValueError, IndexError) as error:
        raise OutputError(f"{file.name} cannot be decoded; it is damaged, or of another format") from error
