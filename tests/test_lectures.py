"""Numbers that lectures on gradient descent quote, reproduced."""

import numpy as np
import pytest
from rules import feed

from gdviz.catalogue.lookup import find
from gdviz.objectives.landscape import derive
from gdviz.recipe.recipe import Recipe
from gdviz.runs.simulation import simulate
from gdviz.words.entries import parse_optimizers


def walk(landscape, *optimizers, **fields):
    """The run of some optimizers from the landscape's own start, for its own number of steps unless told otherwise."""
    entries = tuple(entry for text in optimizers for entry in parse_optimizers(text))
    return simulate(Recipe(landscape=landscape, optimizer=entries, **fields))


@pytest.mark.parametrize(("rate", "end"), [(0.01, 3.3409), (0.1, -1.9078), (0.5, -2.0), (0.9, -1.9078), (1.05, 51.82)])
def test_gradient_descent_on_a_parabola_from_6_after_20_steps(rate, end):
    x = walk("quadratic_1d", f"gd:lr={rate}").x[0, 0, :, 0]
    assert len(x) == 21 and x[0] == 6
    assert x[-1] == pytest.approx(end, abs=5e-5)
    np.testing.assert_allclose(x, -2 + 8 * (1 - 2 * rate) ** np.arange(21), rtol=1e-13)


def test_rate_1_on_a_parabola_is_a_cycle_of_two():
    x = walk("quadratic_1d", "gd:lr=1").x[0, 0, :, 0]
    assert (x[::2] == 6).all() and (x[1::2] == -10).all()


def test_equal_weights_give_a_straight_path_and_unequal_ones_bend_it():
    def turn(path):
        steps = np.diff(path, axis=0)
        steps /= np.linalg.norm(steps, axis=1, keepdims=True)
        return np.arccos(np.clip(steps @ steps[0], -1, 1)).max()

    assert turn(walk("quadratic_2d", "gd:lr=0.1").x[0, 0]) < 1e-6
    bent = walk("quadratic_2d", "gd:lr=0.1", constants={"b": 5})
    assert turn(bent.x[0, 0]) > 1
    assert np.abs(bent.x[0, 0, -1] - [3, -2]).max() < 0.02


@pytest.mark.parametrize(
    ("kappa", "rate", "arrivals"), [(25, 0.078, (100, 22, 50, 103)), (100, 0.0195, (229, 110, 54, 113))]
)
def test_ravine_is_left_below_1e_3_for_good(kappa, rate, arrivals):
    optimizers = [f"gd:lr={rate}", *(f"momentum:lr={rate}:mu={mu}" for mu in (0.5, 0.8, 0.9))]
    f = walk("ravine", *optimizers, constants={"kappa": kappa}, steps=400).f[:, 0]
    assert tuple(int(np.flatnonzero(row >= 1e-3).max()) + 1 for row in f) == arrivals


CRITICAL = [
    ("wobbly", (-0.1724, -0.9063), 0.9155, "min"),
    ("wobbly", (0.8961, 3.0665), 5.1010, "min"),
    ("wobbly", (0.3096, 1.6324), 6.9140, "saddle"),
    ("wobbly", (-1.7748, -2.5086), 12.7414, "saddle"),
    ("wobbly", (-1.1899, -2.1541), 14.0712, "max"),
    *(
        ("basins_and_walls", (side * x, 0.0), f, "min")
        for x, f in ((0.0, 0.0), (0.7615, 0.2991), (1.5220, 1.1959), (2.2804, 2.6892), (3.0340, 4.7766))
        for side in (-1, 1)
    ),
    *(
        ("basins_and_walls", (side * x, 0.0), None, "saddle")
        for x in (0.4054, 1.2167, 2.03, 2.8479)
        for side in (-1, 1)
    ),
    ("giant_plateau", (0.0, 0.0), 0.0, "min"),
    ("two_minimums", (0.0, 0.0), 1.0, "min"),
    ("two_minimums", (-2.5, -2.5), 3.5, "min"),
    ("two_minimums", (-1.4637, -1.4637), 3.9003, "saddle"),
]


