"""Acceleration whose momentum grows with the step number, as the theory of convex landscapes has it."""

from gdviz.formula import dot, where
from gdviz.registry import define, scalar


def extrapolated(x, before, count):
    """Where the accelerated methods take their gradient: ahead by a growing share of the last step."""
    return x + (count - 1) / (count + 2) * (x - before)


@define(
    "optimizer",
    title="Accelerated GD",
    aliases=("fista", "accelerated_gradient"),
    init={"before": "x0", "count": 1.0},
    at=extrapolated,
    presets={"textbook": {}, "restarted": {"restart": True}},
    no_oracle="torch, optax and pytorch_optimizer keep their momentum constant; a test asks for the bound that the "
    "method is known for",
    source="Nesterov 1983, A method of solving a convex programming problem with convergence rate O(1/k²), Soviet "
    "Mathematics Doklady 27, 372-376; momentum of Su, Boyd & Candès 2016, A differential equation for modeling "
    "Nesterov's accelerated gradient method: theory and insights, arXiv:1503.01243; O'Donoghue & Candès 2015, "
    "Adaptive restart for accelerated gradient schemes, doi:10.1007/s10208-013-9150-3",
)
def accelerated_gd(x, g, before, count: scalar, lr=1e-3, restart=False):
    """Nesterov's method for convex landscapes: momentum (k − 1) / (k + 2) in step k, ever nearer to 1.

    y = x + (k − 1) / (k + 2) (x − x before), g at y; x = y − η g. With η ≤ 1 / L the loss is within 2 |x₀ − x*|² /
    (η (k + 1)²) of the lowest. With `restart` k begins again at 1 after a step that went uphill, g·(x − x before) > 0,
    which takes the slow swings out.
    """
    y = x + (count - 1) / (count + 2) * (x - before)
    moved = y - lr * g
    count = count + 1
    if restart:
        count = where(dot(g, moved - x) > 0, 1.0, count)
    return moved, x, count
