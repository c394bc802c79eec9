"""Methods whose answer is an average of the points they have been to."""

from math import inf

from gdviz.formula import max, sqrt, where
from gdviz.registry import define, scalar


@define(
    "optimizer",
    title="Averaged GD",
    aliases=("asgd", "polyak_ruppert", "polyak_averaging"),
    limits={"decay": (0.0, inf), "alpha": (0.0, inf)},
    shown=lambda mean: mean,
    presets={"paper": {}, "torch": {"decay": 1e-4, "first": 1e6}},
    oracle={"paper": "torch.optim.ASGD([p], lr=lr, lambd=decay, alpha=alpha, t0=first - 2)"},
    source="Polyak & Juditsky 1992, Acceleration of stochastic approximation by averaging, doi:10.1137/0330046",
)
def averaged_gd(x, g, mean, t, lr=0.01, decay=0.0, alpha=0.75, first=1.0):
    """Gradient descent that is judged by the mean of its points: noise averages out, and so does zigzag.

    x = (1 − d ηₜ) x − ηₜ g, ηₜ = η / (1 + d η (t − 1))^α, d being `decay`; shown is the mean of the points from step
    `first` on, before that the point itself. In torch, which averages from step 10⁶ on, x is what it trains,
    and d and α are its own. The paper's mean of t points counts the start and not the newest one.
    """
    rate = lr / (1 + decay * lr * (t - 1)) ** alpha
    x = (1 - decay * rate) * x - rate * g
    count = max(where(t > 1, t - first + 1, 1.0), 1.0)
    return x, mean + (x - mean) / count


def between(x, z, beta1):
    """Where the schedule-free methods take their gradient."""
    return (1 - beta1) * z + beta1 * x


@define(
    "optimizer",
    title="Schedule-free SGD",
    limits={"beta1": (0.0, 1.0)},
    aliases=("sfsgd", "schedule_free"),
    init={"z": "x0"},
    at=between,
    presets={"pytorch_optimizer": {}, "optax": {}},
    oracle={
        "pytorch_optimizer": "pytorch_optimizer.ScheduleFreeSGD([p], lr=lr, momentum=beta1, weight_decay=weight_decay)",
        "optax": "optax.contrib.schedule_free_sgd(lr, b1=beta1, weight_decay=weight_decay)",
    },
    source="Defazio et al. 2024, The road less scheduled, arXiv:2405.15682, algorithm 1",
)
def schedule_free_sgd(x, g, z, peak: scalar, gathered: scalar, lr=1.0, beta1=0.9, weight_decay=0.0):
    """Gradient descent z and its running mean x; the gradient is asked for between the two, nearer to x.

    y = (1 − β₁) z + β₁ x; z = z − η (g(y) + λ y); x moves towards z by the share 1 / t. Steps count by the square of
    the largest rate so far, so that a warm-up counts less. Both begin at the start; recorded is x. This is the authors'
    code: the share in the paper's equations is 1 / (t + 1), so that the start is averaged too, and its algorithm 1
    weights by the rate of each step, not by the largest so far.
    """
    y = (1 - beta1) * z + beta1 * x
    z = z - lr * (g + weight_decay * y)
    peak = max(peak, lr)
    gathered = gathered + peak * peak
    share = where(gathered > 0, peak * peak / gathered, 0.0)
    return x + share * (z - x), z, peak, gathered


@define(
    "optimizer",
    title="Schedule-free AdamW",
    limits={"beta1": (0.0, 1.0)},
    aliases=("sfadamw", "schedule_free_adam"),
    init={"z": "x0"},
    at=between,
    presets={
        "paper": {},
        "optax": {"correction": "power"},
        "pytorch_optimizer": {"correction": "power", "eps_root": 1e-15},
    },
    oracle={
        "optax": "optax.contrib.schedule_free_adamw(lr, b1=beta1, b2=beta2, eps=eps, weight_decay=weight_decay)",
        "pytorch_optimizer": "pytorch_optimizer.ScheduleFreeAdamW([p], lr=lr, betas=(beta1, beta2), eps=eps, "
        "weight_decay=weight_decay)",
    },
    source="Defazio et al. 2024, The road less scheduled, arXiv:2405.15682, algorithm 1",
)
def schedule_free_adamw(
    x,
    g,
    z,
    v,
    t,
    peak: scalar,
    gathered: scalar,
    lr=2.5e-3,
    beta1=0.9,
    beta2=0.999,
    eps=1e-8,
    eps_root=0.0,
    weight_decay=0.0,
    correction="rate",
):
    """Schedule-free descent along RMS-scaled gradients: AdamW whose momentum is the averaging itself.

    y = (1 − β₁) z + β₁ x, g at y, v = β₂ v + (1 − β₂) g²; z = z − γ (g / (√v + ε) + λ y) with the corrected rate
    γ = η √(1 − β₂ᵗ), which also weights the average: x moves towards z by the share γ² / Σγ². `power` (libraries)
    corrects v instead, z = z − η (g / (√v̂ + ε) + λ y), v̂ = v / (1 − β₂ᵗ), and averages as in schedule-free SGD. The
    paper's warm-up is a schedule of η here. `eps_root` is added under the root (pytorch_optimizer).
    """
    y = (1 - beta1) * z + beta1 * x
    v = beta2 * v + (1 - beta2) * g * g
    if correction == "power":
        scale = sqrt(v / (1 - beta2**t) + eps_root) + eps
        rate = lr
        peak = max(peak, lr)
    else:
        scale = sqrt(v + eps_root) + eps
        rate = lr * sqrt(1 - beta2**t)
        peak = rate
    z = z - rate * (g / scale + weight_decay * y)
    gathered = gathered + peak * peak
    share = where(gathered > 0, peak * peak / gathered, 0.0)
    return x + share * (z - x), z, v, peak, gathered
