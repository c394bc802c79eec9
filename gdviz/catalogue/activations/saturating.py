"""Activations that level off at both ends, where a neuron stops learning."""

from gdviz import formula
from gdviz.formula import exp
from gdviz.registry import define


@define(
    "activation",
    aliases=("logistic",),
    gradient=lambda z: (1 / (1 + exp(-z)) * (1 - 1 / (1 + exp(-z))),),
    oracle={"jax": "jax.nn.sigmoid(z)"},
    source="Rumelhart, Hinton & Williams 1986, Learning representations by back-propagating errors, "
    "doi:10.1038/323533a0",
)
def sigmoid(z):
    """From 0 to 1, steepest at 0: 1 / (1 + e^−z)."""
    return 1 / (1 + exp(-z))


@define(
    "activation",
    oracle={"jax": "jax.numpy.tanh(z)"},
    source="LeCun, Bottou, Orr & Müller 1998, Efficient BackProp, doi:10.1007/3-540-49430-8_2",
)
def tanh(z):
    """From −1 to 1 through 0, which keeps the mean of what a layer answers near 0: 2 / (1 + e^−2z) − 1."""
    return formula.tanh(z)
