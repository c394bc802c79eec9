"""Where everything stands on the page: header, panels, ledger, caption."""

from __future__ import annotations

from dataclasses import dataclass, replace

from gdviz.draw.ledger import Ledger, ledger, needs
from gdviz.draw.measures import Measures, measures
from gdviz.draw.shapes import Box
from gdviz.draw.text import Glyphs, extent, shorten, width, wrap
from gdviz.draw.ticks import ticks
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
    """

    page: Measures
    panels: tuple[Panel, ...]
    boxes: tuple[Box, ...]
    ledger: Ledger | None
    title: Line
    formula: Line
    counter: Line  # its text is the longest of all records; right end
    total: Line  # right end
    caption: tuple[Line, ...]


def tick_room(page: Measures, panel: Panel, box_height: float) -> int:
    """How many labels a vertical axis of this height carries: a field wants few, a chart is read by them."""
    apart = page.space(64 if panel.frame else 100)
    return max(2, min(9, int(box_height / max(apart, page.size(21) * 2.2))))


def label_width(scene: Scene, page: Measures, panel: Panel, height: float) -> float:
    """How far the labels of a panel's vertical axis hang out to its left, pixels."""
    axes = {panel.y, panel.y.widened(panel.y.most)}
    labels = [label for axis in axes for _, label in ticks(axis, tick_room(page, panel, height))]
    reach = max((width(label, page.size(21), scene.font) for label in labels), default=0.0) + page.space(14)
    turned = panel.y.label and (panel.title or panel.area == "main")
    return reach + (page.size(21) * 1.5 if turned else 0.0)


def _slope(panel: Panel) -> float:
    """Height for each width of a panel that has an aspect and is not widened."""
    return (panel.aspect or 1.0) * panel.y.span / panel.x.span


def _fitted(panel: Panel, x0: float, y0: float, room: float, height: float, centre: bool = False) -> Box:
    """The largest box at the top of a slot that the panel can fill at its aspect, widened as far as it may be."""
    if panel.aspect:
        flattest, steepest = panel.y.span / panel.x.most, panel.y.most / panel.x.span
        slope = min(max(height / room, panel.aspect * flattest), panel.aspect * steepest)
        wide = min(room, height / slope)
        x0, height = (x0 + (room - wide) / 2 if centre else x0), wide * slope
        room = wide
    return Box(round(x0), round(y0), round(x0 + max(room, 8)), round(y0 + max(height, 8)))


def _filling(panel: Panel, box: Box) -> Panel:
    """The panel with the axis widened that lets it fill its box at its aspect."""
    if not panel.aspect:
        return panel
    unit = box.height / box.width / panel.aspect  # y units for each x unit, across the whole box
    return replace(panel, x=panel.x.widened(panel.y.span / unit), y=panel.y.widened(panel.x.span * unit))


def _header(
    scene: Scene, page: Measures, glyphs: Glyphs, left: float, right: float
) -> tuple[tuple[Line, Line, Line, Line], float]:
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
    formula_size, formula = page.size(29), f"${scene.formula}$" if scene.formula else ""
    room = right - left - (corner + page.space(40) if corner else 0.0)
    wide = width(formula, formula_size, scene.font, math=True)
    if wide > room:
        formula_size *= room / wide * 0.998
    if formula_size < page.size(17):
        formula = ""  # a formula cannot be shortened; smaller than the smallest text it says nothing
    rise, depth = extent(formula, formula_size, scene.font, math=True) if formula else (0.0, 0.0)
    place = Line(formula, left, round(low + rise), formula_size)
    if total.text:
        end = max(end, total.y + 0.1 * total_size)
    if formula:
        end = max(end, place.y + depth)
    return (Line(title, left, round(base), title_size), place, counter, total), end + page.space(26)


def arrange(scene: Scene, glyphs: Glyphs) -> Layout:
    """Lay a scene out on its page: side by side where it is wide, one above the other where it is not."""
    page = measures(scene)
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
    shown = tuple(_filling(panel, box) for panel, box in zip(scene.panels, order, strict=True))
    title, formula, counter, total = header
    return Layout(page, shown, order, book, title, formula, counter, total, feet)


