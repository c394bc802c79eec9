"""A loss: what one prediction costs beside its target; only the value is written."""

from __future__ import annotations

import dataclasses
from collections.abc import Collection
from typing import TYPE_CHECKING

from gdviz.errors import DefinitionError, nearest
from gdviz.registry.contract import check_formula, check_presets
from gdviz.registry.facts import FormulaFacts, OptionFacts
from gdviz.registry.kind import Kind, choices_told
from gdviz.registry.vocabulary import LINKS, TASKS

if TYPE_CHECKING:
    from gdviz.registry.definition import Definition


TEMPLATE = '''"""A loss of my own.

Look at it:   gdviz chart {name} "{name}\'" --plugin "{file}"
Examine it:   gdviz check "{file}"
"""

from gdviz.formula import abs, exp, log, log1p
from gdviz.registry import define


# Facts: the tasks that it suits ("regression", "binary", "classes"), and of a loss whose predictions are logits the
# link that makes probabilities of them ("sigmoid", "softmax").
@define("loss", title="{title}", tasks=("regression",), source="{title}, unpublished")
def {name}(p, y, scale=1.0):
    """The square of small errors, the size of large ones, with nothing abrupt between."""
    # p is one prediction and y its target (of two classes 0 or 1); numbers with a default are options, typed as
    # {name}:scale=2. What a run descends is the mean over all samples. Only the value is written: the derivative by p
    # follows from it, so use the functions of gdviz.formula (abs, max, exp, log1p, where, …). A loss that sees all
    # outputs of a network at once is written def {name}(*z, y): y is then the number of the class.
    error = abs(p - y) / scale
    return scale * (error + log1p(exp(-2 * error)) - log(2))
'''


@dataclasses.dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class LossFacts(FormulaFacts, OptionFacts):
    """What a loss may state."""

    tasks: Collection[str] = ()
    """What it suits, of TASKS."""
    usual: str = ""
    """The task that it is taken for where nobody names a loss."""
    link: str = ""
    """What makes probabilities of predictions that are logits, of LINKS; empty where they are no logits."""
    boundary: float = 0.5
    """Of two classes, the prediction above which it is the second."""


def check(definition: Definition) -> None:
    """Raise DefinitionError where it is no function of predictions and a target, or its facts are none."""
    where = f"loss '{definition.name}'"
    facts = LossFacts.of(definition)
    if definition.variables != (("y",) if definition.variadic else ("p", "y")):
        raise DefinitionError(
            f"{where}: it must ask for p and y, a prediction and its target, or for *z and y, all outputs and the "
            "number of the class"
        )
    if not facts.tasks:
        raise DefinitionError(f"{where}: tasks= must say what it suits: {', '.join(TASKS)}")
    for task in (*facts.tasks, *filter(None, [facts.usual])):
        if task not in TASKS:
            raise DefinitionError(f"{where}: there is no task '{task}'{nearest(task, TASKS)}")
    if facts.link and facts.link not in LINKS:
        raise DefinitionError(f"{where}: there is no link '{facts.link}'{nearest(facts.link, LINKS)}")
    check_formula(where, definition, (0.5, -0.5) if definition.variadic else (0.5,))
    check_presets(where, definition)


def _told(definition: Definition) -> list[str]:
    facts = LossFacts.of(definition)
    usual = f", and taken for {facts.usual} where no loss is named" if facts.usual else ""
    lines = [f"suits {', '.join(facts.tasks)}{usual}"]
    if facts.link:
        lines.append(f"predictions are logits; {facts.link} makes probabilities of them")
    if definition.variadic:
        lines.append("sees all outputs of a network at once; y is the number of the class, from 0")
    return lines


KIND = Kind(
    name="loss",
    place=8,
    facts=LossFacts,
    check=check,
    template=TEMPLATE,
    is_formula=True,
    is_variadic=True,
    targets=frozenset({"y"}),
    told=_told,
    listed=lambda definition: {
        "tasks": list(LossFacts.of(definition).tasks),
        "link": LossFacts.of(definition).link,
        **choices_told(definition),
    },
)
"""A loss `*z, y` sees all outputs of a network at once."""
