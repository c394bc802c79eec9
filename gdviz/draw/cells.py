"""Many panels in equal cells: what they share is written once, what they need around them is the same for all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from gdviz.draw.measures import Measures
from gdviz.draw.rims import filling, fitted, foot_of, head_of, label_width
from gdviz.draw.shapes import Box
from gdviz.scene.page import Scene
from gdviz.scene.panels import Axis, Panel

TIGHTEST = 0.2
"""What gaps and lines of the smallest cells keep of their size on a full page."""

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
    firsts = outlined(scene.panels, grid)[:: grid[1]]
    return max(
        (label_width(scene, cell, panel, part * share) for panel in firsts for part in (0.2, 0.35, 0.5, 0.65, 0.8)),
        default=0.0,
    )


def arranged(scene: Scene, cell: Measures, grid: tuple[int, int], area: Box, above: float = 0.0) -> Cells:
    """Place the panels in an area, beside which the labels of the first column hang out to the left.

    above: room to leave over each row, pixels. Where the cells are too small for labels and titles, these are left out,
    titles last.
    """
    panels = outlined(scene.panels, grid)
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
        row = panels[number - number % columns : number - number % columns + columns]
        column = panels[number % columns :: columns]
        lowest, first = number + columns >= len(panels), number % columns == 0
        x = _told(panel.x, [other.x for other in column], lowest)
        y = _told(panel.y, [other.y for other in row], first)
        result.append(replace(panel, area="main", x=x, y=y))
    for at in range(0, len(panels), columns):
        if any(panel.x.labelled for panel in result[at : at + columns]):  # a row tells all its numbers or none
            for number in range(at, min(at + columns, len(panels))):
                result[number] = replace(result[number], x=panels[number].x)
    return result


def _told(axis: Axis, others: Sequence[Axis], outer: bool) -> Axis:
    """The axis of a panel with the label and the numbers that no other panel tells in its place."""
    same = all((other.low, other.high, other.scale) == (axis.low, axis.high, axis.scale) for other in others)
    said = all(other.label == axis.label for other in others)
    return replace(
        axis, label=axis.label if outer or not said else "", labelled=axis.labelled and (outer or not (same and said))
    )


def _bare(axis: Axis) -> Axis:
    return replace(axis, label="", labelled=False)


def _placed(
    scene: Scene, cell: Measures, panels: Sequence[Panel], grid: tuple[int, int], area: Box, above: float
) -> Cells:
    rows, columns = grid
    beside, between = max(cell.space(34), cell.size(21)), max(cell.space(26), 0.5 * cell.size(21))
    heads = [
        above + max((head_of(cell, panel) for panel in panels[at : at + columns]), default=0.0)
        for at in range(0, rows * columns, columns)
    ]
    feet = [max((foot_of(cell, panel) for panel in panels[at : at + columns]), default=0.0)
            for at in range(0, rows * columns, columns)]  # fmt: skip
    high = (area.height - sum(heads) - sum(feet) - between * (rows - 1)) / rows
    hangs = [max((label_width(scene, cell, panel, high) for panel in panels[at::columns]), default=0.0)
             for at in range(1, columns)]  # fmt: skip
    wide = (area.width - sum(hangs) - beside * (columns - 1)) / columns
    # rounded once, so that boxes are equal to the pixel
    wide, high = float(int(wide)), float(int(high))
    used = max((fitted(panel, 0, 0, wide, high).height for panel in panels), default=high)
    between += min(max(high - used, 0.0), between)
    high = min(high, used)
    lefts = [float(area.x0)]
    for reach in hangs:
        lefts.append(lefts[-1] + wide + beside + reach)
    boxes: list[Box] = []
    y, spare = float(area.y0), None
    for row in range(rows):
        y += heads[row]
        for column in range(columns):
            if len(boxes) < len(panels):
                boxes.append(fitted(panels[len(boxes)], lefts[column], y, wide, high, centre=True))
            elif spare is None:
                spare = Box(round(lefts[column]), round(y), area.x1, round(y + high))
        y += high + feet[row] + between
    shown = tuple(filling(panel, box) for panel, box in zip(panels, boxes, strict=True))
    return Cells(cell, shown, tuple(boxes), spare)
