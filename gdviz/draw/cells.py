"""Many panels in equal cells: what they share is written once, what they need around them is the same for all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from gdviz.draw.measures import Measures
from gdviz.draw.rims import filling, fitted, foot_of, head_of, label_width
from gdviz.draw.shapes import Area, Box
from gdviz.scene.page import Scene
from gdviz.scene.panels import Axis, Panel

TIGHTEST = 0.2
"""What gaps and lines of the smallest cells keep of their size on a full page."""

WIDER = 0.9
"""Share of a box's width that gaps may take from what round panels leave over."""

LEAST = 2.2
"""Sides of a box in heights of its labels, below which it is worth more than they are."""


@dataclass(frozen=True)
class Cells:
    """Where the panels of a grid stand, pixels: the panels as drawn, their boxes, and room that is left over."""

    cell: Measures
    panels: tuple[Panel, ...]
    boxes: tuple[Box, ...]
    spare: Box | None


def measured(page: Measures, size: tuple[int, int], grid: tuple[int, int]) -> Measures:
    """The measures inside the cells of a grid: gaps and lines shrink with them, the smallest text stays legible."""
    rows, columns = grid
    share = min(size[1] / rows / page.unit / 560, size[0] / columns / page.unit / 700)
    return replace(page, squeeze=min(max(share, TIGHTEST), page.squeeze))


def hang(scene: Scene, cell: Measures, grid: tuple[int, int]) -> float:
    """How far the labels of the first column reach to the left of its boxes, pixels."""
    share = scene.size[1] / grid[0]
    firsts = _reaching(outlined(scene.placed, grid)[:: grid[1]])
    return max(
        (label_width(scene, cell, panel, part * share) for panel in firsts for part in (0.2, 0.35, 0.5, 0.65, 0.8)),
        default=0.0,
    )


def arranged(scene: Scene, cell: Measures, grid: tuple[int, int], area: Area, above: float = 0.0) -> Cells:
    """Place the panels in an area, beside which the labels of the first column hang out to the left.

    above: room to leave over each row, pixels. Where the cells are too small for labels and titles, these are left out,
    titles last.
    """
    panels = outlined(scene.placed, grid)
    unlabelled = [replace(panel, x=_bare(panel.x), y=_bare(panel.y)) for panel in panels]
    for form in (panels, unlabelled, [replace(panel, title="") for panel in unlabelled]):
        found = _placed(scene, cell, form, grid, area, above)
        least = LEAST * cell.size(21)
        if min(min(box.width, box.height) for box in found.boxes) >= least:
            break
    return found


def outlined(panels: Sequence[Panel], grid: tuple[int, int]) -> list[Panel]:
    """Panels that say what they share with their column or row only once: at its lower end, at its left end."""
    columns = grid[1]
    result = []
    for number, panel in enumerate(panels):
        below = panels[number + columns : number + columns + 1]
        left = panels[number - 1 : number] if number % columns else []
        x = _told(panel.x, [other.x for other in below])
        y = _told(panel.y, [other.y for other in left])
        result.append(replace(panel, area="main", x=x, y=y))
    for at in range(0, len(panels), columns):
        if any(panel.x.labelled for panel in result[at : at + columns]):  # a row tells all its numbers or none
            for number in range(at, min(at + columns, len(panels))):
                result[number] = replace(result[number], x=panels[number].x)
    named = []
    for number, one in enumerate(result):  # what a whole row or column is about is named at its end
        right = result[number + 1 : number + 2] if (number + 1) % columns else []
        above = result[number - columns : number - columns + 1] if number >= columns else []
        named.append(replace(one, x=_named(one.x, [p.x for p in right]), y=_named(one.y, [p.y for p in above])))
    return named


def _reaching(panels: Sequence[Panel]) -> list[Panel]:
    """Panels as wide to the left as they are where the names of all their axes stand in one line."""
    name = next((panel.y.label for panel in panels if panel.y.label), "")
    return [replace(panel, y=replace(panel.y, label=name)) for panel in panels]


def lowest_told(panels: Sequence[Panel]) -> list[Panel]:
    """Panels one above the other: numbers of an axis that the next one shares are told there."""
    nexts = [[other.x] for other in panels[1:]] + [[]]
    return [replace(panel, x=_told(panel.x, told)) for panel, told in zip(panels, nexts, strict=False)]


def _told(axis: Axis, others: Sequence[Axis]) -> Axis:
    """The axis of a panel with the label and the numbers that none beside it tells in its place."""
    same = any((other.low, other.high, other.scale) == (axis.low, axis.high, axis.scale) for other in others)
    said = any(other.label == axis.label for other in others)
    return replace(axis, label="" if said else axis.label, labelled=axis.labelled and not (same and said))


def _named(axis: Axis, others: Sequence[Axis]) -> Axis:
    """The axis without the name that the one beside it has."""
    return replace(axis, label="") if any(other.label == axis.label for other in others) else axis


def _bare(axis: Axis) -> Axis:
    return replace(axis, label="", labelled=False)


def _placed(
    scene: Scene, cell: Measures, panels: Sequence[Panel], grid: tuple[int, int], area: Area, above: float
) -> Cells:
    rows, columns = grid
    beside, between = max(cell.space(34), cell.size(21)), max(cell.space(26), 0.5 * cell.size(21))
    starts = range(0, rows * columns, columns)
    heads = [max((head_of(cell, panel) for panel in panels[at : at + columns]), default=0.0) for at in starts]
    feet = [max((foot_of(cell, panel) for panel in panels[at : at + columns]), default=0.0) for at in starts]
    # what any of them needs between itself and its neighbour stands between all
    between += above + max(heads[1:], default=0.0) + max(feet[:-1], default=0.0)
    outside = above + heads[0] + feet[-1]
    high = (area.height - outside - between * (rows - 1)) / rows
    inner = _reaching([panel for number, panel in enumerate(panels) if number % columns])
    beside += max((label_width(scene, cell, panel, high) for panel in inner), default=0.0)
    wide = (area.width - beside * (columns - 1)) / columns
    sizes = [fitted(panel, 0, 0, wide, high) for panel in panels if panel.aspect]
    if sizes:  # where round panels cannot fill their cells all panels are like them, and the gaps take the rest
        wide, high = min(wide, max(box.width for box in sizes)), min(high, max(box.height for box in sizes))
    # rounded once, so that boxes and gaps are equal to the pixel
    wide, high = max(int(wide), 1), max(int(high), 1)
    if columns > 1:
        beside = int(min((area.width - columns * wide) / (columns - 1), beside + WIDER * wide))
    if rows > 1:
        between = int(min((area.height - outside - rows * high) / (rows - 1), 2 * between))
    left = round(area.left + (area.width - columns * wide - (columns - 1) * beside) / 2) if sizes else round(area.left)
    top = round(area.top + above + heads[0])
    boxes, spare = [], None
    for number in range(rows * columns):
        x, y = left + number % columns * (wide + int(beside)), top + number // columns * (high + int(between))
        if number < len(panels):
            boxes.append(Box(x, y, x + wide, y + high))
        elif spare is None:
            spare = Box(x, y, round(area.right), y + high)
    shown = tuple(filling(panel, box) for panel, box in zip(panels, boxes, strict=True))
    return Cells(cell, shown, tuple(boxes), spare)
