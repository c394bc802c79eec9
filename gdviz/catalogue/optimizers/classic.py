"""Descent with and without memory of its direction."""

from gdviz.formula import solve, where
from gdviz.registry import BELOW_1, define


@define(
    "optimizer",
    title="GD",
    slot=0,
    aliases=("sgd", "gradient_descent", "vanilla"),
    presets={"torch": {}, "optax": {}, "lasagne": {}, "deck001": {}, "deck003": {}, "deck004": {}},
    oracle={"torch": "torch.optim.SGD([p], lr=lr)", "optax": "optax.sgd(lr)"},
    source="Cauchy 1847, Méthode générale pour la résolution des systèmes d'équations simultanées, "
    "Comptes rendus de l'Académie des sciences 25, 536-538",
)
def gd(x, g, lr=1e-3):
    """Steps straight down the gradient, by the learning rate times its length.

    The rate is a number, where Cauchy looks for one anew at each step (see `exact_line_search`).
    """
    return x - lr * g


@define(
    "optimizer",
    title="Momentum",
    slot=1,
    aliases=("heavy_ball", "polyak"),
    presets={
        "torch": {},
        "optax": {},
        "lasagne": {"lr_in_buffer": True},
        "deck001": {"lr_in_buffer": True},
        "deck003": {"momentum_form": "ema"},
    },
    oracle={
        "torch": "torch.optim.SGD([p], lr=lr, momentum=mu, dampening=dampening)",
        "optax": "optax.sgd(lr, momentum=mu)",
        "deck003": "optax.chain(optax.ema(mu, debias=False), optax.scale(-lr))",
    },
    responses={"Simple_Momentum": {"lr": 0.25, "mu": (0.25, 0.9, 0.975)}},
    refused={
        "nothing ever enters the buffer; lower the dampening": lambda momentum_form, first_step, dampening: (
            momentum_form == "classical" and first_step == "zero" and dampening == 1
        )
    },
    source="Polyak 1964, Some methods of speeding up the convergence of iteration methods, "
    "doi:10.1016/0041-5553(64)90137-5",
)
def momentum(
    x, g, v, t, lr=1e-3, mu=0.9, dampening=0.0, momentum_form="classical", first_step="grad", lr_in_buffer=False
):
    """Gathers speed along steady directions and damps the zigzag: the heavy ball with friction 1 − μ.

    The buffer v is μ v + (1 − τ) g in the `classical` form and μ v + (1 − μ) g, from 0, in the form `ema`; the step is
    −η v. `dampening` τ and `first_step` belong to the classical form: with `grad` the first gradient enters the buffer
    undamped, as in torch, with `zero` it is damped like the others. With `lr_in_buffer` the buffer gathers η g, so
    that a changed η acts on new gradients only; at constant η nothing changes. Polyak's own form, a step of
    −η g + μ (x − x before), is the one with the rate in the buffer.
    """
    push = g
    if lr_in_buffer:
        push = lr * g
    if momentum_form == "ema":
        v = mu * v + (1 - mu) * push
    elif first_step == "zero":
        v = mu * v + (1 - dampening) * push
    else:
        v = mu * v + where(t > 1, 1 - dampening, 1.0) * push
    if lr_in_buffer:
        step = v
    else:
        step = lr * v
    return x - step, v


def predicted(x, v, lr, mu, nesterov_form, lr_in_buffer):
    """Where Nesterov's gradient is taken: ahead of x by what the buffer alone would still move."""
    if lr_in_buffer:
        drift = v
    else:
        drift = lr * v
    if nesterov_form == "shifted":
        ahead = 0.0
    elif nesterov_form == "coast":
        ahead = mu / (1 - mu) * drift
    elif nesterov_form == "coast_literal" and lr_in_buffer:
        ahead = mu / (1 - mu) * where(lr > 0, drift / lr, 0.0)
    elif nesterov_form == "coast_literal":
        ahead = mu / (1 - mu) * v
    else:
        ahead = mu * drift
    return x - ahead


