"""What hyperparameters are usually called and how large they may be, and what there is to learn."""

from __future__ import annotations

import math
from types import MappingProxyType

AT_START = "x0"
"""What `init=` says of state that begins as the point where a run starts."""

TASKS = REGRESSION, BINARY, CLASSES = ("regression", "binary", "classes")
"""What is to be told of a sample: a number, which of two classes, or which of several."""

INDICES = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")
"""Digits behind symbols."""

SYMBOLS = MappingProxyType(
    {
        "lr": "η",
        "mu": "μ",
        "beta": "β",
        "beta1": "β₁",
        "beta2": "β₂",
        "beta3": "β₃",
        "rho": "ρ",
        "gamma": "γ",
        "nu": "ν",
        "nu1": "ν₁",
        "nu2": "ν₂",
        "alpha": "α",
        "eps": "ε",
        "f_star": "f*",
        "weight_decay": "λ",
        "damping": "λ",
        "decay": "λ",
        "dampening": "τ",
        "c1": "c₁",
        "c2": "c₂",
        "sigma": "σ",
    }
)
"""How legends write common hyperparameters; the fact `symbols=` of a definition adds to it."""

OTHER_WORDS = MappingProxyType(
    {
        **dict.fromkeys(("learning_rate", "learningrate", "step_size", "stepsize", "rate", "eta"), "lr"),
        "momentum": "mu",
        "epsilon": "eps",
        "b1": "beta1",
        "b2": "beta2",
        "wd": "weight_decay",
    }
)
"""What other packages and books call common hyperparameters: told to whoever types it, never taken for ours."""

BELOW_1 = math.nextafter(1.0, 0.0)
"""Largest number below 1, the limit of an average's decay: with 1 it never learns anything, and its correction
1 − βᵗ divides by 0."""

LIMITS = MappingProxyType(
    {
        **dict.fromkeys(("lr", "lr_decay", "eps", "eps_root", "damping", "weight_decay", "sigma"), (0.0, math.inf)),
        **dict.fromkeys(("acc_init", "delta_init", "radius", "temperature"), (0.0, math.inf)),
        **dict.fromkeys(("mu", "momentum", "beta", "c1", "c2"), (0.0, 1.0)),
        **dict.fromkeys(("beta1", "beta2", "beta3", "rho"), (0.0, BELOW_1)),
        **dict.fromkeys(("tries", "memory"), (1.0, 1000.0)),
        "population": (0.0, 10_000.0),
    }
)
"""Least and largest value of common hyperparameters, both allowed; the fact `limits=` of a definition wins over it."""

WHOLE = frozenset(("tries", "memory", "population", "patience", "cooldown", "interval"))
"""Common hyperparameters that count something; the fact `whole=` of a definition wins over it."""

LINKS = ("sigmoid", "softmax")
"""What makes probabilities of logits: of one, or of one for each class."""
