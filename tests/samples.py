"""Made-up scenes for the tests of scene, draw, raster and render: no definitions, no simulation."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

import numpy as np

from gdviz.draw.layout import arrange
from gdviz.draw.places import Place
from gdviz.draw.stages import Stage
from gdviz.draw.text import Glyphs
from gdviz.scene import (
    THEMES,
    Arrows,
    Axis,
    Band,
    Curve,
    Entry,
    Field,
    Fit,
    Levels,
    Marks,
    Panel,
    Points,
    Regions,
    Scene,
    Style,
    Track,
    Trails,
    styles,
    timeline,
)

WORDS = {
    "en": ("Basins and walls", "start", "loss", "step", "step {k}", "of {n}", "diverged at step {k}", "."),
    "ru": ("Впадины и стены", "старт", "потери", "шаг", "шаг {k}", "из {n}", "расходимость: шаг {k}", ","),
    "kk": (
        "Ойыстар мен қабырғалар",
        "бастапқы нүкте",
        "шығын",
        "қадам",
        "{k}-қадам",
        "/ {n}",
        "жинақсыздық: {k}-қадам",
        ",",
    ),
}


def basins(x: Any, y: Any) -> Any:
    """½(x² + y²) + sin²4x."""
    return 0.5 * (x * x + y * y) + np.sin(4 * x) ** 2


def basins_slope(p: np.ndarray) -> np.ndarray:
    """The gradient of basins."""
    return np.array([p[0] + 4 * np.sin(8 * p[0]), p[1]])


def rosenbrock(x: Any, y: Any) -> Any:
    """The bent valley."""
    return (1 - x) ** 2 + 100 * (y - x * x) ** 2


def rosenbrock_slope(p: np.ndarray) -> np.ndarray:
    """The gradient of rosenbrock."""
    x, y = p
    return np.array([-2 * (1 - x) - 400 * x * (y - x * x), 200 * (y - x * x)])


def descend(kind: str, slope: Callable[..., Any], start: Any, steps: int, lr: float) -> np.ndarray:
    """float64[record, dim]: the points of one optimizer, written out here so that no definition is needed."""
    p = np.array(start, float)
    m, v, points = np.zeros_like(p), np.zeros_like(p), [np.array(start, float)]
    for t in range(1, steps + 1):
        g = slope(p)
        if kind == "nesterov":
            m = 0.9 * m - lr * g
            p = p + 0.9 * m - lr * g
        elif kind == "momentum":
            m = 0.9 * m - lr * g
            p = p + m
        elif kind == "rmsprop":
            v = 0.9 * v + 0.1 * g * g
            p = p - lr * g / np.sqrt(v + 1e-6)
        elif kind == "adadelta":
            v = 0.95 * v + 0.05 * g * g
            d = lr * g * np.sqrt(m + 1e-6) / np.sqrt(v + 1e-6)
            m = 0.95 * m + 0.05 * (d / lr) ** 2
            p = p - d
        elif kind == "adagrad":
            v = v + g * g
            p = p - lr * g / np.sqrt(v + 1e-6)
        elif kind == "adam":
            m, v = 0.9 * m + 0.1 * g, 0.999 * v + 0.001 * g * g
            p = p - lr * (m / (1 - 0.9**t)) / (np.sqrt(v / (1 - 0.999**t)) + 1e-8)
        else:
            p = p - lr * g
        points.append(p.copy())
    return np.array(points)


def stages(scene: Scene) -> list[Stage]:
    """What moves in each panel of a scene that is laid out."""
    glyphs = Glyphs(scene.font)
    layout = arrange(scene, glyphs)
    pairs = zip(layout.panels, layout.boxes, strict=True)
    return [Stage(scene, layout, Place(panel, box), glyphs) for panel, box in pairs]


def number(value: float, decimal: str) -> str:
    """Three figures, with a power of ten where zeros would hide them."""
    if not np.isfinite(value):
        return "∞"
    if value != 0 and not 1e-3 <= abs(value) < 1e4:
        power = int(np.floor(np.log10(abs(value))))
        raised = str(power).translate(str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"))
        return f"{value / 10.0**power:.1f}·10{raised}".replace(".", decimal)
    return f"{value:.3f}".replace(".", decimal)


RACE = (
    ("nesterov", 2, "Nesterov", "η = 0.01, μ = 0.9", 0.01),
    ("rmsprop", 4, "RMSProp", "η = 0.25", 0.25),
    ("adadelta", 5, "Adadelta", "η = 100", 100.0),
    ("adagrad", 3, "Adagrad", "η = 1", 1.0),
    ("adam", 6, "Adam", "η = 0.25", 0.25),
)


def race(
    lang: str = "en",
    theme: str = "light",
    size: tuple[int, int] = (1920, 1080),
    loss: bool = True,
    count: int | None = None,
    long: bool = False,
    steps: int = 125,
    frames: int = 250,
    **extra: Any,
) -> Scene:
    """The five-optimizer race; `count` repeats or cuts the entries, `long` gives them names that do not fit."""
    title, start, loss_word, step, at, of, _, decimal = WORDS[lang]
    chosen = [RACE[number % len(RACE)] for number in range(count or len(RACE))]
    look = styles([one[1] for one in chosen], [one[0] for one in chosen], THEMES[theme])
    tracks, losses, entries = [], [], []
    for number_, (kind, _, name, details, lr) in enumerate(chosen):
        points = descend(kind, basins_slope, (-2.8, -2.5), steps, lr * (1 - 0.11 * (number_ // len(RACE))))
        values = basins(*points.T)
        if long:
            name, details = (
                f"{name} with warm restarts",
                f"{details}, β₁ = 0.9, β₂ = 0.999, ε = 1e-8, weight decay 0.01",
            )
        details = details.replace(".", decimal) if decimal != "." else details
        entries.append(Entry(name, details, look[number_], tuple(number(value, decimal) for value in values)))
        tracks.append(Track(number_, points))
        losses.append(Track(number_, np.column_stack([np.arange(steps + 1.0), values])))
    x, y = np.linspace(-3.2, 3.2, 241), np.linspace(-2.9, 2.9, 221)
    z = basins(x[None, :], y[:, None])
    levels = np.array([*np.arange(0.25, 5.76, 0.25), 6.25, 6.5, 6.75, 7, *np.arange(8, 20)])
    levels = levels[levels < z.max()]
    panels = [
        Panel(
            "main",
            Axis(-3.2, 3.2, decimal=decimal),
            Axis(-2.9, 2.9, decimal=decimal),
            (
                Field(x, y, z, levels),
                Levels(x, y, z, levels),
                Trails(tuple(tracks)),
                Marks("minimum", np.array([[0.0, 0.0]])),
                Marks("start", np.array([[-2.8, -2.5]]), (start,)),
            ),
        )
    ]
    if loss:
        axis = Axis(1e-6, 20, "log", decimal=decimal)
        panels.append(
            Panel(
                "side",
                Axis(0, max(steps, 1), label=step),
                axis,
                (Trails(tuple(losses), "curve"),),
                loss_word,
                frame=True,
            )
        )
    return Scene(
        size, THEMES[theme], tuple(panels), tuple(entries), title,
        r"f(x, y) = \frac{1}{2}(x^2 + y^2) + \sin^2 4x", "",
        tuple(at.format(k=k) for k in range(steps + 1)), of.format(n=steps),
        np.arange(steps + 1), timeline(steps + 1, 30, frames / 30), **extra,
    )  # fmt: skip


def pointed(lang: str = "en", theme: str = "light", size: tuple[int, int] = (1920, 1080), **extra: Any) -> Scene:
    """The race with arrows: a field that stands still, one from the start, and a step that is taken apart later on."""
    scene = race(lang, theme, size, **extra)
    x, y = (part.ravel() for part in np.meshgrid(np.linspace(-3, 3, 9), np.linspace(-2.5, 2.5, 8)))
    tails = np.column_stack([x, y])
    slopes = np.array([basins_slope(point) for point in tails])
    tips = tails - 0.4 * slopes / np.hypot(*slopes.T)[:, None].clip(1.0)
    begin, way = np.array([[-2.8, -2.5]]), np.array([[1.0, 1.6]])
    layers = (
        Arrows(tails, tips, "#5d6a7c", kind="fine"),
        Arrows(begin, begin + way, "#e0760c", ("gradient",), (0,)),
        Arrows(begin, begin + way[:, ::-1], "#7f00ff", ("momentum step",), (POINTED,), entry=1),
        Arrows(begin + way[:, ::-1], begin + way, "#5d6a7c", (), (POINTED,), "guide", 1),
    )
    main = dataclasses.replace(scene.panels[0], layers=(*scene.panels[0].layers, *layers))
    return dataclasses.replace(scene, panels=(main, *scene.panels[1:]))


POINTED = 60
"""The record from which `pointed` shows its later arrows."""


def rates(lang: str = "en", theme: str = "light", size: tuple[int, int] = (1920, 1080), **extra: Any) -> Scene:
    """Learning rates on x² + 4x + 5: too small, right, bouncing, diverging."""
    _, start, loss_word, step, at, of, diverged, decimal = WORDS[lang]
    steps = 30
    chosen = (0.02, 0.2, 0.95, 1.04)
    look = styles([0] * 4, ["gd"] * 4, THEMES[theme])
    tracks, losses, entries = [], [], []
    for number_, lr in enumerate(chosen):
        points = descend("gd", lambda p: 2 * p + 4, [2.0], steps, lr)[:, 0]
        values = points**2 + 4 * points + 5
        stop = next((k for k, p in enumerate(points) if abs(p + 2) > 9.5), None)
        if stop is not None:
            points[stop:], values[stop:] = points[stop], values[stop]
        status = "unfinished" if stop is None else "diverged"
        note = "" if stop is None else diverged.format(k=stop)
        details = f"η = {lr}".replace(".", decimal)
        entries.append(Entry("GD", details, look[number_], tuple(number(v, decimal) for v in values)))
        tracks.append(Track(number_, np.column_stack([points, values]), status, stop, note))
        losses.append(Track(number_, np.column_stack([np.arange(steps + 1.0), values - 0.999]), status, stop))
    x = np.linspace(-9.0, 5.0, 600)
    y = x * x + 4 * x + 5
    panels = (
        Panel(
            "main",
            Axis(-9, 5, label="x", decimal=decimal),
            Axis(-2, 46, label="f(x)", decimal=decimal),
            (
                Curve(x, y),
                Trails(tuple(tracks), "steps"),
                Marks("minimum", np.array([[-2.0, 1.0]])),
                Marks("start", np.array([[2.0, 17.0]]), (start,)),
            ),
            frame=True,
        ),
        Panel(
            "side", Axis(0, steps, label=step), Axis(1e-3, 1e2, "log"), (Trails(tuple(losses), "curve"),), loss_word,
            frame=True,
        ),
    )  # fmt: skip
    return Scene(
        size, THEMES[theme], panels, tuple(entries), "GD: η", "f(x) = x^2 + 4x + 5", "",
        tuple(at.format(k=k) for k in range(steps + 1)), of.format(n=steps), np.arange(steps + 1),
        timeline(steps + 1, 30, 5), **extra,
    )  # fmt: skip


def valley(lang: str = "en", theme: str = "dark", size: tuple[int, int] = (1920, 1080), **extra: Any) -> Scene:
    """Rosenbrock's valley, where values lie close together and one path is thrown out."""
    _, start, loss_word, step, at, of, diverged, decimal = WORDS[lang]
    steps = 300
    chosen = (("gd", 0, "GD", 1e-3), ("momentum", 1, "Momentum", 1e-3), ("rmsprop", 4, "RMSProp", 0.01),
              ("adam", 6, "Adam", 0.1), ("nesterov", 2, "Nesterov", 0.0062))  # fmt: skip
    look = styles([one[1] for one in chosen], [one[0] for one in chosen], THEMES[theme])
    tracks, losses, entries = [], [], []
    for number_, (kind, _, name, lr) in enumerate(chosen):
        with np.errstate(all="ignore"):
            points = descend(kind, rosenbrock_slope, (-1.5, 2.0), steps, lr)
            values = rosenbrock(*points.T)
        bad = ~np.isfinite(values) | (np.abs(points).max(axis=1) > 2e3)
        stop = int(np.argmax(bad)) if bad.any() else None
        if stop is not None:
            points[stop:], values[stop:] = points[stop], np.inf
        status = "unfinished" if stop is None else "diverged"
        note = "" if stop is None else diverged.format(k=stop)
        entries.append(
            Entry(name, f"η = {lr:g}".replace(".", decimal), look[number_], tuple(number(v, decimal) for v in values))
        )
        tracks.append(Track(number_, points, status, stop, note))
        losses.append(Track(number_, np.column_stack([np.arange(steps + 1.0), values]), status, stop))
    x, y = np.linspace(-2.0, 2.0, 241), np.linspace(-1.0, 3.0, 241)
    z = rosenbrock(x[None, :], y[:, None])
    levels = np.geomspace(0.05, z.max(), 26)[:-1]
    panels = (
        Panel(
            "main", Axis(-2, 2, decimal=decimal), Axis(-1, 3, decimal=decimal),
            (Field(x, y, z, levels), Levels(x, y, z, levels), Trails(tuple(tracks)),
             Marks("minimum", np.array([[1.0, 1.0]])), Marks("start", np.array([[-1.5, 2.0]]), (start,))),
            aspect=1.0,
        ),
        Panel("side", Axis(0, steps, label=step), Axis(1e-5, 1e3, "log"), (Trails(tuple(losses), "curve"),), loss_word,
              frame=True),
    )  # fmt: skip
    return Scene(
        size, THEMES[theme], panels, tuple(entries), "Rosenbrock", r"f(x, y) = (1 - x)^2 + 100\,(y - x^2)^2", "",
        tuple(at.format(k=k) for k in range(steps + 1)), of.format(n=steps), np.arange(steps + 1),
        timeline(steps + 1, 30, 10), **extra,
    )  # fmt: skip


