"""Where panels and the ledger stand that are no grid: side by side on wide pages, one above the other on others.

What is decided here follows from the page, from axes and from how many panels and entries there are, never from how
wide words are: a picture has one layout in all languages.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from gdviz.draw.cells import lowest_told
from gdviz.draw.ledger import Ledger, head_height, least_row, ledger
from gdviz.draw.measures import Measures
from gdviz.draw.rims import fitted, foot_of, head_of, label_width, scale_of, slope_of, steepest_of, widest_of
from gdviz.draw.shapes import Area, Box
from gdviz.draw.text import Glyphs
from gdviz.scene.page import Scene
from gdviz.scene.panels import Panel

COLUMN, NARROW, BARE = 0.36, 0.3, 0.24
"""Shares of a wide page's width for the column beside the main panel: usually, at least, and for a ledger alone."""

FILLED = 0.9
"""Share of a width that a round panel must be able to fill to have it to itself."""

LARGE = 0.9
"""How large a main panel must show things beside a ledger, as a share of how large it would above one."""

TALL = 0.4
"""Share of a main panel's height that a ledger beside it needs, lest a corner of the page is empty."""

CROWDED = 0.45
"""Share of a wide page's height that short rows may take in a column."""

EMPTY = 0.4
"""Share of a column's height that its ledger has to leave for a panel beneath it."""

ACROSS = 2
"""Columns of a ledger above all panels of a page whose column has no room for it."""

MOST_ROWS = 0.6
"""Share of the height that such a ledger and what hangs below the panels may take."""

WIDEST_ROW = 520.0
"""Units of the page that a row of a ledger is wide at most where it stands beside others: its value must be near."""


Placed = dict[int, tuple[Panel, Box]]
"""Panels as they are drawn and their boxes, by the identity of the scene's panels."""


@dataclass(frozen=True)
class Page:
    """A scene, its measures, and its panels: those that are the main thing and those that explain it."""

    scene: Scene
    page: Measures
    glyphs: Glyphs
    mains: list[Panel]
    sides: list[Panel]

    # -- ledgers -------------------------------------------------------------------------------------------------

    def rows(self, columns: int = 1, lines: int = 2) -> float:
        """The height of a ledger, pixels; of two lines a row where there are details."""
        count = len(self.scene.listed)
        name, details = self.page.size(28), self.page.size(22)
        told = lines == 2 and any(entry.longest for entry in self.scene.listed)
        pitch = name * 1.2 + details * 1.25 if told else name * 1.42
        return math.ceil(count / columns) * pitch + head_height(self.scene, self.page) if count else 0.0

    def columns(self, width: float) -> int:
        """How many columns of a ledger stand beside each other in a width; their last rows are nearly full."""
        count, most = len(self.scene.listed), 4 if self.page.kind == "wide" else 2
        columns = max(min(count, most, int(width / (13 * self.page.size(28)))), 1)
        return math.ceil(count / math.ceil(count / columns)) if count else 1

    def closest(self, columns: int) -> float:
        """The least height of a ledger with one short line a row, pixels."""
        count = len(self.scene.listed)
        rows = math.ceil(count / columns) * least_row(self.page)
        return math.ceil(rows + head_height(self.scene, self.page)) + 2 if count else 0.0

    def strip(self, area: Area, most: float = math.inf) -> Ledger | None:
        """The ledger across the top of an area; one that would be higher than `most` has short rows side by side."""
        if not self.scene.listed:
            return None
        columns = self.columns(area.width)
        across = min(area.width, columns * self.page.space(WIDEST_ROW)) if columns > 1 else area.width
        high = self.rows(columns)
        if high > most:
            columns, across = max(columns, min(ACROSS, len(self.scene.listed))), area.width
            high = self.closest(columns)
        return self.book(Area(area.left, area.top, area.left + across, area.top + high), columns)

    def book(self, area: Area, columns: int = 1, spread: float = 9.0, roomy: bool = False) -> Ledger | None:
        """The ledger over the height of an area."""
        if not self.scene.listed:
            return None
        box = Box(round(area.left), round(area.top), round(area.right), round(area.bottom))
        return ledger(self.scene, self.page, self.glyphs, box, spread=spread, columns=columns, roomy=roomy)

    def holds(self, box: Box) -> bool:
        """Whether a place has room for the rows of a ledger."""
        return box.height >= self.closest(self.columns(box.width))

    def space(self, units: float) -> float:
        """Pixels of a gap."""
        return self.page.space(units)

    def size(self, units: float) -> float:
        """Pixels of a text."""
        return self.page.size(units)

    def beneath(self, column: Area) -> Area | None:
        """What a ledger alone in a column leaves to panels that would else hide a part of the main one."""
        wanted = self.scene.listed and any(panel.inlaid for panel in self.scene.panels)
        top = column.top + self.rows() + 2 * self.gap
        return replace(column, top=top) if wanted and column.bottom - top > EMPTY * column.height else None

    # -- panels --------------------------------------------------------------------------------------------------

    def least(self) -> float:
        """The height below which charts one above the other say nothing: three lines of labels between their axes."""
        inner, told = max(self.page.space(150), 3.2 * self.page.size(21)), lowest_told(self.sides)
        return sum(head_of(self.page, panel) + inner + foot_of(self.page, panel) for panel in told) + self.gap * len(
            told
        )

    def lowest(self) -> float:
        """The same of charts side by side."""
        tallest = max(head_of(self.page, panel) + foot_of(self.page, panel) for panel in self.sides)
        return tallest + max(self.page.space(150), 3.2 * self.page.size(21))

    @property
    def gap(self) -> float:
        """From the lowest text of a panel to the title of the next one."""
        return self.page.space(26)

    def foot(self, panels: Sequence[Panel]) -> float:
        """What hangs below panels that end at one height."""
        return max((foot_of(self.page, panel) for panel in panels), default=0.0)

    def hang(self, panels: Sequence[Panel], height: float) -> float:
        """How far labels of panels reach to their left."""
        return max((label_width(self.scene, self.page, panel, height) for panel in panels), default=0.0)

    def main(self, area: Area, centre: bool = False) -> Placed:
        """The main panel as large as an area allows, at its top and its left, where the header begins, or centred."""
        if len(self.mains) > 1:
            return self.pile(self.mains, area)
        placed = {}
        for panel in self.mains:
            top = area.top + head_of(self.page, panel)
            placed[id(panel)] = panel, fitted(panel, area.left, top, area.width, area.bottom - top, centre)
        return placed

    def pile(self, panels: list[Panel], area: Area) -> Placed:
        """Panels one above the other, equally high and equally far apart; the last axis ends at the area's bottom."""
        if not panels:
            return {}
        told, count = lowest_told(panels), len(panels)
        heads, feet = [head_of(self.page, panel) for panel in told], [foot_of(self.page, panel) for panel in told]
        between = round(max(heads[1:], default=0.0) + max(feet[:-1], default=0.0) + self.gap)
        high = int((area.height - heads[0] - between * (count - 1)) / count)
        low, placed = round(area.bottom), {}
        for number, (panel, shown) in enumerate(zip(panels, told, strict=True)):
            top = low - (count - number) * high - (count - 1 - number) * between
            placed[id(panel)] = shown, fitted(shown, area.left, top, area.width, high)
        return placed

    def row(self, panels: list[Panel], area: Area) -> Placed:
        """Panels side by side, equally wide and equally far apart; the labels of the first hang out to the left."""
        gutter = round(self.hang(panels[1:], area.height) + self.page.space(34))
        wide = int((area.width - gutter * (len(panels) - 1)) / max(len(panels), 1))
        top, bottom = round(area.top + max(head_of(self.page, panel) for panel in panels)), round(area.bottom)
        lefts = [round(area.left) + number * (wide + gutter) for number in range(len(panels))]
        return {id(panel): (panel, Box(x, top, x + wide, bottom)) for panel, x in zip(panels, lefts, strict=True)}


