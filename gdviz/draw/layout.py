"""Where everything stands on the page: header, panels, ledger, caption."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

from gdviz.draw.cells import arranged, hang, measured
from gdviz.draw.formulas import lines as broken
from gdviz.draw.headings import Heading, abreast, beside, headings_height, headings_width, stacked
from gdviz.draw.ledger import Ledger, fits, ledger, needs, strip
from gdviz.draw.measures import Measures, measures
from gdviz.draw.rims import filling, fitted, foot_of, head_of, label_width, slope_of
from gdviz.draw.shapes import Box
from gdviz.draw.text import Glyphs, extent, shorten, width, wrap
from gdviz.scene.page import Scene
from gdviz.scene.panels import Panel


@dataclass(frozen=True)
class Line:
    """A line of furniture text: its right or left end on the baseline, and its size in pixels."""

    text: str
    x: float
    y: float
    size: float


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
    title: Line
    formula: tuple[Line, ...]
    counter: Line  # its text is the longest of all records; right end
    total: Line  # right end
    caption: tuple[Line, ...]


def _header(
    scene: Scene, page: Measures, glyphs: Glyphs, left: float, right: float
) -> tuple[tuple[Line, tuple[Line, ...], Line, Line], float]:
    """Title, formula, counter, total; and where the header ends."""
    counter_size, total_size = page.size(42), page.size(23)
    longest = max(scene.counter, key=lambda text: glyphs.width(text, counter_size, False), default="")
    counter_room = (right - left) * 0.42
    if longest and glyphs.width(longest, counter_size, False) > counter_room:
        counter_size = max(counter_size * counter_room / glyphs.width(longest, counter_size, False), page.size(17))
    corner = max(glyphs.width(longest, counter_size, False), 0.0)
    room = right - left - (corner + page.space(40) if corner else 0.0)
    title_size = page.size(48)
    wide = width(scene.title, title_size, scene.font, True)
    if wide > room:
        title_size = max(title_size * room / wide * 0.998, page.size(26))
    counter_size = min(counter_size, 0.94 * title_size) if title_size < page.size(44) else counter_size
    title = shorten(scene.title, room, title_size, scene.font, True)
    base = page.space(42) + 0.78 * max(title_size if title else 0.0, counter_size if longest else 0.0)
    end = base if title or longest else page.space(36)
    counter = Line(longest, right, round(base), counter_size)
    low = base + page.space(6) + 0.2 * max(title_size, counter_size)
    total = Line(scene.counter_total, right, round(low + 0.74 * total_size), total_size)
    corner = width(total.text, total_size, scene.font)
    corner = corner if title else max(corner, glyphs.width(longest, counter_size, False))
    room = right - left - (corner + page.space(40) if corner else 0.0)
    texts, formula_size = broken(scene.formula, room, page.size(29), page.size(17), scene.font)
    if scene.formula and not texts:  # a formula cannot be shortened: that it is left out is said in its place
        formula_size = page.size(20)
        texts = [shorten(scene.formula_left_out, room, formula_size, scene.font)]
    reaches = [extent(text, formula_size, scene.font, math=text.startswith("$")) for text in texts]
    # without a title the formula stands in its place, beside the counter
    first = low if title else max(page.space(36), end - (reaches[0][0] if reaches else 0.0))
    formula = []
    for text, (rise, depth) in zip(texts, reaches, strict=True):
        formula.append(Line(text, left, round(first + rise), formula_size))
        first = formula[-1].y + depth + page.space(8)
    if total.text:
        end = max(end, total.y + 0.1 * total_size)
    if formula:
        end = max(end, first - page.space(8))
    return (Line(title, left, round(base), title_size), tuple(formula), counter, total), end + page.space(26)


def arrange(scene: Scene, glyphs: Glyphs) -> Layout:
    """Lay a scene out on its page: side by side where it is wide, one above the other where it is not."""
    page = measures(scene)
    if scene.grid:
        return _gridded(scene, page, glyphs, scene.grid)
    width_px, height_px = scene.size
    margin = page.space(64)
    mains = [panel for panel in scene.panels if panel.area == "main"] or list(scene.panels[:1])
    sides = [panel for panel in scene.panels if panel not in mains]
    # the header is needed to know the height that labels hang out of, and their width to know where the header begins
    heights = [share * height_px for share in (0.3, 0.45, 0.6, 0.75, 0.85)]
    under = [*mains, *sides] if page.kind == "tall" else mains
    hang = max((label_width(scene, page, panel, height) for panel in under for height in heights), default=0.0)
    left = max(margin, hang + page.space(26))
    right = width_px - page.space(58)
    header, top = _header(scene, page, glyphs, left, right)
    feet = _caption(scene, page, left, right, height_px)
    bottom = height_px - page.space(40) - (len(feet) * page.size(20) * 1.4 + page.space(12) if feet else 0.0)
    if page.kind == "wide":
        boxes, book = _abreast(scene, page, glyphs, mains, sides, (left, right, top, bottom))
    else:
        boxes, book = _stacked(scene, page, glyphs, mains, sides, (left, right, top, bottom))
    order = tuple(boxes[id(panel)] for panel in scene.panels)
    shown = tuple(filling(panel, box) for panel, box in zip(scene.panels, order, strict=True))
    return Layout(page, page, shown, order, book, (), *header, feet)


def _gridded(scene: Scene, page: Measures, glyphs: Glyphs, grid: tuple[int, int]) -> Layout:
    """All panels in equal cells, the ledger in cells that are left over or else in a strip above them."""
    cell, book = measured(page, scene.size, grid), None
    wide = beside(page)
    aside, above = (headings_width(scene, cell), 0.0) if wide else (0.0, headings_height(scene, cell))
    reach = hang(scene, cell, grid) + page.space(26)
    left = max(page.space(64), 0.0 if aside else reach)
    inner = left + aside + reach if aside else left
    right = scene.size[0] - page.space(58)
    header, top = _header(scene, page, glyphs, left, right)
    feet = _caption(scene, page, left, right, scene.size[1])
    bottom = scene.size[1] - page.space(40) - (len(feet) * page.size(20) * 1.4 + page.space(12) if feet else 0.0)
    area = Box(round(left), round(top), round(right), round(bottom))
    found = arranged(scene, cell, grid, dataclasses.replace(area, x0=round(inner)), above)
    if scene.listed and found.spare and fits(scene, page, glyphs, found.spare):
        book = ledger(scene, page, glyphs, found.spare, spread=2.1)
    elif scene.listed:
        book = strip(scene, page, glyphs, area)
        rest = Box(round(inner), round(book.box.y1 + page.space(20)), area.x1, area.y1)
        found = arranged(scene, cell, grid, rest, above)
    heads: tuple[Heading, ...] = ()
    if scene.heads and wide:
        heads = stacked(scene, cell, grid, found.boxes, left)
    elif scene.heads:
        firsts = zip(found.panels[:: grid[1]], found.boxes[:: grid[1]], strict=True)
        tops = [box.y0 - head_of(cell, panel) - above for panel, box in firsts]
        heads = abreast(scene, cell, grid, tops, left, right)
    return Layout(page, cell, found.panels, found.boxes, book, heads, *header, feet)


def _caption(scene: Scene, page: Measures, left: float, right: float, height: int) -> tuple[Line, ...]:
    size = page.size(20)
    lines = wrap(scene.caption, right - left, size, 3, scene.font) if scene.caption else []
    first = height - page.space(34) - (len(lines) - 1) * size * 1.4
    return tuple(Line(text, left, round(first + number * size * 1.4), size) for number, text in enumerate(lines))


def _least(page: Measures, panels: list[Panel]) -> float:
    """The height below which charts one above the other say nothing: three lines of labels between their axes."""
    inner = max(page.space(150), 3.2 * page.size(21))
    return sum(head_of(page, panel) + inner + foot_of(page, panel) for panel in panels) + page.space(26) * len(panels)


def _pile(page: Measures, panels: list[Panel], area: Box) -> dict[int, Box]:
    """Panels one above the other; the last axis ends at the bottom of the area, its labels hang out of it."""
    boxes = {}
    inner = sum(head_of(page, panel) for panel in panels) + sum(foot_of(page, panel) for panel in panels[:-1])
    gap = page.space(26)
    each = (area.height - inner - gap * (len(panels) - 1)) / max(len(panels), 1)
    y = float(area.y0)
    for panel in panels:
        y += head_of(page, panel)
        boxes[id(panel)] = fitted(panel, area.x0, y, area.width, each)
        y += each + foot_of(page, panel) + gap
    return boxes


def _abreast(
    scene: Scene, page: Measures, glyphs: Glyphs, mains: list[Panel], sides: list[Panel], area: tuple[float, ...]
) -> tuple[dict[int, Box], Ledger | None]:
    left, right, top, bottom = area
    base = bottom - max((foot_of(page, panel) for panel in [*mains, *sides]), default=0.0)
    hang = max((label_width(scene, page, panel, (base - top) * 0.5) for panel in sides), default=0.0)
    gutter = max(page.space(64), hang + page.space(34))
    whole = right - left
    if not scene.listed and not sides:
        share = whole
    else:
        # the column is as wide as its ledger asks for, within bounds that keep the main panel the main thing
        form = (1.0, 1) if sides or len(scene.listed) > 6 else (1.25, 2)
        wish = needs(scene, page, glyphs, *form) if scene.listed else 0.0
        if wish > 0.46 * whole:
            wish = max(needs(scene, page, glyphs, 0.92, 2), 0.36 * whole)
        column = min(max(wish, (0.36 if sides else 0.2) * whole), 0.46 * whole)
        if mains and mains[0].aspect and scene.listed:
            # a round landscape that could be higher takes width from the column, as far as its ledger can spare it
            round_width = (base - top) / slope_of(mains[0])
            least = max(needs(scene, page, glyphs, 0.78, 2), 0.3 * whole)
            column = min(column, max(least, whole - gutter - round_width))
        share = whole - column - gutter
    area_box = Box(round(left), round(top), round(left + share), round(base))
    boxes = {}
    if mains:
        boxes = _pile(page, mains, area_box)
        used = max(box.x1 for box in boxes.values())
        if mains[0].aspect:
            # round landscapes leave width over: the column takes what makes the page balanced, the rest is margin
            area_box = Box(area_box.x0, area_box.y0, used, area_box.y1)
    x0, x1 = round(area_box.x1 + gutter), round(right)
    if not mains:
        x0 = round(left)
    book, y = None, float(area_box.y0)
    if scene.listed:
        # the last panel's labels hang below the base
        least = _least(page, sides) - foot_of(page, sides[-1]) if sides else 0.0
        box = Box(x0, round(y - page.space(10)), x1, round(y + max(base - top - least, (base - top) * 0.45)))
        book = ledger(scene, page, glyphs, box, spread=1.95 if sides else 3.0, roomy=not sides)
        y = book.box.y1 + page.space(30)
    if sides:
        boxes |= _pile(page, sides, Box(x0, round(y), x1, round(base)))
    return boxes, book


def _stacked(
    scene: Scene, page: Measures, glyphs: Glyphs, mains: list[Panel], sides: list[Panel], area: tuple[float, ...]
) -> tuple[dict[int, Box], Ledger | None]:
    left, right, top, bottom = area
    whole = right - left
    foot = max((foot_of(page, panel) for panel in mains), default=0.0)
    side_foot = max((foot_of(page, panel) for panel in sides), default=0.0)
    gap = page.space(34)
    tall = page.kind == "tall"
    count = len(scene.listed)
    columns = 1 if tall or sides or count < 4 else 2
    row = page.size(28) * (1.75 if tall else 1.55)
    if needs(scene, page, glyphs, 0.92, 1) > (whole if tall or not sides else whole * 0.45):
        row += page.size(22)
    book_height = -(-count // columns) * row + page.size(28) * bool(scene.values_title)
    free = bottom - top - foot - gap
    least = _least(page, sides)
    if tall:
        wanted = whole * (min(slope_of(mains[0]), 1.05) if mains and mains[0].aspect else 0.9)
        book_height = min(book_height, max(0.34 * free, free - wanted - least - gap))
        main_height = min(free - book_height - max(least, page.space(280) * len(sides)) - gap, wanted)
    else:
        below = max(min(max(book_height, least), free * 0.5), page.space(300) * bool(sides))
        main_height = free - below
    main_height = max(main_height, free * 0.3)
    boxes = {}
    y = top
    if mains:
        slot = Box(round(left), round(top), round(right), round(top + main_height))
        boxes = {id(mains[0]): fitted(mains[0], slot.x0, slot.y0, slot.width, slot.height, centre=True)}
        if len(mains) > 1:
            boxes = _pile(page, mains, slot)
        y = max(box.y1 for box in boxes.values()) + foot + gap
    book = None
    split = left
    if scene.listed:
        end = right
        if sides and not tall:
            wish = needs(scene, page, glyphs, 0.92, 2) / whole
            end = left + whole * min(max(wish, 0.44), 0.55)
            hang = max(label_width(scene, page, panel, bottom - y) for panel in sides)
            split = end + max(page.space(50), hang + page.space(30))
        box = Box(round(left), round(y), round(end), round(y + (book_height if tall else bottom - y)))
        book = ledger(scene, page, glyphs, box, spread=2.1, columns=columns)
        if tall:
            y = book.box.y1 + gap
    if sides:
        boxes |= _pile(page, sides, Box(round(split), round(y), round(right), round(bottom - side_foot)))
    return boxes, book
