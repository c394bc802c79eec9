"""What a definition of each kind must keep; checked once, where it is made."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

from gdviz.errors import DefinitionError, GdvizError, nearest

if TYPE_CHECKING:
    from gdviz.registry import Definition

INPUTS = frozenset({"x", "g", "f", "t", "steps", "x0", "value", "gradient", "hessian"})
"""Names that an optimizer's signature asks its driver for."""

TRANSFORM_INPUTS = frozenset({"g", "t", "steps", "normal", "uniform"})
"""Names that a transform's signature may ask for; `normal` and `uniform` are one random number per coordinate."""


AT_START = "x0"
"""What `init=` says of state that begins as the point where a run starts."""


def start_of(definition: Definition, state: str, options: Mapping[str, Any] | None = None) -> float:
    """Value of an optimizer's state before the first step; `options` are its hyperparameters where not the defaults.

    Of state that begins as the start (Definition.anchored) there is no such number.
    """
    start = definition.facts.get("init", {}).get(state, 0.0)
    return ({**definition.parameters, **(options or {})})[start] if isinstance(start, str) else float(start)


def _arguments(function: Callable[..., Any]) -> tuple[str, ...]:
    return tuple(inspect.signature(function).parameters)


UNKNOWN: Any = object()
"""What a trial call answers that met a pole."""


def _check_landscape(definition: Definition) -> None:
    where = f"landscape '{definition.name}'"
    facts = definition.facts
    if definition.variadic and definition.variables:
        raise DefinitionError(f"{where}: use either named coordinates or one '*x'")
    if not definition.variadic and not definition.variables:
        raise DefinitionError(f"{where}: it has no coordinate; give it arguments without default, such as (x, y)")
    dimension = definition.dimension
    domain = facts.get("domain", ())
    if any(len(pair) != 2 or not pair[0] < pair[1] for pair in domain):
        raise DefinitionError(f"{where}: domain= must hold pairs (low, high) with low < high")
    for fact, length in (("domain", dimension), ("start", dimension)):
        if length and fact in facts and len(facts[fact]) != length:
            raise DefinitionError(f"{where}: {fact}= has {len(facts[fact])} entries for {length} coordinates")
    for minimum in facts.get("minima", ()):
        if dimension and len(minimum) != dimension + 1:
            raise DefinitionError(f"{where}: a minimum is {dimension} coordinates and the value there, not {minimum!r}")
    point = [float(c) for c in facts.get("start", ())] or [0.5] * (dimension or 2)
    result = _dry_call(where, definition.function, point, {})
    if isinstance(result, (tuple, list, str)) or result is None:
        raise DefinitionError(f"{where}: it must return one number, not {type(result).__name__}")


def _check_optimizer(definition: Definition) -> None:
    where = f"optimizer '{definition.name}'"
    facts = definition.facts
    if "x" not in definition.inputs:
        raise DefinitionError(f"{where}: its signature must ask for x, the current point")
    options = {**definition.parameters, **definition.switches}
    for preset, values in facts.get("presets", {}).items():
        if unknown := set(values) - set(options):
            word = min(unknown)
            raise DefinitionError(f"{where}: preset '{preset}' sets '{word}'{nearest(word, options)}")
    for state, start in facts.get("init", {}).items():
        if state not in definition.state:
            raise DefinitionError(
                f"{where}: init= names '{state}', which is no state{nearest(state, definition.state)}"
            )
        if start == AT_START and state in definition.scalars:
            raise DefinitionError(f"{where}: init= starts {state} as a point, but it is one number per run")
        if isinstance(start, str) and start not in (AT_START, *definition.parameters):
            raise DefinitionError(f"{where}: init= takes {state} from '{start}', which is no hyperparameter")
    for fact in ("at", "shown"):
        if fact in facts and (extra := set(_arguments(facts[fact])) - {"x", *definition.state, *options}):
            raise DefinitionError(f"{where}: {fact}= asks for '{min(extra)}'; it may ask for x, state and options only")
    if "shown" in facts and definition.rule != "vector":
        raise DefinitionError(f"{where}: shown= is for straight-line rules; return the point itself as x")
    if inspect.isgeneratorfunction(definition.function):
        return
    given: dict[str, Any] = {"x": 1.0, "g": 0.5, "f": 0.5, "t": 1, "steps": 10, "x0": 1.0}
    given |= {"value": lambda x: 0.5 * x * x, "gradient": lambda x: x, "hessian": lambda x: 1.0}
    call = {name: given[name] for name in definition.inputs} | {
        name: 1.0 if name in definition.anchored else start_of(definition, name) for name in definition.state
    }
    result = _dry_call(where, definition.function, (), call)
    if result is UNKNOWN:
        return
    count = len(result) if isinstance(result, tuple) else 1
    if count != 1 + len(definition.state):
        expected = ", ".join(("x", *definition.state))
        raise DefinitionError(f"{where}: it returns {count} values instead of {1 + len(definition.state)} ({expected})")


def _check_transform(definition: Definition) -> None:
    where = f"transform '{definition.name}'"
    if "g" not in definition.inputs:
        raise DefinitionError(f"{where}: its signature must ask for g, the gradient")
    if unknown := (set(definition.inputs) - TRANSFORM_INPUTS) | set(definition.state):
        raise DefinitionError(f"{where}: it may ask for {', '.join(sorted(TRANSFORM_INPUTS))}, not {min(unknown)}")
    given = {"g": 0.5, "t": 1, "steps": 10, "normal": 0.3, "uniform": 0.3}
    result = _dry_call(where, definition.function, (), {name: given[name] for name in definition.inputs})
    if isinstance(result, tuple) or result is None:
        raise DefinitionError(f"{where}: it must return one gradient, not {type(result).__name__}")


CHECKS: dict[str, Callable[[Definition], None]] = {
    "landscape": _check_landscape,
    "optimizer": _check_optimizer,
    "transform": _check_transform,
}


def _dry_call(where: str, function: Callable[..., Any], args: Iterable[Any], kwargs: Mapping[str, Any]) -> Any:
    try:
        return function(*args, **kwargs)
    except GdvizError:
        raise
    except (ZeroDivisionError, OverflowError, ValueError):
        return UNKNOWN  # a pole just there is a matter for the laws, which try many points
    except Exception as error:
        raise DefinitionError(f"{where}: a trial call failed: {type(error).__name__}: {error}") from error
