"""Methods that give every coordinate its own step, from the history of its gradients."""

from gdviz.formula import abs, max, sqrt, where
from gdviz.registry import define


@define(
    "optimizer",
    title="Adagrad",
    slot=3,
    init={"s": "acc_init"},
    presets={
        "torch": {},
        "optax": {"eps_mode": "inside", "eps": 1e-7, "acc_init": 0.1},
        "lasagne": {"eps_mode": "inside", "eps": 1e-6, "lr": 1.0},
        "deck001": {"eps_mode": "inside", "eps": 1e-8},
    },
    oracle={
        "torch": "torch.optim.Adagrad([p], lr=lr, lr_decay=lr_decay, initial_accumulator_value=acc_init, eps=eps)",
        "optax": "optax.adagrad(lr, initial_accumulator_value=acc_init, eps=eps)",
    },
    responses={"Adagrad": {"lr": 2.5, "eps": (1e-7, 0.1, 10.0), "eps_mode": "inside"}},
    source="Duchi, Hazan & Singer 2011, Adaptive subgradient methods for online learning and stochastic optimization, "
    "https://jmlr.org/papers/v12/duchi11a.html",
)
def adagrad(x, g, s, t, lr=0.01, eps=1e-10, acc_init=0.0, lr_decay=0.0, eps_mode="outside"):
    """Divides each coordinate's step by the root of all its squared gradients so far: large at first, ever smaller.

    s = s + g², from `acc_init`; the step is −η g / (√s + ε), or −η g / √(s + ε) with ε `inside`. `lr_decay` d divides η
    by 1 + (t − 1) d (torch). It is the paper's diagonal form without a regulariser or a feasible set; its δ is ε.
    """
    s = s + g * g
    if eps_mode == "inside":
        scale = sqrt(s + eps)
    else:
        scale = sqrt(s) + eps
    rate = lr / (1 + (t - 1) * lr_decay)
    return x - rate * g / scale, s


@define(
    "optimizer",
    title="RMSProp",
    slot=4,
    init={"s": "acc_init"},
    presets={
        "torch": {},
        "optax": {"eps_mode": "inside", "rho": 0.9, "lr_in_buffer": True},
        "lasagne": {"eps_mode": "inside", "rho": 0.9, "eps": 1e-6, "lr": 1.0},
        "deck001": {"eps_mode": "inside", "rho": 0.9},
        "deck003": {"eps_mode": "inside", "lr": 1.0},
        "graves": {"centered": True, "eps_mode": "inside", "rho": 0.95, "mu": 0.9, "eps": 1e-4, "lr": 1e-4},
    },
    oracle={
        "torch": "torch.optim.RMSprop([p], lr=lr, alpha=rho, eps=eps, momentum=mu, centered=centered)",
        "optax": "optax.rmsprop(lr, decay=rho, eps=eps, initial_scale=acc_init, centered=centered, momentum=mu, "
        "bias_correction=bias_correction)",
    },
    responses={"RMSProp": {"lr": 0.25, "rho": (0.25, 0.9, 0.975), "eps": 1e-5, "eps_mode": "inside"}},
    source="Tieleman & Hinton 2012, Neural networks for machine learning, lecture 6.5, "
    "https://www.cs.toronto.edu/~tijmen/csc321/slides/lecture_slides_lec6.pdf; centered: Graves 2013, "
    "Generating sequences with recurrent neural networks, arXiv:1308.0850",
)
def rmsprop(
    x,
    g,
    s,
    m,
    v,
    t,
    lr=0.01,
    rho=0.99,
    eps=1e-8,
    mu=0.0,
    acc_init=0.0,
    eps_mode="outside",
    centered=False,
    bias_correction=False,
    lr_in_buffer=False,
):
    """Divides each coordinate's step by the recent size of its gradient, so that old gradients are forgotten.

    s = ρ s + (1 − ρ) g², from `acc_init`; u = g / (√s + ε), or g / √(s + ε) with ε `inside`; then momentum on it,
    v = μ v + u, and the step −η v. `centered` takes the variance s − m², m = ρ m + (1 − ρ) g, instead of s;
    `bias_correction` divides s and m by 1 − ρᵗ; with `lr_in_buffer` v gathers η u. The lecture has ρ = 0.9, neither ε
    nor momentum; defaults are torch's, `graves` the centred form as it was published.
    """
    s = rho * s + (1 - rho) * g * g
    power = s
    if centered:
        m = rho * m + (1 - rho) * g
    if bias_correction:
        power = s / (1 - rho**t)
    if centered and bias_correction:
        mean = m / (1 - rho**t)
        power = max(power - mean * mean, 0.0)
    elif centered:
        # Rounding may leave the variance of a steady gradient a few ulp below 0.
        power = max(power - m * m, 0.0)
    if eps_mode == "inside":
        scale = sqrt(power + eps)
    else:
        scale = sqrt(power) + eps
    if lr_in_buffer:
        v = mu * v + lr * g / scale
        step = v
    else:
        v = mu * v + g / scale
        step = lr * v
    return x - step, s, m, v


