"""Scenes to pictures: frames for a clip, stills for a page."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import IO, TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from gdviz.draw.figure import Sheet, settings
from gdviz.draw.furniture import furniture, inset_ground, inset_links
from gdviz.draw.insets import Inlaid
from gdviz.draw.layout import Layout, arrange
from gdviz.draw.places import Place
from gdviz.draw.shapes import Box, Dots, Image, Polygon, Polyline, Shape, Text
from gdviz.draw.stages import Stage
from gdviz.draw.text import Glyphs, shorten
from gdviz.scene.page import Scene
from gdviz.scene.themes import Theme
from gdviz.scene.timing import WHOLE

if TYPE_CHECKING:
    from gdviz.draw.pixels import Canvas, Comet, Pen

Rect = tuple[int, int, int, int]  # y0, y1, x0, x1, half-open
NEAR = 8  # pixels; converting a few more costs less than one more rectangle


class Staging:
    """A scene laid out: its places, its moving panels, its changing texts."""

    def __init__(self, scene: Scene) -> None:
        self.scene = scene
        self.glyphs = Glyphs(scene.font)
        self.layout: Layout = arrange(scene, self.glyphs)
        panels = zip(self.layout.panels, self.layout.boxes, strict=True)
        stages = [Stage(scene, self.layout, Place(panel, box), self.glyphs) for panel, box in panels]
        self.stages = [stage for stage in stages if stage.moves]
        insets = self.layout.insets
        self.insets = [Stage(scene, self.layout, one.place, self.glyphs) if one.magnifies else None for one in insets]

    def insets_at(self, record: int) -> list[Inlaid]:
        """The panels inside the main one that have come by a record."""
        return [one for one in self.layout.insets if one.since <= record]

    def figures(self, record: int) -> list[Text]:
        """The counter and the ledger's values at a record."""
        return [text for _, text in self.owned(record)]

    def owned(self, record: int) -> list[tuple[int | None, Text]]:
        """The same with the entry that each is of, always as many in the same order."""
        scene, layout = self.scene, self.layout
        found: list[tuple[int | None, Text]] = []
        if scene.counter:
            line = layout.header.counter
            found.append((None, Text(line.x, line.y, scene.counter[record], line.size, scene.theme.ink, "right")))
        if layout.ledger:
            for row, entry in zip(layout.ledger.rows, scene.listed, strict=True):
                book = layout.ledger
                if entry.values and book.valued:
                    text, (right, y) = entry.values[min(record, len(entry.values) - 1)], row.value_at
                    right -= book.value * book.column.end(text, self.glyphs)
                    found.append((row.entry, Text(right, y, text, book.value, scene.theme.ink, "right")))
                if entry.happened and book.detailed:
                    text = shorten(entry.told(record), row.details_room, book.details, scene.font)
                    found.append((row.entry, Text(*row.details_at, text, book.details, scene.theme.dim)))
        return found

    def grounds(self) -> dict[int, NDArray[np.uint8]]:
        """What stands still, uint8[H, W, 3], by the record from which it is that: panels inside others come later."""
        scene, layout = self.scene, self.layout
        with settings():
            sheet = Sheet(scene.size, scene.theme.page, 72.0, scene.font)
            sheet.add(furniture(scene, layout))
            found = {0: sheet.pixels()}
            whole = Image(found[0], Box(0, 0, *scene.size))
            for since in sorted({one.since for one in layout.insets}):
                there = self.insets_at(since)
                sheet = Sheet(scene.size, scene.theme.page, 72.0, scene.font)
                sheet.add([whole, *inset_links(scene, layout, there), *inset_ground(scene, layout, there)])
                found[since] = sheet.pixels()
        return found


