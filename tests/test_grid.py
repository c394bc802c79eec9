"""Many panels in equal cells: apart, on the page, aligned, and said once what they share."""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Callable

import pytest
import samples

from gdviz.draw.cells import outlined
from gdviz.draw.furniture import furniture
from gdviz.draw.layout import arrange
from gdviz.draw.shapes import Text
from gdviz.draw.text import Glyphs, width
from gdviz.scene import Axis, Scene

CASES: dict[str, Callable[..., Scene]] = {
    "contours": lambda **extra: samples.split(samples.race("ru", **extra), 3),
    "crowd": lambda **extra: samples.split(samples.race("en", count=12, long=True, **extra), 4),
    "lines": lambda **extra: samples.split(samples.rates("kk", **extra), 2),
    "mixed": lambda **extra: samples.split(samples.rates("kk", **extra), 4, sides=True),
    "row": lambda **extra: samples.sheet(grid=(2, 3), **extra),
    "one": lambda **extra: samples.sheet(grid=(1, 1), **extra),
    "sheet": lambda **extra: samples.sheet(**extra),
}
SIZES = {
    "1080p": ((1920, 1080), None), "square": ((1080, 1080), None), "vertical": ((1080, 1920), None),
    "column": ((992, 709), 300.0), "a4": ((2480, 3508), 300.0), "4k": ((3840, 2160), None),
}  # fmt: skip


def scenes() -> list[tuple[str, str]]:
    """Every case on every page; 48 charts do not go onto a slip of 84 by 60 mm."""
    return [(case, size) for case in CASES for size in SIZES if (case, size) != ("sheet", "column")]


def made(case: str, size: str) -> Scene:
    pixels, dpi = SIZES[size]
    return CASES[case](size=pixels, dpi=dpi)


@pytest.mark.parametrize(("case", "size"), scenes())
def test_cells_are_equal_apart_and_in_order(case: str, size: str) -> None:
    scene = made(case, size)
    layout = arrange(scene, Glyphs(None))
    boxes = [*layout.boxes, *([layout.ledger.box] if layout.ledger else [])]
    for box in boxes:
        assert 0 <= box.x0 < box.x1 <= scene.size[0]
        assert layout.header.title[-1].y < box.y0 < box.y1 <= scene.size[1]
    for a, b in itertools.combinations(boxes, 2):
        assert a.x1 <= b.x0 or b.x1 <= a.x0 or a.y1 <= b.y0 or b.y1 <= a.y0, (a, b)
    assert len({(box.width, box.height) for box in layout.boxes}) == 1
    assert scene.grid is not None
    columns = scene.grid[1]
    for number, box in enumerate(layout.boxes):
        assert box.y0 == layout.boxes[number - number % columns].y0
        assert box.x0 == layout.boxes[number % columns].x0
    assert [(box.y0, box.x0) for box in layout.boxes] == sorted((box.y0, box.x0) for box in layout.boxes)


@pytest.mark.parametrize(("case", "size"), scenes())
def test_no_text_runs_into_another(case: str, size: str) -> None:
    """Titles, numbers and names of axes: as they stand beside, above and below all boxes."""
    scene = made(case, size)
    layout = arrange(scene, Glyphs(None))
    found = []
    for text in (shape for shape in furniture(scene, layout) if isinstance(shape, Text) and not shape.math):
        wide, high = width(text.text, text.size, None, text.bold), text.size
        if text.turned:
            found.append((text.text, (text.x - 0.8 * high, text.y - wide / 2, text.x, text.y + wide / 2)))
        else:
            x = text.x - {"left": 0.0, "center": wide / 2, "right": wide}[text.align]
            # letters without tails, which is what numbers are
            found.append((text.text, (x, text.y - 0.72 * high, x + wide, text.y)))
    for words, rect in found:
        assert rect[0] >= 0 and rect[2] <= scene.size[0] and rect[3] <= scene.size[1], words
    for (one, a), (other, b) in itertools.combinations(found, 2):
        assert a[2] <= b[0] or b[2] <= a[0] or a[3] <= b[1] or b[3] <= a[1], (one, other)
    for panel, box in zip(layout.panels, layout.boxes, strict=True):
        if panel.title:
            assert all(rect[3] <= box.y0 or rect[1] >= box.y1 or rect[2] <= box.x0 or rect[0] >= box.x1
                       for words, rect in found)  # fmt: skip


@pytest.mark.parametrize("size", SIZES)
def test_charts_keep_two_numbers_on_each_axis(size: str) -> None:
    for case in ("row", "lines"):
        scene = made(case, size)
        layout = arrange(scene, Glyphs(None))
        assert min(box.height for box in layout.boxes) > 3 * layout.cell.size(21)
    for scene in (samples.sheet(), samples.sheet(size=(3840, 2160)), samples.sheet(size=(1080, 1080))):
        layout = arrange(scene, Glyphs(None))
        assert all(panel.title for panel in layout.panels)
        for panel, box in zip(layout.panels, layout.boxes, strict=True):
            if panel.y.labelled:
                numbers = [s for s in furniture(scene, dataclasses.replace(layout, panels=(panel,), boxes=(box,)))
                           if isinstance(s, Text) and s.align == "right" and s.x < box.x0]  # fmt: skip
                assert len(numbers) >= 2


def test_what_panels_share_is_said_once() -> None:
    scene = samples.sheet(grid=(2, 3))
    told = outlined(scene.panels, (2, 3))
    assert [panel.x.labelled for panel in told] == [False] * 3 + [True] * 3
    assert [bool(panel.x.label) for panel in told] == [False] * 5 + [True], "named at the end of the row"
    assert [panel.y.labelled for panel in told] == [True, False, False] * 2
    assert [bool(panel.y.label) for panel in told] == [True] + [False] * 5, "named at the top of the column"
    # the last row is not full: the panel above the gap tells its own, and its row with it
    told = outlined(scene.panels[:5], (2, 3))
    assert [panel.x.labelled for panel in told] == [True] * 5
    # another range, another name: each says its own
    other = [*scene.panels[:4], dataclasses.replace(scene.panels[4], x=Axis(0, 9, label="t"), y=Axis(0, 9, label="y"))]
    told = outlined(other, (2, 3))
    assert [panel.x.labelled for panel in told] == [True] * 5
    assert [panel.x.label for panel in told] == ["", "", "step", "step", "t"]
    assert [panel.y.labelled for panel in told] == [True, False, False, True, True]
    assert [panel.y.label for panel in told] == ["y", "", "", "", ""]


def test_a_ledger_takes_cells_that_are_left_over() -> None:
    five = samples.split(samples.race(), 3)
    layout = arrange(five, Glyphs(None))
    assert layout.ledger is not None
    assert layout.ledger.box.y0 >= layout.boxes[3].y0 and layout.ledger.box.x0 > layout.boxes[4].x1
    full = arrange(samples.split(samples.race(count=6), 3), Glyphs(None))
    assert full.ledger is not None
    assert full.ledger.box.y1 < full.boxes[0].y0
    assert full.boxes[0].height > 250, "a strip of six entries leaves the panels most of the page"


def test_a_grid_must_hold_its_panels() -> None:
    with pytest.raises(ValueError, match="2 × 2 cells cannot hold 5 panels"):
        dataclasses.replace(samples.split(samples.race(), 3), grid=(2, 2))
