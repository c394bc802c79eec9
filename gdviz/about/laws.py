"""The laws every definition keeps, tried on one definition: what `gdviz check` prints.

A law that does not apply (no minimum is stated, the rule cannot be fed gradients) is left out.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from gdviz.backends import LOST
from gdviz.errors import GdvizError
from gdviz.objectives.landscape import Landscape
from gdviz.recipe.entries import Entry
from gdviz.recipe.race import Recipe
from gdviz.registry.defining import describe
from gdviz.registry.definition import Definition
from gdviz.runs.response import feed, sampled
from gdviz.runs.simulation import simulate
from gdviz.runs.trajectories import Trajectories

POINTS = 2000
SEED = 7
STEP = 1e-5
"""Central differences over five points, h = STEP × (1 + |x|): rounding leaves 1e-11 f, waves of length 0.01 less."""
SHORT = 0.05
"""Share of the arm that is tried too: beside a cusp, where the slope grows without end, only a short one is right."""
GRADIENT_TOLERANCE = 1e-6
RATE = 0.9
"""Of gradient descent where a schedule is examined; down the bowl it is stable below 1."""
HESSIAN_TOLERANCE = 1e-5


@dataclasses.dataclass(frozen=True)
class Verdict:
    """One law: what it asks, whether it holds, and the number or the place that says so."""

    law: str
    holds: bool
    finding: str


def examine(definition: Definition) -> list[Verdict]:
    """Try every law of the definition's kind."""
    laws = LAWS[definition.kind]
    verdicts: list[Verdict] = []
    try:
        with np.errstate(all="ignore"):
            verdicts.extend(laws(definition))
    except GdvizError as error:
        verdicts.append(Verdict("can be run", False, str(error)))
    except Exception as error:  # whatever a plugin's function raises is a verdict on it
        verdicts.append(Verdict("can be run", False, f"{type(error).__name__}: {error}"))
    return verdicts


def _landscape_laws(definition: Definition) -> Iterator[Verdict]:
    objective = Landscape(definition)
    domain = np.array(definition.domain() or [(-3.0, 3.0)] * objective.dim, dtype=np.float64)
    low, high = domain.T
    # float64[dim, POINTS], data units
    x = (low + (high - low) * np.random.default_rng(SEED).random((POINTS, len(domain)))).T
    f = objective.value(x)
    bad = np.flatnonzero(~np.isfinite(f))
    where = f"not at {_point(x[:, bad[0]])}" if bad.size else f"{POINTS} random points, {f.min():.4g} to {f.max():.4g}"
    yield Verdict("finite on its domain", not bad.size, where)

    h = STEP * (1 + np.abs(x))
    near = np.zeros(POINTS, bool)
    # A kink closer than the difference's arm changes sign, or comes to zero, between its ends.
    for i in range(len(x)):
        for distance, lower, upper in zip(
            objective.kinks(x),
            objective.kinks(_moved(x, i, -3 * h)),
            objective.kinks(_moved(x, i, 3 * h)),
            strict=True,
        ):
            near |= (np.sign(lower) != np.sign(upper)) | (np.sign(distance) == 0)
    away = ~near & np.isfinite(f)
    gradient = objective.gradient(x)
    differences = [np.stack([_slope(objective.value, x, i, arm) for i in range(len(x))]) for arm in (h, SHORT * h)]
    yield _agreement(
        "gradient agrees with differences", gradient, differences, np.abs(f) + 1, x, away, GRADIENT_TOLERANCE
    )

    hessian = objective.hessian(x).reshape(-1, POINTS)
    slopes = [lambda x, i=i: objective.gradient(x)[i] for i in range(len(x))]  # type: ignore[misc]
    rows = [np.stack([_slope(slope, x, j, arm) for slope in slopes for j in range(len(x))]) for arm in (h, SHORT * h)]
    scale = np.abs(gradient).max(axis=0) + 1
    yield _agreement("Hessian agrees with differences", hessian, rows, scale, x, away, HESSIAN_TOLERANCE)
    yield from _minima_laws(objective, domain, float(f[np.isfinite(f)].min(initial=np.inf)))