class Renderer:
    """Frames of a scene, one by one, in any order.

    `frame(i)` depends on i alone: it is the same bytes whether asked for first, in sequence, or again. In sequence only
    what has changed is drawn. Memory does not grow with the number of frames.
    """

    def __init__(self, scene: Scene) -> None:
        from gdviz.draw.pixels import Canvas, Pen

        self.scene = scene
        self._set = Staging(scene)
        self._pen = Pen(self._set.glyphs)
        layout = self._set.layout
        self._grounds = self._set.grounds()
        self._since = 0
        self._ground: NDArray[np.uint8] = self._grounds[0]
        self._kept = self._ground.copy()  # the ground with all settled paths
        self._page = self._ground.copy()  # what frame() gives
        self._canvases = [Canvas(stage, scene.theme) for stage in self._set.stages]
        last = self._grounds[max(self._grounds)]  # on which all insets are
        insets = zip(layout.insets, self._set.insets, strict=True)
        self._lids = [(one.since, _Lid(one.outer, stage, scene.theme, last)) for one, stage in insets]
        self._moment: float | None = None
        self._drawn: dict[object, Rect] = {}  # what stands on the page now, by its look
        self._live: list[Rect] = []  # where comets lie now
        self._figures: list[tuple[Text, Rect]] = []
        self.changed: list[Rect] | None = None

    def frame(self, i: int) -> NDArray[np.uint8]:
        """uint8[H, W, 3], C-contiguous: frame i of the scene's timeline.

        The buffer is the renderer's own and is drawn into again by the next call: use or copy it before.
        `changed` then holds the rectangles (y0, y1, x0, x1) outside which the frame equals the one given before, or
        None after the first call. Raises IndexError for a frame that the timeline does not have.
        """
        clock = self.scene.clock
        if not 0 <= i < clock.frames:
            raise IndexError(f"frame {i} does not exist; the timeline has {clock.frames}")
        return self.at(int(clock.record[i]), float(clock.moment[i]))

    def at(self, record: int, moment: float | None = None) -> NDArray[np.uint8]:
        """As frame(), for a record, or a moment of it where all that comes with it has not yet come."""
        moment = record + WHOLE if moment is None else moment
        first = self._moment is None
        if moment == self._moment:
            self.changed = []
            return self._page
        self._moment = moment
        dirty = self._move(record, moment)
        dirty += self._write(record)
        self.changed = None if first else merged(dirty)
        return self._page

    def _move(self, record: int, moment: float) -> list[Rect]:
        """Redraw the panels' moving parts; gives the rectangles that were drawn into."""
        from gdviz.draw.pixels import around, paint

        dirty, self._live, old = [*self._live, *self._stand(record)], [], self._drawn
        comets: list[tuple[Canvas, list[Comet]]] = []
        items: list[tuple[Rect, Sequence[Polygon | Image] | Text]] = []
        moved: list[int] = []
        still: list[int] = []
        self._drawn = {}
        for number, canvas in enumerate(self._canvases):
            rect = canvas.settle(record, self._kept, self._ground)
            if rect is not None:
                dirty.append(rect)
            found = canvas.comets(record)
            comets.append((canvas, found))
            self._live.extend(rect for _, _, rect in found)
            # the number of equal things is part of the key: two heads may look the same and lie at one place
            things: list[tuple[object, Sequence[Polygon | Image] | Text]] = [*canvas.stage.heads(record, moment)]
            things += [(text, text) for text in canvas.stage.texts(record, moment)]
            for order, (look, shape) in enumerate(things):
                key = (number, order, look)
                rect = old.pop(key, None)
                (moved if rect is None else still).append(len(items))
                if rect is None:
                    rect = self._pen.rect(shape, self._page) if isinstance(shape, Text) else around(shape, self._page)
                self._drawn[key] = rect
                items.append((rect, shape))
        dirty += [*self._live, *old.values(), *(items[at][0] for at in moved)]
        # what stands still but is drawn over, even in part, is drawn again in its turn
        fresh = dirty
        while fresh:
            over = [at for at in still if meets(items[at][0], fresh)]
            fresh = [items[at][0] for at in over]
            still = [at for at in still if at not in over]
            dirty, moved = dirty + fresh, moved + over
        for y0, y1, x0, x1 in dirty:
            self._page[y0:y1, x0:x1] = self._kept[y0:y1, x0:x1]
        for canvas, found in comets:
            canvas.draw(self._page, found)
        for at in sorted(moved):
            shape = items[at][1]
            if isinstance(shape, Text):
                self._pen.write(self._page, shape)
            else:
                paint(self._page, shape)
        for since, lid in self._lids:
            if record >= since and lid.draw(self._page, record, moment, self._pen, dirty):
                dirty.append(lid.rect)
        return dirty

    def _stand(self, record: int) -> list[Rect]:
        """Put what stands still at a record below the settled paths; gives the rectangles where it is another."""
        since = max(since for since in self._grounds if since <= record)
        if since == self._since:
            return []
        self._since, self._ground = since, self._grounds[since]
        self._kept = self._ground.copy()
        for canvas in self._canvases:
            canvas.clear()
        rects = []
        for box, outer in ((one.host.box, one.outer) for one in self._set.layout.insets):
            rects += [(box.y0, box.y1, box.x0, max(box.x1, outer.x0)), (outer.y0, outer.y1, outer.x0, outer.x1)]
        return rects  # of a panel and what is between it and an inset beside it, and of that

    def _write(self, record: int) -> list[Rect]:
        """Redraw the counter and the values that read otherwise than before, and what shares a pixel with them."""
        figures = self._set.figures(record)
        before: list[tuple[Text, Rect] | None] = [*self._figures] or [None] * len(figures)
        dirty: list[Rect] = []
        now: list[tuple[Text, Rect]] = []
        touched: set[int] = set()
        for number, (text, old) in enumerate(zip(figures, before, strict=True)):
            if old is not None and old[0] == text:
                now.append(old)
                continue
            now.append((text, self._pen.rect(text, self._page)))
            dirty += [now[-1][1], *([old[1]] if old is not None else [])]
            touched.add(number)
        met = True
        while met:  # of rows so narrow that they touch, one is not written without the other
            found = {n for n, (_, rect) in enumerate(now) if n not in touched and meets(rect, dirty)}
            dirty += [now[number][1] for number in found]
            touched, met = touched | found, bool(found)
        for y0, y1, x0, x1 in dirty:
            self._page[y0:y1, x0:x1] = self._kept[y0:y1, x0:x1]
        for number in sorted(touched):
            self._pen.write(self._page, now[number][0])
        self._figures = now
        return dirty


