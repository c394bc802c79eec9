"""Activations that neither level off nor hold back."""

from gdviz.formula import sin
from gdviz.registry import define


@define(
    "activation",
    aliases=("sin", "siren"),
    oracle={"jax": "jax.numpy.sin(z)"},
    source="Sitzmann, Martel, Bergman, Lindell & Wetzstein 2020, Implicit neural representations with periodic "
    "activation functions, arXiv:2006.09661",
)
def sine(z):
    """A wave: up and down again without end, for what has fine detail."""
    return sin(z)


@define(
    "activation",
    aliases=("linear", "none"),
    oracle={"jax": "z"},
    source="Rosenblatt 1958, The perceptron, doi:10.1037/h0042519, without its threshold",
)
def identity(z):
    """The sum itself: however many such layers there are, the network stays linear."""
    return z
