"""Frames and stills into files that appear only when they are whole and carry their recipe."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from gdviz.encode.formats import CLIPS, FORMATS, STILLS
    from gdviz.encode.reading import frames
    from gdviz.encode.recipes import read_recipe
    from gdviz.encode.showing import Files
    from gdviz.encode.targets import Target, atomic, check_target
    from gdviz.encode.writer import Writer, open_writer

__all__ = [
    "CLIPS",
    "FORMATS",
    "STILLS",
    "Files",
    "Target",
    "Writer",
    "atomic",
    "check_target",
    "frames",
    "open_writer",
    "read_recipe",
]

_HOMES = {
    "CLIPS": "formats",
    "FORMATS": "formats",
    "STILLS": "formats",
    "Files": "showing",
    "frames": "reading",
    "read_recipe": "recipes",
    "Target": "targets",
    "atomic": "targets",
    "check_target": "targets",
    "Writer": "writer",
    "open_writer": "writer",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{_HOMES[name]}"), name)
