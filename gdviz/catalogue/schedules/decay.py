"""Schedules that only fall."""

from math import inf

from gdviz.formula import cos, exp, floor, pi, power, sqrt
from gdviz.registry import define

NOTES = (
    "Karpathy 2015, CS231n convolutional neural networks for visual recognition: annealing the learning rate, "
    "https://cs231n.github.io/neural-networks-3/"
)


@define(
    "schedule",
    title="Constant",
    aliases=("fixed",),
    limits={"factor": (0.0, 1.0)},
    oracle={
        "optax": "optax.constant_schedule(base * factor)",
        "torch": "torch.optim.lr_scheduler.ConstantLR(optimizer, factor=factor, total_iters=steps)",
    },
    source="Bottou, Curtis & Nocedal 2018, Optimization methods for large-scale machine learning, arXiv:1606.04838, "
    "section 4",
)
def constant(base, factor=1.0):
    """The hyperparameter's own value, or a share of it, for as long as it lasts."""
    return base * factor


@define(
    "schedule",
    title="Step decay",
    aliases=("step_decay", "staircase"),
    symbols={"factor": "K", "every": "n"},
    limits={"factor": (1.0, inf), "every": (1.0, inf)},
    oracle={
        "torch": "torch.optim.lr_scheduler.StepLR(optimizer, step_size=round(every), gamma=1 / factor)",
        "optax": "optax.exponential_decay(base, round(every), 1 / factor, staircase=True)",
    },
    source=NOTES,
)
def step(base, t, factor=10.0, every=100.0):
    """Divided by K every n steps: base · K^−⌊(t − 1)/n⌋."""
    return base * power(factor, -floor((t - 1) / every))


@define(
    "schedule",
    title="Exponential decay",
    aliases=("exponential_decay",),
    limits={"beta": (0.0, inf)},
    oracle={
        "torch": "torch.optim.lr_scheduler.ExponentialLR(optimizer, gamma=math.exp(-beta))",
        "optax": "optax.exponential_decay(base, 1, math.exp(-beta))",
    },
    source=NOTES,
)
def exponential(base, t, beta=0.01):
    """Falls by the same share in every step: base · exp(−β (t − 1))."""
    return base * exp(-beta * (t - 1))


@define(
    "schedule",
    title="Hyperbolic decay",
    aliases=("hyperbolic_decay", "inverse_time"),
    limits={"beta": (0.0, inf)},
    no_oracle="optax has none, torch knows it only as Adagrad's lr_decay, with which a test compares it",
    source="Robbins & Monro 1951, A stochastic approximation method, doi:10.1214/aoms/1177729586",
)
def hyperbolic(base, t, beta=0.01):
    """Falls like one over the step number, which lets noise die out and still gets anywhere: base / (1 + β (t − 1))."""
    return base / (1 + beta * (t - 1))


@define(
    "schedule",
    title="Inverse square root",
    aliases=("inverse_square_root", "inv_sqrt", "rsqrt"),
    symbols={"timescale": "τ"},
    limits={"timescale": (1e-9, inf)},
    no_oracle="neither torch nor optax has it; the formula itself is what a test asks for",
    source="Zinkevich 2003, Online convex programming and generalized infinitesimal gradient ascent, Proceedings of "
    "the 20th International Conference on Machine Learning, 928-936",
)
def inverse_sqrt(base, t, timescale=1.0):
    """Falls like one over the root of the step number: base / √(1 + (t − 1)/τ), which is base / √t at τ = 1."""
    return base / sqrt(1 + (t - 1) / timescale)


@define(
    "schedule",
    title="Polynomial decay",
    aliases=("polynomial_decay", "poly", "linear", "linear_decay"),
    symbols={"exponent": "p"},
    limits={"exponent": (0.0, inf), "end": (0.0, 1.0)},
    oracle={
        "torch": "torch.optim.lr_scheduler.PolynomialLR(optimizer, total_iters=steps, power=exponent)",
        "optax": "optax.polynomial_schedule(base, end * base, exponent, steps)",
    },
    source="Chen, Papandreou, Kokkinos, Murphy & Yuille 2018, DeepLab: semantic image segmentation with deep "
    "convolutional nets, atrous convolution, and fully connected CRFs, arXiv:1606.00915, section 4.1",
)
def polynomial(base, t, steps, exponent=1.0, end=0.0):
    """Falls to the share `end` within its steps along (1 − (t − 1)/steps)^p; a straight line at p = 1."""
    return base * (end + (1 - end) * power(1 - (t - 1) / steps, exponent))


@define(
    "schedule",
    title="Cosine decay",
    aliases=("cosine_decay", "cosine_annealing"),
    limits={"end": (0.0, 1.0)},
    oracle={
        "optax": "optax.cosine_decay_schedule(base, steps, alpha=end)",
        "torch": "torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=steps, eta_min=end * base)",
    },
    source="Loshchilov & Hutter 2017, SGDR: stochastic gradient descent with warm restarts, arXiv:1608.03983",
)
def cosine(base, t, steps, end=0.0):
    """Half a wave of the cosine, slow at first and at last, down to the share `end` within its steps."""
    return base * (end + (1 - end) * 0.5 * (1 + cos(pi * (t - 1) / steps)))
