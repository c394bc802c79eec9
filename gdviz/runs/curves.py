"""The numbers behind a chart: every formula, activation and loss at points of the range."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gdviz.analyse.poles import is_unbounded, poles
from gdviz.catalogue.lookup import find
from gdviz.catalogue.options import resolve_options
from gdviz.errors import UsageError
from gdviz.formula.typed import constants_in, parse
from gdviz.objectives.pairs import pair
from gdviz.recipe.chart import Graph
from gdviz.recipe.options.chart import Chart
from gdviz.registry.definition import Definition
from gdviz.registry.kinds.loss import LossFacts
from gdviz.registry.vocabulary import REGRESSION
from gdviz.runs.provenance import digests, origins
from gdviz.version import __version__

SAMPLES = 481
"""Points of a curve; at 1080p a straight piece of it is then three pixels long."""

JUMP = 0.05
"""Share of a slope's range that it takes between two samples, beside a kink, where it jumps."""

Floats = NDArray[np.float64]


@dataclasses.dataclass(frozen=True, eq=False)
class Curves:
    """What a chart's recipe gives.

    x: float64[sample], evenly spaced on the axis that is drawn. y: float64[curve, sample], not finite where a formula
    is not defined. t: int64[sample], the samples' numbers. breaks: bool[curve, sample - 1], between which samples a
    curve passes through a pole or a slope jumps; unbounded: bool[curve]. definitions: each curve's activation or loss,
    None for formulas. recipe: all that this depends on.
    """

    x: NDArray[np.float64]
    y: NDArray[np.float64]
    t: NDArray[np.int64]
    breaks: NDArray[np.bool_]
    unbounded: NDArray[np.bool_]
    definitions: tuple[Definition | None, ...]
    recipe: Chart

    @property
    def name(self) -> str:
        """What files of a chart are called unless told otherwise."""
        return "chart"


def curves(recipe: Chart) -> Curves:
    """Every curve of a recipe's chart.

    Raises FormulaError, and UsageError where a formula asks for more than x or a name belongs to nothing that is drawn.
    """
    chart = recipe.chart
    if chart is None:
        raise UsageError("the recipe holds no chart; give it formulas of x")
    low, high = chart.range
    x = np.geomspace(low, high, SAMPLES) if "x" in chart.log else np.linspace(low, high, SAMPLES)
    y = np.empty((len(chart.curve), SAMPLES))
    breaks, unbounded = np.zeros((len(y), SAMPLES - 1), bool), np.zeros(len(y), bool)
    idle = set(recipe.constants)
    found: list[Definition | None] = [None] * len(y)
    for number, one in enumerate(chart.curve):
        if one.named is not None:
            found[number], y[number], breaks[number] = _pair_curve(one, x)
            continue
        assert one.formula is not None, "a curve without a name has a formula"
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
    drawn = list(filter(None, found))
    final = recipe.updated(
        versions={"gdviz": __version__, "numpy": np.__version__}, plugins=origins(drawn), digests=digests(drawn)
    )
    return Curves(x, y, np.arange(SAMPLES, dtype=np.int64), breaks, unbounded, tuple(found), final)


def _pair_curve(one: Graph, x: Floats) -> tuple[Definition, Floats, NDArray[np.bool_]]:
    """The definition of a curve that is named, its value or slope at x, and between which x the slope jumps."""
    assert one.named is not None
    kind, entry = one.named
    definition = find(kind, entry.name)
    if definition.variadic:
        raise UsageError(f"{definition.name} sees all outputs of a network at once; draw a {kind} of one prediction")
    made = pair(definition)
    options = {name: float(value) for name, value in resolve_options(entry, definition).items()}
    target = 0.0 if REGRESSION in LossFacts.of(definition).tasks else 1.0
    value, slope = made.python("float64")(x, target, **options)
    if not one.slope:
        return definition, value, np.zeros(len(x) - 1, bool)
    sides = made.derived.kink_distances(x, *([target] * len(definition.targets)), **options)
    turns = [np.diff(np.sign(np.broadcast_to(side, x.shape))) != 0 for side in sides]
    jumps = np.abs(np.diff(slope)) > JUMP * float(np.ptp(slope))
    return definition, slope, np.any(turns, axis=0) & jumps
