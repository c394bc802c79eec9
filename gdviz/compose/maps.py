"""What maps of studies share: scales of shades, panels of cells on the axes of a study, cells that are not computed."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gdviz.compose.studies import cells, entries, names, order, percent, side
from gdviz.lang import Texts
from gdviz.recipe.sizes import page_size
from gdviz.scene import Axis, Bar, Layer, Mosaic, Panel, themed
from gdviz.scene.layers import HATCHES
from gdviz.scene.tones import SHADES
from gdviz.studies.statistics import wilson
from gdviz.studies.study import Study

Floats = NDArray[np.float64]
Bytes = NDArray[np.uint8]
Numbers = NDArray[np.floating] | NDArray[np.integer]

ENDS = 0.01
"""Share of all cells beyond each end of a scale: a few late ones must not take its range from all others."""

NARROW = 4.0
"""How many times its low end the high end of a scale is from which it is logarithmic."""

OBLONG = 2.5
"""How many times longer than the other one of two axes with the same unit may be: farther off, maps are square."""

ROOMY = 3
"""Maps beside which a page has room for more."""

TRUST = {"ulp": "trust_ulp", "dtype": "trust_dtype", "resolution": "trust_resolution"}
"""How labels are computed again, as a key says it, by the names of their shares."""

MISSING = HATCHES.index("crossed")
"""Lines over cells that are not computed."""


@dataclasses.dataclass(frozen=True, eq=False)
class Scale:
    """How values become shares 0…1, those beyond its ends the same as there: evenly, by logarithms, or by rank.

    ranked: float64[n], rising, the values among which a rank is counted; None where that is not how.
    """

    low: float
    high: float
    logarithmic: bool = False
    ranked: Floats | None = None

    @staticmethod
    def of(values: Numbers, ranked: bool = False) -> Scale:
        """The scale of finite values, a hundredth of which lies beyond each end; ranked: which has as many of them at
        each share (histogram equalisation)."""
        if not values.size:
            return Scale(1.0, 1.0)
        low, high = (float(end) for end in np.quantile(values, (ENDS, 1.0 - ENDS), method="inverted_cdf"))
        known = np.sort(np.asarray(values, np.float64).ravel()) if ranked else None
        return Scale(low, high, low > 0 and high > NARROW * low, known)

    @property
    def single(self) -> bool:
        """Whether there is but one value to tell."""
        return not self.low < self.high

    def shares(self, values: Numbers) -> Floats:
        """float64[…]: 0 at the low end, 1 at the high one."""
        if self.single:
            return np.zeros(np.shape(values))
        if self.ranked is not None:
            first, last = (np.searchsorted(self.ranked, values, "left"), np.searchsorted(self.ranked, values, "right"))
            return np.asarray((first + last) / 2 / len(self.ranked))
        kept = np.clip(values, self.low, self.high).astype(np.float64)
        if self.logarithmic:
            return np.asarray(np.log(kept / self.low) / math.log(self.high / self.low))
        return np.asarray((kept - self.low) / (self.high - self.low))

    def axis(self, label: str = "", mark: str = ".") -> Axis | None:
        """The axis of a bar from its low end to its high one; None where these are the same."""
        kind = "log" if self.logarithmic else "linear"
        return None if self.single else Axis(self.low, self.high, kind, label=label, decimal=mark)

    def bar(self, colors: Callable[[Floats], Bytes]) -> Bytes:
        """uint8[n, 3]: `colors` of the shares of values that lie evenly along that axis."""
        axis = self.axis()
        return colors(np.zeros(1) if axis is None else self.shares(axis.values(np.linspace(0.0, 1.0, SHADES))))


def shaded(ramp: Bytes, shares: Floats) -> Bytes:
    """uint8[…, 3]: colours of a ramp uint8[shade, 3] from dark to light, the lightest at share 0."""
    return np.asarray(ramp[np.rint((1.0 - np.clip(shares, 0.0, 1.0)) * (len(ramp) - 1)).astype(np.int64)])


def plane(study: Study, values: NDArray[Any]) -> NDArray[Any]:
    """Cells of an optimizer [*axes] as they are drawn: [row, column], both axes rising; those of one axis in a row."""
    places = [order(axis) for axis in study.problem.axes]
    found = values[np.ix_(*places)]
    return found[None] if found.ndim == 1 else found


def map_panel(
    study: Study,
    words: Texts,
    mosaic: Callable[[Floats, Floats], Mosaic],
    names: Sequence[tuple[str, str]],
    layers: Sequence[Layer] = (),
    title: tuple[str, str] = ("", ""),
) -> Panel:
    """The panel of an optimizer's cells. mosaic: of the edges of columns and rows; names: of the axes, across first;
    names and title are followed by what stands for them where they have no room.

    Units of two linear axes are of one length unless the map would be oblong, decades of two logarithmic ones always.
    """
    across, *up = reversed(study.problem.axes)
    x, columns = _called(side(study, across, words), names[0]), cells(across)
    if not up:
        y = Axis(0.0, 1.0, labelled=False)
        return Panel("main", x, y, (mosaic(columns, np.array([0.0, 1.0])), *layers), title=title[0], brief=title[1])
    y, rows = _called(side(study, up[0], words), names[1]), cells(up[0])
    ends = [axis.heights(np.array([axis.low, axis.high])) for axis in (x, y)]
    wide, high = (float(end[1] - end[0]) for end in ends)
    shape = high / wide if x.scale == y.scale and 1 / OBLONG <= high / wide <= OBLONG else 1.0
    aspect, (head, brief) = shape * x.span / y.span, title
    return Panel("main", x, y, (mosaic(columns, rows), *layers), title=head, brief=brief, aspect=aspect)


def _called(axis: Axis, names: tuple[str, str]) -> Axis:
    return dataclasses.replace(axis, label=names[0], brief=names[1])


def colour(text: str) -> Bytes:
    """uint8[3] of "#rrggbb"."""
    return np.array([int(text[at : at + 2], 16) for at in (1, 3, 5)], np.uint8)


def page_of(study: Study) -> Bytes:
    """uint8[3]: the page's colour, which cells have that are not computed."""
    return colour(themed(study.recipe).page)


