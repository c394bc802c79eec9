"""Adam with another decay, another correction or another mixture of its averages."""

from gdviz.formula import max, sqrt, where
from gdviz.registry import define, scalar


@define(
    "optimizer",
    title="AdamW",
    presets={"torch": {}, "optax": {"weight_decay": 1e-4}},
    oracle={
        "torch": "torch.optim.AdamW([p], lr=lr, betas=(beta1, beta2), eps=eps, weight_decay=weight_decay)",
        "optax": "optax.adamw(lr, b1=beta1, b2=beta2, eps=eps, eps_root=eps_root, weight_decay=weight_decay)",
    },
    source="Loshchilov & Hutter 2019, Decoupled weight decay regularization, arXiv:1711.05101, algorithm 2",
)
def adamw(x, g, m, v, t, lr=1e-3, beta1=0.9, beta2=0.999, eps=1e-8, eps_root=0.0, weight_decay=0.01):
    """Adam that also pulls x towards 0, without the pull passing through its averages.

    m = β₁ m + (1 − β₁) g, v = β₂ v + (1 − β₂) g²; the step is −η (m̂ / (√v̂ + ε) + λ x) with m̂ = m / (1 − β₁ᵗ) and
    v̂ = v / (1 − β₂ᵗ). `eps_root` is added under the root (optax). The paper's decay is not multiplied by η (only by
    the factor of its schedule): its λ is η λ here, as libraries have it.
    """
    m = beta1 * m + (1 - beta1) * g
    v = beta2 * v + (1 - beta2) * g * g
    m_hat = m / (1 - beta1**t)
    scale = sqrt(v / (1 - beta2**t) + eps_root) + eps
    return x - lr * (m_hat / scale + weight_decay * x), m, v


@define(
    "optimizer",
    title="NAdam",
    init={"product": 1.0},
    presets={"torch": {}, "optax": {"warms_up": False}, "paper": {"form": "paper"}},
    oracle={
        "torch": "torch.optim.NAdam([p], lr=lr, betas=(beta1, beta2), eps=eps, momentum_decay=momentum_decay)",
        "optax": "optax.nadam(lr, b1=beta1, b2=beta2, eps=eps)",
    },
    symbols={"momentum_decay": "ψ"},
    source="Dozat 2016, Incorporating Nesterov momentum into Adam, "
    "https://openreview.net/forum?id=OM0jvwB8jIp57ZJjtNEZ, algorithm 2",
)
def nadam(
    x,
    g,
    m,
    v,
    t,
    product: scalar,
    lr=2e-3,
    beta1=0.9,
    beta2=0.999,
    eps=1e-8,
    momentum_decay=4e-3,
    warms_up=True,
    form="library",
):
    """Adam with Nesterov's look-ahead: the momentum of the next step is applied already in this one.

    m = β₁ m + (1 − β₁) g, v = β₂ v + (1 − β₂) g²; the step is −η (c g + c' m) / (√v̂ + ε), c = (1 − μ) / (1 − Πμ),
    c' = μ' / (1 − μ' Πμ). The momentum μ = β₁ (1 − ½ 0.96^(t ψ)) of step t rises from β₁ / 2 to β₁, μ' is that of
    step t + 1, Πμ the product of all so far; without `warms_up` (optax) μ is β₁ from the first step on. In the `paper`
    the average has this momentum too, m = μ m + (1 − μ) g, and v̂ is β₂ v / (1 − β₂ᵗ).
    """
    if warms_up:
        mu = beta1 * (1 - 0.5 * 0.96 ** (t * momentum_decay))
        mu_next = beta1 * (1 - 0.5 * 0.96 ** ((t + 1) * momentum_decay))
    else:
        mu = beta1
        mu_next = beta1
    product = product * mu
    v = beta2 * v + (1 - beta2) * g * g
    if form == "paper":
        m = mu * m + (1 - mu) * g
        scale = sqrt(beta2 * v / (1 - beta2**t)) + eps
    else:
        m = beta1 * m + (1 - beta1) * g
        scale = sqrt(v / (1 - beta2**t)) + eps
    ahead = (1 - mu) / (1 - product) * g + mu_next / (1 - mu_next * product) * m
    return x - lr * ahead / scale, m, v, product


@define(
    "optimizer",
    title="RAdam",
    aliases=("rectified_adam",),
    presets={"torch": {}, "optax": {"eps_mode": "outside"}},
    oracle={
        "torch": "torch.optim.RAdam([p], lr=lr, betas=(beta1, beta2), eps=eps)",
        "optax": "optax.radam(lr, b1=beta1, b2=beta2, eps=eps)",
    },
    source="Liu et al. 2020, On the variance of the adaptive learning rate and beyond, arXiv:1908.03265, algorithm 2",
)
def radam(x, g, m, v, t, lr=1e-3, beta1=0.9, beta2=0.999, eps=1e-8, eps_mode="uncorrected"):
    """Adam that distrusts its scale at first: plain momentum until enough gradients were seen, then ever more of Adam.

    ρ∞ = 2 / (1 − β₂) − 1, ρ = ρ∞ − 2 t β₂ᵗ / (1 − β₂ᵗ) is the number of gradients that v averages. While ρ ≤ 5 the step
    is −η m̂; then −η r m̂ / (√v̂ + ε) with r² = (ρ − 4)(ρ − 2) ρ∞ / ((ρ∞ − 4)(ρ∞ − 2) ρ). ε `uncorrected` (torch)
    stands beside √v, `outside` (optax) beside √v̂. The paper has 4 where both libraries have 5, and no ε.
    """
    gain_m = 1 - beta1**t
    gain_v = 1 - beta2**t
    m = beta1 * m + (1 - beta1) * g
    v = beta2 * v + (1 - beta2) * g * g
    longest = 2 / (1 - beta2) - 1
    length = longest - 2 * t * beta2**t / gain_v
    trust = sqrt((length - 4) * (length - 2) * longest / ((longest - 4) * (longest - 2) * length))
    if eps_mode == "uncorrected":
        scale = (sqrt(v) + eps) / sqrt(gain_v)
    else:
        scale = sqrt(v / gain_v) + eps
    return x - lr * m / gain_m * where(length > 5, trust / scale, 1.0), m, v


