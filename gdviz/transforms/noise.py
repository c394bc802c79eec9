"""Noise on the gradient itself, so that its direction changes too: what a mini-batch does to the exact gradient."""

from gdviz.registry import define


@define(
    "transform",
    title="Gaussian noise",
    aliases=("noise",),
    symbols={"sigma": "σ"},
    source="Robbins & Monro 1951, A stochastic approximation method, doi:10.1214/aoms/1177729586",
)
def gaussian(g, normal, sigma=0.1):
    """Adds independent normal noise of standard deviation σ to every coordinate of the gradient."""
    return g + sigma * normal


@define(
    "transform",
    title="Multiplicative noise",
    symbols={"sigma": "σ"},
    source="Bottou, Curtis & Nocedal 2018, Optimization methods for large-scale machine learning, arXiv:1606.04838, "
    "assumption 4.3",
)
def multiplicative(g, normal, sigma=0.5):
    """Scales every coordinate of the gradient by 1 + σ·noise: the noise dies out at a stationary point."""
    return g * (1 + sigma * normal)
