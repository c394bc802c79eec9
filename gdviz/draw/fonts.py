"""Fonts: the face of all pictures, others in its place, and what fills in the letters that they lack.

A picture is to be the same wherever it is made. The face therefore comes with a package, not from the system, and is
known to Matplotlib by a name of its own, which no installed font of another version can answer to.
"""

from __future__ import annotations

import contextlib
import functools
import logging
from collections.abc import Iterable, Iterator
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from gdviz.draw.mathematics import refusal
from gdviz.errors import UsageError

if TYPE_CHECKING:
    from matplotlib.font_manager import FontProperties
    from numpy.typing import NDArray

FAMILY = "Source Sans Pro"
PACKAGE = "font_source_sans_pro"
OWN = "gdviz Source Sans Pro"
# Semibold as bold: among lines of 2 to 4 pixels the bold cut is the heaviest thing on the page.
CUTS: tuple[tuple[str, Literal["normal", "italic"], int], ...] = (
    ("SourceSansPro-Regular.ttf", "normal", 400),
    ("SourceSansPro-It.ttf", "italic", 400),
    ("SourceSansPro-Semibold.ttf", "normal", 700),
    ("SourceSansPro-SemiboldIt.ttf", "italic", 700),
)
FILLS_IN = "DejaVu Sans"  # packaged with Matplotlib; for ∇, ★, ⁻ and whatever else the face lacks


def packaged() -> list[Path]:
    """The face's files, in the order of CUTS; found without Matplotlib."""
    folder = Path(str(resources.files(PACKAGE))) / "files"
    return [folder / file for file, _, _ in CUTS]


@functools.cache
def _known() -> str:
    """The face's name, once Matplotlib knows its files."""
    from matplotlib.font_manager import FontEntry, fontManager

    fontManager.ttflist.extend(
        FontEntry(fname=str(path), name=OWN, style=style, weight=weight)
        for path, (_, style, weight) in zip(packaged(), CUTS, strict=True)
    )
    return OWN


@functools.cache
def _family(font: str) -> str:
    """The name under which Matplotlib knows a file or an installed font, which has to be there.

    Each cut is the nearest that there is, so that a font of one weight is not remarked on wherever a text is bold.
    """
    from matplotlib import font_manager
    from matplotlib.font_manager import FontEntry, FontProperties, findfont, fontManager

    family = font
    if Path(font).suffix.lower() in (".ttf", ".otf", ".ttc"):
        if not Path(font).is_file():
            raise UsageError(f"font file '{font}' does not exist; give a .ttf or .otf file, or the name of a family")
        try:
            fontManager.addfont(font)
            family = str(FontProperties(fname=font).get_name())
        except (RuntimeError, OSError):
            raise UsageError(f"font file '{font}' cannot be read; give a .ttf or .otf file") from None
    name, log = f"gdviz {font}", logging.getLogger(font_manager.__name__)
    level = log.level
    log.setLevel(logging.ERROR)
    try:
        for _, style, weight in CUTS:
            file = findfont(FontProperties(family=[family], style=style, weight=weight), fallback_to_default=False)
            fontManager.ttflist.append(FontEntry(fname=str(file), name=name, style=style, weight=weight))
    except ValueError:
        raise UsageError(f"font '{font}' is not installed; give the path of a .ttf file, or leave --font out") from None
    finally:
        log.setLevel(level)
    return name


def em(font: str | None) -> float:
    """How large letters are drawn at a size of one pixel.

    Sizes are said for DejaVu, whose x-height is 0.547 em. The face's is 0.486; being narrower and better spaced, it
    reads as well when two thirds of the difference are made up for.
    """
    return 1.08 if font is None else 1.0


def families(font: str | None) -> list[str]:
    """What Matplotlib looks for letters in: a font where one is named, the face, and DejaVu Sans.

    Raises UsageError for a font that is not there.
    """
    return [*([] if font is None else [_family(font)]), _known(), FILLS_IN]


@functools.cache
def properties(font: str | None, bold: bool) -> FontProperties:
    """A file, an installed family or, for None, the face, as Matplotlib wants it. Raises UsageError as `families`."""
    from matplotlib.font_manager import FontProperties

    weight = "bold" if bold else "normal"
    return FontProperties(family=families(font), weight=weight, math_fontfamily="custom")


@functools.cache
def files(font: str | None, bold: bool = False) -> tuple[str, ...]:
    """The files that letters are taken from, in order."""
    from matplotlib.font_manager import FontProperties, findfont

    weight = "bold" if bold else "normal"
    return tuple(str(findfont(FontProperties(family=[family], weight=weight))) for family in families(font))


