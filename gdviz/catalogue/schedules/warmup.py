"""Schedules that begin low."""

from gdviz.formula import floor, max, min, where
from gdviz.registry import define


@define(
    "schedule",
    title="Linear warm-up",
    aliases=("warmup", "warm_up", "linear_warm_up"),
    limits={"start": (0.0, 1.0)},
    oracle={"optax": "optax.linear_schedule(start * base, base, steps)"},
    source="Goyal et al. 2017, Accurate, large minibatch SGD: training ImageNet in 1 hour, arXiv:1706.02677, "
    "section 2.2",
)
def linear_warmup(base, t, steps, start=0.0):
    """Rises evenly within its steps, from the share `start` to the whole, which the step after them has."""
    return base * (start + (1 - start) * (t - 1) / steps)


@define(
    "schedule",
    title="Ramp",
    aliases=("momentum_ramp",),
    oracle={"optax": "optax.linear_schedule(start, base, steps)"},
    source="Sutskever, Martens, Dahl & Hinton 2013, On the importance of initialization and momentum in deep learning, "
    "https://proceedings.mlr.press/v28/sutskever13.html",
)
def ramp(base, t, steps, start=0.5):
    """Goes evenly from the value `start`, no share, to the hyperparameter's own: momentum from 0.5 to 0.9."""
    return start + (base - start) * (t - 1) / steps


@define(
    "schedule",
    title="Warm-up, stable, decay",
    aliases=("warmup_stable_decay", "trapezoid", "trapezoidal"),
    oracle={
        "optax": "optax.join_schedules([optax.linear_schedule(0.0, base, round(warmup * steps)), "
        "optax.constant_schedule(base), optax.linear_schedule(base, end * base, round(decay * steps))], "
        "[round(warmup * steps), steps - round(decay * steps)])",
    },
    symbols={"decay": "decay"},
    limits={"warmup": (0.0, 1.0), "decay": (0.0, 1.0), "end": (0.0, 1.0)},
    refused={
        "they overlap; together they are at most 1, the whole of its steps": lambda warmup, decay: (
            warmup + decay > 1 + 1e-12
        )
    },
    source="Hu et al. 2024, MiniCPM: unveiling the potential of small language models with scalable training "
    "strategies, arXiv:2404.06395",
)
def wsd(base, t, steps, warmup=0.1, decay=0.2, end=0.0):
    """Rises evenly from 0, stays, and falls evenly to the share `end`; `warmup` and `decay` are shares of the steps."""
    rise = floor(warmup * steps + 0.5)
    fall = min(floor(decay * steps + 0.5), steps - rise)
    risen = where(rise > 0, min((t - 1) / max(rise, 1.0), 1.0), 1.0)
    fallen = max(t - 1 - (steps - fall), 0.0) / max(fall, 1.0)
    return base * where(fallen > 0, 1 - (1 - end) * fallen, risen)
