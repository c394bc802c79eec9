"""Losses of classes: how sure a prediction is of the right one."""

from gdviz.formula import abs, exp, log, log1p, max, where
from gdviz.registry import define


@define(
    "loss",
    title="Hinge loss",
    tasks=("binary",),
    boundary=0.0,
    oracle={"jax": "optax.losses.hinge_loss(p, 2 * y - 1)"},
    source="Cortes & Vapnik 1995, Support-vector networks, doi:10.1007/BF00994018",
)
def hinge(p, y):
    """Nothing where a prediction is on the right side of 0 by a margin of 1, else what it lacks; y is 0 or 1."""
    return max(0, 1 - (2 * y - 1) * p)


@define(
    "loss",
    title="Binary cross-entropy",
    aliases=("bce", "log_loss"),
    tasks=("binary",),
    usual="binary",
    link="sigmoid",
    boundary=0.0,
    gradient=lambda p, y: (where(p < 0, exp(-abs(p)), 1) / (1 + exp(-abs(p))) - y,),
    oracle={"jax": "optax.losses.sigmoid_binary_cross_entropy(p, y)"},
    source="Cox 1958, The regression analysis of binary sequences, doi:10.1111/j.2517-6161.1958.tb00292.x",
)
def binary_cross_entropy(p, y):
    """Minus the logarithm of the probability of the right class; p is the logit, whose sigmoid is that of class 1."""
    return where(p < 0, -p * y, p * (1 - y)) + log1p(exp(-abs(p)))


def softmax(z):
    """The largest of some logits, what each comes to above it, and the sum of those."""
    top = z[0]
    for logit in z[1:]:
        top = max(top, logit)
    parts = [exp(logit - top) for logit in z]
    return top, parts, sum(parts)


def is_class(k, y):
    """Whether a class is the number y, a whole one that is compared as real ones are."""
    return abs(y - k) < 0.5


def cross_entropy_gradient(*z, y):
    """Of each logit its probability, less 1 for that of the right class."""
    _, parts, whole = softmax(z)
    return [part / whole - where(is_class(k, y), 1, 0) for k, part in enumerate(parts)]


@define(
    "loss",
    title="Cross-entropy",
    aliases=("ce", "softmax_cross_entropy"),
    tasks=("classes",),
    usual="classes",
    link="softmax",
    gradient=cross_entropy_gradient,
    oracle={"jax": "optax.losses.softmax_cross_entropy_with_integer_labels(z, y)"},
    source="Bridle 1990, Probabilistic interpretation of feedforward classification network outputs, "
    "doi:10.1007/978-3-642-76153-9_28",
)
def cross_entropy(*z, y):
    """Minus the logarithm of the probability that softmax makes of the right class's logit; y counts classes from 0."""
    top, _, whole = softmax(z)
    return log(whole) - sum(where(is_class(k, y), logit - top, 0) for k, logit in enumerate(z))
