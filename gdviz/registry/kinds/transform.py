"""A transform: from the gradient to a changed one, or a move beside the step."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gdviz.errors import DefinitionError
from gdviz.registry.contract import check_presets, dry_call
from gdviz.registry.facts import OptionFacts
from gdviz.registry.kind import Kind

if TYPE_CHECKING:
    from gdviz.registry.definition import Definition


TEMPLATE = '''"""A gradient transform of my own.

Look at it:   gdviz animate beale --plugin "{file}" --transform {name}:scale=0.5
Examine it:   gdviz check "{file}"
"""

from gdviz.formula import abs, sign
from gdviz.registry import define


@define("transform", title="{title}", source="{title}, unpublished")
def {name}(g, normal, scale=0.1):
    """Noise that grows with the gradient but never turns its sign."""
    # g is the gradient of one coordinate; also there on request: t (1, 2, 3, …), steps, and one random number per
    # coordinate, trajectory and step: normal (mean 0, variance 1) or uniform (between 0 and 1). The same --seed gives
    # the same numbers. Return the changed gradient; numbers with a default are options: --transform {name}:scale=0.5
    return sign(g) * abs(g + scale * g * normal)
'''

INPUTS = frozenset({"g", "x", "lr", "t", "steps", "dim", "normal", "uniform", "uniform2"})
"""What a transform may ask for: `lr` is the optimizer's rate in this step, `dim` the number of coordinates, `normal`,
`uniform` and `uniform2` are one random number per coordinate each."""


def check(definition: Definition) -> None:
    """Raise DefinitionError where it asks for what there is not, or answers no gradient and no move."""
    where = f"transform '{definition.name}'"
    if not {"g", "x"} & set(definition.inputs):
        raise DefinitionError(f"{where}: its signature must ask for g, the gradient, or for x, the point")
    check_presets(where, definition)
    if unknown := (set(definition.inputs) - INPUTS) | set(definition.state):
        raise DefinitionError(f"{where}: it may ask for {', '.join(sorted(INPUTS))}, not {min(unknown)}")
    given = {"g": 0.5, "x": 0.5, "lr": 0.1, "t": 1, "steps": 10, "dim": 2}
    given |= {"normal": 0.3, "uniform": 0.3, "uniform2": 0.6}
    result = dry_call(where, definition.function, (), {name: given[name] for name in definition.inputs})
    if isinstance(result, tuple) or result is None:
        raise DefinitionError(f"{where}: it must return one gradient or move, not {type(result).__name__}")


KIND = Kind(name="transform", place=2, facts=OptionFacts, check=check, template=TEMPLATE, inputs=INPUTS)
