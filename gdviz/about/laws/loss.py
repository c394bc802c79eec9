"""Laws of losses: finite far out, slopes that agree with differences, and a way down to the target."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from gdviz.about.laws.pair import agreement, finite
from gdviz.about.laws.verdict import POINTS, Verdict
from gdviz.objectives.pairs import pair
from gdviz.registry.definition import Definition
from gdviz.registry.kinds.loss import LossFacts
from gdviz.registry.vocabulary import REGRESSION

FAR = 1000.0
"""How far out predictions are tried."""
OUTPUTS = 4
"""Of a loss that sees all of them."""
SEED = 7


def laws(definition: Definition) -> Iterator[Verdict]:
    """At random predictions, half of them within 8 of 0, and targets as its tasks have them."""
    made = pair(definition, OUTPUTS)
    random = np.random.default_rng(SEED)
    reach = np.where(np.arange(POINTS) % 2, FAR, 8.0)
    z = random.uniform(-1, 1, (len(made.slopes), POINTS)) * reach
    numbers = REGRESSION in LossFacts.of(definition).tasks
    y = random.normal(size=POINTS) if numbers else random.integers(0, max(2, len(z)), POINTS).astype(float)
    yield finite(made, z, y)
    yield agreement(made, z, y)

    ask = made.python("float64")
    if numbers:
        better, worse = ask(y, y)[0], ask(z[0], y)[0]
        said = "no prediction costs less than the target itself"
    else:
        nearer = z.copy()
        nearer[y.astype(int) if len(z) > 1 else 0, np.arange(POINTS)] += 1.0 if len(z) > 1 else 2 * y - 1
        better, worse = (ask(one if definition.variadic else one[0], y)[0] for one in (nearer, z))
        said = "1 nearer to the right class costs no more"
    rise = float((better - worse).max())
    yield Verdict("falls towards the target", rise <= 0, said if rise <= 0 else f"rises by {rise:.2g}")
