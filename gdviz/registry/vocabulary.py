"""What signatures of definitions may ask for, by their reserved names."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    pass


INPUTS = frozenset({"x", "g", "f", "t", "steps", "x0", "value", "gradient", "hessian", "random"})
"""Names that an optimizer's signature asks its driver for; `random`, a NumPy generator, is for host rules only."""

TRANSFORM_INPUTS = frozenset({"g", "x", "lr", "t", "steps", "dim", "normal", "uniform", "uniform2"})
"""Names that a transform's signature may ask for: `lr` is the optimizer's rate in this step, `dim` the number of
coordinates, `normal`, `uniform` and `uniform2` are one random number per coordinate each."""

SCHEDULE_INPUTS = frozenset({"base", "t", "steps", "f"})
"""Names that a schedule's signature may ask for: `base` is the hyperparameter's own value, `t` and `steps` count from
where the schedule begins and how long it lasts."""

AT_START = "x0"
"""What `init=` says of state that begins as the point where a run starts."""

SIGNAL_INPUTS = frozenset({"i", "uniform"})
"""Names that a signal's signature may ask for: the points 0, 1, 2, … and a random number between 0 and 1 for each."""

INPUTS_OF = {
    "optimizer": INPUTS,
    "transform": TRANSFORM_INPUTS,
    "schedule": SCHEDULE_INPUTS,
    "signal": SIGNAL_INPUTS,
}
"""Names that a signature of each kind may ask for; any other without a default is state."""
