"""Methods that use the curvature of the landscape."""

from math import inf

from gdviz.catalogue.optimizers.line_search import ROUNDING
from gdviz.formula import abs, dot, eigen, largest, max, norm, solve, sqrt, times
from gdviz.registry import define, scalar


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

    The step is −η H⁻¹ g; where the Hessian H is singular there is none, and the run ends as undefined.
    """
    if norm(g) == 0:
        return x
    return x - lr * solve(hessian(x), g)


@define(
    "optimizer",
    title="Damped Newton",
    aliases=("regularized_newton", "levenberg"),
    presets={"textbook": {}},
    no_oracle="no library has the exact step; without damping it must be Newton's, with much of it gradient descent's",
    source="Goldfeld, Quandt & Trotter 1966, Maximization by quadratic hill-climbing, doi:10.2307/1909768; after "
    "Levenberg 1944, A method for the solution of certain non-linear problems in least squares, doi:10.1090/qam/10666",
)
def damped_newton(x, g, hessian, lr=1.0, damping=1.0):
    """Newton with λ added to every curvature: −η (H + λ I)⁻¹ g lies between Newton's step and the gradient's.

    λ is constant here, where the papers choose it anew at each step. Curvatures well above it are used as they are,
    flat directions are not jumped along, and where λ outweighs the negative curvature of a saddle the step leads away
    from it.
    """
    if norm(g) == 0:
        return x
    return x - lr * solve(hessian(x), g, damping)


@define(
    "optimizer",
    title="Saddle-free Newton",
    aliases=("sfn", "absolute_newton"),
    limits={"least": (0.0, inf)},
    stabilizers=("least",),
    presets={"textbook": {}},
    no_oracle="no library has the exact step; on a bowl it must be Newton's, at a saddle it must leave",
    source="Dauphin et al. 2014, Identifying and attacking the saddle point problem in high-dimensional non-convex "
    "optimization, arXiv:1406.2572",
)
def saddle_free_newton(x, g, hessian, lr=1.0, least=1e-3):
    """Newton with the absolute values of the curvatures: what bends down is descended instead of climbed.

    In the frame of the Hessian's eigenvectors the step is −η gₖ / max(|λₖ|, `least`): saddles push away as strongly as
    minima attract. `least` bounds the step where the landscape is flat; it and the whole frame are ours, the paper
    works in a Krylov subspace.
    """
    curvatures, directions = eigen(hessian(x))
    step = 0.0 * g
    for k in range(len(g)):
        step = step + dot(directions[k], g) / max(abs(curvatures[k]), least) * directions[k]
    return x - lr * step


@define(
    "optimizer",
    title="Trust region",
    aliases=("dogleg", "trust_region_dogleg"),
    presets={"textbook": {}},
    init={"reach": "radius"},
    symbols={"radius": "Δ"},
    limits={"accept": (0.0, 0.25)},
    scipy="trust-exact",
    no_oracle="SciPy's dogleg gives up where H is indefinite; end points and evaluations are compared with those of "
    "its exact method",
    source="Powell 1970, A hybrid method for nonlinear equations; Nocedal & Wright 2006, Numerical Optimization, "
    "algorithm 4.1 and section 4.1, ISBN 978-0-387-30303-1",
)
def trust_region(x, f, g, value, hessian, reach: scalar, radius=1.0, accept=0.15, tries=30.0):
    """Believes the quadratic model within a radius only, and lets the radius follow how well the model foretold.

    Inside the radius the step is Newton's; otherwise it follows the dogleg, straight down the gradient to the model's
    lowest point there and on towards Newton's, to the edge. The radius starts at Δ, becomes a quarter of a step that
    gained less than a quarter of what was foretold, and twice as large after one to the edge that gained three quarters
    (the book: a quarter of the radius, which also has an upper bound); a step that gained less than `accept` of it is
    not taken but tried again, shorter. Where H bends down, enough is added to it that it does not (section 4.1's
    remedy).
    """
    steep = norm(g)
    if steep == 0:
        return x, reach
    H = hessian(x)
    curvatures, _ = eigen(H)
    lowest = -largest(-curvatures)
    shift = 0.0
    if not lowest > 0:
        shift = 1e-3 * max(largest(curvatures), -lowest) - 1.5 * lowest
    jump = -solve(H, g, shift)
    bend = dot(g, times(H, g)) + shift * dot(g, g)
    down = -(reach / steep) * g
    if bend > 0:
        down = -(dot(g, g) / bend) * g
    for _ in range(int(tries)):
        p = jump
        if not norm(jump) <= reach:
            p = -(reach / steep) * g
            if norm(down) < reach:
                leg = jump - down
                a, b, c = dot(leg, leg), dot(down, leg), dot(down, down) - reach * reach
                p = down + (sqrt(b * b - a * c) - b) / a * leg
        foretold = -dot(g, p) - 0.5 * dot(p, times(H, p))
        if foretold <= ROUNDING * abs(f):
            return x + p, reach
        gained = f - value(x + p)
        if not gained >= 0.25 * foretold:
            reach = 0.25 * norm(p)
        elif gained > 0.75 * foretold and norm(p) > 0.99 * reach:
            reach = 2 * reach
        if gained > accept * foretold:
            return x + p, reach
    return x, reach
