"""Methods that use the curvature of the landscape."""

from gdviz.formula import solve
from gdviz.registry import define


@define(
    "optimizer",
    title="Newton",
    aliases=("newton_raphson",),
    presets={"textbook": {}},
    no_oracle="torch and optax have no exact Newton step; one step solves a quadratic, which a test asks for",
    source="Nocedal & Wright 2006, Numerical Optimization, section 3.3, ISBN 978-0-387-30303-1",
)
def newton(x, g, hessian, lr=1.0):
    """Jumps to where the quadratic model of the landscape is stationary: one step on a quadratic, saddles included.

    The step is −η H⁻¹ g; where the Hessian H is singular there is none, and the run counts as diverged.
    """
    return x - lr * solve(hessian(x), g)
