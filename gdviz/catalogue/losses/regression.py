"""Losses of numbers: how far a prediction is from its target."""

from math import inf

from gdviz.formula import abs, where
from gdviz.registry import define

LEAST_SQUARES = "Legendre 1805, Nouvelles méthodes pour la détermination des orbites des comètes"


@define(
    "loss",
    title="Squared error",
    aliases=("mse", "l2", "quadratic"),
    tasks=("regression", "binary"),
    usual="regression",
    oracle={"jax": "(p - y)**2"},
    source=LEAST_SQUARES,
)
def squared(p, y):
    """Square of the error, of which the mean is the mean squared error, without a half in front."""
    return (p - y) ** 2


@define(
    "loss",
    title="Squared error + 7",
    tasks=("regression", "binary"),
    oracle={"jax": "(p - y)**2 + 7"},
    source=LEAST_SQUARES,
)
def squared_plus_7(p, y):
    """Square of the error and 7 more: another loss with the same minimum and gradient, so with the same steps."""
    return (p - y) ** 2 + 7


@define(
    "loss",
    title="Absolute error",
    aliases=("mae", "l1"),
    tasks=("regression", "binary"),
    oracle={"jax": "jax.numpy.abs(p - y)"},
    source="Boscovich 1757, De litteraria expeditione per pontificiam ditionem",
)
def absolute(p, y):
    """Size of the error: far points pull no harder than near ones, and the gradient does not fade at the minimum."""
    return abs(p - y)


@define(
    "loss",
    title="Huber loss",
    tasks=("regression", "binary"),
    limits={"delta": (0.0, inf)},
    symbols={"delta": "δ"},
    oracle={"jax": "optax.losses.huber_loss(p, y, delta=delta)"},
    source="Huber 1964, Robust estimation of a location parameter, doi:10.1214/aoms/1177703732",
)
def huber(p, y, delta=1.0):
    """Half the square of errors up to δ, straight beyond: smooth at the minimum, and not led by far points."""
    return where(abs(p - y) <= delta, (p - y) ** 2 / 2, delta * (abs(p - y) - delta / 2))
