"""Methods that try several step sizes before they move."""

from gdviz.formula import dot
from gdviz.registry import define


@define(
    "optimizer",
    title="GD with Armijo search",
    aliases=("backtracking", "line_search"),
    presets={"textbook": {}},
    limits={"decrease": (0.0, 1.0), "shrink": (0.0, 1.0), "tries": (1.0, 1000.0)},
    no_oracle="torch and optax search with other conditions; the condition itself is what a test asks for",
    source="Armijo 1966, Minimization of functions having Lipschitz continuous first partial derivatives, "
    "doi:10.2140/pjm.1966.16.1",
)
def armijo(x, f, g, value, lr=1.0, decrease=1e-4, shrink=0.5, tries=30.0):
    """Gradient descent that shortens its step until the loss falls enough: no rate to choose, each try is charged.

    From η on, the rate is multiplied by `shrink` until f(x − η g) ≤ f − c η |g|², c being `decrease`; after `tries`
    tries it is taken as it is.
    """
    rate = lr
    for _ in range(int(tries)):
        if value(x - rate * g) <= f - decrease * rate * dot(g, g):
            break
        rate = shrink * rate
    return x - rate * g
