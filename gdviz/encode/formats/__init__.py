"""One module per file format, each with its `FORMAT`; a new file in this folder is a new format."""

from __future__ import annotations

import importlib
import pkgutil

from gdviz.encode.format import Format

# in alphabetical order of modules
EVERY: tuple[Format, ...] = tuple(
    importlib.import_module(f"{__name__}.{name}").FORMAT
    for name in sorted(info.name for info in pkgutil.iter_modules(__path__))
)
FORMATS: dict[str, Format] = {ending: format for format in EVERY for ending in format.endings}
"""Formats by the endings of their files."""

CLIPS: tuple[str, ...] = tuple(ending for ending, format in FORMATS.items() if format.moves)
"""Endings of clips: films, and pages that play."""

STILLS: tuple[str, ...] = tuple(ending for ending, format in FORMATS.items() if not format.moves)
"""Endings of stills."""
