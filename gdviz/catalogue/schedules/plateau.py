"""Schedules that watch the loss."""

from math import inf

from gdviz.formula import max, where
from gdviz.registry import define


def rests_below_zero(f, t, patience, threshold):
    """Whether a loss below 0 has fallen by less than the threshold for longer than `patience`: the rule misses it."""
    earlier = f[t < t[-1] - patience]
    return len(earlier) > 0 and f[-1] < 0 < threshold and earlier[-1] - f[-1] <= threshold * -f[-1]


@define(
    "schedule",
    title="On plateau",
    aliases=("reduce_on_plateau", "reduce_lr_on_plateau", "on_plateau"),
    init={"best": inf, "scale": 1.0},
    limits={
        "factor": (0.0, 1.0),
        "patience": (0.0, inf),
        "threshold": (0.0, 1.0),
        "cooldown": (0.0, inf),
        "low": (0.0, 1.0),
    },
    presets={"torch": {}, "optax": {"convention": "optax", "eps": 0.0}},
    unmoved={
        "a loss that has settled below 0 is always below best · (1 − threshold), the test of torch and optax for "
        "progress; type threshold=0": rests_below_zero
    },
    oracle={
        "torch": "torch.optim.lr_scheduler.ReduceLROnPlateau(optimizer, factor=factor, patience=round(patience), "
        "threshold=threshold, cooldown=round(cooldown), min_lr=low * base, eps=eps)",
        "optax": "optax.contrib.reduce_on_plateau(factor=factor, patience=round(patience), rtol=threshold, "
        "cooldown=round(cooldown), min_scale=low)",
    },
    source="He, Zhang, Ren & Sun 2016, Deep residual learning for image recognition, arXiv:1512.03385, section 3.4; "
    "rules of torch.optim.lr_scheduler.ReduceLROnPlateau and optax.contrib.reduce_on_plateau",
)
def plateau(
    base,
    f,
    best,
    bad,
    wait,
    scale,
    factor=0.1,
    patience=10.0,
    threshold=1e-4,
    cooldown=0.0,
    low=0.0,
    eps=1e-8,
    convention="torch",
):
    """Multiplied by `factor` when the loss has stopped falling, down to the share `low`.

    A loss below best · (1 − `threshold`) is a new best one, any other step is a bad one. `torch`: it falls when the bad
    steps in a row exceed `patience`, from the next step on, and not by less than ε; `optax`: when they reach
    `patience`, in that very step. Afterwards no step counts as bad for `cooldown` steps. A best loss below 0 is itself
    below best · (1 − `threshold`): where a negative loss has settled, the libraries' rule never fires unless
    `threshold` is 0.
    """
    improved = f < best * (1 - threshold)
    best = where(improved, f, best)
    bad = where(improved, 0.0, bad + 1)
    bad = where(wait > 0, 0.0, bad)
    lower = max(scale * factor, low)
    if convention == "torch":
        fires = (bad > patience) & (base * (scale - lower) > eps)
        rests = bad > patience
    else:
        fires = (wait < 1) & (bad >= patience)
        rests = fires
    wait = where(rests, cooldown, max(wait - 1, 0.0))
    bad = where(rests, 0.0, bad)
    now = where(fires, lower, scale)
    if convention == "torch":
        value = base * scale
    else:
        value = base * now
    return value, best, bad, wait, now
