"""What every picture can be asked for, and what gdviz writes into the recipe of each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gdviz.recipe.options import option

if TYPE_CHECKING:
    from gdviz.recipe.recipe import Recipe
    from gdviz.recipe.values import Colour, Hold, Size, Text, Words


LEGENDS = ("full", "values", "off")


def themes() -> tuple[str, ...]:
    """Names of all themes."""
    from gdviz.scene.themes import THEMES

    return tuple(THEMES)


def languages() -> tuple[str, ...]:
    """Codes of all languages."""
    from gdviz.lang import offered

    return offered()


class Origin:
    """Where the definitions of what was run came from, and with which versions."""

    plugins: dict[Text, Text] = option({}, place=True, group="origin")
    digests: dict[str, str] = option({}, place=True, group="origin")
    versions: dict[str, str] = option({}, group="origin")


class Look(Origin):
    """How anything is drawn."""

    size: Size = option(
        "1080p",
        "720p, 1080p, 4k, square, vertical, WxH, 84mmx60mm, or a width alone such as 6.75in",
        usual="1080p",
        metavar="SIZE",
        draws=True,
        group="page",
    )
    fps: float = option(
        30.0, "Frames a second", usual="30", metavar="N", limits={"ge": 1, "le": 120}, draws=True, group="clip"
    )
    seconds: float | None = option(
        None,
        "Length",
        usual="10, less where all rest early",
        metavar="S",
        limits={"ge": 0.1, "le": 3600},
        draws=True,
        group="clip",
    )
    pace: str | None = option(
        None,
        "What takes time in a film: of steps all the same, of log the first ones most, of path those in which heads go "
        "far",
        usual="auto, which is path where there is one",
        choices=("auto", "steps", "path", "log"),
        draws=True,
        group="clip",
    )
    hold: Hold | None = option(
        None,
        "Seconds to stand at both ends",
        usual="0.5,1.5, less in short films",
        metavar="START,END",
        lists=True,
        draws=True,
        group="clip",
    )
    stops: bool = option(
        False,
        "Beside each film also the still of every stop (start, after 1, 2, 5 and 10 steps, the sharpest bend, end) and "
        "a film between each two, for slides",
        draws=True,
        group="clip",
    )
    at: int | None = option(
        None,
        "The step that is shown",
        usual="the last",
        each="a file of each",
        metavar="STEP",
        limits={"ge": 0},
        draws=True,
        group="still",
    )
    theme: str = option(
        "light", "Colours", usual="light", each="a file of each", choices=themes, draws=True, group="page"
    )
    background: Colour | None = option(
        None,
        "The page's colour in place of the theme's, such as that of slides; without --theme it chooses light or dark",
        metavar="#RRGGBB",
        draws=True,
        group="page",
    )
    lang: str = option(
        "en",
        "Language",
        usual="GDVIZ_LANG or en",
        each="a file in each",
        offers=languages,
        draws=True,
        group="page",
    )
    title: Words | None = option(
        None, "Title in place of gdviz's own", metavar="TEXT", draws=True, place=True, group="page"
    )
    caption: Words | None = option(None, "A line below", metavar="TEXT", draws=True, group="page")
    bare: bool = option(
        False,
        "Leave out title, formula, counter and caption, for slides that have their own; what is typed stays",
        draws=True,
        group="page",
    )
    legend: str = option(
        "full",
        "What the legend says: full, values (names stand at the paths), or off",
        usual="full",
        choices=LEGENDS,
        draws=True,
        group="page",
    )
    font: Text | None = option(None, "Font in place of Source Sans Pro", metavar="NAME|FILE", draws=True, group="page")
    font_size: float = option(
        1.0,
        "Larger or smaller letters, 0.5 to 3",
        metavar="FACTOR",
        limits={"ge": 0.5, "le": 3},
        draws=True,
        group="page",
    )
    draft: bool = option(False, "Faster and coarser", draws=True, group="clip")


if TYPE_CHECKING:
    Job = Recipe
else:
    Job = Look
"""What the options of jobs are built on."""
