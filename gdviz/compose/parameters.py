"""Parameter space: the paths of weights on the loss of all samples, and a minimum of it where there is one."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from gdviz.compose.framing import Window, is_round
from gdviz.compose.ground import lettered, minimum_texts, sampled, start_texts
from gdviz.compose.minima import Known
from gdviz.compose.ranges import continued, level_heights, toned
from gdviz.compose.tracks import tracks_of
from gdviz.errors import UsageError
from gdviz.lang import Texts
from gdviz.objectives.objective import Objective
from gdviz.objectives.plane import Plane, axes, by_chance, principal, whole
from gdviz.runs.trained import Trained
from gdviz.scene import Axis, Callouts, Field, Layer, Levels, Marks, Panel, Trails, themed

Floats = NDArray[np.float64]

SAMPLES = 160
"""Grid points along each side of a window: every one is a pass over all samples."""

FEWEST, WORK = 48, 5e9
"""Grid points along a side at least, and how many weights times samples times points a window may cost: ten seconds."""

COVERED = 0.06
"""Of a panel's sides: how near a star is that covers a pin, in the narrow panels of several columns."""

CORE = 0.005
"""Share of all recorded points, on either side of each axis, that need not be in the window."""

RUNS = 24
"""Most runs of an optimizer whose paths are drawn; more would be a carpet."""

AIR, SLENDER = 0.22, 2.5
"""Of the longer side of starts, minimum and the core of the paths: what is shown around them; how many times longer it
may be."""

STEPS, DIFFERENCE, EXACT = 60, 1e-5, 1e-7
"""Of the search for a minimum: its steps, how far gradients are apart whose difference is a second derivative, as a
share of a weight and 1, and the share of them below which a step is none."""


def plane_of(run: Trained) -> Plane:
    """The plane of weights that is drawn: all of two, else that in which the paths vary most, or as asked for.

    It goes through the final weights of the best run. Raises UsageError for weights that there are not.
    """
    objective: Objective = run.setting.objective
    assert run.path is not None
    if objective.dim == 2:
        return whole(objective)
    ends = np.where(np.isfinite(run.f[:, :, -1]), run.f[:, :, -1], np.inf)
    centre = run.weights[np.unravel_index(ends.argmin(), ends.shape)].astype(np.float64)
    if run.recipe.plane == "pca":
        points = run.path.reshape(-1, objective.dim).astype(np.float64)
        return principal(objective, centre, points[np.isfinite(points).all(axis=1)])
    if run.recipe.plane == "random":
        return by_chance(objective, centre, run.recipe.seed)
    first, second = run.recipe.plane
    return axes(objective, centre, (int(first), int(second)))


def check_plane(places: tuple[int, ...], names: tuple[str, ...]) -> None:
    """Raise UsageError for numbers of weights that there are not."""
    if len(set(places)) != 2 or max(places) >= len(names):
        said = ",".join(map(str, places))
        raise UsageError(
            f"--plane {said}: type two of the {len(names)} weights by their numbers from 0, as in 0,1, or pca"
        )


def window_of(run: Trained, plane: Plane, points: Floats) -> Window:
    """The window around paths float64[entry, run, record, 2] in a plane."""
    lowest = lowest_of(run) if plane.is_whole else np.empty((0, 3))
    tracks = points.reshape(-1, *points.shape[2:]).copy()
    runs = points.shape[1]
    tracks[run.t > run.stopped_at[:, :runs].reshape(-1, 1)] = np.nan
    tracks[~np.isfinite(tracks).all(axis=-1)] = np.nan
    lost = run.gone[:, :runs].ravel()
    flat = tracks[~lost].reshape(-1, 2) if not lost.all() else tracks.reshape(-1, 2)
    flat = flat[np.isfinite(flat).all(axis=1)]
    core = np.quantile(flat, [CORE, 1.0 - CORE], axis=0)
    held = np.concatenate([core, points[:, :, 0].reshape(-1, 2), lowest[:, :2], truth_of(run, plane)])
    low, high = held.min(axis=0), held.max(axis=0)
    sides = np.maximum(high - low, (high - low).max() / SLENDER) + AIR * (high - low).max()
    sides = np.where(sides > 0, sides, 1.0)  # where nothing moves
    middle = (low + high) / 2
    view = tuple((float(a), float(b)) for a, b in zip(middle - sides / 2, middle + sides / 2, strict=True))
    free = is_round(view)
    return Window(view, free, free, Known(lowest), view)