def split(scene: Scene, columns: int, sides: bool = False) -> Scene:
    """A scene with the first panel, or with `sides` all panels, drawn anew for each entry, in a grid of columns."""
    panels = []
    for panel in scene.panels[: None if sides else 1]:
        for number, entry in enumerate(scene.entries):
            layers = tuple(
                dataclasses.replace(layer, tracks=tuple(track for track in layer.tracks if track.entry == number))
                if isinstance(layer, Trails)
                else layer
                for layer in panel.layers
            )
            panels.append(dataclasses.replace(panel, layers=layers, title=entry.name))
    return dataclasses.replace(scene, panels=tuple(panels), grid=(-(-len(panels) // columns), columns))


def sheet(
    lang: str = "en", theme: str = "light", size: tuple[int, int] = (1920, 1080), grid: tuple[int, int] = (8, 6),
    **extra: Any,
) -> Scene:  # fmt: skip
    """Waves and their echoes: many small charts, whose vertical axes differ from row to row."""
    step = WORDS[lang][3]
    t = np.arange(61.0)
    look = styles([None] * 4, list("abcd"), THEMES[theme])
    entries = tuple(
        Entry(name, "", one) for name, one in zip(("x", "γ = 0.25", "γ = 0.9", "γ = 0.975"), look, strict=True)
    )
    panels = []
    for row in range(grid[0]):
        for column in range(grid[1]):
            waves = [height * (row + 1) * np.sin(t * (column + 1) / 12 - height) for height in (1, 0.5, 1.7, 2.3)]
            tracks = tuple(Track(number, np.column_stack([t, wave])) for number, wave in enumerate(waves))
            high = 2.5 * (row + 1)
            panels.append(
                Panel(
                    "side", Axis(0, 60, label=step), Axis(-high, high, label="y", decimal=WORDS[lang][7]),
                    (Trails(tracks, "curve"),), f"Simple momentum · wave {column}", frame=True,
                )
            )  # fmt: skip
    return Scene(
        size, THEMES[theme], tuple(panels), entries, "Waves", "", "Made up.", grid=grid,
        timeline=timeline(61, 30, 2), **extra,
    )  # fmt: skip


def learned(lang: str = "en", theme: str = "light", size: tuple[int, int] = (1920, 1080), **extra: Any) -> Scene:
    """A line through a cloud with its residuals, and three regions that turn among their samples."""
    _, _, loss_word, step, at, of, _, decimal = WORDS[lang]
    records, colors = 31, THEMES[theme].colors
    look = styles([0], ["gd"], THEMES[theme])
    share = np.linspace(0.0, 1.0, records)
    x = np.linspace(-1.0, 1.0, 40)
    y = 3 * x - 2 + 0.6 * np.sin(40 * x)
    slopes = 3 * share[:, None]
    line = slopes * np.array([-1.1, 1.1]) - 2 * share[:, None]
    cloud = Points(np.column_stack([x, y]), np.zeros(40, np.int64), (Style(colors[7]),), np.arange(40) % 4 == 0)
    fit = Fit(0, np.array([-1.1, 1.1]), line, np.column_stack([x, y])[::2], slopes * x[::2] - 2 * share[:, None])
    turn = 2 * np.pi * (np.arange(3)[None, :] / 3 + 0.3 * share[:, None])
    nodes = np.linspace(-2.0, 2.0, 21)
    scores = (
        6
        * share[:, None, None, None]
        * (np.cos(turn)[:, :, None, None] * nodes + np.sin(turn)[:, :, None, None] * nodes[:, None])
    )
    angle = 2.4 * np.arange(60)
    spiral = np.column_stack([np.cos(angle), np.sin(angle)]) * np.linspace(0.1, 1.9, 60)[:, None]
    looks = tuple(Style(colors[slot], marker=name) for slot, name in ((1, "circle"), (4, "square"), (5, "triangle")))
    regions = Regions(
        nodes, nodes, scores[::2].astype(np.float32), np.arange(0, records, 2), tuple(one.color for one in looks)
    )
    when, height = np.arange(float(records)), np.exp(-3 * share)
    loss, band = (
        Track(0, np.column_stack([when, height])),
        Band(0, when, 0.8 * height, np.where(when == 9, np.nan, 1.3 * height)),
    )
    kept = Track(0, np.column_stack([when, 0.2 + 0.9 * height]), quiet=True)
    panels = (
        Panel("main", Axis(-1.2, 1.2, decimal=decimal), Axis(-6, 2, decimal=decimal), (cloud, fit), frame=True),
        Panel("main", Axis(-2, 2, decimal=decimal), Axis(-2, 2, decimal=decimal),
              (regions, Points(spiral, np.arange(60) % 3, looks, texts=("a", "b", "c"))), aspect=1.0),
        Panel("side", Axis(0, records - 1, label=step), Axis(0.01, 1.5, "log"), (band, Trails((kept, loss), "curve")),
              loss_word, frame=True),
    )  # fmt: skip
    return Scene(
        size, THEMES[theme], panels, (Entry("GD", "η = 1", look[0]),), "y = 3x − 2", "", "",
        tuple(at.format(k=k) for k in range(records)), of.format(n=records - 1), np.arange(records),
        timeline(records, 30, 3), grid=(1, 3), **extra,
    )  # fmt: skip
