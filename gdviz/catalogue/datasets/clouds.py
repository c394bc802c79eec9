"""Samples of many features."""

from math import inf

from gdviz.registry import define


@define(
    "dataset",
    task="classes",
    title="Gaussian clouds",
    limits={"spread": (0.0, inf)},
    source="gdviz, a task of the size of the lecture's experiment 5",
)
def gaussians(i, normal, n=5000, classes=10, dims=20, spread=0.7, noise=1.0):
    """Round clouds in 20 dimensions around random middles, of which the best model mistakes about one in ten."""
    middles = spread * normal(classes, dims)
    return noise * normal(n, dims) + middles[i % classes], i % classes


@define(
    "dataset",
    task="regression",
    title="Random numbers",
    source="Sohl-Dickstein 2024, The boundary of neural network trainability is fractal, arXiv:2402.06184",
)
def tiny(normal, n=272, dims=16):
    """Numbers without any sense to be learned by heart: as many samples as a network of 16 hidden units has weights."""
    return normal(n, dims), normal()
