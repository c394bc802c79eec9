"""Models with hidden layers."""

from gdviz.formula import sqrt
from gdviz.registry import define

ANY = ("regression", "binary", "classes")
BACKPROPAGATION = (
    "Rumelhart, Hinton & Williams 1986, Learning representations by back-propagating errors, doi:10.1038/323533a0"
)


@define("model", title="Multilayer perceptron", aliases=("network", "nn"), tasks=ANY, source=BACKPROPAGATION)
def mlp(features, outputs, *widths, bias=True):
    """Hidden layers of any widths, typed as in mlp:64,64; one of 16 neurons where none is typed."""
    return widths or (16,)


@define("model", title="Shallow network", tasks=ANY, limits={"depth": (1.0, 2.0)}, source=BACKPROPAGATION)
def shallow(features, outputs, width=16, depth=1, bias=True):
    """One hidden layer, or two, of one width."""
    return (int(width),) * int(depth)


@define("model", title="Deep network", tasks=ANY, limits={"depth": (7.0, 1000.0)}, source=BACKPROPAGATION)
def deep(features, outputs, width=16, depth=7, bias=True):
    """Seven hidden layers, or more, of one width: far for a gradient to come."""
    return (int(width),) * int(depth)


@define(
    "model",
    title="Mean-field network",
    tasks=("regression",),
    initialiser="normal",
    scale=lambda fan_in, last: 1 / fan_in if last else sqrt(2 / fan_in),
    source="Sohl-Dickstein 2024, The boundary of neural network trainability is fractal, arXiv:2402.06184",
)
def mean_field(features, outputs, width=16, depth=1, bias=False):
    """Weights of size 1, whose sums a layer divides: hidden ones by √(fan_in / 2), the last by fan_in."""
    return (int(width),) * int(depth)
