"""The legend as a ledger: sample of the line, marker, name, hyperparameters, current loss."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from gdviz.draw.measures import Measures
from gdviz.draw.shapes import Box, Text
from gdviz.draw.text import Glyphs, shorten, width
from gdviz.scene.page import Entry, Scene

TITLE = 20.0
"""Size of the line above the values, units of the page."""

CLOSE = 1.15
"""Height of a row of one line where there is little room, of its letters' size."""


@dataclass(frozen=True)
class Row:
    """One entry's place: the line sample from x0 to x1, the marker's centre, and texts with their baselines."""

    entry: int
    y: float  # middle of the sample
    sample: tuple[float, float]
    marker: float
    name: str
    name_at: tuple[float, float]
    details: str
    details_at: tuple[float, float]
    details_room: float
    value_at: tuple[float, float]  # right end of the column


@dataclass(frozen=True)
class Column:
    """A column of values in which the decimal marks of numbers stand below each other; for a size of one pixel.

    before, after: the widest of what is left of the mark, and of the mark and what follows; words: the widest text
    that is no number, which ends where the column does.
    """

    before: float = 0.0
    after: float = 0.0
    words: float = 0.0

    @staticmethod
    def of(entries: Sequence[Entry], glyphs: Glyphs) -> Column:
        """The column of the values of entries."""
        parts = [glyphs.parted(entry.values) for entry in entries]
        return Column(*(max(sizes) for sizes in zip(*parts, strict=True))) if parts else Column()

    @property
    def width(self) -> float:
        """Of all of it."""
        return max(self.before + self.after, self.words)

    def end(self, text: str, glyphs: Glyphs) -> float:
        """How far before the column's right end a text ends."""
        number = glyphs.number(text)
        return self.after - number[1] if number else 0.0


@dataclass(frozen=True)
class Ledger:
    """All rows and the sizes they share, pixels."""

    rows: tuple[Row, ...]
    name: float
    details: float
    value: float
    scale: float  # of the samples and markers, too
    box: Box
    column: Column
    titles: tuple[Text, ...] = ()  # what all rows share, and what the values of each column are
    detailed: bool = True  # whether rows say more than names and values
    valued: bool = True


@dataclass(frozen=True)
class _Fit:
    """How texts are made to fit: their scale, one or two lines a row, the height of a row, and what is left out."""

    scale: float
    lines: int
    height: float
    detailed: bool = True
    valued: bool = True
    sampled: bool = True


def _sizes(page: Measures, scale: float) -> tuple[float, float, float]:
    floor = page.size(17)
    return max(page.size(28) * scale, floor), max(page.size(22) * scale, floor), max(page.size(27) * scale, floor)


def _lead(page: Measures, scale: float, sampled: bool = True) -> float:
    """From the row's left edge to its name: sample, marker, gaps; of the marker alone where there is no more room."""
    return ((page.space(76) + page.line(16)) * scale if sampled else 0.0) + page.line(40) * scale


def _values(entries: Sequence[Entry], size: float, glyphs: Glyphs) -> float:
    return size * Column.of(entries, glyphs).width


def _beside(entry: Entry, all: Column, size: float, gap: float, glyphs: Glyphs) -> float:
    """What an entry's values take from the line of its name, pixels."""
    before, after, words = glyphs.parted(entry.values)
    widest = max(before + all.after if after or before else 0.0, words)
    return widest * size + gap if widest else 0.0


