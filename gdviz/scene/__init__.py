"""Pictures as frozen data: no pixels, no definitions, no language."""

from gdviz.scene.layers import Arrows, Curve, Field, Layer, Levels, Marks, Scale, Track, Trails, Valleys
from gdviz.scene.page import Entry, Head, Scene
from gdviz.scene.palette import DASHES, MARKERS, SLOTS, Style, styles
from gdviz.scene.panels import AREAS, Axis, Panel
from gdviz.scene.themes import THEMES, Theme
from gdviz.scene.timeline import Timeline, timeline

__all__ = [
    "AREAS",
    "DASHES",
    "MARKERS",
    "SLOTS",
    "THEMES",
    "Arrows",
    "Axis",
    "Curve",
    "Entry",
    "Field",
    "Head",
    "Layer",
    "Levels",
    "Marks",
    "Panel",
    "Scale",
    "Scene",
    "Style",
    "Theme",
    "Timeline",
    "Track",
    "Trails",
    "Valleys",
    "styles",
    "timeline",
]
