"""Marks at a panel's edge for what is not inside it: arrows of paths that left, ends of runs without a value."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from gdviz.draw.layer import Item, Point
from gdviz.draw.layers.trails import Trail, end_mark
from gdviz.draw.markers import arrow, bar, marker
from gdviz.draw.measures import Measures
from gdviz.draw.shapes import Box, Polygon, Text

Rect = tuple[float, float, float, float]  # x0, y0, x1, y1

ROWS = 8
"""Marks that stand behind one another; where more would, one mark says how many."""

COUNT = 19.0
"""Size of a count beside a mark, units of a full page."""


@dataclass(frozen=True, eq=False)
class Exit:
    """Whose mark it is, where it stands, and where it points, pixels; a mark of what has no value does not.

    span: from where to where along the axis its curves are out. count: what stands beside a mark of several, and in
    which rectangle; "" beside that of one.
    """

    trails: tuple[Trail, ...]
    place: Point
    direction: Point | None
    span: tuple[float, float]
    count: str
    room: Rect

    @property
    def trail(self) -> Trail:
        """Whose place it is."""
        return self.trails[0]

    def drawn(self, record: int) -> Item:
        """The mark: in ink where it is that of several, on a bar where it is of many steps."""
        owner = self.trail
        theme, line = owner.theme, owner.page.line
        ends = {trail.ended(record) for trail in self.trails}
        ended = ends.pop() if len(ends) == 1 else ""
        single = len({trail.track.entry for trail in self.trails}) == 1
        color, outline = (owner.color, owner.style.marker) if single else (theme.ink, "circle")
        # what has no value stands on an axis, also of a graph: a large mark would hide the number below
        radius = line(9 if owner.layer.kind == "curve" or self.direction is None else 11.5)
        radius *= 1.25 if ended == "lost" else 1.0  # or the cross would hide it
        shape: list[Polygon] = []
        if self.span[1] - self.span[0] >= 1.0:
            back = 0.0 if self.direction is None else -math.copysign(0.9 * radius, self.direction[1])
            level = self.place[1] + back
            for thick, paint in ((6.4, theme.halo), (2.4, color)):
                shape += bar(self.span[0], level, self.span[1], level, line(thick), paint)
        if self.direction is None:
            radius *= 0.8
            shape += marker(outline, *self.place, radius, color, line(2.2), theme.halo)
        else:
            shape += arrow(*self.place, self.direction, radius, color, line(2.2), theme.halo)
        shape += end_mark(ended, *self.place, 0.8 * radius, theme, line)
        return ("arrow", *self.place, self.direction, self.span, outline, color, ended), shape

    def counted(self) -> Text:
        """The count, where there is one."""
        size, theme = self.trail.page.size(COUNT), self.trail.theme
        base = round(self.room[3] - 0.14 * size)
        return Text(self.room[0], base, self.count, size, theme.ink, outline=theme.halo, rim=0.13 * size)


@dataclass(frozen=True, eq=False)
class _Group:
    """Those that share a mark, the one whose place it is first, with that one's places and direction."""

    trails: tuple[Trail, ...]
    places: list[Point]
    direction: Point | None
    span: tuple[float, float]

    def meets(self, other: _Group, gap: float) -> bool:
        """Whether their marks, at their first places, would lie over each other and mean the same."""
        if self.trails[0].layer.kind != "curve":
            return math.dist(self.places[0], other.places[0]) < gap and _alike(self.direction, other.direction)
        return _side(self.direction) == _side(other.direction) and (
            self.span[0] - other.span[1] < gap and other.span[0] - self.span[1] < gap
        )


def exits(
    trails: Sequence[Trail], record: int, box: Box, page: Measures, wide: Callable[[str, float], float]
) -> list[Exit]:
    """The marks at a record; who left first keeps the place it had.

    An arrow stands where its path left, and of a curve at the head's own step. Where several would lie over each other
    they stand one behind the other, back along their way: never beside it, where no path left and another step is.
    Where there is no room for that, or the head of a curve that stays has come there, all of them share one mark, which
    says how many they are and, of curves, from which step to which. So do curves of one entry that are out at the same
    place. A run that was lost and has no value from then on has its mark at its step: at the edge that it left by, else
    on the axis, and nowhere above it, where it would read as a value. wide: pixels of a text at a size.
    """
    groups: dict[object, _Group] = {}
    for trail in trails:
        if trail.inside[record] or not (
            trail.known[record] or (trail.ended(record) and not np.isnan(trail.across[record]))
        ):
            continue
        curve = trail.layer.kind == "curve"
        places, direction = _places(trail, record, box, page.line(9 if curve else 14), _gap(trail, page))
        one = _Group((trail,), places, direction, (places[0][0], places[0][0]))
        key = (trail.track.entry, round(places[0][0]), round(places[0][1])) if curve else trail
        groups[key] = _together([groups[key], one]) if key in groups else one
    left = sorted(groups.values(), key=lambda group: int(group.trails[0].left_from[record]))
    staying = [one for one in trails if one.layer.kind == "curve" and one.inside[record:].all()]
    while True:
        found, crowded = _placed(left, staying, record, box, page, wide)
        if not crowded:
            return found
        for group in crowded:
            left = _merged(left, group, page) if group in left else left


