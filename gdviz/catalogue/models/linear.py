"""Models without hidden layers: sums of weighted features."""

from gdviz.registry import define


@define(
    "model",
    title="Linear regression",
    aliases=("linear_regression", "ols"),
    tasks=("regression",),
    initialiser="zeros",
    source="Legendre 1805, Nouvelles méthodes pour la détermination des orbites des comètes",
)
def linear(features, outputs, bias=True):
    """A straight line, or a plane: each feature times its weight, and a bias."""
    return ()


@define(
    "model",
    title="Polynomial regression",
    aliases=("polynomial_regression",),
    tasks=("regression",),
    initialiser="zeros",
    expand=lambda x, degree: tuple(x**power for power in range(1, int(degree) + 1)),
    source="Gergonne 1815, Application de la méthode des moindres quarrés à l'interpolation des suites",
)
def polynomial(features, outputs, degree=3, bias=True):
    """A linear model of powers of each feature, from the first to the one of its degree."""
    return ()


@define(
    "model",
    title="Logistic regression",
    aliases=("logistic_regression", "logit"),
    tasks=("binary",),
    initialiser="zeros",
    source="Cox 1958, The regression analysis of binary sequences, doi:10.1111/j.2517-6161.1958.tb00292.x",
)
def logistic(features, outputs, bias=True):
    """One neuron: the sigmoid of a weighted sum is the probability of the second of two classes."""
    return ()


@define(
    "model",
    title="Softmax regression",
    aliases=("softmax_regression", "multinomial"),
    tasks=("classes",),
    initialiser="zeros",
    source="Bridle 1990, Probabilistic interpretation of feedforward classification network outputs, "
    "doi:10.1007/978-3-642-76153-9_28",
)
def softmax(features, outputs, bias=True):
    """One neuron for each class; softmax makes probabilities of their sums."""
    return ()