def _minima_laws(objective: Landscape, domain: NDArray[np.float64], lowest: float) -> Iterator[Verdict]:
    minima = objective.definition.minima()
    for *coordinates, value in minima:
        at = np.array(coordinates, dtype=np.float64)[:, None]  # float64[dim, 1], as the functions take lanes
        found = float(objective.value(at)[0])
        close = bool(np.isclose(found, value, rtol=1e-9, atol=1e-12))
        yield Verdict(f"value at the minimum {_point(at[:, 0])}", close, f"{found:.12g}, stated {value:.12g}")
        steep = float(np.abs(objective.gradient(at)).max())
        finding = f"largest component {steep:.2g}" if np.isfinite(steep) else "not finite"
        yield Verdict(f"gradient at the minimum {_point(at[:, 0])}", steep <= 1e-6 * (1 + abs(found)), finding)
        arms = np.concatenate([1e-4 * np.eye(len(at)), -1e-4 * np.eye(len(at))], axis=1)
        around = objective.value(at + arms)
        lower = bool((around < found - 1e-12 * (1 + abs(found))).any())
        yield Verdict(f"nothing lower beside {_point(at[:, 0])}", not lower, "1e-4 along each axis")
    if minima:
        best = min(float(m[-1]) for m in minima)
        holds = lowest >= best - 1e-9 * (1 + abs(best))
        yield Verdict("no random point below the minima", holds, f"lowest seen {lowest:.6g}, lowest stated {best:.6g}")
    if start := objective.definition.start():
        inside = all(low <= c <= high for c, (low, high) in zip(start, domain, strict=True))
        yield Verdict("the start lies in the domain", inside, _point(np.array(start, dtype=np.float64)))


def _agreement(
    law: str,
    derived: NDArray[np.float64],
    differences: Sequence[NDArray[np.float64]],
    scale: NDArray[np.float64],
    x: NDArray[np.float64],
    away: NDArray[np.bool_],
    tolerance: float,
) -> Verdict:
    """Compare float64[entry, POINTS] with the nearer of several differences of that shape.

    An error counts relative to the entry plus `scale`, float64[POINTS].
    """
    errors = [(np.abs(derived - found) / (np.abs(derived) + scale)).max(axis=0) for found in differences]
    error = np.min(errors, axis=0)
    error = np.where(away, error, 0.0)
    worst = int(np.argmax(np.where(np.isnan(error), np.inf, error)))
    holds = bool(error[worst] <= tolerance)
    finding = f"largest relative error {error[worst]:.1e}"
    return Verdict(law, holds, finding if holds else f"{finding} at {_point(x[:, worst])}")