@pytest.mark.parametrize(("name", "point", "value", "kind"), CRITICAL)
def test_quoted_critical_points_are_zeros_of_the_gradient(name, point, value, kind):
    derived = derive(find("landscape", name))
    x = np.array(point)
    for _ in range(6):
        x = x - np.linalg.solve(np.array(derived.hessian(*x), dtype=float), derived.gradient(*x))
    # Points are quoted with four decimals, and the holes' centres without the pull of their neighbours.
    assert np.abs(x - point).max() < 1e-4
    assert np.abs(derived.gradient(*x)).max() < 1e-12
    signs = np.sign(np.linalg.eigvalsh(np.array(derived.hessian(*x), dtype=float)))
    assert tuple(signs) == {"min": (1, 1), "saddle": (-1, 1), "max": (-1, -1)}[kind]
    if value is not None:
        assert derived.value(*x) == pytest.approx(value, abs=6e-5)


def bump(x, y, height, a, b, dx, dy):
    """Height times exp(−[a (x + dx)² + b (y + dy)²]) and its slopes, by hand."""
    e = height * np.exp(-(a * (x + dx) ** 2 + b * (y + dy) ** 2))
    return np.array([e, -2 * a * (x + dx) * e, -2 * b * (y + dy) * e])


def wobbly_by_hand(x, y):
    root = np.sqrt(np.abs(x) + 0.1)
    bent = np.sign(x) * (root + np.abs(x) / (2 * root))
    wave = 3 * np.cos(x + y)
    bowl = np.array([(x**2 + y**2) / 3 + np.abs(x) * root + 3 * np.sin(x + y) + 3, 2 * x / 3 + bent, 2 * y / 3])
    return bowl + np.array([0 * x, wave, wave]) + bump(x, y, 8, 2, 2, 1, 2)


def hills_by_hand(x, y):
    e = np.exp(-((x + y) ** 2))
    slope = 8 * (x + y) * e
    ground = np.array([(x**2 + y**2) / 3 + 4 - 4 * e, 2 * x / 3 + slope, 2 * y / 3 + slope])
    hills = ((3, 1, 1, 1, 2), (1, 3, 1.5, 2, -0.5), (3, 1.5, 3, -1, 1.5), (1.5, 1, 3, 1.5, 0.5))
    return ground + sum(bump(x, y, *hill) for hill in hills)


BY_HAND = {
    "wobbly": wobbly_by_hand,
    "basins_and_walls": lambda x, y: [(x**2 + y**2) / 2 + np.sin(4 * x) ** 2, x + 4 * np.sin(8 * x), y],
    "giant_plateau": lambda x, y: -bump(x, y, 4, 1, 1, 0, 0) + [4 + 0 * x, 0 * x, 0 * x],
    "hills_and_canyon": hills_by_hand,
    "two_minimums": lambda x, y: (
        -bump(x, y, 0.5, 1, 1, 2.5, 2.5) - bump(x, y, 3, 1, 1, 0, 0) + [4 + 0 * x, 0 * x, 0 * x]
    ),
    "ripple": lambda x, y: [
        (x**2 + y**2) / 3 + (np.sin(20 * x) ** 2 + np.sin(20 * y) ** 2) / 15,
        2 * x / 3 + 4 / 3 * np.sin(40 * x),
        2 * y / 3 + 4 / 3 * np.sin(40 * y),
    ],
    "simple_quad": lambda x, y: [x**2 + y**2, 2 * x, 2 * y],
}


@pytest.mark.parametrize("name", BY_HAND)
def test_surfaces_and_their_gradients_by_hand(name):
    axis = np.linspace(-3, 3, 61)  # holds x = 0, where the kink of wobbly has slope 0
    x, y = (values.ravel() for values in np.meshgrid(axis, axis))
    value, gradient = derive(find("landscape", name)).value_and_gradient(x, y)
    np.testing.assert_allclose([value, *gradient], BY_HAND[name](x, y), rtol=1e-12, atol=1e-12)


def test_start_on_the_plateau_is_flat():
    value, gradient = derive(find("landscape", "giant_plateau")).value_and_gradient(-2.8, -2.5)
    assert value == pytest.approx(4, abs=5e-6)
    assert np.hypot(*gradient) == pytest.approx(2.3e-5, rel=0.02)


SUITE = {
    "nesterov": "nesterov:preset=lasagne:lr=0.01",
    "rmsprop": "rmsprop:preset=lasagne:lr=0.25",
    "adadelta": "adadelta:preset=lasagne:lr=100",
    "adagrad": "adagrad:preset=lasagne:lr=1",
    "adam": "adam:preset=lasagne:lr=0.25",
}


def race(landscape):
    """Points and losses after 125 steps from the corner, by optimizer."""
    run = walk(landscape, *SUITE.values())
    assert run.t[-1] == 125 and tuple(run.x[0, 0, 0]) == (-2.8, -2.5)
    return {name: (run.x[i, 0, -1], run.f[i, 0, -1]) for i, name in enumerate(SUITE)}


