"""Methods that see values only: a simplex, a random walker, a cloud that learns its shape."""

from math import inf

from gdviz.formula import dot, eigen, exp, log, max, min, norm, sqrt
from gdviz.registry import define


@define(
    "optimizer",
    title="Nelder–Mead",
    aliases=("simplex", "downhill_simplex", "amoeba", "neldermead"),
    limits={"expansion": (1.0, inf), "contraction": (0.0, 1.0), "shrinkage": (0.0, 1.0)},
    presets={"textbook": {}},
    scipy="Nelder-Mead",
    no_oracle="it sees no gradients that could be fed; a test compares its best corners with SciPy's, step by step",
    source="Nelder & Mead 1965, A simplex method for function minimization, doi:10.1093/comjnl/7.4.308; first simplex "
    "and order of trials after SciPy's",
)
def nelder_mead(x, value, size=0.05, expansion=2.0, contraction=0.5, shrinkage=0.5):
    """A triangle (of dim + 1 corners) that turns over its worst corner, stretching and shrinking as it finds its way.

    The path is that of the best corner; the method needs no gradient. The first corners are x with one coordinate each
    made longer by the share `size` (0 becomes 0.00025). It ends when all corners are one point; the paper ends it when
    their values differ little. The reflection coefficient is 1.
    """
    corners = [(value(x), x)]
    for k in range(len(x)):
        corner = x.copy()
        corner[k] = (1 + size) * corner[k] if corner[k] != 0 else 0.00025
        corners.append((value(corner), corner))
    corners.sort(key=_value_of)
    while any((corner != corners[0][1]).any() for _, corner in corners):
        centre = sum(corner for _, corner in corners[:-1]) / len(x)
        f_worst, worst = corners[-1]
        turned = 2 * centre - worst
        f_turned = value(turned)
        trial = None
        if f_turned < corners[0][0]:
            longer = (1 + expansion) * centre - expansion * worst
            f_longer = value(longer)
            trial = (f_longer, longer) if f_longer < f_turned else (f_turned, turned)
        elif f_turned < corners[-2][0]:
            trial = (f_turned, turned)
        elif f_turned < f_worst:
            shorter = (1 + contraction) * centre - contraction * worst
            f_shorter = value(shorter)
            trial = (f_shorter, shorter) if f_shorter <= f_turned else None
        else:
            inside = (1 - contraction) * centre + contraction * worst
            f_inside = value(inside)
            trial = (f_inside, inside) if f_inside < f_worst else None
        if trial is not None:
            corners[-1] = trial
        else:
            best = corners[0][1]
            moved = [best + shrinkage * (corner - best) for _, corner in corners[1:]]
            corners[1:] = [(value(corner), corner) for corner in moved]
        corners.sort(key=_value_of)
        yield corners[0][1]


def _value_of(corner):
    return corner[0]


@define(
    "optimizer",
    title="Simulated annealing",
    aliases=("annealing", "sa", "metropolis"),
    presets={"textbook": {}},
    symbols={"temperature": "T"},
    limits={"cold": (0.0, 1.0)},
    no_oracle="random proposals have no twin; at temperature 0 it must never climb, and the same seed repeats it",
    source="Kirkpatrick, Gelatt & Vecchi 1983, Optimization by simulated annealing, "
    "doi:10.1126/science.220.4598.671; Metropolis et al. 1953, Equation of state calculations by fast computing "
    "machines, doi:10.1063/1.1699114",
)
def simulated_annealing(x, value, random, steps, sigma=0.3, temperature=1.0, cold=1e-3):
    """A random walker that takes every step down and, while it is warm, many a step up: it can leave a hollow.

    A proposal is x + σ ξ, ξ normal in every coordinate; a climb of Δf is taken with probability exp(−Δf / T). The
    temperature falls from T to T · `cold` over the run, by the same factor each step, and σ with its square root. The
    papers leave proposals and cooling to whoever uses them.
    """
    f = value(x)
    t = 0
    while True:
        part = min(t / max(steps - 1, 1), 1.0)
        heat = temperature * cold**part
        trial = x + sigma * sqrt(cold**part) * random.normal(size=len(x))
        found = value(trial)
        chance = random.random()
        if found <= f or (heat > 0 and chance < exp(-(found - f) / heat)):
            x, f = trial, found
        t += 1
        yield x


