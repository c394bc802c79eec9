"""Schedules that rise again."""

from math import inf

from gdviz.formula import abs, cos, floor, log, max, min, pi, power, where
from gdviz.registry import define


@define(
    "schedule",
    title="Cosine with warm restarts",
    aliases=("sgdr", "cosine_restarts", "cosine_warm_restarts"),
    limits={"period": (1.0, inf), "growth": (1.0, inf), "end": (0.0, 1.0)},
    symbols={"period": "T"},
    oracle={
        "torch": "torch.optim.lr_scheduler.CosineAnnealingWarmRestarts("
        "optimizer, T_0=round(period), T_mult=round(growth), eta_min=end * base)",
    },
    source="Loshchilov & Hutter 2017, SGDR: stochastic gradient descent with warm restarts, arXiv:1608.03983",
)
def warm_restarts(base, t, period=50.0, growth=1.0, end=0.0):
    """Cosine decay that begins anew after every period; `growth` times as long is each period as the one before."""
    since = t - 1
    ratio = where(growth > 1, growth, 2.0)
    # Where a period just ends, the quotient of logarithms may be an ulp below the whole number that it is.
    turn = floor(log(since / period * (ratio - 1) + 1) / log(ratio) + 1e-9)
    length = where(growth > 1, period * power(ratio, turn), period)
    begun = where(growth > 1, (length - period) / (ratio - 1), period * floor(since / period))
    return base * (end + (1 - end) * 0.5 * (1 + cos(pi * (since - begun) / length)))


@define(
    "schedule",
    title="Triangular",
    aliases=("cyclic", "clr"),
    limits={"period": (2.0, inf), "low": (0.0, 1.0), "shrink": (0.0, 1.0)},
    symbols={"period": "T"},
    oracle={
        "torch": "torch.optim.lr_scheduler.CyclicLR(optimizer, low * base, base, step_size_up=round(period) / 2, "
        "mode='exp_range', scale_mode='cycle', scale_fn=lambda cycle: shrink ** (cycle - 1), cycle_momentum=False)",
    },
    source="Smith 2017, Cyclical learning rates for training neural networks, arXiv:1506.01186",
)
def triangular(base, t, period=100.0, low=0.1, shrink=1.0, first="low"):
    """Up and down between the share `low` and the whole, evenly; the rise is `shrink` times as high in every period.

    `first` says where it begins; from `high` it is what a momentum does beside a rate that begins low.
    """
    since = (t - 1) / period
    turn = floor(since)
    height = 1 - abs(2 * (since - turn) - 1)
    if first == "high":
        height = 1 - height
    return base * (low + (1 - low) * height * power(shrink, turn))


@define(
    "schedule",
    title="One cycle",
    aliases=("onecycle", "1cycle"),
    limits={"rise": (0.0, 1.0), "start": (0.0, 1.0), "end": (0.0, 1.0)},
    oracle={
        "torch": "torch.optim.lr_scheduler.OneCycleLR(optimizer, max_lr=base, total_steps=steps, pct_start=rise, "
        "div_factor=1 / start, final_div_factor=start / end, cycle_momentum=False, "
        "anneal_strategy={'cosine': 'cos'}.get(shape, shape))",
    },
    source="Smith & Topin 2019, Super-convergence: very fast training of neural networks using large learning rates, "
    "arXiv:1708.07120",
)
def one_cycle(base, t, steps, rise=0.3, start=0.04, end=4e-6, shape="cosine"):
    """Rises once to the hyperparameter's own value and falls far below where it began.

    From the share `start` to the whole within the share `rise` of the steps, then down to the share `end`, which the
    last of its steps has; along half waves of the cosine or straight lines (`linear`).
    """
    peak = max(rise * steps - 1, 1e-9)
    up = min((t - 1) / peak, 1.0)
    down = min(max(t - 1 - peak, 0.0) / max(steps - 1 - peak, 1e-9), 1.0)
    if shape != "linear":
        up = 0.5 - 0.5 * cos(pi * up)
        down = 0.5 - 0.5 * cos(pi * down)
    risen = start + (1 - start) * up
    fallen = 1 + (end - 1) * down
    return base * where(down > 0, fallen, risen)
