"""A schedule: from a hyperparameter's own value and the step to its value in that step."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from gdviz.errors import DefinitionError
from gdviz.registry.contract import UNKNOWN, check_init, check_presets, dry_call, start_of
from gdviz.registry.facts import StateFacts
from gdviz.registry.kind import Kind

if TYPE_CHECKING:
    from gdviz.registry.definition import Definition


TEMPLATE = '''"""A schedule of my own.

Look at it:   gdviz animate beale -o adam --plugin "{file}" --schedule lr={name} --panel lr
Examine it:   gdviz check "{file}"
"""

from gdviz.formula import cos, pi
from gdviz.registry import define


@define(
    "schedule",
    title="{title}",
    no_oracle="unpublished; there is nothing to compare it with",
    source="{title}, unpublished",
)
def {name}(base, t, steps, waves=3.0):
    """Falls to nothing in waves."""
    # base is the hyperparameter's own value, t the step (1, 2, 3, …) and steps how long the schedule lasts; t and base
    # may be arrays, so use the functions of gdviz.formula. Return the value of step t. Numbers with a default are
    # options: --schedule lr={name}:waves=5. A schedule that asks for f, the loss of step t, may keep state, as rules
    # of optimizers do.
    return base * (1 - (t - 1) / steps) * (0.6 + 0.4 * cos(2 * pi * waves * (t - 1) / steps))
'''


@dataclasses.dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class ScheduleFacts(StateFacts):
    """What a schedule may state."""

    unmoved: Mapping[str, Callable[..., Any]] = dataclasses.field(default_factory=dict)
    """Why one that asks for f left its hyperparameter as it was, to a function of the losses that knows it."""


def check(definition: Definition) -> None:
    """Raise DefinitionError where it does not ask for its base, or answers something else than value and state."""
    where = f"schedule '{definition.name}'"
    if "base" not in definition.inputs:
        raise DefinitionError(f"{where}: its signature must ask for base, the hyperparameter's own value")
    if definition.state and "f" not in definition.inputs:
        raise DefinitionError(
            f"{where}: '{definition.state[0]}' has no default, so it is state, which only a schedule of f may keep"
        )
    if "steps" in definition.parameters:
        raise DefinitionError(f"{where}: 'steps' is how long every schedule lasts; give it no default")
    check_presets(where, definition)
    check_init(where, definition)
    given = {"base": 0.5, "t": 1.0, "steps": 10.0, "f": 0.5}
    call = {name: given[name] for name in definition.inputs} | {
        name: start_of(definition, name) for name in definition.state
    }
    result = dry_call(where, definition.function, (), call)
    if result is UNKNOWN:
        return
    count = len(result) if isinstance(result, tuple) else 1
    if count != 1 + len(definition.state):
        expected = ", ".join(("value", *definition.state))
        raise DefinitionError(f"{where}: it returns {count} values instead of {1 + len(definition.state)} ({expected})")


KIND = Kind(
    name="schedule",
    place=3,
    facts=ScheduleFacts,
    check=check,
    template=TEMPLATE,
    inputs=frozenset({"base", "t", "steps", "f"}),
    has_scalars=True,
)
"""Of its inputs `base` is the hyperparameter's own value; `t` and `steps` count from where the schedule begins."""
