"""Initial weights that take no notice of how large a layer is."""

from math import inf

from gdviz.registry import define

SIZES = "LeCun, Bottou, Orr & Müller 1998, Efficient BackProp, doi:10.1007/3-540-49430-8_2, section 4.6"


@define("initialiser", aliases=("zero",), source=SIZES)
def zeros():
    """All weights 0: with hidden layers every neuron of one stays like the others, and most learn nothing."""
    return 0.0


@define("initialiser", aliases=("gaussian",), symbols={"std": "σ"}, source=SIZES)
def normal(normal, std=1.0):
    """Normal weights of one size for all layers, large or small."""
    return std * normal


@define("initialiser", limits={"low": (-inf, inf), "high": (-inf, inf)}, source=SIZES)
def uniform(uniform, low=-1.0, high=1.0):
    """Weights anywhere between two ends, the same for all layers."""
    return low + (high - low) * uniform


@define(
    "initialiser",
    limits={"mean": (-inf, inf)},
    source="Sohl-Dickstein 2024, The boundary of neural network trainability is fractal, arXiv:2402.06184",
)
def offset(normal, layer, mean=0.0):
    """Normal weights of size 1, in the first layer around a mean: the larger it is, the more alike are its neurons."""
    return normal + mean * (layer == 1)
