"""A scene as a page plays it: what stands still as a picture, what moves as arrays, from which the page draws it.

A page follows the same rules as the drawers: it is told where trails, marks and names are at every record, and in which
look, and draws what of them is not switched off. What has no rules of its own there is told as finished outlines, by
the moments at which these change.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gdviz.draw.insets import Inlaid
from gdviz.draw.layer import Drawn
from gdviz.draw.layers.trails import Trail
from gdviz.draw.ledger import Row
from gdviz.draw.mathematics import plain
from gdviz.draw.outlines import letters, markers
from gdviz.draw.render import Staging
from gdviz.draw.shapes import Image, Polygon, Text
from gdviz.draw.stages import Stage
from gdviz.draw.tags import Tag
from gdviz.draw.text import Glyphs
from gdviz.scene.page import Scene
from gdviz.scene.timing import WHOLE

PART = 16
"""Parts of a pixel in which places are told where all lie on or near the page: an eighth of what the eye tells apart
even where a page is shown at four times its size."""

SMALL = 24
"""Points of outlines, such as those of markers, that are told as they are."""

MOST = 600
"""Records up to which a page has every one of what it is told as outlines; of longer runs it has those of the film."""

NOWHERE = -(2**15)
"""What stands for a place that is not known."""

Told = dict[str, Any]
"""Numbers, texts, lists, arrays; pictures uint8[H, W, 3 or 4], and float32[H, W, 3], which need not be exact."""


def score(scenes: Sequence[Scene]) -> Told:
    """All that a page needs in order to draw any record of scenes of one run, a sheet for each; fonts are the first's.

    Of what comes as pictures it has those that the film shows.
    """
    texts: dict[tuple[str, ...], int] = {}
    values: dict[bytes, int] = {}
    sheets = [_sheet(Staging(scene), texts, values) for scene in scenes]
    said = [(text, False) for column in texts for text in column]
    said += [(text["t"], text["b"]) for sheet in sheets for text in _texts(sheet["stages"])]
    return {
        "sheets": sheets,
        "texts": [list(column) for column in texts],
        "values": [np.frombuffer(column, np.float32) for column in values],
        "letters": letters([*said, ("0123456789×", False)], Glyphs(scenes[0].font)),
        "markers": markers(),
    }


def _sheet(staging: Staging, texts: dict[tuple[str, ...], int], values: dict[bytes, int]) -> Told:
    """One scene; texts: what figures say at all records, values: of curves, both told once for all sheets, by their
    numbers."""
    scene, layout = staging.scene, staging.layout
    theme, grounds = scene.theme, staging.grounds()
    stages = []
    for stage in staging.stages:
        covers = [one for one in layout.insets if one.host.panel is stage.place.panel]
        stages.append(_stage(stage, covers, None, values))
    insets = zip(layout.insets, staging.insets, strict=True)
    stages += [_stage(stage, [], one, values) for one, stage in insets if stage is not None]
    return {
        "size": scene.size,
        "records": scene.records,
        "pictured": scene.pictured,
        "colors": {
            "page": theme.page,
            "ink": theme.ink,
            "dim": theme.dim,
            "halo": theme.halo,
            "haloAlpha": theme.halo_alpha,
            "settled": theme.settled,
        },
        "ground": grounds[0],
        "later": _later(grounds),
        "stages": stages,
        "figures": _figures(staging, texts),
        "rows": _rows(staging),
    }


def _later(grounds: dict[int, NDArray[np.uint8]]) -> list[Told]:
    """What of the ground is another from a record on, see-through where it is not, with its upper left corner."""
    found = []
    for before, since in zip(grounds, list(grounds)[1:], strict=False):
        changed = (grounds[before] != grounds[since]).any(axis=2)
        rows, columns = np.flatnonzero(changed.any(axis=1)), np.flatnonzero(changed.any(axis=0))
        if len(rows):
            part = np.ix_(range(rows[0], rows[-1] + 1), range(columns[0], columns[-1] + 1))
            picture = np.dstack([grounds[since][part], np.full(changed[part].shape, 255, np.uint8)])
            picture[~changed[part]] = 0
            found.append({"since": since, "at": [int(columns[0]), int(rows[0])], "picture": picture})
    return found


def _figures(staging: Staging, texts: dict[tuple[str, ...], int]) -> list[Told]:
    """The counter and the ledger's values: where each ends or begins, and what it says, from which records on."""
    records = range(staging.scene.records)
    rows = [staging.owned(record) for record in records]
    found = []
    for (entry, first), column in zip(rows[0], zip(*rows, strict=True), strict=True):
        changes = [k for k, (_, text) in enumerate(column) if not k or text != column[k - 1][1]]
        said = tuple(plain(column[k][1].text) for k in changes)
        found.append(
            {
                **_text(first),
                "entry": entry,
                "since": None if len(changes) == len(records) else changes,
                "texts": texts.setdefault(said, len(texts)),
                "xs": placed(np.array([column[k][1].x for k in changes])),
            }
        )
    return found


