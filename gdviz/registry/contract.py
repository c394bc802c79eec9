"""What a definition of each kind must keep; checked once, where it is made."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

from gdviz.errors import DefinitionError, GdvizError, nearest
from gdviz.registry.vocabulary import AT_START, TRANSFORM_INPUTS

if TYPE_CHECKING:
    from gdviz.registry.definition import Definition


def start_of(definition: Definition, state: str, options: Mapping[str, Any] | None = None) -> float:
    """Value of an optimizer's state before the first step; `options` are its hyperparameters where not the defaults.

    Of state that begins as the start (Definition.anchored) there is no such number.
    """
    start = definition.facts.get("init", {}).get(state, 0.0)
    return ({**definition.parameters, **(options or {})})[start] if isinstance(start, str) else float(start)


def shape_of(definition: Definition, state: str, dim: int, options: Mapping[str, Any]) -> tuple[int, ...]:
    """Shape of an optimizer's state of one run in so many coordinates; an axis has at least one entry."""
    if state in definition.scalars:
        return ()
    sizes = {"dim": dim, **options}
    return tuple(max(1, int(sizes.get(axis, axis))) for axis in definition.shapes.get(state, ("dim",)))


def _arguments(function: Callable[..., Any]) -> tuple[str, ...]:
    return tuple(inspect.signature(function).parameters)


UNKNOWN: Any = object()
"""What a trial call answers that met a pole."""


def check_limits(definition: Definition) -> None:
    """Raise DefinitionError where limits name no parameter, or a default or a preset lies beyond them."""
    where = f"{definition.kind} '{definition.name}'"
    for name, pair in definition.facts.get("limits", {}).items():
        if name not in definition.parameters:
            raise DefinitionError(f"{where}: limits= names '{name}'{nearest(name, definition.parameters)}")
        if len(pair) != 2 or not pair[0] < pair[1]:
            raise DefinitionError(f"{where}: limits= of {name} must be a pair (low, high) with low < high")
    for values in (definition.parameters, *definition.presets.values()):
        for name, value in values.items():
            low, high = definition.limits(name)
            if name in definition.parameters and not low <= float(value) <= high:
                raise DefinitionError(
                    f"{where}: {name} = {float(value):g} is beyond its limits, {low:g} and {high:g}; give others as "
                    f"limits={{'{name}': (low, high)}}"
                )


def check_refused(definition: Definition) -> None:
    """Raise DefinitionError where `refused=` asks for what is no option, or refuses the defaults."""
    options = {**definition.parameters, **definition.switches}
    for holds in definition.facts.get("refused", {}).values():
        if unknown := set(_arguments(holds)) - set(options):
            raise DefinitionError(
                f"{definition.kind} '{definition.name}': refused= asks for '{min(unknown)}', which is no option"
            )
    definition.check_together(options)


def _check_landscape(definition: Definition) -> None:
    where = f"landscape '{definition.name}'"
    facts = definition.facts
    if definition.variadic and definition.variables:
        raise DefinitionError(f"{where}: use either named coordinates or one '*x'")
    if not definition.variadic and not definition.variables:
        raise DefinitionError(f"{where}: it has no coordinate; give it arguments without default, such as (x, y)")
    dimension = definition.dimension
    stated = {fact: facts.get(fact, ()) for fact in ("domain", "start", "minima")}
    if dimension and (made := [fact for fact, entries in stated.items() if callable(entries)]):
        raise DefinitionError(f"{where}: {made[0]}= is a function, which is for families that take '*x'")
    domain, start, minima = (fact(definition.size()) if callable(fact) else fact for fact in stated.values())
    if any(len(pair) != 2 or not pair[0] < pair[1] for pair in domain):
        raise DefinitionError(f"{where}: domain= must hold pairs (low, high) with low < high")
    for name, entries in (("domain", domain), ("start", start)):
        if dimension and name in facts and len(entries) != dimension:
            raise DefinitionError(f"{where}: {name}= has {len(entries)} entries for {dimension} coordinates")
    for minimum in minima:
        if dimension and len(minimum) != dimension + 1:
            raise DefinitionError(f"{where}: a minimum is {dimension} coordinates and the value there, not {minimum!r}")
    point = list(definition.start()) or [0.5] * definition.size()
    result = _dry_call(where, definition.function, point, {})
    if isinstance(result, (tuple, list, str)) or result is None:
        raise DefinitionError(f"{where}: it must return one number, not {type(result).__name__}")


def _check_optimizer(definition: Definition) -> None:
    where = f"optimizer '{definition.name}'"
    facts = definition.facts
    if "x" not in definition.inputs:
        raise DefinitionError(f"{where}: its signature must ask for x, the current point")
    options = {**definition.parameters, **definition.switches}
    _check_presets(where, definition)
    _check_responses(where, definition)
    _check_init(where, definition)
    for fact in ("at", "shown"):
        if fact in facts and (extra := set(_arguments(facts[fact])) - {"x", *definition.state, *options}):
            raise DefinitionError(f"{where}: {fact}= asks for '{min(extra)}'; it may ask for x, state and options only")
    if "shown" in facts and definition.rule != "vector":
        raise DefinitionError(f"{where}: shown= is for straight-line rules; return the point itself as x")
    for state, axes in definition.shapes.items():
        for axis in axes:
            if axis != "dim" and axis not in definition.parameters and not axis.isdecimal():
                raise DefinitionError(
                    f"{where}: '{axis}' in the shape of {state} is neither dim, a number nor a hyperparameter"
                    f"{nearest(axis, ('dim', *definition.parameters))}"
                )
    if inspect.isgeneratorfunction(definition.function):
        return
    if "random" in definition.inputs:
        raise DefinitionError(f"{where}: only a rule that yields its points may ask for random")
    if definition.needs_arrays:  # a trial with plain numbers would not get far
        for count in definition.returns:
            _check_count(where, definition, count)
        return
    given: dict[str, Any] = {"x": 1.0, "g": 0.5, "f": 0.5, "t": 1, "steps": 10, "x0": 1.0}
    given |= {"value": lambda x: 0.5 * x * x, "gradient": lambda x: x, "hessian": lambda x: 1.0}
    call = {name: given[name] for name in definition.inputs} | {
        name: 1.0 if name in definition.anchored else start_of(definition, name) for name in definition.state
    }
    result = _dry_call(where, definition.function, (), call)
    if result is UNKNOWN:
        return
    _check_count(where, definition, len(result) if isinstance(result, tuple) else 1)