class _Lid:
    """A panel inside another, which covers what moves in that: drawn anew where it moves or was drawn over."""

    def __init__(self, outer: Box, stage: Stage | None, theme: Theme, ground: NDArray[np.uint8]) -> None:
        from gdviz.draw.pixels import Canvas

        self.stage, self._ground = stage, ground
        self.rect: Rect = (outer.y0, outer.y1, outer.x0, outer.x1)
        self._canvas = Canvas(stage, theme) if stage else None
        self._kept = ground.copy() if stage else ground  # with its settled paths
        self._looks: list[object] | None = None

    def draw(self, page: NDArray[np.uint8], record: int, moment: float, pen: Pen, dirty: list[Rect]) -> bool:
        """Bring it to a moment on a page on which some rectangles were drawn into; gives whether it was drawn."""
        from gdviz.draw.pixels import paint

        found, heads, texts, moved = [], [], [], False
        if self.stage and self._canvas:
            moved = self._canvas.settle(record, self._kept, self._ground) is not None
            found = self._canvas.comets(record)
            heads, texts = self.stage.heads(record, moment), self.stage.texts(record, moment)
        looks = [*(look for look, _ in heads), *texts]
        if not (moved or found or looks != self._looks or meets(self.rect, dirty)):
            return False
        self._looks = looks if not found else None  # the next frame may have no comet where this one has
        y0, y1, x0, x1 = self.rect
        page[y0:y1, x0:x1] = self._kept[y0:y1, x0:x1]
        if self._canvas:
            self._canvas.draw(page, found)
        for _, shape in heads:
            paint(page, shape)
        for text in texts:
            pen.write(page, text)
        return True