@pytest.mark.parametrize(
    ("landscape", "optimizer", "point", "loss"),
    [
        ("wobbly", "nesterov", (-0.174, -0.905), 0.9155),
        ("wobbly", "adagrad", (-0.1724, -0.9063), 0.9155),
        ("wobbly", "adam", (-0.171, -0.911), 0.9155),
        ("basins_and_walls", "nesterov", (-0.7615, 0.0015), 0.2991),
        ("basins_and_walls", "adagrad", (0.0, 0.0), 0.0),
        ("basins_and_walls", "adam", (-0.7615, 0.0), 0.2991),
        ("two_minimums", "nesterov", (-2.5, -2.5), 3.5),
        ("two_minimums", "adagrad", (-2.5, -2.5), 3.5),
        ("two_minimums", "adam", (-2.5, -2.5), 3.5),
    ],
)
def test_ends_of_the_race_that_come_to_rest(landscape, optimizer, point, loss):
    x, f = race(landscape)[optimizer]
    assert np.abs(x - point).max() < 6e-4
    assert f == pytest.approx(loss, abs=6e-5)


@pytest.mark.parametrize(
    ("landscape", "optimizer", "loss"),
    [
        ("wobbly", "rmsprop", 1.055),
        ("wobbly", "adadelta", 2.17),
        ("basins_and_walls", "rmsprop", 0.25),
        ("two_minimums", "rmsprop", 3.52),
        ("two_minimums", "adadelta", 3.59),
    ],
)
def test_ends_of_the_race_that_keep_jumping(landscape, optimizer, loss):
    """They jump by about η/2 for ever. Adadelta on basins_and_walls is chaotic and has no reference."""
    assert race(landscape)[optimizer][1] == pytest.approx(loss, abs=0.02)


def test_only_adam_leaves_the_trap_between_the_hills():
    assert {name for name, (_, f) in race("hills_and_canyon").items() if f < 1} == {"adam"}


def test_only_scaled_steps_leave_the_plateau():
    assert {name for name, (_, f) in race("giant_plateau").items() if f < 3.9} == set(SUITE) - {"nesterov"}


def test_none_leaves_the_bad_start():
    assert all(np.abs(x + 2.5).max() < 0.5 for x, _ in race("two_minimums").values())


ANIMATIONS = {
    "beale": (
        "gd:lr=0.005",
        "momentum:lr=0.002",
        "nesterov:lr=0.002",
        "adagrad:lr=0.5",
        "rmsprop:lr=0.03",
        "adam:lr=0.1",
    ),
    "long_valley": (
        *("gd:lr=0.05", "momentum:lr=0.05", "nesterov:lr=0.05", "adagrad:lr=0.2", "rmsprop:lr=0.05"),
        *("adadelta:rho=0.95:lr=30", "adam:lr=0.05"),
    ),
    "saddle": ("gd:lr=0.02", "momentum:lr=0.02", "adagrad:lr=0.1", "rmsprop:lr=0.02", "adam:lr=0.02"),
}


def test_all_reach_beales_minimum():
    run = walk("beale", *ANIMATIONS["beale"])
    assert run.t[-1] == 300 and (run.f[:, 0, -1] < 0.05).all()


def test_plain_descent_goes_nowhere_in_the_long_valley():
    y = np.abs(walk("long_valley", *ANIMATIONS["long_valley"]).x[:, 0, -1, 1])
    assert y[0] == pytest.approx(0.07, abs=0.005)
    assert (np.abs(y[1:] - 4.47) < 0.15).all()


def test_plain_descent_hardly_leaves_the_saddle():
    y = np.abs(walk("saddle", *ANIMATIONS["saddle"]).x[:, 0, :, 1]).max(axis=1)
    assert y[0] < 0.12 and (y[1:] > 1.5).all()


def ema(beta, values):
    """Exponential moving averages from 0: m = β m + (1 − β) value."""
    m, means = np.zeros(values.shape[1]), []
    for value in values:
        m = beta * m + (1 - beta) * value
        means.append(m)
    return np.array(means)


def fading_maximum(beta, values):
    """max(|g_t|, β |g_{t−1}|, β² |g_{t−2}| …)."""
    return np.array(
        [np.max([beta ** (t - k) * np.abs(values[k]) for k in range(t + 1)], axis=0) for t in range(len(values))]
    )


