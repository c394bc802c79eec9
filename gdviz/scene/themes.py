"""Themes: every colour of a picture."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Theme:
    """The colours of a page; all are "#rrggbb", opacities are 0…1."""

    name: str
    page: str  # the paper
    ink: str  # titles, names, values
    dim: str  # formula, hyperparameters, tick labels
    grid: str  # hairlines of chart panels
    field: tuple[str, ...]  # the muted map, from low (deep) to high, evenly spaced, also in lightness
    level: str  # level lines
    level_alpha: float
    halo: str  # around paths, and the outline of text on the field
    halo_alpha: float
    settled: float  # opacity of the old part of a path
    colors: tuple[str, ...]  # of the palette's slots, in their order
    dark: bool  # colours are lighter than the page
    names_axes: bool = False  # also those of a plane, whose names a speaker would say
    dashes_arrows: bool = False  # its greys are too few to tell arrows apart: their shafts do


# Colours of the palette's slots, found by `scripts/palette.py` and touched up by eye; `tests/test_palette.py` holds
# what they keep. On paper three greys tell apart what shares a dash or a marker.
LIGHT = (
    "#d2314e", "#008ec1", "#0b4ca5", "#23815a", "#e86a03", "#cf469f",
    "#7d6100", "#471457", "#612912", "#11585f", "#529e22", "#b25bff",
)  # fmt: skip
DARK = (
    "#ff525c", "#b9ebf7", "#7facfe", "#6ae9aa", "#f9b26b", "#f97cb9",
    "#feef07", "#a363ff", "#d5711d", "#32aaab", "#60ce01", "#dfc0ff",
)  # fmt: skip
GREY = (
    "#000000", "#4a4a4a", "#828282", "#000000", "#000000", "#4a4a4a",
    "#4a4a4a", "#000000", "#828282", "#828282", "#828282", "#4a4a4a",
)  # fmt: skip

# Fields are grey, so that no path has their hue; red, green and blue rise together, or tones between would be tinged by
# their rounding.
THEMES: dict[str, Theme] = {
    theme.name: theme
    for theme in (
        Theme(
            name="light",
            page="#ffffff",
            ink="#1b2330",
            dim="#5d6a7c",
            grid="#e3e7ec",
            field=("#bcbec0", "#c7c9cb", "#d3d5d7", "#dee0e2", "#e9ebed", "#f5f7f9"),
            level="#4d5661",
            level_alpha=0.28,
            halo="#ffffff",
            halo_alpha=0.85,
            settled=0.85,
            colors=LIGHT,
            dark=False,
        ),
        Theme(
            name="dark",
            page="#11141b",
            ink="#eef2f8",
            dim="#9aa6b8",
            grid="#2a2f38",
            field=("#101720", "#192029", "#222932", "#2c333c", "#363d46", "#404750"),
            level="#c3ccd6",
            level_alpha=0.24,
            halo="#0b0f19",
            halo_alpha=0.85,
            settled=0.80,
            colors=DARK,
            dark=True,
        ),
        Theme(
            name="print",
            page="#ffffff",
            ink="#000000",
            dim="#4a4a4a",
            grid="#dddddd",
            field=("#c4c4c4", "#cecece", "#d8d8d8", "#e3e3e3", "#ededed", "#f8f8f8"),
            level="#555555",
            level_alpha=0.32,
            halo="#ffffff",
            halo_alpha=0.90,
            settled=0.85,
            colors=GREY,
            dark=False,
            names_axes=True,
            dashes_arrows=True,
        ),
    )
}
