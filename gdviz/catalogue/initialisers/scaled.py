"""Initial weights that keep the size of what flows through many layers."""

from gdviz.formula import dot, norm, sqrt, total
from gdviz.registry import define


@define(
    "initialiser",
    aliases=("glorot",),
    source="Glorot & Bengio 2010, Understanding the difficulty of training deep feedforward neural networks, AISTATS",
)
def xavier(normal, uniform, fan_in, fan_out, gain=1.0, distribution="normal"):
    """Variance 2 / (fan_in + fan_out): a compromise between what flows forward and what flows back."""
    if distribution == "uniform":
        return gain * (2 * uniform - 1) * sqrt(6 / (fan_in + fan_out))
    return gain * normal * sqrt(2 / (fan_in + fan_out))


@define(
    "initialiser",
    aliases=("kaiming",),
    source="He, Zhang, Ren & Sun 2015, Delving deep into rectifiers, arXiv:1502.01852",
)
def he(normal, uniform, fan_in, gain=1.0, distribution="normal"):
    """Variance 2 / fan_in, twice as much as the sums need, for ReLU lets half of them through."""
    if distribution == "uniform":
        return gain * (2 * uniform - 1) * sqrt(6 / fan_in)
    return gain * normal * sqrt(2 / fan_in)


@define(
    "initialiser",
    source="Saxe, McClelland & Ganguli 2014, Exact solutions to the nonlinear dynamics of learning in deep linear "
    "neural networks, arXiv:1312.6120",
)
def orthogonal(normal, fan_in, fan_out, gain=1.0):
    """Rows or columns at right angles and of length 1: a layer turns what it gets and stretches nothing."""
    # Columns of normal numbers, each less what lies along those before it, twice over so that rounding leaves none.
    tall = normal if fan_in >= fan_out else normal.swapaxes(0, 1)
    found = tall + 0.0
    found[:, 0] = found[:, 0] / norm(found[:, 0])
    for j in range(1, found.shape[1]):
        for _ in range(2):
            parts = dot(found[:, :j], found[:, j][:, None])
            found[:, j] = found[:, j] - total((found[:, :j] * parts).swapaxes(0, 1))
        found[:, j] = found[:, j] / norm(found[:, j])
    return gain * (found if fan_in >= fan_out else found.swapaxes(0, 1))


@define(
    "initialiser",
    title="Mean field",
    symbols={"variance": "σ²", "bias_variance": "σ_b²"},
    biases=lambda normal, bias_variance: sqrt(bias_variance) * normal,
    source="Schoenholz, Gilmer, Ganguli & Sohl-Dickstein 2017, Deep information propagation, arXiv:1611.01232",
)
def mean_field(normal, fan_in, variance=1.76, bias_variance=0.05):
    """Variance σ² / fan_in and normal biases, by default where deep tanh networks are between order and chaos."""
    return sqrt(variance / fan_in) * normal
