"""A step rule: from the point, the gradient there and its own state to the next point."""

from __future__ import annotations

import dataclasses
import inspect
from collections.abc import Callable, Collection, Mapping
from typing import TYPE_CHECKING, Any

from gdviz.errors import DefinitionError, nearest
from gdviz.registry.contract import UNKNOWN, arguments, check_init, check_presets, dry_call, start_of
from gdviz.registry.facts import StateFacts
from gdviz.registry.kind import Kind

if TYPE_CHECKING:
    from gdviz.registry.definition import Definition


TEMPLATE = '''"""An optimizer of my own.

Look at it:   gdviz animate beale --plugin "{file}" -o {name} -o adam
Examine it:   gdviz check "{file}"
"""

from gdviz.formula import sqrt
from gdviz.registry import define


# Facts about the rule: `gdviz cite` prints the source; a preset is a named setting, typed as {name}:preset=careful.
@define("optimizer", title="{title}", source="{title}, unpublished", presets={{"careful": {{"lr": 0.001}}}})
def {name}(x, g, v, t, lr=0.1, beta=0.9, eps=1e-8, correct=True):
    """Steps of the gradient divided by its recent size."""
    # The names in the signature are its contract:
    #   x, g        the current point and the gradient there; also there on request: f (the loss), t (1, 2, 3, …), x0
    #   v           any other name without a default is state: it starts at 0; its new value is returned after x
    #   lr, beta    numbers with a default are hyperparameters: -o {name}:lr=0.05,beta=0.99
    #   correct     True/False or "text" defaults are switches, the only things an `if` may ask about
    # Write plain arithmetic and functions of gdviz.formula (sqrt, exp, sign, where, dot, norm, …): x and g may be
    # single numbers or arrays of a million trajectories.
    v = beta * v + (1 - beta) * g * g
    size = sqrt(v / (1 - beta**t)) if correct else sqrt(v)
    return x - lr * g / (size + eps), v
'''


@dataclasses.dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class OptimizerFacts(StateFacts):
    """What an optimizer may state; None is not stated."""

    slot: int | None = None
    """Its place among the canonical colours, dashes and markers."""
    at: Callable[..., Any] | None = None
    """Where value and gradient are taken, of x, state and options, where that is not x."""
    shown: Callable[..., Any] | None = None
    """What is recorded, evaluated and drawn, of x, state and options, where that is not x."""
    scipy: str | None = None
    """The method of SciPy whose end points it must reach."""
    natural: bool | None = None
    """Whether its own rate is kept on the command line; see Definition.searches_rate."""
    responses: Mapping[str, Mapping[str, Any]] = dataclasses.field(default_factory=dict)
    """Rows of the sheet of responses: options, a tuple of values for the one that is compared."""
    stabilizers: Collection[str] = ()
    """Hyperparameters that only keep a divisor from 0, besides the usual ones."""


@dataclasses.dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class ForeignFacts(OptimizerFacts):
    """What is known of an optimizer of another package; no definition can state it."""

    package: str = ""
    """The package and its version, as in `torch 2.13.0`."""
    spelled: Mapping[str, str] = dataclasses.field(default_factory=dict)
    """Options under the package's own names, and their names here."""
    free: Collection[str] = ()
    """Switches that take any text."""
    check: Callable[[Mapping[str, Any]], None] | None = None
    """Raises UsageError for options that the package refuses."""


def check(definition: Definition) -> None:
    """Raise DefinitionError where signature, facts and what one call answers do not fit together."""
    where = f"optimizer '{definition.name}'"
    if "x" not in definition.inputs:
        raise DefinitionError(f"{where}: its signature must ask for x, the current point")
    options = {**definition.parameters, **definition.switches}
    check_presets(where, definition)
    _check_responses(where, definition)
    check_init(where, definition)
    for fact, function in (("at", definition.at), ("shown", definition.shown)):
        if function and (extra := set(arguments(function)) - {"x", *definition.state, *options}):
            raise DefinitionError(f"{where}: {fact}= asks for '{min(extra)}'; it may ask for x, state and options only")
    if definition.shown and definition.rule != "vector":
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
    result = dry_call(where, definition.function, (), call)
    if result is UNKNOWN:
        return
    _check_count(where, definition, len(result) if isinstance(result, tuple) else 1)


def _check_count(where: str, definition: Definition, count: int) -> None:
    if count != 1 + len(definition.state):
        expected = ", ".join(("x", *definition.state))
        raise DefinitionError(f"{where}: it returns {count} values instead of {1 + len(definition.state)} ({expected})")


def _check_responses(where: str, definition: Definition) -> None:
    """Of each named row: options that there are, and values to compare for at most one of them."""
    options = {**definition.parameters, **definition.switches}
    for row, values in OptimizerFacts.of(definition).responses.items():
        if unknown := set(values) - set(options):
            word = min(unknown)
            raise DefinitionError(f"{where}: response '{row}' sets '{word}'{nearest(word, options)}")
        if len([name for name, value in values.items() if isinstance(value, tuple)]) > 1:
            raise DefinitionError(f"{where}: response '{row}' compares values of more than one hyperparameter")


KIND = Kind(
    name="optimizer",
    place=1,
    facts=OptimizerFacts,
    check=check,
    template=TEMPLATE,
    inputs=frozenset({"x", "g", "f", "t", "steps", "x0", "value", "gradient", "hessian", "random"}),
    is_drawn=True,
    in_libraries=True,
    stabilizers=frozenset({"eps"}),
)
"""Its input `random`, a NumPy generator, is for host rules only."""
