"""Adam's relatives that measure the gradient's size in another way."""

from gdviz.formula import sign, sqrt, where
from gdviz.registry import define


@define(
    "optimizer",
    title="AdaBelief",
    presets={"optax": {}, "pytorch_optimizer": {}},
    oracle={
        "optax": "optax.adabelief(lr, b1=beta1, b2=beta2, eps=eps, eps_root=eps_root)",
        "pytorch_optimizer": "pytorch_optimizer.AdaBelief([p], lr=lr, betas=(beta1, beta2), eps=1e-16)",
    },
    source="Zhuang et al. 2020, AdaBelief optimizer: adapting stepsizes by the belief in observed gradients, "
    "arXiv:2010.07468, algorithm 2",
)
def adabelief(x, g, m, s, t, lr=1e-3, beta1=0.9, beta2=0.999, eps=1e-16, eps_root=1e-16):
    """Adam that divides by how much gradients differ from their average: long steps where they agree.

    m = β₁ m + (1 − β₁) g, s = β₂ s + (1 − β₂) (g − m)² + ε' (`eps_root`); the step is −η m̂ / (√ŝ + ε), both corrected
    as in Adam. ε' and ε are one number in the paper, which also projects onto a set.
    """
    m = beta1 * m + (1 - beta1) * g
    surprise = g - m
    s = beta2 * s + (1 - beta2) * surprise * surprise + eps_root
    m_hat = m / (1 - beta1**t)
    return x - lr * m_hat / (sqrt(s / (1 - beta2**t)) + eps), m, s


@define(
    "optimizer",
    title="Yogi",
    limits={"beta2": (0.0, 1.0)},
    refused={
        "it divides by 1 − β₂ᵗ = 0; lower beta2": lambda bias_correction, beta2: bias_correction and beta2 == 1,
    },
    init={"m": "m_init", "v": "acc_init"},
    presets={
        "paper": {},
        "optax": {"bias_correction": True, "m_init": 1e-6},
        "pytorch_optimizer": {"bias_correction": True, "m_init": 1e-6},
    },
    oracle={
        "optax": "optax.chain(optax.scale_by_yogi(b1=beta1, b2=beta2, eps=eps, initial_accumulator_value=1e-6), "
        "optax.scale(-lr))",
        "pytorch_optimizer": "pytorch_optimizer.Yogi([p], lr=lr, betas=(beta1, beta2), eps=eps)",
    },
    source="Zaheer et al. 2018, Adaptive methods for nonconvex optimization, Advances in Neural Information "
    "Processing Systems 31, algorithm 2",
)
def yogi(x, g, m, v, t, lr=0.01, beta1=0.9, beta2=0.999, eps=1e-3, acc_init=1e-6, m_init=0.0, bias_correction=False):
    """Adam whose scale changes by a bounded amount a step, so that small gradients do not make it forget at once.

    m = β₁ m + (1 − β₁) g, v = v − (1 − β₂) sign(v − g²) g², from `acc_init`; the step is −η m / (√v + ε), both divided
    as in Adam with `bias_correction` (optax). Libraries begin with m, too, at 1e-6, which moves x without a gradient.
    """
    m = beta1 * m + (1 - beta1) * g
    square = g * g
    v = v - (1 - beta2) * sign(v - square) * square
    if bias_correction:
        gain_m = 1 - beta1**t
        gain_v = 1 - beta2**t
    else:
        gain_m = 1.0
        gain_v = 1.0
    return x - lr * (m / gain_m) / (sqrt(v / gain_v) + eps), m, v


@define(
    "optimizer",
    title="Adan",
    presets={"pytorch_optimizer": {}, "optax": {"difference": "literal", "eps_root": 1e-8}},
    oracle={
        "pytorch_optimizer": "pytorch_optimizer.Adan([p], lr=lr, betas=(beta1, beta2, beta3), eps=eps, "
        "weight_decay=weight_decay)",
        "optax": "optax.adan(lr, b1=beta1, b2=beta2, b3=beta3, eps=eps, eps_root=eps_root)",
    },
    source="Xie et al. 2022, Adan: adaptive Nesterov momentum algorithm for faster optimizing deep models, "
    "arXiv:2208.06677, algorithm 1",
)
def adan(
    x,
    g,
    m,
    d,
    n,
    last,
    t,
    lr=1e-3,
    beta1=0.98,
    beta2=0.92,
    beta3=0.99,
    eps=1e-8,
    eps_root=0.0,
    weight_decay=0.0,
    difference="ahead",
):
    """Adam with Nesterov's look-ahead made of averages: of gradients, of their differences, and of both squared.

    m = β₁ m + (1 − β₁) g, d = β₂ d + (1 − β₂) Δ with Δ = g − the gradient before, n = β₃ n + (1 − β₃) (g + β₂ Δ)²; the
    step is −η (m̂ + β₂ d̂) / (√n̂ + ε), all corrected as in Adam, then x is divided by 1 + η λ. The paper writes 1 − β
    for each β. `literal`: 1 − β₂ in place of β₂ where the difference is added (optax, which takes the paper's 1 − β₂ as
    it stands, but for the other β). Corrections are the libraries': the paper begins with m = g and n = g² instead.
    """
    change = where(t > 1, g - last, 0.0)
    m = beta1 * m + (1 - beta1) * g
    d = beta2 * d + (1 - beta2) * change
    if difference == "literal":
        share = 1 - beta2
    else:
        share = beta2
    ahead = g + share * change
    n = beta3 * n + (1 - beta3) * ahead * ahead
    push = m / (1 - beta1**t) + share * (d / (1 - beta2**t))
    scale = sqrt(n / (1 - beta3**t) + eps_root) + eps
    return (x - lr * push / scale) / (1 + lr * weight_decay), m, d, n, g
