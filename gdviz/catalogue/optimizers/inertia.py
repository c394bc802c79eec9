"""Momentum in other mixtures, and with the constants that theory names."""

from math import inf

from gdviz.formula import sqrt
from gdviz.registry import define


@define(
    "optimizer",
    title="QHM",
    aliases=("quasi_hyperbolic_momentum",),
    presets={"paper": {}},
    oracle={"paper": "pytorch_optimizer.QHM([p], lr=lr, momentum=mu, nu=nu)"},
    refused={"it never moves; lower one of them": lambda mu, nu: mu == 1 and nu == 1},
    source="Ma & Yarats 2019, Quasi-hyperbolic momentum and Adam for deep learning, arXiv:1810.06801, section 3",
)
def qhm(x, g, v, lr=1e-3, mu=0.999, nu=0.7):
    """A mixture of gradient descent and averaged gradients: ν = 0 is the one, ν = 1 the other, ν = μ Nesterov's.

    v = μ v + (1 − μ) g; the step is −η ((1 − ν) g + ν v).
    """
    v = mu * v + (1 - mu) * g
    return x - lr * ((1 - nu) * g + nu * v), v


@define(
    "optimizer",
    title="AggMo",
    aliases=("aggregated_momentum",),
    presets={"paper": {}},
    limits=dict.fromkeys(("beta1", "beta2", "beta3"), (0.0, 1.0)),
    oracle={"paper": "pytorch_optimizer.AggMo([p], lr=lr, betas=(beta1, beta2, beta3))"},
    source="Lucas et al. 2019, Aggregated momentum: stability through passive damping, arXiv:1804.00325, section 3",
)
def aggmo(x, g, v1, v2, v3, lr=1e-3, beta1=0.0, beta2=0.9, beta3=0.99):
    """Three balls of different friction share one place: the quick ones damp the swings of the slow one.

    vᵢ = βᵢ vᵢ + g; the step is −η (v₁ + v₂ + v₃) / 3.
    """
    v1 = beta1 * v1 + g
    v2 = beta2 * v2 + g
    v3 = beta3 * v3 + g
    return x - lr * (v1 + v2 + v3) / 3, v1, v2, v3


@define(
    "optimizer",
    title="Optimal heavy ball",
    aliases=("tuned_heavy_ball",),
    presets={"paper": {}},
    oracle={
        "paper": "torch.optim.SGD([p], lr=4 / (steepest**0.5 + flattest**0.5) ** 2, "
        "momentum=((steepest**0.5 - flattest**0.5) / (steepest**0.5 + flattest**0.5)) ** 2)",
    },
    symbols={"flattest": "μ", "steepest": "L"},
    limits={"flattest": (0.0, inf), "steepest": (1e-30, inf)},
    source="Polyak 1964, Some methods of speeding up the convergence of iteration methods, "
    "doi:10.1016/0041-5553(64)90137-5",
)
def optimal_heavy_ball(x, g, v, flattest=1.0, steepest=100.0):
    """Momentum with the best constants for a quadratic whose curvatures lie between μ and L.

    v = β v + g and the step −η v, η = 4 / (√L + √μ)², β = ((√L − √μ) / (√L + √μ))²: errors shrink by
    (√κ − 1) / (√κ + 1) a step, κ = L / μ, where gradient descent's best is (κ − 1) / (κ + 1). No promise beyond
    quadratics.
    """
    width = sqrt(steepest) + sqrt(flattest)
    root = (sqrt(steepest) - sqrt(flattest)) / width
    v = root * root * v + g
    return x - 4 / (width * width) * v, v


@define(
    "optimizer",
    title="Optimal Nesterov",
    aliases=("tuned_nesterov",),
    presets={"textbook": {}},
    oracle={
        "textbook": "torch.optim.SGD([p], lr=1 / steepest, nesterov=True, "
        "momentum=(steepest**0.5 - flattest**0.5) / (steepest**0.5 + flattest**0.5))",
    },
    symbols={"flattest": "μ", "steepest": "L"},
    limits={"flattest": (0.0, inf), "steepest": (1e-30, inf)},
    source="Nesterov 2004, Introductory lectures on convex optimization, section 2.2.1, doi:10.1007/978-1-4419-8853-9",
)
def optimal_nesterov(x, g, v, flattest=1.0, steepest=100.0):
    """Nesterov's method with the constants for landscapes whose curvatures lie between μ and L, quadratic or not.

    v = β v + g and the step −(g + β v) / L, β = (√L − √μ) / (√L + √μ); written for the point looked at.
    """
    ahead = (sqrt(steepest) - sqrt(flattest)) / (sqrt(steepest) + sqrt(flattest))
    v = ahead * v + g
    return x - (g + ahead * v) / steepest, v
