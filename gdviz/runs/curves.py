"""The numbers behind a chart: every formula at points of the range."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gdviz.analyse.poles import is_unbounded, poles
from gdviz.errors import UsageError
from gdviz.formula.typed import constants_in, parse
from gdviz.recipe.options.chart import Chart
from gdviz.version import __version__

SAMPLES = 481
"""Points of a curve; at 1080p a straight piece of it is then three pixels long."""


@dataclasses.dataclass(frozen=True, eq=False)
class Curves:
    """What a chart's recipe gives.

    x: float64[sample], evenly spaced on the axis that is drawn. y: float64[curve, sample], not finite where a formula
    is not defined. t: int64[sample], the samples' numbers. breaks: bool[curve, sample - 1], between which samples a
    curve passes through a pole; unbounded: bool[curve]. recipe: all that this depends on.
    """

    x: NDArray[np.float64]
    y: NDArray[np.float64]
    t: NDArray[np.int64]
    breaks: NDArray[np.bool_]
    unbounded: NDArray[np.bool_]
    recipe: Chart

    @property
    def name(self) -> str:
        """What files of a chart are called unless told otherwise."""
        return "chart"


def curves(recipe: Chart) -> Curves:
    """Every curve of a recipe's chart. Raises FormulaError, and UsageError where a formula asks for more than x."""
    chart = recipe.chart
    if chart is None:
        raise UsageError("the recipe holds no chart; give it formulas of x")
    low, high = chart.range
    x = np.geomspace(low, high, SAMPLES) if "x" in chart.log else np.linspace(low, high, SAMPLES)
    y = np.empty((len(chart.curve), SAMPLES))
    breaks, unbounded = np.zeros((len(y), SAMPLES - 1), bool), np.zeros(len(y), bool)
    idle = set(recipe.constants)
    for number, one in enumerate(chart.curve):
        used = constants_in(one.formula, recipe.constants)
        idle -= set(used)
        definition = parse(one.formula, used)
        if definition.variables != ("x",):
            raise UsageError(
                f"the curve {one.formula} is one of {', '.join(definition.variables)}; write it in x alone"
            )

        def value(at: Any, function: Any = definition.function, used: dict[str, float] = used) -> Any:
            return function(at, **used)

        with np.errstate(all="ignore"):
            y[number] = np.broadcast_to(np.asarray(value(x), np.float64), x.shape)
        if not np.isfinite(y[number]).any():
            raise UsageError(f"the curve {one.formula} is not finite anywhere from {low:g} to {high:g}")
        (breaks[number],), unbounded[number] = poles(value, (x,), y[number]), is_unbounded(value, (x,), y[number])
    if idle:
        raise UsageError(f"no curve uses the constant {min(idle)}; drop --set {min(idle)}=…")
    final = recipe.updated(versions={"gdviz": __version__, "numpy": np.__version__})
    return Curves(x, y, np.arange(SAMPLES, dtype=np.int64), breaks, unbounded, final)