G = np.random.default_rng(6).normal(size=(30, 2)) * [1.0, 1e-3]
T = np.arange(1, 31)[:, None]
STEPS = {
    # Lecture on training deep networks
    "adagrad:preset=deck001": 0.01 * G / np.sqrt(np.cumsum(G**2, axis=0) + 1e-8),
    "rmsprop:preset=deck001": 0.01 * G / np.sqrt(ema(0.9, G**2) + 1e-8),
    "adam:preset=deck001": 0.001 * ema(0.9, G) / (1 - 0.9**T) / (np.sqrt(ema(0.999, G**2) / (1 - 0.999**T)) + 1e-8),
    "adamax:preset=deck001": 0.002 * ema(0.9, G) / (1 - 0.9**T) / fading_maximum(0.999, G),
    # Lecture notes without rates and without bias correction
    "momentum:preset=deck003:lr=0.3": 0.3 * ema(0.9, G),
    "rmsprop:preset=deck003:rho=0.9": G / np.sqrt(ema(0.9, G**2) + 1e-8),
    "adam:preset=deck003": ema(0.9, G) / np.sqrt(ema(0.99, G**2) + 1e-8),
    # Lasagne
    "adagrad:preset=lasagne": G / np.sqrt(np.cumsum(G**2, axis=0) + 1e-6),
    "rmsprop:preset=lasagne": G / np.sqrt(ema(0.9, G**2) + 1e-6),
    "adamax:preset=lasagne": 0.002 * ema(0.9, G) / (1 - 0.9**T) / (fading_maximum(0.999, G) + 1e-8),
    "adam:preset=lasagne": 0.001
    * (np.sqrt(1 - 0.999**T) / (1 - 0.9**T))
    * (ema(0.9, G) / (np.sqrt(ema(0.999, G**2)) + 1e-8)),
}


@pytest.mark.parametrize("optimizer", STEPS)
def test_presets_are_the_formulas_they_stand_for(optimizer):
    np.testing.assert_allclose(-np.diff(feed(optimizer, G), axis=0), STEPS[optimizer], rtol=1e-11, atol=1e-14)


@pytest.mark.parametrize(("preset", "reach"), [("deck001", 0.002 * 0.9), ("deck003", 0.9 / 0.1)])
def test_nesterovs_lecture_presets_look_ahead(preset, reach):
    """deck001: v = μ v + η g(w − μ v); deck003: m = (1 − β) g(θ − β / (1 − β) m) + β m. Here g = (x, 1.5 y)."""
    path = walk("ravine", f"nesterov:preset={preset}:lr=0.002", constants={"kappa": 1.5}, steps=40).x[0, 0]
    gain = {"deck001": 1.0, "deck003": 0.1}[preset]
    x, v = path[0], np.zeros(2)
    for point in path[1:]:
        v = 0.9 * v + gain * np.array([1.0, 1.5]) * (x - reach * v)
        x = x - 0.002 * v
        np.testing.assert_allclose(point, x, rtol=1e-12)


RECTANGLES = np.where(np.arange(300) % 40 < 20, 1.0, -1.0)[:, None]


@pytest.mark.parametrize(("eps", "low", "high"), [(1e-7, -0.546, 2.5), (0.1, -0.544, 2.384), (10, -0.449, 0.754)])
def test_adagrads_answer_to_rectangles(eps, low, high):
    y = -np.diff(feed(f"adagrad:preset=deck001:lr=2.5:eps={eps}", RECTANGLES), axis=0)
    assert (y.min(), y.max()) == (pytest.approx(low, abs=6e-4), pytest.approx(high, abs=6e-4))


@pytest.mark.parametrize(("rho", "high"), [(0.25, 0.289), (0.9, 0.791), (0.975, 1.581)])
def test_rmsprops_answer_to_rectangles(rho, high):
    y = -np.diff(feed(f"rmsprop:preset=deck001:lr=0.25:rho={rho}:eps=1e-5", RECTANGLES), axis=0)
    assert y.max() == pytest.approx(high, abs=6e-4)
    assert y.max() == pytest.approx(0.25 / np.sqrt(1 - rho), rel=1e-3)


def test_adadelta_from_a_big_start_steps_farther_at_first():
    zero, big = (
        -np.diff(feed(f"adadelta:eps=0.001:delta_init={start}", RECTANGLES), axis=0)[:, 0] for start in (0, 50)
    )
    assert big[0] == pytest.approx(np.sqrt(50.001) / np.sqrt(0.101))
    assert zero[0] == pytest.approx(np.sqrt(0.001) / np.sqrt(0.101))
