"""Python functions in place of names: landscapes, whatever answers a number for coordinates, and step rules.

A landscape that gdviz.formula's functions can express is derived like any definition. Every other is called point by
point; then its gradient is `grad`, or central differences, and that is said.
"""

from __future__ import annotations

import inspect
import warnings
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gdviz.errors import DefinitionError, UsageError, short
from gdviz.objectives.called import Called, CalledFacts, called
from gdviz.objectives.landscape import derive
from gdviz.registry.defining import describe
from gdviz.registry.definition import Definition
from gdviz.registry.sources import held

Points = Sequence[Sequence[float]] | NDArray[np.float64]
"""Starts, float64[start, dim]."""


def read_landscape(
    given: str | Callable[..., Any], grad: Callable[..., Any] | None, starts: Points
) -> Definition | None:
    """The landscape of a function, None for a name; starts: where it is asked, if any.

    Raises UsageError as landscape_of does.
    """
    if not isinstance(given, str):
        return landscape_of(given, grad, [float(c) for c in starts[0]] if len(starts) else None, starts[1:])
    if grad is not None:
        raise UsageError(f"grad= is for functions; {short(given)} has a gradient of its own")
    return None


def landscape_of(
    function: Callable[..., Any],
    grad: Callable[..., Any] | None,
    start: Sequence[float] | None,
    others: Points = (),
) -> Definition:
    """The landscape of a function of its coordinates, f(x, y) or f(*x), or of one array where the start has several.

    start: the first one, data units; others: those that stand in for it where its value is not finite. Warns where
    differences stand in for a gradient. Raises DefinitionError, UsageError for functions that are none of a point, and
    where the value is finite at no start.
    """
    if not callable(function):
        raise UsageError(f"a landscape is a name or a function of coordinates, not {function!r:.60}")
    if grad is not None and not callable(grad):
        raise UsageError(f"grad= is a function of the coordinates, not {grad!r:.60}")
    name = getattr(function, "__name__", type(function).__name__).strip("<>")
    required = _required(name, function)
    if start is not None and len(required) == 1 and len(start) > 1:
        function, grad = _OfArray(name, function), grad and _OfArray("grad", grad)
    elif start is not None and required and len(start) != len(required):
        raise UsageError(
            f"the start has {len(start)} coordinates; {name}({', '.join(required)}) takes {len(required)}, "
            f"so give start=({', '.join(['1.5', '-2', '0.5', '1'][: len(required)])})"
        )
    facts = {} if start is None else {"start": tuple(start)}
    definition = describe("landscape", function, name=name, **facts)
    point = tuple(map(float, start)) if start is not None else (0.5,) * (definition.dimension or 2)
    plain = called(definition, grad)
    asked = derive(plain, len(point))
    assert isinstance(asked, Called)
    value = asked.at(point, {})
    for other in () if np.isfinite(value) else others:
        if np.isfinite(found := asked.at(tuple(map(float, other)), {})):
            value, point = found, tuple(map(float, other))
            break
    if grad is None and np.isfinite(value) and _is_formula(definition, point):
        return definition
    if (precision := asked.precision(point)) != CalledFacts.of(plain).precision:
        plain = called(definition, grad, precision)
        asked = derive(plain, len(point))
        assert isinstance(asked, Called)
    if start is not None and not np.isfinite([value, *asked.gradient(*point)]).all():
        what = "gradient" if np.isfinite(value) else "value"
        where = f"any of the {1 + len(others)} starts" if what == "value" and len(others) else f"the start {point}"
        raise UsageError(f"{name} has no finite {what} at {where}; give start= where it has one")
    if grad is None:
        coarse = f" over {2 * asked.arm(1):.1g}, as it answers in {precision}" if precision != "float64" else ""
        warnings.warn(
            f"{name} is no formula that gdviz can derive, so central differences{coarse} stand in for its gradient; "
            "give grad= to have it exact",
            stacklevel=4,
        )
    return plain


def _required(name: str, function: Callable[..., Any]) -> list[str]:
    try:
        items = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):
        raise UsageError(
            f"{name} does not say what it takes; give a function such as lambda x, y: {name}(x, y)"
        ) from None
    plain = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    return [item.name for item in items if item.default is item.empty and item.kind in plain]


class _OfArray:
    """The function of coordinates that hands them on as one array float64[dim]; a class, so that it can be pickled."""

    def __init__(self, name: str, function: Callable[..., Any]) -> None:
        self.__name__, self.__module__ = name, getattr(function, "__module__", None) or ""
        self.function = function
        self.definition_text = _text(function) + held(function)

    def __call__(self, *x: float) -> Any:
        return self.function(np.array(x))


def _text(function: Callable[..., Any]) -> str:
    try:
        return inspect.getsource(function)
    except (OSError, TypeError):
        return repr(getattr(function, "__code__", function))


def _is_formula(definition: Definition, point: tuple[float, ...]) -> bool:
    """Whether the function can be derived, and the formula says what the function says near the start."""
    try:
        derived = derive(definition, len(point))
    except (DefinitionError, RecursionError):
        return False
    for shift in (0.0, 0.25, -0.5, 1.75, -2.5):
        moved = [c + shift * (1 + i / 3) for i, c in enumerate(point)]
        try:
            direct = float(definition.function(*moved, **definition.parameters))
        except Exception:
            continue  # a pole, or outside its domain: formulas answer NaN there
        found = float(derived.value(*moved))
        if np.isfinite([direct, found]).all() and not np.isclose(found, direct, rtol=1e-9, atol=1e-12):
            return False
    return True
