"""Methods that gather curvature from the gradients they see."""

from gdviz.catalogue.optimizers.line_search import exact_rate, strong_wolfe
from gdviz.formula import dot, max, norm, times
from gdviz.registry import define, scalar


@define(
    "optimizer",
    title="BFGS",
    aliases=("quasi_newton",),
    presets={"textbook": {}},
    scipy="BFGS",
    no_oracle="no library has the same line search; end points and evaluations are compared with SciPy's, and on a "
    "quadratic dim + 1 steps with exact search must do",
    source="Broyden 1970, The convergence of a class of double-rank minimization algorithms, "
    "doi:10.1093/imamat/6.1.76; Fletcher 1970, A new approach to variable metric algorithms, "
    "doi:10.1093/comjnl/13.3.317; Goldfarb 1970, A family of variable-metric methods derived by variational means, "
    "doi:10.1090/S0025-5718-1970-0258249-6; Shanno 1970, Conditioning of quasi-Newton methods for function "
    "minimization, doi:10.1090/S0025-5718-1970-0274029-X; Nocedal & Wright 2006, Numerical Optimization, "
    "algorithm 6.1, ISBN 978-0-387-30303-1",
)
def bfgs(x, f, g, value, gradient, H: "dim,dim", lr=1.0, c1=1e-4, c2=0.9, tries=20.0, search="wolfe"):
    """Newton without second derivatives: what the gradient changes along each step fills in the inverse Hessian.

    The step is −a H g with a from a search that tries η first (at the very first step a length of η at most); then
    H becomes (I − s yᵀ/sᵀy) H (I − y sᵀ/sᵀy) + s sᵀ/sᵀy for the step s and the change y of the gradient. H starts as
    the identity, which the first pair scales by sᵀy/yᵀy, and starts anew where its direction does not go down or
    sᵀy ≤ 0, which the book rules out.
    """
    p = -times(H, g)
    slope = dot(p, g)
    rate = lr
    fresh = False
    if not slope < 0:
        fresh = True
        for i in range(len(x)):
            for j in range(len(x)):
                H[i, j] = 0
            H[i, i] = 1
        p = -g
        slope = -dot(g, g)
        rate = lr / max(norm(g), 1.0)
        if not slope < 0:
            return x, H
    if search == "exact":
        rate = exact_rate(gradient, x, p, slope, rate, tries)
    else:
        rate = strong_wolfe(value, gradient, x, p, f, slope, rate, c1, c2, tries)
    s = rate * p
    y = gradient(x + s) - g
    gain = dot(s, y)
    if gain > 0:
        if fresh:
            H = gain / dot(y, y) * H
        u = times(H, y)
        weight = 1 + dot(y, u) / gain
        for i in range(len(x)):
            for j in range(len(x)):
                H[i, j] = H[i, j] + (weight * s[i] * s[j] - u[i] * s[j] - s[i] * u[j]) / gain
    else:
        H = 0 * H
    return x + s, H


@define(
    "optimizer",
    title="L-BFGS",
    aliases=("limited_memory_bfgs", "l_bfgs"),
    presets={"textbook": {}},
    symbols={"memory": "m"},
    scipy="L-BFGS-B",
    no_oracle="no library has the same line search; end points and evaluations are compared with SciPy's, and its "
    "directions with those of the matrix that its pairs stand for",
    source="Nocedal 1980, Updating quasi-Newton matrices with limited storage, doi:10.1090/S0025-5718-1980-0572855-7; "
    "Nocedal & Wright 2006, Numerical Optimization, algorithms 7.4 and 7.5, ISBN 978-0-387-30303-1",
)
def lbfgs(
    x, f, g, value, gradient, S: "memory,dim", Y: "memory,dim", pairs: scalar,
    lr=1.0, memory=10.0, c1=1e-4, c2=0.9, tries=20.0,
):  # fmt: skip
    """BFGS that keeps the last m steps and changes of the gradient instead of a matrix: 2 m n numbers, not n².

    The two loops over the pairs (s, y) apply the matrix they stand for to the gradient, from the newest to the oldest
    and back; in between the identity is scaled by the newest sᵀy/yᵀy. A pair with sᵀy ≤ 0 makes it begin anew.
    """
    count = int(pairs)
    m = len(S)
    q = 1.0 * g
    weights = 0.0 * S[:, 0]
    for k in range(m):
        if k < count:
            i = int(count - 1 - k) % m
            weights[i] = dot(S[i], q) / dot(S[i], Y[i])
            q = q - weights[i] * Y[i]
    if count > 0:
        i = int(count - 1) % m
        q = dot(S[i], Y[i]) / dot(Y[i], Y[i]) * q
    for k in range(m):
        if m - k <= count:
            i = int(count - m + k) % m
            q = q + (weights[i] - dot(Y[i], q) / dot(S[i], Y[i])) * S[i]
    p = -q
    slope = dot(p, g)
    rate = lr
    if count == 0 or not slope < 0:
        pairs = 0.0
        p = -g
        slope = -dot(g, g)
        rate = lr / max(norm(g), 1.0)
        if not slope < 0:
            return x, S, Y, pairs
    rate = strong_wolfe(value, gradient, x, p, f, slope, rate, c1, c2, tries)
    s = rate * p
    y = gradient(x + s) - g
    if dot(s, y) > 0:
        i = int(pairs) % m
        S[i] = s
        Y[i] = y
        pairs = pairs + 1
    else:
        pairs = 0.0
    return x + s, S, Y, pairs