def lowest_of(run: Trained) -> Floats:
    """A minimum near the end of the best run, float64[n, dim + 1] of weights and loss; none where there is none.

    By Newton's method with second derivatives by differences of gradients, over all samples. Of few weights only.
    """
    objective = run.setting.objective
    last = run.f[:, :, -1].astype(np.float64)
    if not np.isfinite(last).any():
        return np.empty((0, objective.dim + 1))
    best = np.unravel_index(np.nanargmin(np.where(np.isfinite(last), last, np.nan)), last.shape)
    x = run.weights[best].astype(np.float64)
    for _ in range(STEPS):
        apart = DIFFERENCE * (1.0 + np.abs(x))
        near = np.concatenate([x[:, None], x[:, None] + np.diag(apart), x[:, None] - np.diag(apart)], axis=1)
        slopes = np.asarray(objective.gradient(near), np.float64)
        ahead, behind = np.split(slopes[:, 1:], 2, axis=1)
        hessian = (ahead - behind) / (2 * apart)
        if not np.isfinite(hessian).all() or np.linalg.eigvalsh(hessian + hessian.T).min() <= 0:
            break
        step = np.linalg.solve(0.5 * (hessian + hessian.T), slopes[:, 0])
        x = x - step
        if (np.abs(step) <= EXACT * (1.0 + np.abs(x))).all():
            return np.append(x, float(objective.value(x[:, None])[0]))[None]
    return np.empty((0, objective.dim + 1))


def space_panel(run: Trained, words: Texts, plane: Plane, points: Floats, window: Window) -> Panel:
    """The loss of all samples over a plane of weights, with the paths float64[entry, run, record, 2] on it."""
    each = plane.whole.dim * len(run.setting.data.training)
    x, y, z, inside, pole = sampled(plane, window, (), int(np.clip((WORK / each) ** 0.5, FEWEST, SAMPLES)))
    levels = level_heights(inside, None, pole.rules)
    lowest = window.known.minima
    layers: tuple[Layer, ...] = (
        Field(x, y, z, toned(levels, z)),
        Levels(x, y, z, continued(levels, z), "levels" in run.recipe.labels, pole.cut),
        Marks("minimum", lowest[:, :2], minimum_texts(run, words, lowest)),
        Marks("start", np.unique(points[:, :, 0].reshape(-1, 2), axis=0), start_texts(run, words)),
        *_truth(run, words, plane, window),
        Trails(tracks_of(run, words, points), kind="path"),
    )
    mark = words.decimal_mark
    (x0, x1), (y0, y1) = window.view
    labels = _labels(plane, words)
    return Panel(
        "main",
        Axis(x0, x1, label=labels[0], decimal=mark, reach=(float(x[0]), float(x[-1]))),
        Axis(y0, y1, label=labels[1], decimal=mark, reach=(float(y[0]), float(y[-1]))),
        layers,
        aspect=1.0 if window.even else None,
    )


def truth_of(run: Trained, plane: Plane) -> Floats:
    """The weights that the samples were made with, float64[n, 2]: none where they are unknown or not all are drawn."""
    truth, names = run.setting.data.truth, run.setting.objective.names
    known = plane.is_whole and set(truth) == set(names)
    return np.array([[truth[name] for name in names]] if known else np.empty((0, 2)))


def _truth(run: Trained, words: Texts, plane: Plane, window: Window) -> tuple[Layer, ...]:
    """A pin at the weights that the samples were made with, around the star of a minimum that would cover it."""
    ink = themed(run.recipe).ink
    found = truth_of(run, plane)
    said = tuple(words.text("truth", place=words.point(place)) for place in found.tolist())
    sides = np.ptp(np.array(window.view), axis=1)
    apart = np.abs(found[:, None] - window.known.minima[None, :, :2]) / sides
    covered = bool((apart < COVERED).all(axis=2).any())
    return tuple(Callouts(found, said, (ink,), (0,), covered) for _ in said)


def _labels(plane: Plane, words: Texts) -> tuple[str, str]:
    """What the axes are called: weights by their names, directions with their share of how the paths vary."""
    if plane.shares is None:
        first, second = plane.names
        return lettered(first), lettered(second)
    first, second = (
        words.text("direction", n=n, share=words.number(float(f"{100 * s:.2g}"))) for n, s in enumerate(plane.shares, 1)
    )
    return first, second
