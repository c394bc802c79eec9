"""What pulls every coordinate towards zero: through the gradient, or beside the step."""

from math import inf

from gdviz.registry import define


@define(
    "transform",
    title="L2 decay",
    aliases=("weight_decay", "ridge"),
    limits={"decay": (0.0, inf)},
    presets={"torch": {}, "optax": {}},
    oracle={
        "torch": "torch.optim.SGD([p], lr=1.0, weight_decay=decay)",
        "optax": "optax.add_decayed_weights(decay)",
    },
    source="Krogh & Hertz 1991, A simple weight decay can improve generalization, "
    "https://papers.nips.cc/paper/1991/hash/8eefcfdf5990e441f0fb6f3fad709e21-Abstract.html",
)
def l2(g, x, decay=0.01):
    """Adds λ x to the gradient, which is that of f + λ/2 |x|²; adaptive rules rescale it with the rest."""
    return g + decay * x


@define(
    "transform",
    title="Decoupled decay",
    aliases=("decoupled_weight_decay", "adamw_decay"),
    limits={"decay": (0.0, inf)},
    presets={"torch": {}, "optax": {}},
    oracle={
        "torch": "torch.optim.AdamW([p], lr=lr, weight_decay=decay)",
        "optax": "optax.add_decayed_weights(-lr * decay)",
    },
    source="Loshchilov & Hutter 2019, Decoupled weight decay regularization, arXiv:1711.05101",
)
def decoupled(x, lr, decay=0.01):
    """Moves x by −η λ x beside the step, whatever the rule makes of the gradient: with adam it is AdamW."""
    return -lr * decay * x
