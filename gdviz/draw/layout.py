"""Where everything stands on the page: header, panels, ledger, caption."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterator
from dataclasses import dataclass

from gdviz.draw.cells import Cells, arranged, hang, measured
from gdviz.draw.columns import roomy
from gdviz.draw.header import LEADING, Header, Line, header
from gdviz.draw.headings import Heading, abreast, beside, headings_height, headings_width, stacked
from gdviz.draw.insets import Inlaid, inlaid
from gdviz.draw.keys import TRIED, below, forms, height, written
from gdviz.draw.keys import beside as aside
from gdviz.draw.ledger import Ledger
from gdviz.draw.measures import SMALLEST, Measures, measures
from gdviz.draw.pages import Page, lying, squared, upright
from gdviz.draw.places import Place
from gdviz.draw.rims import filling, foot_of, head_of, label_width, name_width, number_width
from gdviz.draw.shapes import Area, Box, Shape, Text
from gdviz.draw.text import Glyphs, sentences
from gdviz.scene.keys import Key
from gdviz.scene.page import Scene
from gdviz.scene.panels import Panel

SHAPES = {"wide": lying, "square": squared, "tall": upright}
"""How panels and ledger are placed on each kind of page."""

SCARCE = 0.25
"""Share of the height that a ledger above the panels of a grid may take in rows of the usual form."""

APART = 0.12
"""From a map to the next one beside a key, at most, in widths of maps."""

EMPTY = 0.6
"""Power of the share of the page that is filled, by which a layout with smaller maps may be the better one."""

CAPTION, SHARE = 3, 0.2
"""Lines that a caption has at least where it needs them, and the share of the height that more may take."""

AMPLE = 0.22
"""Share of the room between title and caption that maps have to fill for their key to be told in full."""

GAIN = 1.8
"""How many times larger maps are worth that less is told of their key."""

BARE = 0.5
"""What the size of maps is worth without the names above them, or the numbers beside them."""

TOLERANCE = 2.0
"""Pixels by which rounding may bring a key too low."""

NARROW, TITLES = 12.5, 0.14
"""Width of a panel in heights of the smallest letters below which its title has two lines, where all second ones take
no larger share of the height."""


@dataclass(frozen=True)
class Layout:
    """Every place on a page, pixels.

    `panels` are the scene's, with axes widened where their slot had room; `boxes` are the areas between their axes.
    `cell` measures what is in and around panels, `page` all else; they differ where panels stand in a grid.
    """

    page: Measures
    cell: Measures
    panels: tuple[Panel, ...]
    boxes: tuple[Box, ...]
    ledger: Ledger | None
    heads: tuple[Heading, ...]
    header: Header
    caption: tuple[Line, ...]
    insets: tuple[Inlaid, ...] = ()  # panels inside the main one
    key: tuple[Shape, ...] = ()
    titles: int = 1  # lines of the titles of panels
    untold: str = ""  # sentences of the caption that have no room


def arrange(scene: Scene, glyphs: Glyphs) -> Layout:
    """Lay a scene out on its page: side by side where it is wide, one above the other where it is not."""
    found = _arranged(scene, glyphs)
    places = zip(found.panels, found.boxes, strict=True)
    found = dataclasses.replace(
        found, panels=tuple(roomy(scene, found.cell, glyphs, panel, box) for panel, box in places)
    )
    hosts = zip(scene.placed, found.panels, found.boxes, strict=True)
    host = next((Place(panel, box) for given, panel, box in hosts if given.area == "main"), None)
    return dataclasses.replace(found, insets=inlaid(scene, found.cell, host, _spare(scene, found)) if host else ())


def _spare(scene: Scene, found: Layout) -> Area | None:
    """What is empty beneath a ledger that has the column beside the only panel to itself."""
    if found.ledger is None or len(found.boxes) > 1 or found.ledger.box.x0 < found.boxes[0].x1:
        return None
    book, box = found.ledger.box, found.boxes[0]
    sheet = Page(scene, found.page, Glyphs(scene.font), [], [])
    return sheet.beneath(Area(book.x0, box.y0, book.x1, box.y1))


def _arranged(scene: Scene, glyphs: Glyphs) -> Layout:
    page = measures(scene)
    if scene.key is not None:
        return _keyed(scene, page, glyphs, scene.key)
    if scene.grid:
        return _gridded(scene, page, glyphs, scene.grid)
    mains = [panel for panel in scene.placed if panel.area == "main"] or list(scene.placed[:1])
    sides = [panel for panel in scene.placed if panel not in mains]
    # the header is needed to know the height that labels hang out of, and their width to know where the header begins
    heights = [share * scene.size[1] for share in (0.3, 0.45, 0.6, 0.75, 0.85)]
    under = mains if page.kind == "wide" else [*mains, *sides]
    reach = max((label_width(scene, page, panel, height) for panel in under for height in heights), default=0.0)
    if page.kind == "tall":  # names of axes above each other stand in one line, beside the widest numbers of all
        widest = max((number_width(scene, page, panel, height) for panel in under for height in heights), default=0.0)
        reach = max(reach, widest + max((name_width(page, panel) for panel in under), default=0.0))
    left, right = max(page.space(64), reach + page.edge), _right(scene, page)
    above = header(scene, page, glyphs, left, right)
    feet, bottom, untold = _caption(scene, page, left, right)
    area = Area(left, above.end, right, bottom)
    placed, book = SHAPES[page.kind](Page(scene, page, glyphs, mains, sides), area)
    shown = [placed[id(panel)] for panel in scene.placed]
    panels = tuple(filling(panel, box) for panel, box in shown)
    return Layout(page, page, panels, tuple(box for _, box in shown), book, (), above, feet, untold=untold)


def _right(scene: Scene, page: Measures) -> float:
    """Where panels end on the right: beyond it hangs half of the last number."""
    return scene.size[0] - max(page.space(58), 1.2 * page.size(21) + page.edge)


def _gridded(scene: Scene, page: Measures, glyphs: Glyphs, grid: tuple[int, int]) -> Layout:
    """All panels in equal cells, the ledger in cells that are left over or else in a strip above them."""
    cell, book = measured(page, scene.size, grid), None
    wide = beside(page)
    aside, above = (headings_width(scene, cell), 0.0) if wide else (0.0, headings_height(scene, cell))
    reach = hang(scene, cell, grid) + page.edge
    left = max(page.space(64), 0.0 if aside else reach)
    inner = left + aside + reach if aside else left
    right = _right(scene, page)
    told = header(scene, page, glyphs, left, right)
    feet, bottom, untold = _caption(scene, page, left, right)
    area = Area(left, told.end, right, bottom)
    sheet = Page(scene, page, glyphs, list(scene.placed), [])
    found = arranged(scene, cell, grid, Area(inner, area.top, right, bottom), above)
    if scene.listed and found.spare and sheet.holds(found.spare):
        columns = sheet.columns(found.spare.width)
        high = min(found.spare.height, 1.6 * sheet.rows(columns))
        spare = Area(found.spare.x0, found.spare.y0, found.spare.x1, found.spare.y0 + high)
        book = sheet.book(spare, columns)
    elif scene.listed:
        book = sheet.strip(area, SCARCE * area.height)
        top = (book.box.y1 if book else area.top) + page.space(20)
        found = arranged(scene, cell, grid, Area(inner, top, right, bottom), above)
    heads: tuple[Heading, ...] = ()
    if scene.heads and wide:
        heads = stacked(scene, cell, grid, found.boxes, left)
    elif scene.heads:
        firsts = zip(found.panels[:: grid[1]], found.boxes[:: grid[1]], strict=True)
        tops = [box.y0 - head_of(cell, panel) - above for panel, box in firsts]
        heads = abreast(scene, cell, grid, tops, left, right)
    return Layout(page, cell, found.panels, found.boxes, book, heads, told, feet, untold=untold)


def _titled(scene: Scene, cell: Measures, grid: tuple[int, int], area: Area) -> tuple[Cells, int]:
    """Maps in a grid, and how many lines their titles have: over narrow ones names need two."""
    found, line = arranged(scene, cell, grid, area), LEADING * cell.size(SMALLEST)
    narrow = found.boxes[0].width < NARROW * cell.size(SMALLEST) and grid[0] * line < TITLES * area.height
    if not narrow or not any(panel.title for panel in found.panels):
        return found, 1
    return arranged(scene, cell, grid, area, line), 2


def _keyed(scene: Scene, page: Measures, glyphs: Glyphs, key: Key) -> Layout:
    """Maps in equal cells and their key to the right of them or below, whichever leaves them larger.

    A page that has no room for all of the key, or not for maps of some size beside it, has a shorter one, or none: a
    picture of what took long is never refused.
    """
    best: list[tuple[float, Layout]] = []
    for less, form in enumerate(forms(key)):
        for units in TRIED:
            found = [one for grid in _grids(scene) for one in _beside_key(scene, page, glyphs, form, grid, units)]
            if found:
                layout, room = max(found, key=lambda one: _filled(scene, one[0]))
                share = sum(box.width * box.height for box in layout.boxes) / room
                if share >= AMPLE and not less:
                    return layout
                best.append((min(share, AMPLE) / GAIN**less, layout))
    if best:
        return max(best, key=lambda one: one[0])[1]
    alone = (_gridded(scene, page, glyphs, grid) for grid in _grids(scene))
    return max(alone, key=lambda one: one.boxes[0].width * one.boxes[0].height)


def _filled(scene: Scene, layout: Layout) -> float:
    """How large the maps of a page are, less where it is empty below them and their key or between them, or where they
    have no room for their names or numbers."""
    ends = [shape.y for shape in layout.key if isinstance(shape, Text)]
    low = max([*ends, *(box.y1 for box in layout.boxes)])
    free = min((line.y for line in layout.caption), default=low)
    first = layout.boxes[0]
    gaps = [box.x0 - first.x1 for box in layout.boxes if box.x0 > first.x1 and box.y0 == first.y0]
    wide = first.width / max(first.width, min(gaps, default=0) + first.width / 2)
    unnamed = any(panel.title for panel in scene.placed) and not any(panel.title for panel in layout.panels)
    bare = unnamed + (not any(panel.x.labelled or panel.y.labelled for panel in layout.panels))
    return first.width * first.height * ((low / max(free, low)) * wide) ** EMPTY * BARE**bare


def _grids(scene: Scene) -> list[tuple[int, int]]:
    """Rows and columns in which panels may stand."""
    count = len(scene.placed)
    every = ((math.ceil(count / columns), columns) for columns in range(1, count + 1))
    return [scene.grid] if scene.grid else [*dict.fromkeys((rows, math.ceil(count / rows)) for rows, _ in every)]


def _beside_key(
    scene: Scene, page: Measures, glyphs: Glyphs, key: Key, grid: tuple[int, int], units: float
) -> Iterator[tuple[Layout, float]]:
    """The page with the key, whose letters are of a size, in each place where it has room beside a grid of maps, and
    how many pixels both share."""
    cell, right = measured(page, scene.size, grid), _right(scene, page)
    left = max(page.space(64), hang(scene, cell, grid) + page.edge)
    told = header(scene, page, glyphs, left, right)
    feet, bottom, untold = _caption(scene, page, left, right)
    area = Area(left, told.end, right, bottom)
    for place in (aside, below):
        if (found := place(page, key, area, units)) is None:
            continue
        rest, gap = found
        maps, titles = _titled(scene, cell, grid, rest)
        boxes, panels = maps.boxes, maps.panels
        if place is aside:  # maps begin where the title does, and the key follows them
            wide, apart = boxes[0].width, boxes[1].x0 - boxes[0].x1 if grid[1] > 1 else 0
            pitch = wide + min(apart, round(max(page.space(64), APART * wide)))
            lefts = [round(area.left) + number % grid[1] * pitch for number in range(len(boxes))]
            boxes = tuple(dataclasses.replace(b, x0=x, x1=x + wide) for b, x in zip(boxes, lefts, strict=True))
            free = Area(max(box.x1 for box in boxes) + gap, boxes[0].y0, area.right, area.bottom)
            least = height(key, page.size(SMALLEST), free.width)
            foot = max(box.y1 + foot_of(cell, panel) for box, panel in zip(boxes, panels, strict=True))
            slack = (area.bottom - foot) / 2 if page.kind == "wide" else 0.0
            down = max(int(min(slack, free.height - least)), 0)  # what is empty is so above and below
            boxes = tuple(dataclasses.replace(box, y0=box.y0 + down, y1=box.y1 + down) for box in boxes)
            free = dataclasses.replace(free, top=free.top + down)
        else:
            foot = max(foot_of(cell, panel) for panel in panels)
            free = Area(left, max(box.y1 for box in boxes) + foot + gap, area.right, area.bottom)
            least = height(key, page.size(SMALLEST), free.width)
        if least > free.height + TOLERANCE:
            continue
        shapes = tuple(written(scene, page, key, free))
        layout = Layout(page, cell, panels, boxes, None, (), told, feet, key=shapes, titles=titles, untold=untold)
        yield layout, area.width * area.height


def _caption(scene: Scene, page: Measures, left: float, right: float) -> tuple[tuple[Line, ...], float, str]:
    """The caption, where what stands above it ends, and what of it has no room: it costs height only where some
    language has one."""
    size, foot = page.size(20), scene.size[1]
    pitch = size * 1.4
    said = [scene.caption, *(reading.caption for reading in scene.readings)]
    room = max(CAPTION, int(SHARE * foot / pitch))
    (lines, untold), *others = (
        sentences(text, right - left, size, room, scene.font) if text else ([], "") for text in said
    )
    most = max(len(found) for found in (lines, *(one for one, _ in others)))
    first = foot - page.space(34) - (most - 1) * pitch
    found = tuple(Line(text, left, round(first + number * pitch), size) for number, text in enumerate(lines))
    return found, foot - page.space(40) - (most * pitch + page.space(12) if most else 0.0), untold
