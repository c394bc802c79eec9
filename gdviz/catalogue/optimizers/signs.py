"""Methods that ask the gradient for its signs only."""

from math import inf

from gdviz.formula import max, min, sign, where
from gdviz.registry import BELOW_1, define


@define(
    "optimizer",
    title="signSGD",
    aliases=("signsgd", "sign_gd"),
    presets={"optax": {}, "pytorch_optimizer": {}},
    oracle={
        "optax": "optax.sign_sgd(lr)",
        "pytorch_optimizer": "pytorch_optimizer.SignSGD([p], lr=lr, momentum=0.0)",
    },
    source="Bernstein et al. 2018, signSGD: compressed optimisation for non-convex problems, arXiv:1802.04434, "
    "algorithm 1",
)
def sign_sgd(x, g, lr=1e-3):
    """Moves every coordinate by η against the sign of its gradient: diagonals mostly, whatever the slope.

    The step is −η sign(g), and 0 where g = 0.
    """
    return x - lr * sign(g)


@define(
    "optimizer",
    title="Signum",
    limits={"mu": (0.0, BELOW_1)},
    presets={"optax": {}, "pytorch_optimizer": {}},
    oracle={
        "optax": "optax.signum(lr, beta=mu)",
        "pytorch_optimizer": "pytorch_optimizer.SignSGD([p], lr=lr, momentum=mu)",
    },
    source="Bernstein et al. 2018, signSGD: compressed optimisation for non-convex problems, arXiv:1802.04434, "
    "algorithm 2",
)
def signum(x, g, v, lr=1e-3, mu=0.9):
    """signSGD that asks the average of past gradients: single wrong signs do not count.

    v = μ v + (1 − μ) g; the step is −η sign(v).
    """
    v = mu * v + (1 - mu) * g
    return x - lr * sign(v), v


@define(
    "optimizer",
    title="Lion",
    limits={"beta1": (0.0, 1.0), "beta2": (0.0, 1.0)},
    refused={"it never moves; lower one of them": lambda beta1, beta2: beta1 == 1 and beta2 == 1},
    presets={"pytorch_optimizer": {}, "optax": {"weight_decay": 1e-3}},
    oracle={
        "pytorch_optimizer": "pytorch_optimizer.Lion([p], lr=lr, betas=(beta1, beta2), weight_decay=weight_decay)",
        "optax": "optax.lion(lr, b1=beta1, b2=beta2, weight_decay=weight_decay)",
    },
    source="Chen et al. 2023, Symbolic discovery of optimization algorithms, arXiv:2302.06675, algorithm 2",
)
def lion(x, g, m, lr=1e-4, beta1=0.9, beta2=0.99, weight_decay=0.0):
    """Sign of a mixture of momentum and gradient: steps of one length, found by a search over programs.

    The step is −η (sign(β₁ m + (1 − β₁) g) + λ x), and only then m = β₂ m + (1 − β₂) g.
    """
    mixed = beta1 * m + (1 - beta1) * g
    m = beta2 * m + (1 - beta2) * g
    return x - lr * (sign(mixed) + weight_decay * x), m


@define(
    "optimizer",
    title="Rprop",
    aliases=("resilient_propagation", "resilient_backpropagation"),
    init={"size": "lr"},
    presets={"torch": {}},
    oracle={
        "torch": "torch.optim.Rprop([p], lr=lr, etas=(shorten, lengthen), step_sizes=(size_min, size_max))",
    },
    symbols={"shorten": "η⁻", "lengthen": "η⁺"},
    limits=dict.fromkeys(("shorten", "lengthen", "size_min", "size_max"), (0.0, inf)),
    source="Riedmiller & Braun 1993, A direct adaptive method for faster backpropagation learning: the RPROP "
    "algorithm, doi:10.1109/ICNN.1993.298623",
)
def rprop(x, g, before, size, lr=0.01, shorten=0.5, lengthen=1.2, size_min=1e-6, size_max=50.0):
    """Every coordinate has a step size of its own, which grows while its sign stays and is cut when it flips.

    The size Δ begins at η; times `lengthen` where g times the gradient before is > 0, times `shorten` where it is < 0,
    between `size_min` and `size_max`. The step is −Δ sign(g), and none right after a flip, where the
    paper takes the last step back (torch; known as iRprop⁻). Sizes begin at 0.1 in the paper.
    """
    agreement = g * before
    size = size * where(agreement > 0, lengthen, where(agreement < 0, shorten, 1.0))
    size = min(max(size, size_min), size_max)
    g = where(agreement < 0, 0.0, g)
    return x - sign(g) * size, g, size
