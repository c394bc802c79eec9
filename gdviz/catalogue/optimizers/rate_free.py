"""Methods that find their rate themselves: from the loss, from the way so far, or from two neighbouring gradients."""

from math import inf

from gdviz.formula import abs, dot, max, min, norm, sqrt, total, where
from gdviz.registry import define, scalar


@define(
    "optimizer",
    title="Polyak step",
    aliases=("polyak_sgd", "polyak_step_size", "sps"),
    natural=True,
    limits={"cap": (0.0, inf)},
    presets={"textbook": {}, "optax": {"capped": True}},
    # optax scales the gradient before it is squared, so that its scaling divides.
    oracle={
        "textbook": "optax.polyak_sgd(max_learning_rate=float('inf'), scaling=1 / lr, f_min=f_star, variant='sps+')",
        "optax": "optax.polyak_sgd(max_learning_rate=cap, f_min=f_star, variant='sps+')",
    },
    source="Polyak 1987, Introduction to optimization, section 5.3, Optimization Software; capped: Loizou et al. 2021, "
    "Stochastic Polyak step-size for SGD, arXiv:2002.10542",
)
def polyak_step(x, g, f, lr=1.0, f_star=0.0, cap=1.0, capped=False):
    """Gradient descent that goes as far as a line would need to fall to f*: the lowest loss must be known.

    The step is −η c g, c = (f − f*) / |g|², and 0 where f is below f*; `capped`: c is at most `cap`. The capped paper
    divides by c |g|², c being 1 / 2 or more: that is η = 1 / c.
    """
    steepness = dot(g, g)
    rate = where(steepness > 0, max(f - f_star, 0.0) / steepness, 0.0)
    if capped:
        rate = min(rate, cap)
    return x - lr * rate * g


@define(
    "optimizer",
    title="Barzilai–Borwein",
    aliases=("bb", "spectral_gradient"),
    presets={"long": {}, "short": {"quotient": "short"}},
    no_oracle="torch, optax, pytorch_optimizer and SciPy have none; a test asks for the secant condition and for the "
    "convergence on two coordinates that the paper proves",
    source="Barzilai & Borwein 1988, Two-point step size gradient methods, doi:10.1093/imanum/8.1.141",
)
def barzilai_borwein(x, g, before, slope, t, lr=1e-3, quotient="long"):
    """Gradient descent by the curvature just met: no search and no Hessian, but the loss also rises on the way.

    s and y are the last changes of x and g; the rate is s·s / s·y (`long`) or s·y / y·y (`short`), and η in the first
    step and wherever s·y ≤ 0.
    """
    s = x - before
    y = g - slope
    bend = dot(s, y)
    if quotient == "short":
        rate = bend / dot(y, y)
    else:
        rate = dot(s, s) / bend
    return x - where((t > 1) & (bend > 0), rate, lr) * g, x, g


@define(
    "optimizer",
    title="DoG",
    aliases=("distance_over_gradients",),
    natural=True,
    limits={"r_eps": (0.0, inf)},
    presets={"optax": {}},
    oracle={"optax": "optax.contrib.dog(lr, init_step=('heuristic', r_eps), eps=eps)"},
    symbols={"r_eps": "r"},
    source="Ivgi, Hinder & Carmon 2023, DoG is SGD's best friend: a parameter-free dynamic step size schedule, "
    "arXiv:2302.12022",
)
def dog(x, g, x0, reached: scalar, gathered: scalar, lr=1.0, r_eps=1e-6, eps=1e-8):
    """Gradient descent whose rate is the farthest distance from the start so far over the root of all squared slopes.

    D = max(D, |x − x₀|, r (1 + |x₀|)), G = G + |g|²; the step is −η D / √(G + ε) · g. It begins with tiny steps, which
    grow by themselves. The paper judges it by a weighted average of the points, of which the last one is shown here.
    """
    reached = max(reached, max(norm(x - x0), r_eps * (1 + norm(x0))))
    gathered = gathered + dot(g, g)
    return x - lr * reached / sqrt(gathered + eps) * g, reached, gathered


@define(
    "optimizer",
    title="Prodigy",
    natural=True,
    init={"d": "d0"},
    limits={"d0": (1e-30, inf), "d_coef": (0.0, inf)},
    presets={"pytorch_optimizer": {}, "optax": {"bias_correction": True}},
    oracle={
        "pytorch_optimizer": "pytorch_optimizer.Prodigy([p], lr=lr, betas=(beta1, beta2), eps=eps, d0=d0, "
        "d_coef=d_coef, weight_decay=weight_decay)",
        "optax": "optax.contrib.prodigy(lr, betas=(beta1, beta2), eps=eps, estim_lr0=d0, estim_lr_coef=d_coef, "
        "weight_decay=weight_decay)",
    },
    symbols={"d0": "d₀", "d_coef": "c"},
    source="Mishchenko & Defazio 2024, Prodigy: an expeditiously adaptive parameter-free learner, arXiv:2306.06101, "
    "algorithm 4",
)
def prodigy(
    x,
    g,
    x0,
    m,
    v,
    s,
    t,
    d: scalar,
    r: scalar,
    lr=1.0,
    beta1=0.9,
    beta2=0.999,
    eps=1e-8,
    d0=1e-6,
    d_coef=1.0,
    weight_decay=0.0,
    bias_correction=False,
):
    """Adam whose rate is an ever better lower bound of the distance from the start to the minimum.

    With β₃ = √β₂ and the rate ρ = η d: r = β₃ r + ρ d / d₀ g·(x₀ − x), s = β₃ s + ρ d / d₀ g; m and v are Adam's for
    the gradient d g; d' = max(d, c r / |s|₁), from d₀; the step is −ρ (m / (√v + d' ε) + λ x). `bias_correction`
    multiplies ρ by √(1 − β₂ᵗ) / (1 − β₁ᵗ) (optax). This is the authors' code: the paper has 1 − β₃ for 1 / d₀ in r and
    s, which their quotient does not show, and d for d' beside ε.
    """
    rate = lr * d
    if bias_correction:
        rate = rate * (sqrt(1 - beta2**t) / (1 - beta1**t))
    beta3 = sqrt(beta2)
    grown = d / d0 * rate
    r = beta3 * r + grown * dot(g, x0 - x)
    s = beta3 * s + grown * g
    m = beta1 * m + (1 - beta1) * d * g
    v = beta2 * v + (1 - beta2) * d * d * g * g
    size = total(abs(s))
    d = where(size > 0, max(d, d_coef * r / size), d)
    return x - rate * (m / (sqrt(v) + d * eps) + weight_decay * x), m, v, s, d, r
