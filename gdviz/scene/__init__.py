"""Pictures as frozen data: no pixels, no definitions, no language.

Names are loaded on first use, so that `gdviz.scene.themes` costs no NumPy.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from gdviz.scene.keys import Bar, Key
    from gdviz.scene.layers import (
        Arrows,
        Band,
        Callouts,
        Curve,
        Field,
        Fit,
        Layer,
        Levels,
        Marks,
        Mosaic,
        Paragraphs,
        Points,
        Regions,
        Scale,
        Track,
        Trails,
        Valleys,
    )
    from gdviz.scene.page import Entry, Head, Reading, Scene
    from gdviz.scene.palette import DASHES, MARKERS, SLOTS, Style, styles
    from gdviz.scene.panels import AREAS, SCALES, Axis, Panel
    from gdviz.scene.paper import themed
    from gdviz.scene.summaries import Counts, Outline, Spans, Whiskers
    from gdviz.scene.themes import THEMES, Theme
    from gdviz.scene.timing import Timeline, holds, timeline

_HOMES = {
    "layers": (
        "Arrows",
        "Band",
        "Callouts",
        "Curve",
        "Field",
        "Fit",
        "Layer",
        "Levels",
        "Marks",
        "Mosaic",
        "Paragraphs",
        "Points",
        "Regions",
        "Scale",
        "Track",
        "Trails",
        "Valleys",
    ),
    "keys": ("Bar", "Key"),
    "page": ("Entry", "Head", "Reading", "Scene"),
    "palette": ("DASHES", "MARKERS", "SLOTS", "Style", "styles"),
    "panels": ("AREAS", "SCALES", "Axis", "Panel"),
    "paper": ("themed",),
    "summaries": ("Counts", "Outline", "Spans", "Whiskers"),
    "themes": ("THEMES", "Theme"),
    "timing": ("Timeline", "holds", "timeline"),
}

__all__ = [
    "AREAS",
    "DASHES",
    "MARKERS",
    "SCALES",
    "SLOTS",
    "THEMES",
    "Arrows",
    "Axis",
    "Band",
    "Bar",
    "Callouts",
    "Counts",
    "Curve",
    "Entry",
    "Field",
    "Fit",
    "Head",
    "Key",
    "Layer",
    "Levels",
    "Marks",
    "Mosaic",
    "Outline",
    "Panel",
    "Paragraphs",
    "Points",
    "Reading",
    "Regions",
    "Scale",
    "Scene",
    "Spans",
    "Style",
    "Theme",
    "Timeline",
    "Track",
    "Trails",
    "Valleys",
    "Whiskers",
    "holds",
    "styles",
    "themed",
    "timeline",
]


def __getattr__(name: str) -> Any:
    home = next((module for module, names in _HOMES.items() if name in names), None)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{home}"), name)