def lying(page: Page, area: Area) -> tuple[Placed, Ledger | None]:
    """On a wide page: the main panel, and beside it a column of ledger and charts.

    Without charts the ledger stands above a panel that can fill the page, and above all panels where a column of them
    has no room for its rows.
    """
    mains, sides, unit = page.mains, page.sides, page.page
    high = page.closest(ACROSS)
    crowded = page.closest(1) > CROWDED * (area.height - page.foot(mains))
    if mains and sides and crowded and high + page.gap + page.foot(mains) < MOST_ROWS * area.height:
        book = page.book(Area(area.left, area.top, area.right, area.top + high), ACROSS, spread=1.0)
        rest = replace(page, scene=replace(page.scene, legend="off"))
        return lying(rest, Area(area.left, area.top + high + page.gap, area.right, area.bottom))[0], book
    told = lowest_told(sides)
    base = area.bottom - page.foot([*mains, *told[-1:]])
    high = base - area.top
    columns = page.columns(area.width)
    if mains and not sides and widest_of(mains[0]) * (high - page.rows(columns)) >= FILLED * area.width:
        book = page.strip(area)
        top = area.top + (page.rows(columns) + page.gap if book else 0.0)
        return page.main(Area(area.left, top, area.right, base)), book
    gutter = max(unit.space(64), page.hang(told, high * 0.5) + unit.space(34))
    placed, x, top = {}, area.left, area.top
    if mains and not (sides or page.scene.listed):
        return page.main(Area(area.left, top, area.right, base), centre=True), None
    if mains:
        floor = (
            min(0.46 * area.width, 17 * page.size(28)) if page.scene.listed else 0.0
        )  # on small pages names need more
        shares = (COLUMN, NARROW) if sides else (NARROW, BARE)
        wide, most = (area.width - max(area.width * share, floor) - gutter for share in shares)
        if mains[0].aspect:  # what is round takes width from the column rather than leave height
            wide = min(max(wide, high * (1 / slope_of(mains[0]) if sides else widest_of(mains[0]))), most)
        placed = page.main(Area(area.left, top, area.left + wide, base))
        slack = base - max(box.y1 for _, box in placed.values())
        if len(mains) == 1 and slack > 1:
            top += slack / 2
            placed = page.main(Area(area.left, top, area.left + wide, base))
        x = max(box.x1 for _, box in placed.values()) + gutter
        base = max(box.y1 for _, box in placed.values())
    if not sides:
        column = Area(x, top, area.right, base)
        free = page.beneath(column)
        return placed, page.book(replace(column, bottom=free.top) if free else column, spread=3.0, roomy=True)
    room = base - top
    least = page.least() - page.foot(told[-1:])  # the last numbers hang below
    high = min(page.rows(), max(room - least, 0.36 * room), 0.5 * room)
    book = page.book(Area(x, top, area.right, top + high))
    below = top + (high + 1.2 * page.gap if book else 0.0)
    return placed | page.pile(sides, Area(x, below, area.right, base)), book


