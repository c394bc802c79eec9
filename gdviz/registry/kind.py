"""What a kind of definitions is."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

from gdviz.registry.facts import Facts
from gdviz.registry.vocabulary import LIMITS, WHOLE

if TYPE_CHECKING:
    from gdviz.registry.definition import Definition


def options_told(definition: Definition) -> str:
    """Names of the parameters."""
    return " ".join(definition.parameters)


def nothing_told(definition: Definition) -> Iterable[str]:
    """For kinds whose options say all."""
    return ()


def choices_told(definition: Definition) -> dict[str, Any]:
    """What can be chosen of a definition, for programs."""
    return {
        "switches": {
            name: {"default": default, "choices": list(definition.choices[name])}
            for name, default in definition.switches.items()
        },
        "presets": {name: dict(values) for name, values in definition.presets.items()},
    }


def rule_told(definition: Definition) -> dict[str, Any]:
    """What a rule is and what can be chosen of it, for programs."""
    return {"rule": definition.rule, **choices_told(definition)}


@dataclasses.dataclass(frozen=True, eq=False, kw_only=True)
class Kind:
    """One kind of definitions; its definitions are in the package of its plural, its laws in the module of its name.

    `place` is its place among the kinds, `facts` what its definitions may state, `check` raises DefinitionError for
    one that breaks the contract, `template` is the plugin that `gdviz new` writes, with {name}, {title} and {file}.
    """

    name: str
    place: int
    facts: type[Facts]
    check: Callable[[Definition], None]
    template: str
    inputs: frozenset[str] = frozenset()
    """Names without a default that ask for inputs; others are state."""
    is_formula: bool = False
    """Whether names without a default are variables instead: of a formula only the value is written."""
    has_coordinates: bool = False
    """Whether its variables are coordinates, on which trajectories descend."""
    targets: frozenset[str] = frozenset()
    """Variables that a formula is not derived by."""
    is_variadic: bool = False
    """Whether it may take any number of arguments, as in `*x`."""
    has_scalars: bool = False
    """Whether all state is one number per run."""
    is_drawn: bool = False
    """Whether what is typed after its name may also say how it looks."""
    in_libraries: bool = False
    """Whether other packages have some, which go by LIBRARY:NAME."""
    limits: Mapping[str, tuple[float, float]] = dataclasses.field(default_factory=lambda: LIMITS)
    """Usual bounds of parameters by their names."""
    whole: frozenset[str] = WHOLE
    """Usual names of parameters that count something."""
    stabilizers: frozenset[str] = frozenset()
    """Usual names of parameters that only keep a divisor from 0."""
    told: Callable[[Definition], Iterable[str]] = nothing_told
    """Lines of `gdviz show` about what it states, beside its options."""
    column: Callable[[Definition], str] = options_told
    """What `gdviz list` prints beside a name."""
    listed: Callable[[Definition], dict[str, Any]] = rule_told
    """What `gdviz list --json` tells beside what all definitions have."""

    @property
    def plural(self) -> str:
        """What the package of its definitions and the list of them are called."""
        return f"{self.name}{'es' if self.name.endswith('s') else 's'}"