@define(
    "optimizer",
    title="Nesterov",
    slot=2,
    aliases=("nag", "nesterov_momentum"),
    at=predicted,
    presets={
        "torch": {},
        "optax": {},
        "lasagne": {"lr_in_buffer": True},
        "deck001": {"nesterov_form": "lookahead", "lr_in_buffer": True},
        "deck003": {"nesterov_form": "coast_literal"},
    },
    oracle={
        "torch": "torch.optim.SGD([p], lr=lr, momentum=mu, nesterov=True)",
        "optax": "optax.sgd(lr, momentum=mu, nesterov=True)",
    },
    responses={"Nesterov": {"lr": 0.25, "mu": (0.25, 0.9, 0.975), "nesterov_form": "lookahead"}},
    refused={
        "it looks ahead by μ / (1 − μ), which divides by 0; lower mu": lambda nesterov_form, mu: (
            (nesterov_form == "coast" or nesterov_form == "coast_literal") and mu == 1
        )
    },
    source="Nesterov 1983, A method of solving a convex programming problem with convergence rate O(1/k²), Soviet "
    "Mathematics Doklady 27, 372-376; forms after Sutskever et al. 2013, On the importance of "
    "initialization and momentum in deep learning, https://proceedings.mlr.press/v28/sutskever13.html",
)
def nesterov(x, g, v, lr=1e-3, mu=0.9, nesterov_form="shifted", lr_in_buffer=False):
    """Momentum that looks ahead: it asks for the gradient where its speed is about to carry it.

    `lookahead`: g at x − η μ v, then v = μ v + g and x − η v. `shifted`: the same written for the point looked at,
    which needs no gradient elsewhere (torch, optax, Lasagne). The others gather v = μ v + (1 − μ) g and look ahead by
    c v: `ema_lookahead` c = η μ, which is `lookahead` at rate η (1 − μ); `coast` c = η μ / (1 − μ), where the point
    would stop if no gradient came; `coast_literal` c = μ / (1 − μ) as a lecture writes it, without η: on curvature
    a > 1 + 1/μ it diverges whatever η is. With `lr_in_buffer` the buffer gathers η g; at constant η nothing changes.
    Nesterov's own momentum grows with the step number, see `accelerated_gd`.
    """
    push = g
    if lr_in_buffer:
        push = lr * g
    if nesterov_form == "coast" or nesterov_form == "coast_literal" or nesterov_form == "ema_lookahead":
        v = mu * v + (1 - mu) * push
        move = v
    elif nesterov_form == "lookahead":
        v = mu * v + push
        move = v
    else:
        v = mu * v + push
        move = push + mu * v
    if lr_in_buffer:
        step = move
    else:
        step = lr * move
    return x - step, v


@define(
    "optimizer",
    title="Smoothed Nesterov",
    presets={"deck001": {}},
    no_oracle="no library averages gradients on the way to the look-ahead",
    responses={"Smoothed_Nesterov": {"lr": 0.25, "mu": (0.25, 0.9, 0.975)}},
    source="Siarshai 2017, Методы оптимизации нейронных сетей, https://habr.com/ru/articles/318970/",
)
def nesterov_smoothed(x, v, gradient, lr=1e-3, mu=0.9):
    """Nesterov that feels its way: the mean gradient at four points up to where its speed is about to carry it.

    v = μ v + ḡ with ḡ the mean of the gradients at x − η μ v · ¼, ½, ¾ and 1, and the step −η v.
    """
    ahead = lr * mu * v
    near = gradient(x - 0.25 * ahead) + gradient(x - 0.5 * ahead)
    far = gradient(x - 0.75 * ahead) + gradient(x - ahead)
    v = mu * v + 0.25 * (near + far)
    return x - lr * v, v


@define(
    "optimizer",
    title="Implicit Nesterov",
    aliases=("implicit_nesterov",),
    presets={"textbook": {}},
    limits={"mu": (0.0, BELOW_1)},
    no_oracle="no library takes the gradient at the point it is about to reach; a test asks for the equation itself",
    source="the ideal behind Nesterov's look-ahead: implicit (backward) Euler for the heavy ball; Hairer & "
    "Wanner 1996, Solving Ordinary Differential Equations II, section IV.3, doi:10.1007/978-3-642-05221-7",
)
def nesterov_implicit(x, g, v, hessian, lr=0.01, mu=0.9):
    """Momentum with the gradient of the point it is about to reach: what looking ahead only guesses.

    v = μ v + (1 − μ) ∇f(x − η v) for the new v, and the step −η v. With the gradient at the new point taken as
    g − η H v that is (I + η (1 − μ) H) v = μ v + (1 − μ) g: exact on a quadratic, stable at every rate if that is a
    bowl, and one Newton step towards the solution elsewhere.
    """
    pull = lr * (1 - mu)
    v = mu * v + (1 - mu) * g
    if pull > 0:
        v = solve(hessian(x), v / pull, 1 / pull)
    return x - lr * v, v