def squared(page: Page, area: Area) -> tuple[Placed, Ledger | None]:
    """On a square page: the main panel, and beneath it the ledger beside the charts.

    A main panel that cannot fill the width has the ledger beside it where that is nearly as high and what is
    shown about as large as above it, and the charts in a row beneath.
    """
    mains, sides = page.mains, page.sides
    if not mains:
        return _below(page, area)
    gap, foot = page.space(30), page.foot(mains)
    whole, free = area.width, area.height - foot
    columns = 1 if sides else page.columns(whole)
    below = page.rows(columns)
    if sides:
        share = 0.58 - 0.16 * page.page.squeeze  # on small pages numbers and names take more than curves do
        below = min(max(page.least(), 0.3 * free, below), share * free)
    most = free - below - gap * bool(below)
    if widest_of(mains[0]) * most < FILLED * whole and page.scene.listed:
        below = max(page.lowest(), 0.3 * free) if sides else 0.0
        high, apart = free - below - gap * bool(below), page.space(56)
        wide = max(whole - 14 * page.size(28) - apart, 0.42 * whole)
        larger = scale_of(mains[0], wide, high) >= LARGE * scale_of(mains[0], whole, most)
        if larger and (page.rows() >= TALL * high or widest_of(mains[0]) * most <= wide):
            placed = page.main(Area(area.left, area.top, area.left + wide, area.top + high))
            box = next(iter(placed.values()))[1]
            book = page.book(Area(box.x1 + apart, box.y0, area.right, box.y1), spread=3.0, roomy=True)
            if sides:
                feet = Area(area.left, box.y1 + foot + gap, area.right, area.bottom - page.foot(sides))
                placed |= page.row(sides, feet)
            return placed, book
    alone = not (sides or page.scene.listed)
    placed = page.main(Area(area.left, area.top, area.right, area.top + most), alone)
    y = max(box.y1 for _, box in placed.values()) + foot + gap
    if not sides:
        return placed, page.strip(Area(area.left, y, area.right, area.bottom))
    more, book = _below(page, Area(area.left, y, area.right, area.bottom))
    return placed | more, book


def _below(page: Page, area: Area) -> tuple[Placed, Ledger | None]:
    """The ledger, and beside it the charts, one above the other."""
    told = lowest_told(page.sides)
    base = area.bottom - page.foot(told[-1:])
    end, split = area.left, area.left
    if page.scene.listed:
        end = area.left + 0.48 * area.width
        split = end + max(page.space(50), page.hang(told, base - area.top) + page.space(30))
    book = page.book(Area(area.left, area.top, end, area.top + min(base - area.top, 1.6 * page.rows())))
    return page.pile(page.sides, Area(split, area.top, area.right, base)), book


def upright(page: Page, area: Area) -> tuple[Placed, Ledger | None]:
    """On an upright page: main panel, ledger, charts."""
    mains, sides = page.mains, page.sides
    gap, foot = page.space(34), page.foot(mains)
    base = area.bottom - page.foot(lowest_told(sides)[-1:])
    free = area.height - foot
    book_high = page.rows(1, lines=1)
    if not sides:
        high = free - (book_high + gap if book_high else 0.0)
    else:
        book_high = min(book_high, 0.34 * free)
        least = max(page.least(), page.space(280) * len(sides))
        wanted = area.width * (min(steepest_of(mains[0]), max(slope_of(mains[0]), 1.05)) if mains else 0.0)
        high = max(min(free - book_high - 2 * gap - least, wanted), 0.3 * free)
    placed, y = {}, area.top
    if mains:
        alone = not (sides or page.scene.listed)
        placed = page.main(Area(area.left, area.top, area.right, area.top + high), alone)
        y = max(box.y1 for _, box in placed.values()) + foot + gap
    if not sides:  # rows move apart where a panel leaves room
        return placed, page.book(Area(area.left, y, area.right, min(area.bottom, y + 1.8 * book_high)))
    book = page.book(Area(area.left, y, area.right, y + book_high))
    y += book_high + gap if book else 0.0
    return placed | page.pile(sides, Area(area.left, y, area.right, base)), book
