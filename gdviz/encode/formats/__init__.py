"""One module per file format; a new file in this folder is a new format.

A module states ENDINGS (lower case, with the dot), HEAD (a test of a file's first bytes) and
`texts(file) -> dict[str, str]`, the texts a file carries. Besides, it says how such files are made: films by
`Encoder`, stills of pixels by `write(path, pixels, dpi, metadata)`, and what Matplotlib draws as outlines by DRAWN, its
name for the format, and `labels(metadata)`, what it is told to carry. READER is imageio's plugin that reads it back.
"""

from __future__ import annotations

import importlib
import pkgutil
from types import ModuleType

# ending → module, in alphabetical order of modules
FORMATS: dict[str, ModuleType] = {
    ending: module
    for info in sorted(pkgutil.iter_modules(__path__), key=lambda info: info.name)
    for module in [importlib.import_module(f"{__name__}.{info.name}")]
    for ending in module.ENDINGS
}
MODULES: tuple[ModuleType, ...] = tuple(dict.fromkeys(FORMATS.values()))


def moving() -> tuple[str, ...]:
    """The endings of formats that can hold a clip."""
    return tuple(ending for ending, module in FORMATS.items() if hasattr(module, "Encoder"))