def _gap(trail: Trail, page: Measures) -> float:
    """How far apart marks stand behind one another, pixels."""
    return page.line(19 if trail.layer.kind == "curve" else 25)


def _placed(
    groups: list[_Group],
    staying: Sequence[Trail],
    record: int,
    box: Box,
    page: Measures,
    wide: Callable[[str, float], float],
) -> tuple[list[Exit], list[_Group]]:
    """A mark for each group, and the groups that have no room for their own but could share another's.

    staying: curves whose heads are to be seen from the record on.
    """
    found: list[Exit] = []
    crowded: list[_Group] = []
    size = page.size(COUNT)
    for group in groups:
        gap = _gap(group.trails[0], page)
        loud = sum(not trail.track.quiet for trail in group.trails)
        count = f"{loud}×" if loud > 1 else ""
        made = [
            Exit(group.trails, place, group.direction, group.span, count, _room(place, count, size, gap, box, wide))
            for place in group.places
            if box.holds(*place)
        ]
        clear = [one for one in made if all(_apart(one, other, 0.9 * gap) for other in found)]
        # before the first head: behind that it would read as a value
        until = next(
            (n for n, one in enumerate(made) if any(_reached(one, head, record, gap) for head in staying)), None
        )
        free = next((one for one in made[:until] if one in clear), None)
        if free is None and any(group is not other and group.meets(other, 0.9 * gap) for other in groups):
            crowded.append(group)
            continue
        if free is None:
            place = group.places[0]
            room = _room(place, count, size, gap, box, wide)
            free = next(iter(clear), Exit(group.trails, place, group.direction, group.span, count, room))
        found.append(free)
    return found, crowded


def _reached(mark: Exit, other: Trail, record: int, gap: float) -> bool:
    """Whether the head of a curve is at a mark's step and has been at its level since all of it is out.

    Not only now: else a mark would be one and several by turns beside a curve that goes up and down.
    """
    since, (x, y) = min(max(int(trail.left_from[record]) for trail in mark.trails) + 1, record), mark.place
    return abs(other.at(record)[0] - x) < gap and bool((np.abs(other.points[since : record + 1, 1] - y) < gap).any())


def _merged(groups: list[_Group], crowded: _Group, page: Measures) -> list[_Group]:
    """The groups, with those in one that are crowded together: of curves all in a row whose marks meet."""
    gap = 0.9 * _gap(crowded.trails[0], page)
    row, grown = [crowded], True
    while grown:
        more = [one for one in groups if one not in row and any(one.meets(other, gap) for other in row)]
        row, grown = row + more, bool(more) and crowded.trails[0].layer.kind == "curve"
    first = next(place for place, one in enumerate(groups) if one in row)
    return [
        _together([one for one in groups if one in row]) if place == first else group
        for place, group in enumerate(groups)
        if place == first or group not in row
    ]


