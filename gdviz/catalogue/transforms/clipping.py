"""Limits on the gradient: shorter where it is long, or smaller coordinate by coordinate."""

from math import inf

from gdviz.formula import max, min, norm, total, where
from gdviz.registry import define


@define(
    "transform",
    title="Norm clipping",
    aliases=("clip_by_global_norm", "clip_by_norm", "clip_grad_norm", "gradient_clipping"),
    symbols={"limit": "S"},
    limits={"limit": (0.0, inf)},
    presets={"torch": {}, "optax": {"eps": 0.0}, "deck003": {"mode": "always"}},
    oracle={
        "torch": "torch.nn.utils.clip_grad_norm_([p], limit)",
        "optax": "optax.clip_by_global_norm(limit)",
        "deck003": "optax.normalize_by_update_norm(scale_factor=limit, eps=1e-300)",
    },
    source="Pascanu, Mikolov & Bengio 2013, On the difficulty of training recurrent neural networks, arXiv:1211.5063",
)
def clip_norm(g, limit=1.0, eps=1e-6, mode="threshold"):
    """Shortens a gradient that is longer than the limit: its direction stays.

    `threshold`: g · min(1, S / (|g| + ε)), with ε = 10⁻⁶ in torch and 0 in optax. `always`: g · S / |g|, whatever its
    length, and 0 where g is 0.
    """
    size = norm(g)
    if mode == "always":
        scale = limit / where(size > 0, size, 1.0)
    else:
        scale = min(limit / (size + eps), 1.0)
    return scale * g


@define(
    "transform",
    title="Component clipping",
    aliases=("clip", "clip_by_value", "clip_grad_value"),
    symbols={"limit": "L"},
    limits={"limit": (0.0, inf)},
    presets={"torch": {}, "optax": {}, "deck003": {"mode": "upper"}},
    oracle={"torch": "torch.nn.utils.clip_grad_value_([p], limit)", "optax": "optax.clip(limit)"},
    source="Goodfellow, Bengio & Courville 2016, Deep learning, section 10.11.1, https://www.deeplearningbook.org",
)
def clip_value(g, limit=1.0, mode="symmetric"):
    """Cuts every coordinate of the gradient at the limit by itself, which turns its direction.

    `symmetric`: between −L and L. `upper`: min(g, L), as a lecture writes it, which leaves negative coordinates alone.
    """
    if mode == "symmetric":
        cut = max(g, -limit)
    else:
        cut = g
    return min(cut, limit)


@define(
    "transform",
    title="Centralisation",
    aliases=("centralize", "gradient_centralization"),
    presets={"optax": {}},
    oracle={"optax": "optax.centralize()"},
    source="Yong, Huang, Hua & Zhang 2020, Gradient centralization: a new optimization technique for deep neural "
    "networks, arXiv:2004.01461",
)
def centralise(g, dim):
    """Takes the mean over the coordinates off the gradient, so that steps keep the sum of the coordinates."""
    return g - total(g) / dim