def _slope(
    function: Callable[[NDArray[np.float64]], NDArray[np.float64]],
    x: NDArray[np.float64],
    coordinate: int,
    h: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Differences of a function along one coordinate, float64[POINTS]."""
    near, far = (function(_moved(x, coordinate, k * h)) - function(_moved(x, coordinate, -k * h)) for k in (1, 2))
    return np.asarray((8 * near - far) / (12 * h[coordinate]))


def _moved(x: NDArray[np.float64], coordinate: int, arm: NDArray[np.float64]) -> NDArray[np.float64]:
    moved = x.copy()
    moved[coordinate] += arm[coordinate]
    return moved


def _point(x: NDArray[np.float64]) -> str:
    return f"({', '.join(f'{c:.4g}' for c in x)})"


def bowl(x: float, y: float) -> float:
    """Curvatures 1 and 2: the least that every optimizer must get down. Some published forms diverge above 2.1."""
    return x**2 / 2 + y**2


def _optimizer_laws(definition: Definition) -> Iterator[Verdict]:
    presets: list[str | None] = [None, *definition.presets]
    for preset in presets:
        called = f" with preset {preset}" if preset else ""
        if definition.rule == "vector" and preset is None:
            points = feed(definition, np.zeros((20, 2)), x0=(1.0, -2.0), values=np.zeros(20))
            finite = bool(np.isfinite(points).all())
            yield Verdict("finite when the gradient is 0", finite, f"20 steps from (1, -2) end at {_point(points[-1])}")
        if definition.rule == "program" and preset is None:
            resting = _descend(definition, None, [(0.0, 0.0)], None)
            stays = bool((resting.x == 0).all()) and resting.status[0, 0] not in LOST
            yield Verdict("stays where the gradient is 0", stays, f"200 steps end {resting.status[0, 0]}")
        run = _descend(definition, preset, [(1.0, -2.0)])
        f = run.f[0, 0]
        holds = bool(np.isfinite(f).all()) and f[-1] < f[0] and run.status[0, 0] not in LOST
        rate = run.recipe.optimizer[0].options.get("lr")
        said = "" if rate is None else f", lr {rate:g}" if isinstance(rate, float) else ""
        yield Verdict(f"gets down a bowl{called}", holds, f"loss {f[0]:.3g} to {f[-1]:.3g} in {run.t[-1]} steps{said}")
        if preset is None:
            starts = [(1.0, -2.0), (-0.3, 0.7), (2.5, 1.0)]
            together = _descend(definition, None, starts, rate)
            # What draws random numbers has others at each place among the starts.
            apart = starts[:1] if "random" in definition.inputs else starts
            alone = [_descend(definition, None, [start], rate) for start in apart]
            same = all(np.array_equal(together.x[0, i], a.x[0, 0], equal_nan=True) for i, a in enumerate(alone))
            yield Verdict("each trajectory alone as among others", same, f"{len(starts)} starts, bit for bit")


def _transform_laws(definition: Definition) -> Iterator[Verdict]:
    made = [_noisy(definition, seed, starts) for seed, starts in ((0, 2), (0, 2), (1, 2), (0, 1))]
    finite = all(bool(np.isfinite(run.x).all()) for run in made)
    yield Verdict("finite down a bowl", finite, f"100 steps of gradient descent end at {_point(made[0].x[0, 0, -1])}")
    first, again, other, alone = (run.x for run in made)
    yield Verdict("the same seed gives the same run", np.array_equal(first, again), "100 steps, bit for bit")
    yield Verdict("each trajectory alone as among others", np.array_equal(first[:, :1], alone), "bit for bit")
    if {"normal", "uniform"} & set(definition.inputs):
        differ = not np.array_equal(first, other) and not np.array_equal(first[:, 0], first[:, 1])
        yield Verdict("another seed or run gives other numbers", differ, "seeds 0 and 1, runs 0 and 1")


def _schedule_laws(definition: Definition) -> Iterator[Verdict]:
    for preset in (None, *definition.presets):
        called = f" with preset {preset}" if preset else ""
        part = {"name": definition.name, **({"preset": preset} if preset else {})}
        made = [_paced(part, starts) for starts in (3, 1)]
        rates = made[0].hyperparameter("lr")[0]
        finite = bool(np.isfinite(rates).all())
        yield Verdict(f"finite at every step{called}", finite, f"{rates.shape[-1] - 1} steps, from {rates[0, 1]:.4g}")
        low, high = float(rates.min()), float(rates.max())
        bounded = low >= 0 and high <= RATE * (1 + 1e-12)
        yield Verdict(f"between 0 and the base value{called}", bounded, f"{low:.4g} to {high:.4g}, base {RATE:g}")
        same = np.array_equal(made[0].x[:, :1], made[1].x)
        yield Verdict(f"each trajectory alone as among others{called}", same, "bit for bit")


def _paced(part: dict[str, str], starts: int) -> Trajectories:
    """Gradient descent down the bowl for a thousand steps, the rate scheduled."""
    recipe = Recipe.model_validate(
        {
            "optimizer": ({"name": "gd", "lr": RATE},),
            "schedule": ({"parameter": "lr", "chain": (part,)},),
            "start": ((1.0, -2.0), (-0.3, 0.7), (2.5, 1.0))[:starts],
            "steps": 1000,
            "domain": ((-3.0, 3.0), (-3.0, 3.0)),
        }
    )
    return simulate(recipe, describe("landscape", bowl))


def _noisy(definition: Definition, seed: int, starts: int) -> Trajectories:
    """Gradient descent down the bowl from the same point several times, with a transform."""
    recipe = Recipe.model_validate(
        {
            "optimizer": ({"name": "gd", "lr": 0.1},),
            "transform": ({"name": definition.name},),
            "start": ((1.0, -2.0),) * starts,
            "steps": 100,
            "seed": seed,
            "domain": ((-3.0, 3.0), (-3.0, 3.0)),
        }
    )
    return simulate(recipe, describe("landscape", bowl))


def _descend(
    definition: Definition, preset: str | None, starts: list[tuple[float, float]], rate: object = "auto"
) -> Trajectories:
    stated = dict(definition.presets.get(preset or "", {}))
    options = {"lr": rate} if "lr" in definition.parameters and "lr" not in stated and rate is not None else {}
    entry = Entry.model_validate({"name": definition.name, **({"preset": preset} if preset else {}), **options})
    recipe = Recipe.model_validate(
        {"optimizer": (entry,), "start": tuple(starts), "steps": 200, "domain": ((-3.0, 3.0), (-3.0, 3.0))}
    )
    return simulate(recipe, describe("landscape", bowl), [definition])


def _signal_laws(definition: Definition) -> Iterator[Verdict]:
    made = sampled(definition, definition.parameters, POINTS)  # refuses what is not finite
    yield Verdict("finite at every point", True, f"{POINTS} points, {made.min():.4g} to {made.max():.4g}")
    if stated := definition.facts.get("range"):
        low, high = stated
        inside = bool((low <= made).all() and (made <= high).all())
        yield Verdict("within its range", inside, f"stated {low:g} to {high:g}")
    same = np.array_equal(sampled(definition, definition.parameters, 100), made[:100])
    yield Verdict("the beginning of a longer one is the shorter one", same, "100 points, bit for bit")


LAWS = {
    "landscape": _landscape_laws,
    "optimizer": _optimizer_laws,
    "transform": _transform_laws,
    "schedule": _schedule_laws,
    "signal": _signal_laws,
}
"""The laws of each kind of definition."""
