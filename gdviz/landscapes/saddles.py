"""Saddle points, where the gradient vanishes and the way down is the flat direction."""

from gdviz.registry import define


@define(
    "landscape",
    title="Saddle",
    domain=((-1.5, 1.5), (-1.5, 1.5)),
    start=(-1.0, 0.001),
    minima=(),
    steps=120,
    levels="linear",
    aliases=("hyperbolic_paraboloid",),
    source="Dauphin et al. 2014, Identifying and attacking the saddle point problem in high-dimensional non-convex "
    "optimization, arXiv:1406.2572",
)
def saddle(x, y):
    """One dimension up, one down, no minimum: methods differ in how soon they leave along the flat direction."""
    return x**2 - y**2