def needs(
    scene: Scene,
    page: Measures,
    glyphs: Glyphs,
    scale: float,
    lines: int,
    detailed: bool = True,
    valued: bool = True,
    sampled: bool = True,
) -> float:
    """The width in which every row of the ledger fits unshortened, pixels; without details, values or samples too."""
    listed = _listed(scene, detailed, valued)
    name, details, value = _sizes(page, scale)
    gap = page.space(26) * scale
    names = max((width(entry.heading, name, scene.font, True) for entry in listed), default=0.0)
    notes = max((width(entry.longest, details, scene.font) for entry in listed), default=0.0)
    if lines == 2:  # a name needs room beside its own value only, and below a value stands nothing
        column = Column.of(listed, glyphs)
        rooms = [
            _beside(entry, column, value, gap, glyphs) + width(entry.heading, name, scene.font, True)
            for entry in listed
        ]
        return _lead(page, scale) + max([*rooms, notes])
    values = _values(listed, value, glyphs)
    values += gap if values else 0.0
    return _lead(page, scale, sampled) + names + (gap + notes if notes else 0.0) + values


def _listed(scene: Scene, detailed: bool, valued: bool) -> tuple[Entry, ...]:
    """The ledger's entries with what their rows have room for."""
    return tuple(
        replace(
            entry,
            row=(entry.heading, entry.remark if detailed else ""),
            happened=entry.happened if detailed else (),
            values=entry.values if valued else (),
        )
        for entry in scene.listed
    )


def _choose(scene: Scene, page: Measures, glyphs: Glyphs, room: float, height: float, roomy: bool) -> _Fit:
    """The largest form that fits: one line a row, then two, then smaller letters; shortened texts come last."""
    count = max(len(scene.listed), 1)
    detailed = any(entry.longest for entry in scene.listed)
    tries = [
        (1.1, 1),
        (1.0, 1),
        (0.92, 1),
        (1.0, 2),
        (0.92, 2),
        (0.85, 1),
        (0.85, 2),
        (0.78, 1),
        (0.78, 2),
        (0.7, 2),
        (0.6, 2),
    ]
    if roomy and count <= 6:
        tries = [(1.25, 2), (1.15, 2), *tries]
    for scale, lines in tries:
        if lines == 2 and not detailed:
            continue
        least = _least(page, scale, lines)
        if count * least <= height and needs(scene, page, glyphs, scale, lines) <= room:
            return _Fit(scale, lines, least)
    # a name is never cut: what is beside it is left out before
    for left in ((False, True, True), (False, False, True), (False, True, False), (False, False, False)):
        for scale in (0.85, 0.7, 0.6):
            least = _sizes(page, scale)[0] * CLOSE
            fits = needs(scene, page, glyphs, scale, 1, *left) <= room
            if fits and count * least <= height:
                return _Fit(scale, 1, least, *left)
    return _Fit(0.6, 1, min(_sizes(page, 0.6)[0] * 1.3, height / count), False, False, False)


