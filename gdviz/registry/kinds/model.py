"""A model: a chain of dense layers, told by how many neurons its hidden ones have."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Collection, Iterator, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from gdviz.errors import DefinitionError, nearest
from gdviz.registry.contract import arguments, check_presets, dry_call
from gdviz.registry.facts import OptionFacts
from gdviz.registry.kind import Kind, choices_told
from gdviz.registry.vocabulary import TASKS

if TYPE_CHECKING:
    from gdviz.registry.definition import Definition


TEMPLATE = '''"""A model of my own.

Look at it:   gdviz train {name} --data moons --plugin "{file}"
Examine it:   gdviz check "{file}"
"""

from gdviz.registry import define


# Facts: the tasks that it suits, and the activation of its hidden layers and the initial weights where none are named.
@define(
    "model",
    title="{title}",
    tasks=("regression", "binary", "classes"),
    activation="tanh",
    initialiser="xavier",
    source="{title}, unpublished",
)
def {name}(features, outputs, width=32, depth=3, bias=True):
    """A funnel: each hidden layer has half the neurons of the one before."""
    # features and outputs are how many numbers go into the network and come out. Return how many neurons the hidden
    # layers have, a tuple; an empty one is a model without any. Numbers with a default are options, typed as
    # {name}:width=64,depth=2; *widths in the signature takes what is typed as {name}:64,32. bias says whether layers
    # have biases: a model without this switch has them.
    return tuple(max(1, int(width) // 2**layer) for layer in range(int(depth)))
'''

INPUTS = frozenset({"features", "outputs"})
"""What a model may ask for: how many numbers go into the network, and how many come out."""

LIMITS: Mapping[str, tuple[float, float]] = MappingProxyType(
    {"width": (1.0, 1e5), "depth": (1.0, 1000.0), "degree": (1.0, 20.0)}
)
"""Least and largest value of what models usually call so, both allowed."""

WHOLE = frozenset(("width", "depth", "degree"))
"""What counts something."""


@dataclasses.dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class ModelFacts(OptionFacts):
    """What a model may state; None is not stated."""

    tasks: Collection[str] = ()
    """What it suits, of TASKS."""
    activation: str = "tanh"
    """That of hidden layers where nobody names one."""
    initialiser: str = "xavier"
    """That of all layers where nobody names one."""
    expand: Callable[..., Any] | None = None
    """What the network sees of x, one feature of many samples, and of options: a tuple of columns in place of one."""
    scale: Callable[..., Any] | None = None
    """What the sums of a layer are multiplied by, of its fan_in and whether it is the `last`, where that is not 1."""


def check(definition: Definition) -> None:
    """Raise DefinitionError where it asks for what there is not, states no tasks, or answers no widths."""
    where = f"model '{definition.name}'"
    facts = ModelFacts.of(definition)
    if definition.inputs != ("features", "outputs") or definition.state:
        raise DefinitionError(f"{where}: it must ask for features and outputs, in this order, and for nothing else")
    if not facts.tasks:
        raise DefinitionError(f"{where}: tasks= must say what it suits: {', '.join(TASKS)}")
    if unknown := set(facts.tasks) - set(TASKS):
        raise DefinitionError(f"{where}: there is no task '{min(unknown)}'{nearest(min(unknown), TASKS)}")
    check_presets(where, definition)
    options = {**definition.parameters, **definition.switches}
    allowed = {"expand": {"x", *options}, "scale": {"fan_in", "last", *options}}
    for fact, names in allowed.items():
        function = getattr(facts, fact)
        if function and (extra := set(arguments(function)) - names):
            known = ", ".join(sorted(names))
            raise DefinitionError(f"{where}: {fact}= asks for '{min(extra)}'; it may ask for {known}")
    result = dry_call(where, definition.function, (2, 1), {})
    if not isinstance(result, tuple) or any(not isinstance(width, int) or width < 1 for width in result):
        raise DefinitionError(
            f"{where}: it must return how many neurons its hidden layers have, a tuple of whole numbers above 0, not "
            f"{result!r:.60}"
        )


def told(definition: Definition) -> Iterator[str]:
    """What `gdviz show` says beside the options."""
    facts = ModelFacts.of(definition)
    yield f"suits {', '.join(facts.tasks)}"
    if definition.variadic or definition.function(2, 1):
        yield f"activation {facts.activation}, where none is named"
    yield f"initial weights {facts.initialiser}, where none are named"
    if definition.variadic:
        yield f"typed with the widths of its hidden layers, as in {definition.name}:64,64"


KIND = Kind(
    name="model",
    place=6,
    facts=ModelFacts,
    check=check,
    template=TEMPLATE,
    inputs=INPUTS,
    is_variadic=True,
    limits=LIMITS,
    whole=WHOLE,
    told=told,
    listed=lambda definition: {"tasks": list(ModelFacts.of(definition).tasks), **choices_told(definition)},
)
"""A model `features, outputs, *widths` is told how many neurons its hidden layers have."""
