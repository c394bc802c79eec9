"""Laws of initialisers: finite, of one seed and run alone, and no two neurons alike."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from gdviz.about.laws.verdict import Verdict
from gdviz.catalogue.lookup import find
from gdviz.objectives.architecture import Architecture, architecture_of
from gdviz.objectives.initial import initial
from gdviz.registry.definition import Definition
from gdviz.registry.kinds.model import ModelFacts

RUNS = 20
WIDTHS = (24, 16)


def laws(definition: Definition) -> Iterator[Verdict]:
    """Of networks of two hidden layers, with each of its presets."""
    network = _network()
    for preset in (None, *definition.presets):
        called = f" with preset {preset}" if preset else ""
        options = {**definition.parameters, **definition.switches, **definition.presets.get(preset or "", {})}
        made = initial(network, definition, options, 0, range(RUNS))
        size = float(np.sqrt((made**2).mean()))
        yield Verdict(f"finite{called}", bool(np.isfinite(made).all()), f"{RUNS} networks, weights of about {size:.2g}")
        alone = initial(network, definition, options, 0, [RUNS - 1])
        yield Verdict(f"each run alone as among others{called}", bool((alone[0] == made[-1]).all()), "bit for bit")
        other = initial(network, definition, options, 1, range(RUNS))
        if definition.inputs and {"normal", "uniform"} & set(definition.inputs):
            differ = bool((made[0] != made[1]).any() and (made != other).any())
            yield Verdict(f"another seed or run gives other weights{called}", differ, "seeds 0 and 1, runs 0 and 1")


def _network() -> Architecture:
    model = find("model", "mlp")
    activation = find("activation", ModelFacts.of(model).activation)
    options = {**model.parameters, **model.switches}
    return architecture_of(model, WIDTHS, options, (activation, activation.parameters), 16, 3)