def _check_count(where: str, definition: Definition, count: int) -> None:
    if count != 1 + len(definition.state):
        expected = ", ".join(("x", *definition.state))
        raise DefinitionError(f"{where}: it returns {count} values instead of {1 + len(definition.state)} ({expected})")


def _check_presets(where: str, definition: Definition) -> None:
    options = {**definition.parameters, **definition.switches}
    for preset, values in definition.facts.get("presets", {}).items():
        if unknown := set(values) - set(options):
            word = min(unknown)
            raise DefinitionError(f"{where}: preset '{preset}' sets '{word}'{nearest(word, options)}")


def _check_init(where: str, definition: Definition) -> None:
    for state, start in definition.facts.get("init", {}).items():
        if state not in definition.state:
            raise DefinitionError(
                f"{where}: init= names '{state}', which is no state{nearest(state, definition.state)}"
            )
        if start == AT_START and state in definition.scalars:
            raise DefinitionError(f"{where}: init= starts {state} as a point, but it is one number per run")
        if isinstance(start, str) and start not in (AT_START, *definition.parameters):
            raise DefinitionError(f"{where}: init= takes {state} from '{start}', which is no hyperparameter")


def _check_transform(definition: Definition) -> None:
    where = f"transform '{definition.name}'"
    if not {"g", "x"} & set(definition.inputs):
        raise DefinitionError(f"{where}: its signature must ask for g, the gradient, or for x, the point")
    _check_presets(where, definition)
    if unknown := (set(definition.inputs) - TRANSFORM_INPUTS) | set(definition.state):
        raise DefinitionError(f"{where}: it may ask for {', '.join(sorted(TRANSFORM_INPUTS))}, not {min(unknown)}")
    given = {"g": 0.5, "x": 0.5, "lr": 0.1, "t": 1, "steps": 10, "dim": 2}
    given |= {"normal": 0.3, "uniform": 0.3, "uniform2": 0.6}
    result = _dry_call(where, definition.function, (), {name: given[name] for name in definition.inputs})
    if isinstance(result, tuple) or result is None:
        raise DefinitionError(f"{where}: it must return one gradient or move, not {type(result).__name__}")


def _check_schedule(definition: Definition) -> None:
    where = f"schedule '{definition.name}'"
    if "base" not in definition.inputs:
        raise DefinitionError(f"{where}: its signature must ask for base, the hyperparameter's own value")
    if definition.state and "f" not in definition.inputs:
        raise DefinitionError(
            f"{where}: '{definition.state[0]}' has no default, so it is state, which only a schedule of f may keep"
        )
    if "steps" in definition.parameters:
        raise DefinitionError(f"{where}: 'steps' is how long every schedule lasts; give it no default")
    _check_presets(where, definition)
    _check_init(where, definition)
    given = {"base": 0.5, "t": 1.0, "steps": 10.0, "f": 0.5}
    call = {name: given[name] for name in definition.inputs} | {
        name: start_of(definition, name) for name in definition.state
    }
    result = _dry_call(where, definition.function, (), call)
    if result is UNKNOWN:
        return
    count = len(result) if isinstance(result, tuple) else 1
    if count != 1 + len(definition.state):
        expected = ", ".join(("value", *definition.state))
        raise DefinitionError(f"{where}: it returns {count} values instead of {1 + len(definition.state)} ({expected})")


def _check_responses(where: str, definition: Definition) -> None:
    """Of each named row: options that there are, and values to compare for at most one of them."""
    options = {**definition.parameters, **definition.switches}
    for row, values in definition.facts.get("responses", {}).items():
        if unknown := set(values) - set(options):
            word = min(unknown)
            raise DefinitionError(f"{where}: response '{row}' sets '{word}'{nearest(word, options)}")
        if len([name for name, value in values.items() if isinstance(value, tuple)]) > 1:
            raise DefinitionError(f"{where}: response '{row}' compares values of more than one hyperparameter")


def _check_signal(definition: Definition) -> None:
    where = f"signal '{definition.name}'"
    if "i" not in definition.inputs:
        raise DefinitionError(f"{where}: its signature must ask for i, the number of the point")
    if definition.state or definition.switches:
        word = (*definition.state, *definition.switches)[0]
        raise DefinitionError(f"{where}: it may ask for i and uniform and have numbers by default, not '{word}'")
    if ("uniform" in definition.inputs) != ("draws" in definition.facts):
        raise DefinitionError(f"{where}: a signal that asks for uniform says draws=(seed, how many come before)")
    given = {"i": 7.0, "uniform": 0.3}
    result = _dry_call(where, definition.function, (), {name: given[name] for name in definition.inputs})
    if isinstance(result, tuple) or result is None:
        raise DefinitionError(f"{where}: it must return one number for each point, not {type(result).__name__}")


CHECKS: dict[str, Callable[[Definition], None]] = {
    "landscape": _check_landscape,
    "optimizer": _check_optimizer,
    "transform": _check_transform,
    "schedule": _check_schedule,
    "signal": _check_signal,
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