def _text(text: Text) -> Told:
    return {
        "x": round(text.x, 2), "y": round(text.y, 2), "t": plain(text.text), "s": round(text.size, 2), "c": text.color,
        "a": text.align, "b": text.bold, "o": text.outline, "r": round(text.rim, 2),
    }  # fmt: skip


def _texts(stages: Sequence[Told]) -> Iterator[Told]:
    for stage in stages:
        yield from stage["labels"]
        yield from (note["text"] for note in stage["notes"])
        yield from (tag["text"] for tag in stage["tags"])


def _rows(staging: Staging) -> list[Told]:
    """The rectangles of the ledger's rows, by entry."""
    book = staging.layout.ledger
    if book is None:
        return []
    return [{"entry": row.entry, "box": _row(row, book.rows, book.name)} for row in book.rows]


def _row(row: Row, rows: Sequence[Row], size: float) -> list[float]:
    below = [other.name_at[1] - row.name_at[1] for other in rows if other.name_at[1] > row.name_at[1]]
    above = [row.name_at[1] - other.name_at[1] for other in rows if other.name_at[1] < row.name_at[1]]
    high = min([*below, *above], default=2.2 * size)
    middle = row.name_at[1] - 0.36 * size + (row.details_at[1] - row.name_at[1]) / 2
    return [
        round(one, 1)
        for one in (row.sample[0] - 0.4 * size, middle - high / 2, row.value_at[0] + 0.4 * size, middle + high / 2)
    ]


def placed(points: NDArray[np.float64]) -> NDArray[np.int16] | NDArray[np.float32]:
    """Places in pixels, in whole parts of PART where all lie within reach of such, else as they are; see NOWHERE."""
    known = np.isfinite(points)
    if np.abs(points[known]).max(initial=0.0) * PART >= -NOWHERE - 1:
        return np.clip(points, -3e38, 3e38).astype(np.float32)
    return np.where(known, np.rint(np.where(known, points, 0.0) * PART), NOWHERE).astype(np.int16)


def _stage(stage: Stage, covers: Sequence[Inlaid], inset: Inlaid | None, values: dict[bytes, int]) -> Told:
    theme, line, box = stage.scene.theme, stage.line, stage.box
    numbers = {id(trail): number for number, trail in enumerate(stage.trails)}
    own: dict[str, list[Any]] = {"rings": [], "stars": [], "locals": []}
    for layer in stage.layers:
        for name, parts in layer.own().items():
            own[name] += parts
    chart = bool(stage.trails) and all(trail.layer.kind == "curve" for trail in stage.trails)
    return {
        "box": [box.x0, box.y0, box.x1, box.y1],
        "inlaid": inset is not None,
        "since": inset.since if inset else 0,
        "covers": [[one.since, one.outer.x0, one.outer.y0, one.outer.x1, one.outer.y1] for one in covers],
        "line": round(line(1.0), 4),
        "count": round(stage.page.size(19.0), 2),
        "chart": chart,
        "title": plain(stage.place.panel.title or stage.place.panel.y.label),
        "shine": theme.page if chart else theme.halo,
        "trails": [_trail(trail, values) for trail in stage.trails],
        **own,
        "labels": [_text(text) for text in stage.labels],
        "notes": [
            {"since": note.since, "entry": note.entry, "text": _text(note.text), "line": _outlines(note.leader)}
            for note in stage.notes
        ],
        "tags": [_tag(tag, stage, numbers) for tag in stage.tags],
        "crossings": [
            {
                "trail": numbers[id(mark.trail)],
                "since": mark.since,
                "at": np.round(mark.place, 2).tolist(),
                "turn": round(math.atan2(mark.direction[1], mark.direction[0]), 4),
            }
            for mark in stage.crossings
        ],
        "exits": _exits(stage, numbers),
        "others": _others(stage),
    }


def _trail(trail: Trail, values: dict[bytes, int]) -> Told:
    track = trail.track
    curve = trail.layer.kind == "curve"
    with np.errstate(over="ignore"):  # what is larger than float32 holds is infinite there
        told = track.points[:, 1].astype(np.float32).tobytes() if curve else b""
    return {
        "entry": track.entry,
        "start": track.start,
        "kind": trail.layer.kind,
        "quiet": track.quiet,
        "color": trail.color,
        "marker": trail.style.marker,
        "dashes": np.round(trail.pattern, 2).tolist(),
        "radius": round(trail.radius, 3),
        "rim": round(trail.rim, 3),
        "head": round(trail.size, 3),
        "span": max(trail.layer.comet * len(trail.points), 5.0),
        "stop": track.stop,
        "lost": track.status in ("diverged", "undefined"),
        "points": placed(trail.points),
        "across": placed(trail.across) if curve and not trail.known.all() else None,
        "values": values.setdefault(told, len(values)) if curve else None,
        "breaks": list(track.breaks),
        "inside": np.packbits(trail.inside, bitorder="little"),
        "dotted": np.packbits(trail.dotted, bitorder="little"),
    }