def missing_bar(study: Study, words: Texts) -> tuple[Bar, ...]:
    """The row of a key for cells that are not computed, if there are any."""
    return () if study.known.all() else (Bar(words.text("sweep_unknown"), page_of(study)[None], MISSING),)


def is_roomy(study: Study) -> bool:
    """Whether beside its maps the page has room for more than what they show: on a screen, with few of them."""
    return page_size(study.recipe.size)[2] is None and len(study.problem.labels) <= ROOMY


def optimizers_of(study: Study, words: Texts) -> list[tuple[str, str]]:
    """What stands above each map: the optimizer, and what does where that has no room: with what it was told and alone,
    or where there is no room for that at all, alone and by the letters of its field."""
    found = [(one.name, _whole(one.details)) for one in entries(study, words)]
    if not is_roomy(study):
        return list(zip(names(study, words), names(study, words, brief=True), strict=True))
    return [(f"{name}, {details}" if details else name, name) for name, details in found]


def _whole(details: str) -> str:
    """Details that no line break parts from their values."""
    return details.replace(" = ", "\u00a0=\u00a0")


def wilson_note(counts: NDArray[np.int64], totals: NDArray[np.int64], words: Texts) -> str:
    """How far shares may be off at most, in points: counts int64[optimizer, kind] of totals int64[optimizer]."""
    known = totals > 0
    low, high = wilson(counts[known], totals[known, None])
    shares = counts[known] / totals[known, None]
    points = 100 * float(np.maximum(shares - low, high - shares).max())
    return words.text("map_wilson", points=words.number(float(f"{points:.2g}")))


def told_of(study: Study, words: Texts) -> list[str]:
    """What optimizers were told, one sentence for all."""
    said = [f"{one.name}: {_whole(one.details)}" for one in entries(study, words) if one.details]
    return ["; ".join(said)] if said else []


def share_of(count: int, total: int, words: Texts) -> str:
    """A share in percent with one decimal, beyond 0.1 and 99.9 with as many as tell it from none and all."""
    share = count / total if total else math.nan
    return percent(share, words) if not 0.001 <= share <= 0.999 else words.number(100 * share, 1)


def trust_bars(study: Study, words: Texts) -> tuple[Bar, ...]:
    """Rows of a key: which shares of labels change in other ways of computing them, all over and at boundaries."""
    if not study.reliability:
        return ()
    other = "float32" if study.recipe.dtype == "float64" else "float64"
    rows = [Bar(""), Bar(words.text("map_trust"))]
    for name, said in TRUST.items():
        shares = [(getattr(one.all, name), getattr(one.boundary, name)) for one in study.reliability]
        if not np.isnan(shares).all():
            told = [" / ".join("–" if np.isnan(one) else percent(one, words) for one in pair) for pair in shares]
            rows.append(Bar(words.text(said, dtype=other), values=tuple(told)))
    return tuple(rows)
