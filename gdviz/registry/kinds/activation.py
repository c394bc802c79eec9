"""An activation: what a neuron answers to the sum z of its inputs; only the value is written."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

from gdviz.errors import DefinitionError
from gdviz.registry.contract import check_formula, check_presets
from gdviz.registry.facts import FormulaFacts, OptionFacts
from gdviz.registry.kind import Kind, choices_told

if TYPE_CHECKING:
    from gdviz.registry.definition import Definition


TEMPLATE = '''"""An activation of my own.

Look at it:   gdviz chart {name} "{name}\'" --plugin "{file}"
Examine it:   gdviz check "{file}"
"""

from gdviz.formula import exp, where
from gdviz.registry import define


@define("activation", title="{title}", source="{title}, unpublished")
def {name}(z, alpha=1.0):
    """The sum itself above 0, an exponential that levels off below."""
    # z is the weighted sum of a neuron's inputs; numbers with a default are options, typed as {name}:alpha=0.5. Only
    # the value is written: the derivative follows from it, so use the functions of gdviz.formula (exp, tanh, abs, max,
    # where, …), not those of math or NumPy. Both branches of where are computed: neither may overflow to what is no
    # number. Where the derived slope is bad, the fact gradient=lambda z, alpha: … gives another.
    return where(z < 0, alpha * (exp(z) - 1), z)
'''


@dataclasses.dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class ActivationFacts(FormulaFacts, OptionFacts):
    """What an activation may state."""


def check(definition: Definition) -> None:
    """Raise DefinitionError where it is no function of z and numbers by default, or answers no number."""
    where = f"activation '{definition.name}'"
    if definition.variables != ("z",):
        asked = ", ".join(definition.variables) or "nothing"
        raise DefinitionError(f"{where}: it must ask for z, the sum of a neuron's inputs, alone, not for {asked}")
    check_formula(where, definition, (0.5,))
    check_presets(where, definition)


KIND = Kind(
    name="activation",
    place=7,
    facts=ActivationFacts,
    check=check,
    template=TEMPLATE,
    is_formula=True,
    listed=choices_told,
)