def ledger(
    scene: Scene, page: Measures, glyphs: Glyphs, box: Box, spread: float = 2.1, columns: int = 1, roomy: bool = False
) -> Ledger:
    """Place the ledger's rows at the top of a box, in columns filled downwards.

    Rows are set apart up to `spread` times the height of a name where the box has room for it; a `roomy` ledger has
    its column to itself and may be larger than its usual self.
    """
    count, gutter = len(scene.listed), page.space(56)
    if count > 3 and columns == 1 and not any(entry.heading or entry.longest for entry in scene.listed):
        short = needs(scene, page, glyphs, 1.0, 1)  # values alone do not need a line each
        columns = min(max(int((box.width + gutter) / (short + gutter)), 1), 3)
    per = -(-count // columns) if count else 1
    room = (box.width - gutter * (columns - 1)) / columns
    whole, box = box, replace(box, y0=box.y0 + round(head_height(scene, page)))
    fit = _choose(scene, page, glyphs, room, box.height * count / per if count else box.height, roomy)
    listed = _listed(scene, fit.detailed, fit.valued)
    titles = _titles(scene, page, whole, columns, room + gutter, room, fit.valued)
    column = Column.of(listed, glyphs)
    name, details, value = _sizes(page, fit.scale)
    pitch = max(fit.height, min(box.height / per, name * spread + (details * 0.9 if fit.lines == 2 else 0.0)))
    rise = (0.36 if fit.lines == 1 else 0.74) * name  # the capitals of the first name begin where the box does
    lead = _lead(page, fit.scale, fit.sampled)
    gap = page.space(26) * fit.scale
    values = _values(listed, value, glyphs)
    text = room - lead - (values + gap if values else 0.0)
    longest = max((width(entry.heading, name, scene.font, True) for entry in listed), default=0.0)
    notes = any(entry.longest for entry in listed)
    # where both do not fit on one line the name may take three fifths, and what differs goes before a name is cut
    names = min(longest, max(0.6 * text, text - gap - _notes(scene, listed, details)))
    names = text if fit.lines == 2 or not notes or names < longest else names
    rows = []
    for number, entry in enumerate(listed):
        left = box.x0 + (number // per) * (room + gutter)
        middle = box.y0 + rise + (number % per) * pitch
        sample = (left, left + (page.space(76) * fit.scale if fit.sampled else 0.0))
        base = middle + 0.36 * name if fit.lines == 1 else middle - 0.02 * name
        below = base if fit.lines == 1 else base + 1.2 * details
        details_x = left + lead + (names + gap if fit.lines == 1 else 0.0)
        details_room = (left + lead + text if fit.lines == 1 else left + room) - details_x
        rows.append(
            Row(
                entry=number,
                y=middle if fit.lines == 1 else base - 0.36 * name,
                sample=sample,
                marker=sample[1] + page.line(26 if fit.sampled else 11) * fit.scale,
                name=shorten(
                    entry.heading,
                    names if fit.lines == 1 else room - lead - _beside(entry, column, value, gap, glyphs),
                    name,
                    scene.font,
                    True,
                ),
                name_at=(left + lead, round(base)),
                details=shorten(entry.remark, details_room, details, scene.font),
                details_at=(details_x, round(below)),
                details_room=details_room,
                value_at=(left + room, round(base)),
            )
        )
    used = replace(whole, y1=min(box.y1, box.y0 + round(per * pitch)))
    return Ledger(tuple(rows), name, details, value, fit.scale, used, column, titles, fit.detailed, fit.valued)


def _notes(scene: Scene, listed: Sequence[Entry], size: float) -> float:
    return max((width(entry.longest, size, scene.font) for entry in listed), default=0.0)


def _titles(
    scene: Scene, page: Measures, box: Box, columns: int, pitch: float, room: float, valued: bool
) -> tuple[Text, ...]:
    """What stands above the rows: what they share at the left, what their values are at the right of each column, or of
    the last one alone where that leaves the other too little room."""
    size, dim = page.size(TITLE), scene.theme.dim
    base = round(box.y0 + 0.74 * size)  # its capitals begin where the box does
    above = shorten(scene.values_title, room, size, scene.font) if valued and _valued(scene) else ""
    taken, last = width(above, size, scene.font), (columns - 1) * pitch + room
    once = width(scene.shared, size, scene.font) + size + taken > room
    said = shorten(scene.shared, last - taken - size if above else box.width, size, scene.font)
    found = [Text(box.x0, base, said, size, dim)] if said else []
    if above:
        ends = (box.x0 + column * pitch + room for column in range(columns - 1 if once else 0, columns))
        found += [Text(end, base, above, size, dim, "right") for end in ends]
    return tuple(found)


def _valued(scene: Scene) -> bool:
    return bool(scene.values_title) and any(entry.values for entry in scene.listed)


def head_height(scene: Scene, page: Measures) -> float:
    """The height of the line above the rows, pixels; 0 where nothing needs saying."""
    return 1.55 * page.size(TITLE) if scene.listed and (scene.shared or _valued(scene)) else 0.0


def least_row(page: Measures) -> float:
    """The height of a row of one line where there is the least room, pixels."""
    return _sizes(page, 0.6)[0] * CLOSE


def _least(page: Measures, scale: float, lines: int) -> float:
    """The height of a row of one or two lines, pixels."""
    name, details, _ = _sizes(page, scale)
    return name * 1.42 if lines == 1 else name * 1.15 + details * 1.25