def meets(rect: Rect, others: Iterable[Rect]) -> bool:
    """Whether a rectangle shares a pixel with any of others."""
    y0, y1, x0, x1 = rect
    for a0, a1, b0, b1 in others:  # noqa: SIM110  a fifth of the time of `any`
        if a0 < y1 and y0 < a1 and b0 < x1 and x0 < b1:
            return True
    return False


def merged(rects: list[Rect]) -> list[Rect]:
    """Rectangles that cover the same pixels and do not meet: those less than NEAR apart become one."""
    left = [rect for rect in dict.fromkeys(rects) if rect[0] < rect[1] and rect[2] < rect[3]]
    result: list[Rect] = []
    while left:
        y0, y1, x0, x1 = left.pop()
        for number, (a0, a1, b0, b1) in enumerate(result):
            if a0 - NEAR < y1 and y0 < a1 + NEAR and b0 - NEAR < x1 and x0 < b1 + NEAR:
                if a0 > y0 or y1 > a1 or b0 > x0 or x1 > b1:  # else it is a part of the other
                    del result[number]
                    left.append((min(y0, a0), max(y1, a1), min(x0, b0), max(x1, b1)))
                break
        else:
            result.append((y0, y1, x0, x1))
    return sorted(result)


def moment(stage: Stage, record: int) -> list[Shape]:
    """The moving part of a panel as shapes, from below upwards: what a drawer without a memory draws."""
    theme = stage.scene.theme
    chart = all(trail.layer.kind == "curve" for trail in stage.trails)
    settled: list[Polyline | Dots] = []
    rims: list[Polyline | Dots] = []
    comets: list[Polyline | Dots] = []
    for trail in stage.trails:
        for line in trail.settled(0, record):
            if isinstance(line, Polyline):
                rims.append(faded(trail.halo(line), theme.halo_alpha))
            settled.append(faded(line, 1.0 if chart else theme.settled))
        comet = trail.comet(record)
        if comet is not None:
            comets += [faded(trail.halo(comet), theme.halo_alpha), comet]
    heads = [one for _, shapes in stage.heads(record) for one in shapes]
    return [*rims, *settled, *comets, *heads, *stage.texts(record)]


def faded(shape: Polyline | Dots, opacity: float) -> Polyline | Dots:
    """The same stroke, more translucent."""
    if isinstance(shape, Dots):
        return dataclasses.replace(shape, opacity=shape.opacity * opacity)
    return dataclasses.replace(shape, opacity=shape.opacity * opacity)


def picture(scene: Scene, k: int) -> NDArray[np.uint8]:
    """Record k of a scene as pixels, uint8[H, W, 3]: the frame's shapes, drawn by Matplotlib alone."""
    with settings():
        return _sheet(scene, k).pixels()


def still(
    scene: Scene,
    k: int,
    file: str | os.PathLike[str] | IO[bytes],
    format: str,
    labels: Mapping[str, str | None] | None = None,
    more: Mapping[str, Any] | None = None,
) -> None:
    """Write the same as outlines.

    format: Matplotlib's name for it. labels: what its savefig takes as metadata. more: settings of Matplotlib that the
    format needs, so that the same scene gives the same bytes.
    """
    with settings(more):
        _sheet(scene, k).save(file, format, dict(labels or {}))


def _sheet(scene: Scene, k: int) -> Sheet:
    sheet = Sheet(scene.size, scene.theme.page, scene.dpi or 96.0, scene.font)
    sheet.add(*shapes(scene, (k,)))
    return sheet


def shapes(scene: Scene, records: Iterable[int]) -> Iterator[list[Shape]]:
    """All that is seen of each record, from below upwards; the page is laid out once."""
    place = Staging(scene)
    ground, insets = furniture(scene, place.layout), list(zip(place.layout.insets, place.insets, strict=True))
    for k in records:
        there = place.insets_at(k)
        moving = [shape for stage in place.stages for shape in moment(stage, k)]
        above = [shape for one, stage in insets if stage and one in there for shape in moment(stage, k)]
        links, inlaid = inset_links(scene, place.layout, there), inset_ground(scene, place.layout, there)
        yield [*ground, *links, *moving, *inlaid, *above, *place.figures(k)]
