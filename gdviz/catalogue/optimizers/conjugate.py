"""Methods that keep their directions from undoing one another."""

from gdviz.catalogue.optimizers.line_search import exact_rate, first_rate, strong_wolfe
from gdviz.formula import dot, max
from gdviz.registry import define, scalar


@define(
    "optimizer",
    title="Conjugate gradient",
    aliases=("cg", "nlcg", "nonlinear_cg", "polak_ribiere"),
    presets={"textbook": {}, "fletcher_reeves": {"form": "fr"}, "polak_ribiere": {"form": "pr+"}},
    scipy="CG",
    no_oracle="no library has the same line search; end points and evaluations are compared with SciPy's, and on a "
    "quadratic dim steps with exact search must do",
    source="Fletcher & Reeves 1964, Function minimization by conjugate gradients, doi:10.1093/comjnl/7.2.149; Polak & "
    "Ribière 1969, Note sur la convergence de méthodes de directions conjuguées, doi:10.1051/m2an/196903R100351; "
    "Nocedal & Wright 2006, Numerical Optimization, algorithm 5.4, ISBN 978-0-387-30303-1",
)
def conjugate_gradient(
    x, f, g, value, gradient, p, g_last, rate: scalar, t,
    lr=1.0, c1=1e-4, c2=0.1, tries=20.0, form="pr+", search="wolfe",
):  # fmt: skip
    """Bends each downhill direction by the last one, so that progress along that one is not undone.

    p = −g + β p with β = |g|² / |g₋₁|² in the form `fr` and max(g·(g − g₋₁) / |g₋₁|², 0) in the form `pr+`, which
    forgets the past by itself where it misleads; then a search along p for the strong Wolfe conditions, or for the
    lowest point (`exact`). Where p does not go down it begins anew with −g, which the papers do not say. On a quadratic
    of n coordinates exact search needs n steps.
    """
    size = dot(g_last, g_last)
    beta = 0.0
    if t > 1 and size > 0:
        if form == "fr":
            beta = dot(g, g) / size
        else:
            beta = max(dot(g, g - g_last) / size, 0.0)
    p = beta * p - g
    slope = dot(p, g)
    if not slope < 0:
        p = -g
        slope = -dot(g, g)
    rate = first_rate(rate, p, lr)
    if search == "exact":
        rate = exact_rate(gradient, x, p, slope, rate, tries)
    else:
        rate = strong_wolfe(value, gradient, x, p, f, slope, rate, c1, c2, tries)
    return x + rate * p, p, g, rate
