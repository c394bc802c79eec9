"""Activations that pass what is positive on and hold back what is negative."""

from math import inf

from gdviz.formula import abs, exp, log1p, max, tanh, where
from gdviz.registry import define


@define(
    "activation",
    title="ReLU",
    oracle={"jax": "jax.nn.relu(z)"},
    source="Nair & Hinton 2010, Rectified linear units improve restricted Boltzmann machines, ICML",
)
def relu(z):
    """The sum itself above 0, nothing below: max(0, z)."""
    return max(0, z)


@define(
    "activation",
    title="Leaky ReLU",
    limits={"slope": (-inf, inf)},
    symbols={"slope": "α"},
    oracle={"jax": "jax.nn.leaky_relu(z, slope)"},
    source="Maas, Hannun & Ng 2013, Rectifier nonlinearities improve neural network acoustic models, ICML",
)
def leaky_relu(z, slope=0.01):
    """The sum itself above 0, a small share of it below, so that no neuron stops learning."""
    return where(z < 0, slope * z, z)


@define(
    "activation",
    title="GELU",
    oracle={"jax": "jax.nn.gelu(z)"},
    source="Hendrycks & Gimpel 2016, Gaussian error linear units, arXiv:1606.08415",
)
def gelu(z):
    """The sum times how likely a normal number is below it, in the published form with tanh.

    It is what JAX calls gelu and torch calls approximate='tanh'; with the exact normal distribution it differs by less
    than 0.0005.
    """
    return 0.5 * z * (1 + tanh(0.7978845608028654 * (z + 0.044715 * z**3)))


@define(
    "activation",
    gradient=lambda z: (where(z < 0, exp(-abs(z)), 1) / (1 + exp(-abs(z))),),
    oracle={"jax": "jax.nn.softplus(z)"},
    source="Glorot, Bordes & Bengio 2011, Deep sparse rectifier neural networks, AISTATS",
)
def softplus(z):
    """A rounded ReLU, whose slope is the sigmoid: ln(1 + e^z)."""
    return max(z, 0) + log1p(exp(-abs(z)))
