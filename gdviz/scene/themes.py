"""Themes: every colour of a picture."""

from __future__ import annotations

from dataclasses import dataclass

Hue = tuple[float, float, float]
"""Hue in degrees, lightness L* in the middle of its ramp, and chroma at most: CIE LCh under D65."""


@dataclass(frozen=True)
class Tones:
    """The colours of maps.

    hues: of kinds of cells, in the order in which they are worn; span: how far lightness goes up and down from the
    middle of each; fine: the same of `inks`. rest: of all kinds that have no hue of their own. quiet: colours and
    hatches of cells that came to nothing: none, undefined, diverged. inks: of the two sides of a boundary; ranks: of
    the same where lightness goes as far as in a hue. edge: the boundary. lined: whether kinds of cells have a boundary
    between them, which without hues nothing else tells. scale: of numbers, evenly spaced, from the worst, which is
    near the page, to the best; light falls or rises evenly, so that grey print tells them too.
    """

    hues: tuple[Hue, ...]
    span: float
    fine: float
    rest: Hue
    quiet: tuple[tuple[str, int], ...]
    inks: tuple[Hue, Hue]
    ranks: tuple[Hue, Hue]
    edge: str
    scale: tuple[str, ...]
    lined: bool = False


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
    maps: Tones
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

# Hues of light and dark pages were found by a search: for normal sight and without red, green or blue cones any two
# differ by 10 in CIEDE2000 at the same share of their ramps, the first four by 13. On paper there are bands of grey,
# with lines between them; `tests/test_palette.py` holds this.
#
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
            maps=Tones(
                hues=(
                    (295, 43, 50),
                    (68, 68, 32),
                    (186, 60, 36),
                    (7, 48, 49),
                    (105, 77, 71),
                    (236, 77, 39),
                    (328, 31, 34),
                    (101, 44, 44),
                ),
                span=18,
                fine=7,
                rest=(264, 55, 4),
                quiet=(("#eef0f3", 0), ("#dde1e6", 2), ("#ccd2da", 0)),
                inks=((262, 72, 40), (62, 82, 48)),
                ranks=((265, 62, 45), (48, 66, 60)),
                edge="#12161d",
                scale=("#f3f0dc", "#cfe0b8", "#93c5a4", "#4f9f9c", "#23718a", "#123f68", "#0c1f40"),
            ),
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
            maps=Tones(
                hues=(
                    (295, 44, 50),
                    (74, 68, 27),
                    (188, 58, 35),
                    (7, 48, 50),
                    (103, 76, 71),
                    (240, 79, 37),
                    (333, 36, 34),
                    (107, 42, 62),
                ),
                span=20,
                fine=7,
                rest=(264, 50, 4),
                quiet=(("#1d222b", 0), ("#2b323d", 2), ("#3a4350", 0)),
                inks=((262, 48, 42), (62, 66, 52)),
                ranks=((265, 50, 45), (48, 54, 60)),
                edge="#05070b",
                scale=("#1d2433", "#274058", "#2b6473", "#3d8b80", "#72b184", "#b9d28d", "#f6f0b4"),
            ),
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
            maps=Tones(
                hues=((0, 84, 0), (0, 62, 0), (0, 40, 0), (0, 73, 0), (0, 51, 0), (0, 89, 0), (0, 67, 0), (0, 45, 0)),
                span=7,
                fine=6,
                rest=(0, 30, 0),
                quiet=(("#ffffff", 2), ("#ffffff", 1), ("#ffffff", 0)),
                inks=((0, 88, 0), (0, 58, 0)),
                ranks=((0, 86, 0), (0, 46, 0)),
                edge="#000000",
                lined=True,
                scale=("#f2f2f2", "#d2d2d2", "#acacac", "#848484", "#5c5c5c", "#353535", "#141414"),
            ),
            names_axes=True,
            dashes_arrows=True,
        ),
    )
}