def _caption(scene: Scene, page: Measures, left: float, right: float, height: int) -> tuple[Line, ...]:
    size = page.size(20)
    lines = wrap(scene.caption, right - left, size, 3, scene.font) if scene.caption else []
    first = height - page.space(34) - (len(lines) - 1) * size * 1.4
    return tuple(Line(text, left, round(first + number * size * 1.4), size) for number, text in enumerate(lines))


def _foot(page: Measures, panel: Panel) -> float:
    """What hangs below a panel: tick labels and the axis label."""
    return page.size(21) * 1.05 + page.space(12) + (page.size(21) * 1.3 if panel.x.label else 0.0)


def _head(page: Measures, panel: Panel) -> float:
    """What stands above a panel: its title."""
    return page.size(25) * 1.0 + page.space(16) if panel.title or (panel.y.label and panel.area == "side") else 0.0


def _least(page: Measures, panels: list[Panel]) -> float:
    """The height below which charts one above the other say nothing: three lines of labels between their axes."""
    inner = max(page.space(150), 3.2 * page.size(21))
    return sum(_head(page, panel) + inner + _foot(page, panel) for panel in panels) + page.space(26) * len(panels)


def _pile(page: Measures, panels: list[Panel], area: Box) -> dict[int, Box]:
    """Panels one above the other; the last axis ends at the bottom of the area, its labels hang out of it."""
    boxes = {}
    inner = sum(_head(page, panel) for panel in panels) + sum(_foot(page, panel) for panel in panels[:-1])
    gap = page.space(26)
    each = (area.height - inner - gap * (len(panels) - 1)) / max(len(panels), 1)
    y = float(area.y0)
    for panel in panels:
        y += _head(page, panel)
        boxes[id(panel)] = _fitted(panel, area.x0, y, area.width, each)
        y += each + _foot(page, panel) + gap
    return boxes


def _abreast(
    scene: Scene, page: Measures, glyphs: Glyphs, mains: list[Panel], sides: list[Panel], area: tuple[float, ...]
) -> tuple[dict[int, Box], Ledger | None]:
    left, right, top, bottom = area
    base = bottom - max((_foot(page, panel) for panel in [*mains, *sides]), default=0.0)
    hang = max((label_width(scene, page, panel, (base - top) * 0.5) for panel in sides), default=0.0)
    gutter = max(page.space(64), hang + page.space(34))
    whole = right - left
    if not scene.entries and not sides:
        share = whole
    else:
        # the column is as wide as its ledger asks for, within bounds that keep the main panel the main thing
        form = (1.0, 1) if sides or len(scene.entries) > 6 else (1.25, 2)
        wish = needs(scene, page, glyphs, *form) if scene.entries else 0.0
        if wish > 0.46 * whole:
            wish = max(needs(scene, page, glyphs, 0.92, 2), 0.36 * whole)
        column = min(max(wish, (0.36 if sides else 0.2) * whole), 0.46 * whole)
        if mains and mains[0].aspect and scene.entries:
            # a round landscape that could be higher takes width from the column, as far as its ledger can spare it
            round_width = (base - top) / _slope(mains[0])
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
    if scene.entries:
        # the last panel's labels hang below the base
        least = _least(page, sides) - _foot(page, sides[-1]) if sides else 0.0
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
    foot = max((_foot(page, panel) for panel in mains), default=0.0)
    side_foot = max((_foot(page, panel) for panel in sides), default=0.0)
    gap = page.space(34)
    tall = page.kind == "tall"
    count = len(scene.entries)
    columns = 1 if tall or sides or count < 4 else 2
    row = page.size(28) * (1.75 if tall else 1.55)
    if needs(scene, page, glyphs, 0.92, 1) > (whole if tall or not sides else whole * 0.45):
        row += page.size(22)
    book_height = -(-count // columns) * row
    free = bottom - top - foot - gap
    least = _least(page, sides)
    if tall:
        wanted = whole * (min(_slope(mains[0]), 1.05) if mains and mains[0].aspect else 0.9)
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
        boxes = {id(mains[0]): _fitted(mains[0], slot.x0, slot.y0, slot.width, slot.height, centre=True)}
        if len(mains) > 1:
            boxes = _pile(page, mains, slot)
        y = max(box.y1 for box in boxes.values()) + foot + gap
    book = None
    split = left
    if scene.entries:
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