@functools.lru_cache(maxsize=4096)
def check_letters(text: str, font: str | None) -> None:
    """Raise UsageError, which offers an installed font, for a text with a letter that no file has.

    Matplotlib would draw a box in its place, and warn.
    """
    if text.isascii() and font is None:
        return
    lacking = [letter for letter in dict.fromkeys(text) if letter != "\n" and not _has(files(font), letter)]
    if lacking:
        named = [FAMILY, FILLS_IN] if font is None else [font, FAMILY, FILLS_IN]
        who = f"the fonts {', '.join(named[:-1])} and {named[-1]} lack"
        where = f"'{lacking[0]}' (U+{ord(lacking[0]):04X}), a letter of '{text[:60]}'"
        found = _installed_with("".join(lacking))
        hint = f'"{found}"' if found else "FILE.ttf; none that is installed will do"
        raise UsageError(f"{who} {where}; name one that has it, as in --font {hint}")


def _has(those: Iterable[str], letter: str) -> bool:
    from matplotlib.font_manager import get_font

    return any(get_font(file).get_char_index(ord(letter)) for file in those)


@functools.cache
def _installed_with(letters: str) -> str:
    """The family of an installed font with these letters, empty where there is none."""
    from matplotlib import get_data_path
    from matplotlib.font_manager import fontManager

    own = Path(get_data_path())  # among these is one that draws any letter as a box
    others = [entry for entry in fontManager.ttflist if not Path(entry.fname).is_relative_to(own)]
    for entry in sorted(others, key=lambda entry: (entry.weight not in (400, "normal"), entry.name)):
        with contextlib.suppress(RuntimeError, OSError):  # fonts of bitmaps, as those of coloured emoji
            if all(_has([entry.fname], letter) for letter in letters):
                return str(entry.name)
    return ""


@contextlib.contextmanager
def _mathematics(font: str | None, heavy: bool = False) -> Iterator[FontProperties]:
    """Matplotlib's settings for formulas in the letters of the text around them; signs that it lacks are STIX's."""
    import matplotlib
    from matplotlib.font_manager import FontProperties

    def cut(**style: Any) -> str:
        return str(FontProperties(family=families(font)[:1], **style).get_fontconfig_pattern())

    upright, italic, bold = cut(), cut(style="italic"), cut(weight="bold")
    cuts = {"rm": upright, "sf": upright, "tt": upright, "cal": italic, "it": italic, "bf": bold}
    cuts["bfit"] = cut(style="italic", weight="bold")
    # italic letters, upright digits: what the default is called differs between Matplotlib 3.10 and 3.11
    others = {"default": matplotlib.rcParamsDefault["mathtext.default"], "fallback": "stixsans"}
    named: dict[Any, Any] = {f"mathtext.{key}": value for key, value in (cuts | others).items()}
    with matplotlib.rc_context(named):
        yield properties(font, heavy)


@contextlib.contextmanager
def _refusing(text: str) -> Iterator[None]:
    """Matplotlib tells what is no TeX in several lines."""
    try:
        yield
    except ValueError as error:
        raise refusal(text, str(error)) from None


def formula_size(text: str, font: str | None, heavy: bool = False) -> tuple[float, float, float]:
    """Width, height and depth of a text with formulas between dollar signs of a size of 100 pixels.

    heavy: whether the words beside them are bold. Raises UsageError for what is no TeX.
    """
    from matplotlib.textpath import text_to_path

    with _mathematics(font, heavy) as chosen, _refusing(text):
        at_100 = chosen.copy()
        at_100.set_size(100 * em(font))
        return tuple(map(float, text_to_path.get_text_width_height_descent(text, at_100, True)))  # type: ignore[return-value]


def formula_outline(text: str, font: str | None, heavy: bool = False) -> tuple[NDArray[Any], Any]:
    """float[corner, 2] and Matplotlib's path codes of a formula of a size of one pixel, y upwards.

    They come from the parse by which it was measured, which takes longer than drawing.
    """
    import numpy as np
    from matplotlib.textpath import text_to_path

    with _mathematics(font, heavy) as chosen, _refusing(text):
        corners, codes = text_to_path.get_text_path(chosen, text, ismath=True)
    return np.asarray(corners).reshape(-1, 2) * (em(font) / text_to_path.FONT_SCALE), codes