@define(
    "optimizer",
    title="AMSGrad",
    presets={
        "torch": {},
        "optax": {"largest_of": "corrected"},
        "paper": {"bias_correction": False},
    },
    oracle={
        "torch": "torch.optim.Adam([p], lr=lr, betas=(beta1, beta2), eps=eps, amsgrad=True)",
        "optax": "optax.amsgrad(lr, b1=beta1, b2=beta2, eps=eps)",
        "paper": "optax.amsgrad(lr, b1=beta1, b2=beta2, eps=eps, bias_correction_mu=False, bias_correction_nu=False)",
    },
    source="Reddi, Kale & Kumar 2018, On the convergence of Adam and beyond, arXiv:1904.09237, algorithm 2",
)
def amsgrad(x, g, m, v, top, t, lr=1e-3, beta1=0.9, beta2=0.999, eps=1e-8, largest_of="plain", bias_correction=True):
    """Adam whose scale never shrinks: each coordinate remembers the largest average of squares it has had.

    m = β₁ m + (1 − β₁) g, v = β₂ v + (1 − β₂) g², w = max(w, v); the step is −η m̂ / (√ŵ + ε), both corrected as in
    Adam, or as they are without `bias_correction`. With `largest_of` = corrected the maximum is over v̂ (optax). The
    paper has neither correction nor ε, lets η fall like 1 / √t and β₁ too (schedules here), and projects onto a set.
    """
    m = beta1 * m + (1 - beta1) * g
    v = beta2 * v + (1 - beta2) * g * g
    if bias_correction:
        gain_m = 1 - beta1**t
        gain_v = 1 - beta2**t
    else:
        gain_m = 1.0
        gain_v = 1.0
    if largest_of == "corrected":
        top = max(top, v / gain_v)
        scale = sqrt(top) + eps
    else:
        top = max(top, v)
        scale = sqrt(top / gain_v) + eps
    return x - lr * (m / gain_m) / scale, m, v, top


@define(
    "optimizer",
    title="QHAdam",
    aliases=("quasi_hyperbolic_adam",),
    presets={"paper": {}, "pytorch_optimizer": {"beta1": 0.9, "nu1": 1.0}},
    no_oracle="pytorch_optimizer keeps its corrections in float32, which shows in the eighth digit; a test writes the "
    "averages out as weighted sums",
    source="Ma & Yarats 2019, Quasi-hyperbolic momentum and Adam for deep learning, arXiv:1810.06801, section 5",
)
def qhadam(x, g, m, v, t, lr=1e-3, beta1=0.995, beta2=0.999, nu1=0.7, nu2=1.0, eps=1e-8):
    """Adam with the present gradient mixed into both averages once more; ν₁ = ν₂ = 1 is Adam.

    m = β₁ m + (1 − β₁) g, v = β₂ v + (1 − β₂) g², corrected as in Adam; the step is
    −η ((1 − ν₁) g + ν₁ m̂) / (√((1 − ν₂) g² + ν₂ v̂) + ε).
    """
    m = beta1 * m + (1 - beta1) * g
    v = beta2 * v + (1 - beta2) * g * g
    mixed = (1 - nu1) * g + nu1 * (m / (1 - beta1**t))
    power = (1 - nu2) * g * g + nu2 * (v / (1 - beta2**t))
    return x - lr * mixed / (sqrt(power) + eps), m, v


@define(
    "optimizer",
    title="AdEMAMix",
    limits={"beta3": (0.0, 1.0)},
    presets={"optax": {}, "pytorch_optimizer": {}},
    oracle={
        "optax": "optax.contrib.ademamix(lr, b1=beta1, b2=beta2, b3=beta3, alpha=alpha, eps=eps, "
        "weight_decay=weight_decay)",
        "pytorch_optimizer": "pytorch_optimizer.AdEMAMix([p], lr=lr, betas=(beta1, beta2, beta3), alpha=alpha, "
        "eps=eps)",
    },
    source="Pagliardini, Ablin & Grangier 2024, The AdEMAMix optimizer: better, faster, older, arXiv:2409.03137",
)
def ademamix(
    x,
    g,
    m,
    slow,
    v,
    t,
    lr=1e-3,
    beta1=0.9,
    beta2=0.999,
    beta3=0.9999,
    alpha=5.0,
    eps=1e-8,
    weight_decay=0.0,
):
    """Adam with two momenta: a quick one, and a slow one that still knows gradients thousands of steps old.

    m = β₁ m + (1 − β₁) g, n = β₃ n + (1 − β₃) g, v = β₂ v + (1 − β₂) g²; the step is
    −η ((m̂ + α n) / (√v̂ + ε) + λ x), m and v corrected as in Adam, n as it is, so that it comes in slowly. The paper
    also lets α and β₃ grow to these values over many steps, which a schedule does here (`--schedule alpha=ramp`).
    """
    m = beta1 * m + (1 - beta1) * g
    slow = beta3 * slow + (1 - beta3) * g
    v = beta2 * v + (1 - beta2) * g * g
    mixed = m / (1 - beta1**t) + alpha * slow
    scale = sqrt(v / (1 - beta2**t)) + eps
    return x - lr * (mixed / scale + weight_decay * x), m, slow, v