@define(
    "optimizer",
    title="Adadelta",
    limits={"rho": (0.0, 1.0)},
    slot=5,
    init={"d": "delta_init"},
    presets={
        "torch": {},
        "optax": {},
        "lasagne": {"rho": 0.95},
        "deck001": {},
    },
    oracle={
        "torch": "torch.optim.Adadelta([p], lr=lr, rho=rho, eps=eps)",
        "optax": "optax.adadelta(lr, rho=rho, eps=eps)",
    },
    symbols={"eps_ratio": "r", "delta_init": "d₀"},
    responses={
        "AdadeltaZeroStart": {"rho": (0.25, 0.9, 0.975), "eps": 1e-3},
        "AdadeltaBigStart": {"rho": (0.25, 0.9, 0.975), "eps": 1e-3, "delta_init": 50.0},
    },
    source="Zeiler 2012, ADADELTA: an adaptive learning rate method, arXiv:1212.5701",
)
def adadelta(x, g, s, d, lr=1.0, rho=0.9, eps=1e-6, eps_ratio=1.0, delta_init=0.0):
    """Steps by the ratio of recent step size to recent gradient size, in the units of x; the paper has no rate.

    s = ρ s + (1 − ρ) g²; Δ = √(d + ε r) / √(s + ε) · g; d = ρ d + (1 − ρ) Δ², from `delta_init`; the step is −η Δ. η
    stays outside d; the paper has neither η nor r. r is `eps_ratio`: x in other units, c x, gives the same path with
    ε/c² and r c⁴.
    """
    s = rho * s + (1 - rho) * g * g
    delta = sqrt(d + eps_ratio * eps) / sqrt(s + eps) * g
    d = rho * d + (1 - rho) * delta * delta
    return x - lr * delta, s, d


@define(
    "optimizer",
    title="Adam",
    slot=6,
    presets={
        "torch": {},
        "optax": {},
        "lasagne": {"eps_mode": "uncorrected"},
        "deck001": {},
        "deck003": {"bias_correction": False, "eps_mode": "inside", "lr": 1.0, "beta2": 0.99},
        "deck004": {},
    },
    oracle={
        "torch": "torch.optim.Adam([p], lr=lr, betas=(beta1, beta2), eps=eps)",
        "optax": "optax.adam(lr, b1=beta1, b2=beta2, eps=eps, eps_root=eps_root)",
    },
    responses={"Adam": {"lr": 0.25, "beta1": (0.25, 0.9, 0.975), "eps": 1e-7, "eps_mode": "inside"}},
    source="Kingma & Ba 2015, Adam: a method for stochastic optimization, arXiv:1412.6980, algorithm 1",
)
def adam(
    x, g, m, v, t, lr=1e-3, beta1=0.9, beta2=0.999, eps=1e-8, eps_root=0.0, eps_mode="outside", bias_correction=True
):
    """Momentum over RMS-scaled gradients, both corrected for their start at zero.

    m = β₁ m + (1 − β₁) g, v = β₂ v + (1 − β₂) g²; m̂ = m / (1 − β₁ᵗ), v̂ = v / (1 − β₂ᵗ), or m and v without
    `bias_correction`; the step is −η m̂ / (√v̂ + ε). ε `inside` the root: √(v̂ + ε); `uncorrected`: ε beside √v, the
    correction in the rate, η √(1 − β₂ᵗ) / (1 − β₁ᵗ) (end of the paper's section 2; Lasagne). `eps_root` is added under
    the root in every mode (optax).
    """
    m = beta1 * m + (1 - beta1) * g
    v = beta2 * v + (1 - beta2) * g * g
    if bias_correction:
        gain_m = 1 - beta1**t
        gain_v = 1 - beta2**t
    else:
        gain_m = 1.0
        gain_v = 1.0
    m_hat = m / gain_m
    if eps_mode == "uncorrected":
        scale = (sqrt(v + eps_root) + eps) / sqrt(gain_v)
    elif eps_mode == "inside":
        scale = sqrt(v / gain_v + eps_root + eps)
    else:
        scale = sqrt(v / gain_v + eps_root) + eps
    return x - lr * m_hat / scale, m, v


@define(
    "optimizer",
    title="Adamax",
    limits={"beta2": (0.0, 1.0)},
    slot=7,
    presets={
        "torch": {},
        "optax": {},
        "lasagne": {"eps_mode": "outside"},
        "deck001": {"eps_mode": "guard"},
    },
    oracle={
        "torch": "torch.optim.Adamax([p], lr=lr, betas=(beta1, beta2), eps=eps)",
        "optax": "optax.adamax(lr, b1=beta1, b2=beta2, eps=eps)",
    },
    source="Kingma & Ba 2015, Adam: a method for stochastic optimization, arXiv:1412.6980, algorithm 2",
)
def adamax(x, g, m, u, t, lr=2e-3, beta1=0.9, beta2=0.999, eps=1e-8, eps_mode="inside"):
    """Adam with the largest recent gradient in place of the RMS: the step never exceeds about η.

    m = β₁ m + (1 − β₁) g; u = max(β₂ u, |g|); the step is −η m / (1 − β₁ᵗ) / u. ε is added to |g| (`inside` the
    maximum: torch, optax), to u (`outside`: Lasagne) or to nothing, as in the paper (`guard`: no step where u = 0).
    """
    m = beta1 * m + (1 - beta1) * g
    m_hat = m / (1 - beta1**t)
    if eps_mode == "outside":
        u = max(beta2 * u, abs(g))
        ratio = m_hat / (u + eps)
    elif eps_mode == "guard":
        u = max(beta2 * u, abs(g))
        ratio = where(u > 0, m_hat / where(u > 0, u, 1.0), 0.0)
    else:
        u = max(beta2 * u, abs(g) + eps)
        ratio = m_hat / u
    return x - lr * ratio, m, u