def _together(groups: list[_Group]) -> _Group:
    """Groups as one: of paths at the first one's place, of curves at the middle one of their steps."""
    lead, span = groups[0], groups[0].span
    if lead.trails[0].layer.kind == "curve":
        lead = sorted(groups, key=lambda group: group.places[0][0])[len(groups) // 2]
        span = min(group.span[0] for group in groups), max(group.span[1] for group in groups)
    others = [trail for group in groups if group is not lead for trail in group.trails]
    return _Group((*lead.trails, *others), lead.places, lead.direction, span)


def _room(place: Point, count: str, size: float, gap: float, box: Box, wide: Callable[[str, float], float]) -> Rect:
    """The rectangle of a count: to the right of its mark, or to the left where the panel ends."""
    x, y = place
    if not count:
        return (x, y, x, y)
    length = wide(count, size)
    begin = x + 0.6 * gap
    begin = begin if begin + length <= box.x1 else x - 0.6 * gap - length
    return (begin, y - 0.5 * size, begin + length, y + 0.5 * size)


def _apart(a: Exit, b: Exit, gap: float) -> bool:
    """Whether neither mark nor count of one lies over those of the other; gap: between marks."""
    apart = math.dist(a.place, b.place) >= gap
    if not apart or not (a.count or b.count):
        return apart
    first, second = (
        (one.place[0] - gap / 2, one.place[1] - gap / 2, one.place[0] + gap / 2, one.place[1] + gap / 2)
        for one in (a, b)
    )
    pairs = ((first, b.room), (a.room, second), (a.room, b.room))
    meet = (p[0] < q[2] and q[0] < p[2] and p[1] < q[3] and q[1] < p[3] for p, q in pairs)
    return not any(meet)


def _alike(a: Point | None, b: Point | None) -> bool:
    """Whether arrows of paths lead the same way, within a sixth of a turn."""
    if a is None or b is None:
        return a is b
    return a[0] * b[0] + a[1] * b[1] > 0.5 * math.hypot(*a) * math.hypot(*b)


def _side(direction: Point | None) -> tuple[float, float] | None:
    """Which edge a direction of a curve's mark leads across."""
    return direction and (float(np.sign(direction[0])), float(np.sign(direction[1])))


def _places(trail: Trail, record: int, box: Box, inset: float, gap: float) -> tuple[list[Point], Point | None]:
    """Where the mark of a path that is now outside may stand, best first, and its direction."""
    x, y = trail.at(record)
    if not trail.known[record]:
        along = float(trail.across[record])
        x = min(max(along, box.x0), box.x1)
        before = np.flatnonzero(trail.known[:record])
        y = float(trail.points[before[-1], 1]) if len(before) else box.y1
        if box.y0 <= y <= box.y1:
            return [(x, box.y1)], (None if x == along else (math.copysign(1.0, along - x), 0.0))
        level = min(max(y, box.y0 + inset), box.y1 - inset)
        return [(x, level - math.copysign(back, y - level)) for back in gap * np.arange(ROWS)], (0.0, y - level)
    last = int(trail.left_from[record])
    x0, y0, x1, y1 = box.x0 + inset, box.y0 + inset, box.x1 - inset, box.y1 - inset
    behind = gap * np.arange(ROWS)
    if trail.layer.kind == "curve":
        x, level = min(max(x, box.x0), box.x1), min(max(y, y0), y1)
        return [(x, level - math.copysign(back, y - level)) for back in behind], (0.0, y - level)
    if last < 0 or not trail.known[last + 1]:  # it never was inside, or nobody knows how it left
        edge = min(max(x, x0), x1), min(max(y, y0), y1)
        direction = x - edge[0], y - edge[1]
        far = math.hypot(*direction)
        return [
            (edge[0] - back * direction[0] / far, edge[1] - back * direction[1] / far) for back in behind
        ], direction
    (a, b), (u, v) = trail.points[last].tolist(), trail.points[last + 1].tolist()
    step = float(trail.lengths[last + 1] - trail.lengths[last])
    gone = min(_share(a, u, box.x0, box.x1), _share(b, v, box.y0, box.y1)) * step
    room = min(_share(a, u, x0, x1), _share(b, v, y0, y1)) * step
    # a way nearly along the edge has room for an arrow far off only: its arrow then stands beside it, but near
    left = float(trail.lengths[last]) + max(room, gone - 3 * inset)
    # where it came in again on the same line, there is no way of its own before that
    came = 1.0 - min(_share(u, a, box.x0, box.x1), _share(v, b, box.y0, box.y1))
    ways = left - behind[behind <= (left - trail.lengths[last] - came * step if came else left)]
    ways = ways if len(ways) else np.array([left])
    path = (np.interp(ways, trail.lengths[: last + 2], part[: last + 2]) for part in trail.points.T)
    return [(min(max(p, x0), x1), min(max(q, y0), y1)) for p, q in zip(*path, strict=True)], (u - a, v - b)


def _share(begin: float, end: float, low: float, high: float) -> float:
    """The share of the way from `begin` after which it is no longer between low and high, or 1."""
    over = high if end > high else low if end < low else None
    return 1.0 if over is None else max((over - begin) / (end - begin), 0.0)
