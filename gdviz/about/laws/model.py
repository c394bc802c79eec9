"""Laws of models: layers that fit together for any features and outputs, and a name for every parameter."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from gdviz.about.laws.verdict import Verdict
from gdviz.catalogue.lookup import find
from gdviz.objectives.architecture import architecture_of
from gdviz.objectives.initial import initial
from gdviz.registry.definition import Definition
from gdviz.registry.kinds.model import ModelFacts

TRIED = ((1, 1), (2, 1), (3, 1), (2, 4))
"""Features and outputs."""


def laws(definition: Definition) -> Iterator[Verdict]:
    """With each of its presets."""
    facts = ModelFacts.of(definition)
    activation = find("activation", facts.activation)
    initialiser = find("initialiser", facts.initialiser)
    begun = {**initialiser.parameters, **initialiser.switches}
    for preset in (None, *definition.presets):
        called = f" with preset {preset}" if preset else ""
        options = {**definition.parameters, **definition.switches, **definition.presets.get(preset or "", {})}
        made = [
            architecture_of(definition, (), options, (activation, activation.parameters), *counts) for counts in TRIED
        ]
        told = ", ".join("-".join(map(str, network.sizes)) for network in made)
        fits = all(network.sizes[-1] == outputs for network, (_, outputs) in zip(made, TRIED, strict=True))
        yield Verdict(f"layers fit together{called}", fits and all(min(network.sizes) > 0 for network in made), told)
        names = all(len(set(network.names)) == network.dim for network in made)
        yield Verdict(f"a name for every parameter{called}", names, f"{made[-1].dim} of {told.split(', ')[-1]}")
        starts = [initial(network, initialiser, begun, 0, [0]) for network in made]
        finite = all(np.isfinite(start).all() for start in starts)
        yield Verdict(f"can be begun{called}", finite, f"initial weights {initialiser.name}")
