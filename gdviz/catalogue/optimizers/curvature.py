"""First-order methods scaled by the diagonal of the Hessian."""

from math import inf

from gdviz.formula import diagonal, max, min, sqrt
from gdviz.registry import define, scalar


@define(
    "optimizer",
    title="Sophia",
    aliases=("sophia_h",),
    presets={"paper": {}},
    limits={"beta2": (0.0, 1.0), "gamma": (0.0, inf), "interval": (1.0, inf)},
    no_oracle="libraries estimate the Hessian's diagonal from random vectors; on a separable landscape, where every "
    "such estimate is exact, steps are compared with pytorch_optimizer's",
    source="Liu et al. 2023, Sophia: a scalable stochastic second-order optimizer for language model pre-training, "
    "arXiv:2305.14342, algorithm 3",
)
def sophia(x, g, hessian, m, h, waited: scalar, lr=1e-2, beta1=0.96, beta2=0.99, gamma=0.01, interval=10.0, eps=1e-12):
    """Momentum divided by the Hessian's diagonal, and cut to ±1: steps of η where curvature is small or negative.

    m = β₁ m + (1 − β₁) g; at steps 1, 1 + k, 1 + 2k … (k being `interval`) h = β₂ h + (1 − β₂) diag H; the step is
    −η m / max(γ h, ε), each coordinate cut to η. The diagonal is exact here, where the paper estimates it; it is
    charged as a Hessian is. The paper's weight decay is a transform here (`decoupled`).
    """
    m = beta1 * m + (1 - beta1) * g
    waited = waited - 1
    if waited < 0.5:
        waited = interval
        h = beta2 * h + (1 - beta2) * diagonal(hessian(x))
    for i in range(len(x)):
        x[i] = x[i] - lr * max(min(m[i] / max(gamma * h[i], eps), 1.0), -1.0)
    return x, m, h, waited


@define(
    "optimizer",
    title="AdaHessian",
    aliases=("ada_hessian",),
    presets={"textbook": {}},
    init={"b1": 1.0, "b2": 1.0},
    no_oracle="libraries estimate the Hessian's diagonal from random vectors; on a separable landscape, where every "
    "such estimate is exact, steps are compared with pytorch_optimizer's",
    source="Yao et al. 2021, ADAHESSIAN: an adaptive second order optimizer for machine learning, arXiv:2006.00719, "
    "algorithm 1",
)
def adahessian(x, g, hessian, m, v, b1: scalar, b2: scalar, lr=0.15, beta1=0.9, beta2=0.999, eps=1e-4):
    """Adam with the Hessian's diagonal in place of the gradient in its denominator.

    m = β₁ m + (1 − β₁) g, v = β₂ v + (1 − β₂) d² with d = diag H, both bias-corrected; the step is −η m̂ / (√v̂ + ε).
    The diagonal is exact here, where the paper estimates it and averages it over neighbouring weights; it is charged as
    a Hessian is. The paper's Hessian power is 1.
    """
    d = diagonal(hessian(x))
    m = beta1 * m + (1 - beta1) * g
    v = beta2 * v + (1 - beta2) * d * d
    b1, b2 = beta1 * b1, beta2 * b2
    return x - lr * (m / (1 - b1)) / (sqrt(v / (1 - b2)) + eps), m, v, b1, b2
