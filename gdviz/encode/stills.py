"""What a still picture is told to carry."""

from __future__ import annotations

import os
from pathlib import Path

from gdviz.encode.formats import FORMATS
from gdviz.errors import OutputError


def labels(path: str | os.PathLike[str], metadata: dict[str, str]) -> dict[str, str | None]:
    """Matplotlib's `metadata=` for a still, so that `read_recipe` finds the recipe again and no date gets in.

    path: only its ending counts (.png, .svg, .pdf). metadata: "gdviz" (the recipe), "title", "software".
    """
    ending = Path(path).suffix.lower()
    module = FORMATS.get(ending)
    if module is None or not hasattr(module, "labels"):
        known = " ".join(known for known, format_ in FORMATS.items() if hasattr(format_, "labels"))
        raise OutputError(f"'{ending}' is no ending of a still picture; use one of {known}")
    return dict(module.labels(metadata))
