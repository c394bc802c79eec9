"""A step rule or a transform with its options bound, on NumPy."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gdviz import vmath
from gdviz.emit.expression import NEGLIGIBLE, EmissionError
from gdviz.emit.reader import read_look_ahead, read_shown, read_step, read_transform
from gdviz.emit.rule import Rule
from gdviz.errors import DefinitionError, GdvizError, own
from gdviz.objectives.objective import spread
from gdviz.registry.contract import shape_of, start_of
from gdviz.registry.definition import Definition

Array = NDArray[np.floating]


class Products:
    """Running products h**t = ((h·h)·h)… of one run, as compiled kernels keep them."""

    def __init__(self) -> None:
        self.kept: dict[int, tuple[int, Any]] = {}

    def __call__(self, slot: int, base: Any, t: int) -> Any:
        last, product = self.kept.get(slot, (0, 1.0))
        if t < last:
            last, product = 0, 1.0
        for _ in range(t - last):
            product = product * base
            product = np.where(np.abs(product) < NEGLIGIBLE, 0.0, product)[()]
        self.kept[slot] = t, product
        return product


class Step:
    """One optimizer's rule with its options bound, in one dtype.

    A straight-line rule runs in its canonical form (gdviz.emit.rule), so that compiled backends compute the same bits;
    any other runs as it is written.
    """

    def __init__(
        self,
        optimizer: Definition,
        options: Mapping[str, Any],
        dtype: np.dtype,
        steps: int,
        scheduled: frozenset[str] = frozenset(),
    ) -> None:
        self.optimizer = optimizer
        self.scheduled = scheduled
        self.dtype = dtype
        self.steps = steps
        computed = optimizer.stabilized(options, float(np.finfo(dtype).tiny))
        self.options = {name: self._typed(value) for name, value in computed.items()}
        self.function, self.bound = self._bind("step")
        bound = {part: self._bind(part) for part in ("at", "shown") if getattr(optimizer, part)}
        self.parts = {part: (*both, frozenset(inspect.signature(both[0]).parameters)) for part, both in bound.items()}

    def set(self, values: Mapping[str, Any]) -> None:
        """Give hyperparameters other values, of the plan's dtype, from now on."""
        for bound in (self.options, self.bound, *(bound for _, bound, _ in self.parts.values())) if values else ():
            bound.update({name: value for name, value in values.items() if name in bound})

    def _bind(self, part: str) -> tuple[Callable[..., Any], dict[str, Any]]:
        """The step, the look-ahead or the point to record, and the options it takes."""
        optimizer = self.optimizer
        if optimizer.rule == "vector":
            switches = {name: self.options[name] for name in optimizer.switches}
            try:
                if part == "step":
                    rule = self._read(switches)
                else:
                    rule = {"at": read_look_ahead, "shown": read_shown}[part](optimizer, switches)
                return _compiled(rule, self.dtype.name), {
                    "_product": Products(),
                    **{name: value for name, value in self.options.items() if name in rule.arguments},
                }
            except EmissionError:
                pass
        function = optimizer.function if part == "step" else getattr(optimizer, part)
        asked = inspect.signature(function).parameters
        return function, {name: value for name, value in self.options.items() if name in asked}

    def _read(self, switches: Mapping[str, Any]) -> Rule:
        return read_step(self.optimizer, switches, self.scheduled)

    def _typed(self, value: Any) -> Any:
        if isinstance(value, (str, bool)):
            return value
        # One for each run, or for each run and coordinate: then coordinates come first, as in x.
        return value.T.astype(self.dtype) if isinstance(value, np.ndarray) else self.dtype.type(value)

    def start(self, X: Array) -> dict[str, Array]:
        """State before the first step of one run, X dtype[dim], or of many, X dtype[dim, lane]; see shape_of."""
        lanes = X.shape[1:]
        return {
            name: X.copy()
            if name in self.optimizer.anchored
            else np.zeros(shape_of(self.optimizer, name, len(X), self.options) + lanes, self.dtype)
            + start_of(self.optimizer, name, self.options)
            for name in self.optimizer.state
        }

    def point(self, X: Array, state: Mapping[str, Array]) -> Array:
        """Where value and gradient are taken."""
        return self._part("at", X, state)

    def shown(self, X: Array, state: Mapping[str, Array]) -> Array:
        """The point to record."""
        return self._part("shown", X, state)

    def _part(self, part: str, X: Array, state: Mapping[str, Array]) -> Array:
        if part not in self.parts:
            return X
        function, bound, asked = self.parts[part]
        given = {name: value for name, value in {"x": X, **state}.items() if name in asked}
        return np.asarray(function(**given, **bound), dtype=self.dtype)

    def __call__(self, X: Array, state: Mapping[str, Array], **inputs: Any) -> tuple[Array, dict[str, Array]]:
        """The next point and state; `inputs` hold whatever the rule's signature may ask for."""
        given = {"x": X, "steps": self.steps, "dim": len(X), **inputs}
        asked = {name: given[name] for name in self.optimizer.inputs}
        try:
            result = self.function(**asked, **state, **self.bound)
        except (GdvizError, np.linalg.LinAlgError):
            raise
        except Exception as error:
            raise failed(self.optimizer, inputs.get("t"), error) from error
        point, *rest = result if isinstance(result, tuple) else (result,)
        after = dict(zip(self.optimizer.state, rest, strict=True))
        return (
            shaped(self.optimizer, "x", point, X),
            {name: shaped(self.optimizer, name, after[name], state[name]) for name in after},
        )


class Change(Step):
    """One transform with its options bound, in one dtype."""

    def _read(self, switches: Mapping[str, Any]) -> Rule:
        return read_transform(self.optimizer, switches)


def failed(optimizer: Definition, t: Any, error: Exception) -> DefinitionError:
    """What to raise for an exception inside a rule: its own, and the step; where arrays were its matter, the remedy."""
    if isinstance(error, (TypeError, ValueError)) and "array" in str(error):
        remedy = "use gdviz.formula's max, min, where, and & for and"
        return DefinitionError(f"{optimizer.name} fails on arrays ({error}); {remedy}")
    return DefinitionError(f"{optimizer.name} fails at step {t}: {own(error)}")


def shaped(optimizer: Definition, name: str, value: Any, like: Array) -> Array:
    """What a rule returns, in the dtype and shape of what it replaces. Raises DefinitionError."""
    try:
        if value is not None:
            return spread(value, like.dtype, like.shape)
    except (TypeError, ValueError):
        pass
    told = f"an array of shape {value.shape}" if isinstance(value, np.ndarray) else f"{value!r:.60}"
    raise DefinitionError(f"{optimizer.name} returns {told} as {name}; it must return as many numbers as it was given")


@lru_cache(maxsize=256)
def _compiled(rule: Rule, dtype: str) -> Callable[..., Any]:
    return rule.function(np.dtype(dtype).type, vmath.namespace(dtype)["pow"])
