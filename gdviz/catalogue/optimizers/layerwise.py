"""Methods that scale a whole layer's step by the length of its weights; here all coordinates are one layer."""

from math import inf

from gdviz.formula import norm, sqrt, where
from gdviz.registry import define


@define(
    "optimizer",
    title="LARS",
    limits={"trust": (0.0, inf)},
    presets={"paper": {}, "optax": {"lengths": "joint"}},
    oracle={
        "paper": "pytorch_optimizer.LARS([p], lr=lr, momentum=mu, trust_coefficient=trust, weight_decay=weight_decay)",
        "optax": "optax.lars(lr, weight_decay=weight_decay, trust_coefficient=trust, momentum=mu)",
    },
    source="You, Gitman & Ginsburg 2017, Large batch training of convolutional networks, arXiv:1708.03888, algorithm 1",
)
def lars(x, g, v, lr=1e-3, mu=0.9, trust=1e-3, weight_decay=0.0, lengths="sum"):
    """Momentum whose steps are a fixed share of the distance to the origin, however steep the landscape is.

    c = q |x| / (|g| + λ |x|), q being `trust`, and 1 where that has no sense (libraries); v = μ v + η c (g + λ x); the
    step is −v. With `lengths` = joint the divisor is |g + λ x| (optax).
    """
    pull = g + weight_decay * x
    if lengths == "joint":
        length = norm(pull)
    else:
        length = norm(g) + weight_decay * norm(x)
    ratio = where((norm(x) > 0) & (length > 0), trust * norm(x) / length, 1.0)
    v = mu * v + lr * ratio * pull
    return x - v, v


@define(
    "optimizer",
    title="LAMB",
    presets={"optax": {}},
    oracle={"optax": "optax.lamb(lr, b1=beta1, b2=beta2, eps=eps, weight_decay=weight_decay)"},
    source="You et al. 2020, Large batch optimization for deep learning: training BERT in 76 minutes, "
    "arXiv:1904.00962, algorithm 2",
)
def lamb(x, g, m, v, t, lr=1e-3, beta1=0.9, beta2=0.999, eps=1e-6, weight_decay=0.0):
    """Adam whose steps are a fixed share, η, of the distance to the origin.

    u = m̂ / (√v̂ + ε) + λ x as in AdamW; the step is −η |x| / |u| · u, and −η u where one of the lengths is 0 (optax).
    The paper's φ, which may bound |x|, is left out.
    """
    m = beta1 * m + (1 - beta1) * g
    v = beta2 * v + (1 - beta2) * g * g
    u = (m / (1 - beta1**t)) / (sqrt(v / (1 - beta2**t)) + eps) + weight_decay * x
    ratio = where((norm(x) > 0) & (norm(u) > 0), norm(x) / norm(u), 1.0)
    return x - lr * ratio * u, m, v