@define(
    "optimizer",
    title="CMA-ES",
    aliases=("cma", "cmaes", "evolution_strategy"),
    presets={"textbook": {}},
    symbols={"population": "λ"},
    no_oracle="random samples have no twin; that order alone matters, and the step on a sphere, are what tests ask for",
    source="Hansen & Ostermeier 2001, Completely derandomized self-adaptation in evolution strategies, "
    "doi:10.1162/106365601750190398; constants of Hansen 2016, The CMA evolution strategy: a tutorial, "
    "arXiv:1604.00772",
)
def cma_es(x, value, random, sigma=0.5, population=0.0):
    """A cloud of samples whose better half moves its centre and reshapes it: it learns scale and slant of a valley.

    The path is that of the mean. A generation draws λ points x + σ N(0, C) (`population`, 0 for 4 + ⌊3 ln dim⌋), ranks
    them by value and takes the weighted mean of the better half; σ follows how straight the mean travels, C where the
    good samples lay (bad ones, which the tutorial gives negative weights, are left out). Only the order of the values
    counts; a sample without a finite one leads nowhere. Constants are those of the tutorial's code; σ grows e-fold in a
    generation at most.
    """
    n = len(x)
    count = max(int(population), 2) if population > 0 else 4 + int(3 * log(float(n)))
    raw = [log((count + 1) / 2) - log(float(i + 1)) for i in range(count // 2)]
    weights = [w / sum(raw) for w in raw]
    mass = 1 / sum(w * w for w in weights)
    c_sigma = (mass + 2) / (n + mass + 5)
    damping = 1 + 2 * max(0.0, sqrt((mass - 1) / (n + 1)) - 1) + c_sigma
    c_path = (4 + mass / n) / (n + 4 + 2 * mass / n)
    c_one = 2 / ((n + 1.3) ** 2 + mass)
    c_mu = min(1 - c_one, 2 * (mass - 2 + 1 / mass) / ((n + 2) ** 2 + mass))
    usual = sqrt(float(n)) * (1 - 1 / (4 * n) + 1 / (21 * n * n))
    straight, path = 0 * x, 0 * x
    shape = 0 * x[:, None] * x
    for k in range(n):
        shape[k, k] = 1
    generation = 0
    while True:
        generation += 1
        values, axes = eigen(shape)
        lengths = [sqrt(max(float(v), 0.0)) for v in values]
        drawn = []
        for _ in range(count):
            z = random.normal(size=n)
            y = sum(z[k] * lengths[k] * axes[k] for k in range(n))
            f = value(x + sigma * y)
            drawn.append((f, y if f < inf else 0 * y))
        drawn.sort(key=_value_of)
        step = sum(w * y for w, (_, y) in zip(weights, drawn, strict=False))
        x = x + sigma * step
        white = sum(dot(axes[k], step) / max(lengths[k], 1e-150) * axes[k] for k in range(n))
        straight = (1 - c_sigma) * straight + sqrt(c_sigma * (2 - c_sigma) * mass) * white
        length = float(norm(straight))
        lively = length / sqrt(1 - (1 - c_sigma) ** (2 * generation)) < (1.4 + 2 / (n + 1)) * usual
        path = (1 - c_path) * path + lively * sqrt(c_path * (2 - c_path) * mass) * step
        kept = 1 - c_one - c_mu + (1 - lively) * c_one * c_path * (2 - c_path)
        ranked = sum(w * y[:, None] * y for w, (_, y) in zip(weights, drawn, strict=False))
        shape = kept * shape + c_one * path[:, None] * path + c_mu * ranked
        sigma = sigma * exp(min(1.0, c_sigma / damping * (length / usual - 1)))
        yield x