def _tag(tag: Tag, stage: Stage, numbers: dict[int, int]) -> Told:
    rects = [tag.rect(record) for record in range(stage.scene.records)]
    (written,) = next(([*tag.written(k)] for k, rect in enumerate(rects) if rect), [tag.text])
    corner = next((rect for rect in rects if rect), (0.0, 0.0, 0.0, 0.0))
    return {
        "trail": numbers[id(tag.trail)],
        "text": {**_text(written), "x": round(written.x - corner[0], 2), "y": round(written.y - corner[1], 2)},
        "size": [round(2 * half, 2) for half in tag.half],
        "clear": round(tag.clear, 2),
        "corners": np.array([rect[:2] if rect else (NOWHERE, NOWHERE) for rect in rects], np.int16),
    }


def _exits(stage: Stage, numbers: dict[int, int]) -> Told | None:
    """The marks of what is outside: of record k those from first[k] to first[k + 1], each with its group of trails.

    None where there are none at all.
    """
    first, places, turns, groups = [0], list[tuple[float, float]](), list[float](), list[int]()
    known: dict[tuple[int, ...], int] = {}
    for record in range(stage.scene.records):
        for one in stage.exits(record):
            group = tuple(numbers[id(trail)] for trail in one.trails)
            groups.append(known.setdefault(group, len(known)))
            places.append(one.place)
            turns.append(math.nan if one.direction is None else math.atan2(one.direction[1], one.direction[0]))
        first.append(len(places))
    if not places:
        return None
    return {
        "first": np.array(first, np.uint32),
        "places": placed(np.array(places, np.float64).reshape(-1, 2)),
        "turns": np.array(turns, np.float32),
        "group": np.array(groups, np.uint16),
        "groups": [list(group) for group in known],
    }


def _others(stage: Stage) -> Told:
    """What the page has no rules for: finished outlines and images, and from which moment on there are which of it."""
    layers = [layer for layer in stage.layers if layer.moves and not layer.own() and not layer.trails()]
    if not layers:
        return {"shapes": [], "since": [], "shown": []}
    shapes: list[Told] = []
    since: list[float] = []
    shown: list[list[int]] = []
    known: dict[tuple[int, object], int] = {}
    clock, records = stage.scene.clock, stage.scene.records
    every = np.arange(records) if records <= MOST else [records - 1]
    for moment in np.union1d(clock.moment, np.asarray(every) + WHOLE).tolist():
        now = list(_sampled(layers, moment, known, shapes))
        if not shown or now != shown[-1]:
            since.append(round(moment, 4))
            shown.append(now)
    return {"shapes": shapes, "since": since, "shown": shown}


def _sampled(
    layers: Sequence[Drawn[Any]], moment: float, known: dict[tuple[int, object], int], shapes: list[Told]
) -> Iterator[int]:
    for number, layer in enumerate(layers):
        for look, parts in (*layer.under(moment), *layer.marks(int(moment), ())):
            key = (number, look)
            if key not in known:
                known[key] = len(shapes)
                shapes.append({"entry": getattr(layer.layer, "entry", None), "parts": _outlines(parts)})
            yield known[key]


def halved(pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
    """A picture in half its resolution, float32[row, column, 3]: each pixel is the mean of four."""
    even = np.pad(pixels.astype(np.float32), [(0, pixels.shape[0] % 2), (0, pixels.shape[1] % 2), (0, 0)], mode="edge")
    return np.asarray((even[::2, ::2] + even[1::2, ::2] + even[::2, 1::2] + even[1::2, 1::2]) / 4)


def slimmed(points: NDArray[np.float64]) -> NDArray[np.float64]:
    """A polygon, float64[point, 2] in pixels, without the points that nobody misses: it stays within half a PART.

    Source: Douglas & Peucker 1973, Algorithms for the reduction of the number of points required to represent a
    digitized line or its caricature, doi:10.3138/FM57-6770-U75U-7727.
    """
    if len(points) < SMALL or not np.isfinite(points).all():
        return points
    kept = np.zeros(len(points), bool)
    far = int(np.hypot(*(points - points[0]).T).argmax())
    kept[[0, far, -1]] = True
    spans = [(0, far), (far, len(points) - 1)]
    while spans:
        first, last = spans.pop()
        if last - first < 2:
            continue
        along, inner = points[last] - points[first], points[first + 1 : last] - points[first]
        length = float(along @ along)
        share = np.clip(inner @ along / length, 0.0, 1.0) if length else np.zeros(len(inner))
        off = np.hypot(*(inner - share[:, None] * along).T)
        worst = int(off.argmax())
        if off[worst] > 0.5 / PART:
            middle = first + 1 + worst
            kept[middle] = True
            spans += [(first, middle), (middle, last)]
    return points[kept]


def _outlines(parts: Sequence[Polygon | Image]) -> list[Told]:
    return [
        {"box": [part.box.x0, part.box.y0, part.box.width, part.box.height], "picture": halved(part.pixels)}
        if isinstance(part, Image)
        else {
            "points": placed(slimmed(part.points)),
            "color": part.color,
            "alpha": part.opacity,
            "clip": part.clip is not None,
        }
        for part in parts
    ]
