"""What definitions of several kinds must keep; checked once, where one is made."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

from gdviz.errors import DefinitionError, GdvizError, nearest
from gdviz.registry.facts import StateFacts
from gdviz.registry.vocabulary import AT_START

if TYPE_CHECKING:
    from gdviz.registry.definition import Definition


def start_of(definition: Definition, state: str, options: Mapping[str, Any] | None = None) -> float:
    """Value of an optimizer's state before the first step; `options` are its hyperparameters where not the defaults.

    Of state that begins as the start (Definition.anchored) there is no such number.
    """
    start = definition.init.get(state, 0.0)
    return ({**definition.parameters, **(options or {})})[start] if isinstance(start, str) else float(start)


def shape_of(definition: Definition, state: str, dim: int, options: Mapping[str, Any]) -> tuple[int, ...]:
    """Shape of an optimizer's state of one run in so many coordinates; an axis has at least one entry."""
    if state in definition.scalars:
        return ()
    sizes = {"dim": dim, **options}
    return tuple(max(1, int(sizes.get(axis, axis))) for axis in definition.shapes.get(state, ("dim",)))


def arguments(function: Callable[..., Any]) -> tuple[str, ...]:
    """Names that a function asks for."""
    return tuple(inspect.signature(function).parameters)


UNKNOWN: Any = object()
"""What a trial call answers that met a pole."""


def check_limits(definition: Definition) -> None:
    """Raise DefinitionError where limits name no parameter, or a default or a preset lies beyond them."""
    where = f"{definition.kind} '{definition.name}'"
    for name, pair in definition.facts.limits.items():
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
    for holds in StateFacts.of(definition).refused.values():
        if unknown := set(arguments(holds)) - set(options):
            raise DefinitionError(
                f"{definition.kind} '{definition.name}': refused= asks for '{min(unknown)}', which is no option"
            )
    definition.check_together(options)


def check_presets(where: str, definition: Definition) -> None:
    """Raise DefinitionError for a preset that sets what is no option."""
    options = {**definition.parameters, **definition.switches}
    for preset, values in definition.presets.items():
        if unknown := set(values) - set(options):
            word = min(unknown)
            raise DefinitionError(f"{where}: preset '{preset}' sets '{word}'{nearest(word, options)}")


def check_formula(where: str, definition: Definition, point: Iterable[float]) -> None:
    """Raise DefinitionError for a formula with switches, or one that does not answer one number at a point."""
    if definition.switches:
        raise DefinitionError(f"{where}: the default of '{next(iter(definition.switches))}' must be a number")
    result = dry_call(where, definition.function, point, dict.fromkeys(definition.targets, 1.0))
    if isinstance(result, (tuple, list, str)) or result is None:
        raise DefinitionError(f"{where}: it must return one number, not {type(result).__name__}")


def check_init(where: str, definition: Definition) -> None:
    """Raise DefinitionError where `init=` names no state, or begins it as what there is not."""
    for state, start in definition.init.items():
        if state not in definition.state:
            raise DefinitionError(
                f"{where}: init= names '{state}', which is no state{nearest(state, definition.state)}"
            )
        if start == AT_START and state in definition.scalars:
            raise DefinitionError(f"{where}: init= starts {state} as a point, but it is one number per run")
        if isinstance(start, str) and start not in (AT_START, *definition.parameters):
            raise DefinitionError(f"{where}: init= takes {state} from '{start}', which is no hyperparameter")


def dry_call(where: str, function: Callable[..., Any], args: Iterable[Any], kwargs: Mapping[str, Any]) -> Any:
    """What a trial call answers, UNKNOWN where it met a pole; DefinitionError where it fails otherwise."""
    try:
        return function(*args, **kwargs)
    except GdvizError:
        raise
    except (ZeroDivisionError, OverflowError, ValueError):
        return UNKNOWN  # a pole just there is a matter for the laws, which try many points
    except Exception as error:
        raise DefinitionError(f"{where}: a trial call failed: {type(error).__name__}: {error}") from error
