"""Variants of one method that must be the same method, to 1e-12, and limits that must be simpler ones."""

import json
from pathlib import Path

import numpy as np
import pytest
from rules import feed

from gdviz.catalogue.lookup import find
from gdviz.errors import UsageError
from gdviz.recipe.recipe import Recipe
from gdviz.registry.defining import describe
from gdviz.runs.simulation import simulate
from gdviz.words.entries import parse_optimizers

FED = np.array(json.loads((Path(__file__).parent / "references" / "gradients.json").read_text(encoding="utf-8")))


def walk(landscape, *optimizers, **fields):
    """Paths float64[optimizer, record, dim] from the landscape's start."""
    entries = tuple(entry for text in optimizers for entry in parse_optimizers(text))
    run = simulate(Recipe(landscape=landscape, optimizer=entries, **fields))
    assert (run.status == "unfinished").all()
    return run.x[:, 0]


def assert_same(a, b):
    scale = np.abs(b).max(axis=0)
    assert (scale > 0).all(), "what never moves shows nothing"
    assert (np.abs(a - b) <= 1e-12 * scale).all()


def test_positive_form_of_momentum_is_the_sign_form():
    def sign_form(x, g, v, lr=0.02, mu=0.9):
        """v' = μ v − η g, x' = x + v'."""
        v = mu * v - lr * g
        return x + v, v

    theirs = feed(describe("optimizer", sign_form), FED)
    assert_same(feed("momentum:lr=0.02:lr_in_buffer=yes", FED), theirs)
    assert_same(feed("momentum:lr=0.02", FED), theirs)


@pytest.mark.parametrize("form", ["shifted", "lookahead", "coast", "coast_literal", "ema_lookahead"])
def test_rate_in_the_buffer_is_the_same_at_constant_rate(form):
    name = f"nesterov:lr=0.004:nesterov_form={form}"
    outside, inside = walk("ravine", name, f"{name}:lr_in_buffer=yes", steps=100, constants={"kappa": 1.5})
    assert_same(inside, outside)


def test_rate_in_the_buffer_is_the_same_in_rmsprop_and_ema_momentum():
    for name in ("rmsprop:mu=0.7", "momentum:momentum_form=ema", "momentum:dampening=0.4"):
        assert_same(feed(f"{name}:lr_in_buffer=yes", FED), feed(name, FED))


def test_rate_in_the_buffer_lets_old_gradients_keep_their_rate():
    rates = 0.1 / np.arange(1, len(FED) + 1)
    x = late = v = np.zeros(3)
    y = early = w = np.zeros(3)
    momentum = find("optimizer", "momentum").function
    for t, (g, rate) in enumerate(zip(FED, rates, strict=True), start=1):
        late, v = momentum(late, g, v, t, lr=rate)
        early, w = momentum(early, g, w, t, lr=rate, lr_in_buffer=True)
        x = x - rate * sum(0.9 ** (t - k) * FED[k - 1] for k in range(1, t + 1))
        y = y - sum(0.9 ** (t - k) * rates[k - 1] * FED[k - 1] for k in range(1, t + 1))
    np.testing.assert_allclose(late, x, rtol=1e-12)
    np.testing.assert_allclose(early, y, rtol=1e-12)
    assert (np.abs(x - y) > 1e-3 * np.abs(x)).all()


def test_rate_in_rmsprops_buffer_too():
    rule = find("optimizer", "rmsprop").function
    moved = {}
    for buffered in (False, True):
        state = (np.zeros(3),) * 3
        points = [np.zeros(3)]
        for t, g in enumerate(FED, start=1):
            rate = 0.1 if t <= 25 else 0.0
            x, *state = rule(points[-1], g, *state, t, lr=rate, mu=0.9, lr_in_buffer=buffered)
            points.append(x)
        moved[buffered] = np.abs(np.diff(points, axis=0)[25:]).max(axis=0)
    # The rate falls to 0 half way: outside the buffer everything stops at once, inside it the ball rolls on.
    assert (moved[False] == 0).all() and (moved[True] > 0).all()


def test_ema_momentum_is_classical_momentum_at_a_smaller_rate():
    for beta in (0.5, 0.9, 0.99):
        ema = feed(f"momentum:momentum_form=ema:lr=0.3:mu={beta}", FED)
        assert_same(ema, feed(f"momentum:lr={0.3 * (1 - beta)!r}:mu={beta}", FED))


def test_dampening_is_the_ema_but_for_the_first_step():
    ema = feed("momentum:momentum_form=ema:mu=0.9", FED)
    assert_same(feed("momentum:mu=0.9:dampening=0.9:first_step=zero", FED), ema)
    # An undamped first gradient enters with weight 1 instead of 0.1: it is as if it had come once more with 0.9.
    few = FED[:50]  # on longer paths their rounding is more than 1e-12 of how far they differ
    ema = feed("momentum:momentum_form=ema:mu=0.9", few)
    torch_like = feed("momentum:mu=0.9:dampening=0.9", few)
    once = np.zeros_like(few)
    once[0] = few[0] * 0.9 / 0.1
    assert_same((torch_like - ema)[:, [0, 2]], feed("momentum:momentum_form=ema:mu=0.9", once)[:, [0, 2]])


def test_shifted_nesterov_walks_through_the_points_looked_at():
    mu = 0.9
    w, shifted = walk("himmelblau", "nesterov:lr=0.002:nesterov_form=lookahead", "nesterov:lr=0.002", steps=150)
    speed = np.diff(w, axis=0, prepend=w[:1])
    assert_same(shifted, w + mu * speed)


def test_ema_lookahead_is_lookahead_at_a_smaller_rate():
    ema, plain = walk(
        "beale",
        "nesterov:nesterov_form=ema_lookahead:lr=0.02:mu=0.8",
        f"nesterov:nesterov_form=lookahead:lr={0.02 * (1 - 0.8)!r}:mu=0.8",
        steps=200,
    )
    assert_same(ema, plain)


@pytest.mark.parametrize(("form", "reach"), [("coast", 0.02 * 0.8 / 0.2), ("coast_literal", 0.8 / 0.2)])
def test_coast_forms_look_ahead_by_the_whole_way_to_rest(form, reach):
    (path,) = walk("ravine", f"nesterov:nesterov_form={form}:lr=0.02:mu=0.8", steps=60, constants={"kappa": 2.0})
    x, m = np.array([-4.0, 1.5]), np.zeros(2)
    expected = [x]
    for _ in range(60):
        m = 0.2 * np.array([1.0, 2.0]) * (x - reach * m) + 0.8 * m
        x = x - 0.02 * m
        expected.append(x)
    assert_same(path, np.array(expected))


def test_coast_forms_agree_at_rate_1():
    coast, literal = walk(
        "ravine",
        "nesterov:nesterov_form=coast:lr=1",
        "nesterov:nesterov_form=coast_literal:lr=1",
        steps=60,
        constants={"kappa": 1.5},
    )
    assert_same(coast, literal)


def test_literal_coast_diverges_on_curvature_above_1_plus_1_over_beta_whatever_the_rate():
    """The momentum's coefficient there is β (1 − a): |0.9 (1 − 2.2)| > 1 > |0.9 (1 − 2.0)|."""
    for rate in (1e-2, 1e-4, 1e-6):
        name = f"nesterov:nesterov_form=coast_literal:lr={rate}"
        entries = tuple(parse_optimizers(name))
        wild = simulate(Recipe(landscape="ravine", optimizer=entries, steps=600, constants={"kappa": 2.2}))
        calm = simulate(Recipe(landscape="ravine", optimizer=entries, steps=600, constants={"kappa": 2.0}))
        assert wild.status[0, 0] == "diverged"
        assert np.abs(calm.x).max() <= 4.0


def test_without_memory_momentum_and_nesterov_are_gradient_descent():
    plain = feed("gd:lr=0.03", FED)
    assert_same(feed("momentum:lr=0.03:mu=0", FED), plain)
    assert_same(feed("momentum:momentum_form=ema:lr=0.03:mu=0", FED), plain)
    for form in ("shifted", "lookahead", "coast", "coast_literal", "ema_lookahead"):
        path, descent = walk("himmelblau", f"nesterov:lr=0.004:mu=0:nesterov_form={form}", "gd:lr=0.004", steps=80)
        assert_same(path, descent)


def test_with_endless_memory_nothing_moves():
    assert (feed("momentum:momentum_form=ema:mu=1", FED) == 0).all()
    assert (feed("nesterov:nesterov_form=ema_lookahead:mu=1", FED) == 0).all()


def test_without_memory_adaptive_methods_step_by_the_sign():
    expected = -0.01 * np.cumsum(FED / (np.abs(FED) + 1e-6), axis=0)
    for name in ("rmsprop:rho=0", "adam:beta1=0:beta2=0", "adamax:beta1=0:beta2=0:eps_mode=outside"):
        assert_same(feed(f"{name}:lr=0.01:eps=1e-6", FED)[1:], expected)


def test_adam_without_momentum_is_corrected_rmsprop():
    adam = feed("adam:beta1=0:beta2=0.97:lr=0.01", FED)
    assert_same(feed("rmsprop:rho=0.97:lr=0.01:bias_correction=yes", FED), adam)


def test_places_of_eps_in_adam():
    assert_same(feed("adam:eps_mode=inside:eps=1e-5", FED), feed("adam:eps=0:eps_root=1e-5", FED))
    assert_same(
        feed("adam:eps_mode=uncorrected:eps=1e-3:bias_correction=no", FED),
        feed("adam:eps=1e-3:bias_correction=no", FED),
    )


def test_adam_in_lasagnes_form_has_a_growing_eps():
    """η √(1 − β₂ᵗ) / (1 − β₁ᵗ) · m / (√v + ε) is Adam with ε / √(1 − β₂ᵗ) beside the corrected root."""
    x = m = v = np.zeros(3)
    expected = [x]
    for t, g in enumerate(FED, start=1):
        m = 0.9 * m + 0.1 * g
        v = 0.999 * v + 0.001 * g * g
        x = x - 0.001 * (m / (1 - 0.9**t)) / (np.sqrt(v / (1 - 0.999**t)) + 1e-4 / np.sqrt(1 - 0.999**t))
        expected.append(x)
    assert_same(feed("adam:preset=lasagne:eps=1e-4", FED), np.array(expected))


def test_adadelta_keeps_the_units_of_x():
    c = 2.54
    path = feed("adadelta:eps=1e-3:delta_init=0.01", FED)
    scaled = feed(f"adadelta:eps={1e-3 / c**2!r}:eps_ratio={c**4!r}:delta_init={0.01 * c**2!r}", FED / c)
    assert_same(scaled, c * path)


def test_adamax_is_the_limit_of_adam_in_ever_higher_norms():
    """v = β₂ᵖ v + (1 − β₂ᵖ) |g|ᵖ has vᵖ⁻¹ → max(β₂ u, |g|)."""
    g = np.abs(np.random.default_rng(5).normal(size=(40, 3))) + 0.1
    # With β₁ = 0 each step is −η g / u, which gives u away.
    u = g / -np.diff(feed("adamax:lr=1:beta1=0:beta2=0.9:eps_mode=guard", g), axis=0)
    errors = []
    for p in (4, 20, 100):
        v, roots = np.zeros(3), []
        for row in g:
            v = 0.9**p * v + (1 - 0.9**p) * row**p
            roots.append(v ** (1 / p))
        errors.append(np.abs(np.array(roots) / u - 1).max())
    assert errors[0] > 3 * errors[1] > 9 * errors[2]
    assert errors[2] < 0.02


def test_adamax_guards_a_coordinate_that_has_had_no_gradient():
    g = np.array([[0.0, 1.0], [0.0, -1.0], [2.0, 0.0]])
    x = feed("adamax:preset=deck001", g)
    assert np.isfinite(x).all() and (x[:3, 0] == 0).all() and x[3, 0] < 0


def quadratic(optimizer, kappa, steps):
    """A path over the ravine ½(x² + κy²) and its gradients, both float64[record, dim]."""
    (x,) = walk("ravine", optimizer, steps=steps, constants={"kappa": kappa})
    return x, x * np.array([1.0, kappa])


@pytest.mark.parametrize("mu", [0.0, 0.5, 0.9])
def test_implicit_nesterov_takes_the_gradient_of_the_point_it_reaches(mu):
    x, g = quadratic(f"nesterov_implicit:lr=0.3:mu={mu}", 25.0, 60)
    v = -np.diff(x, axis=0) / 0.3
    before = np.concatenate([np.zeros((1, 2)), v[:-1]])
    assert_same(v, (1 - mu) * g[1:] + mu * before)


def test_implicit_nesterov_is_stable_at_every_rate():
    x, _ = quadratic("nesterov_implicit:lr=1000", 100.0, 200)
    assert np.abs(x[-1]).max() < 1e-3 * np.abs(x[0]).max()


# Rules beside the eight: each is a simpler one where its constants say so.

LOSSES = np.array(json.loads((Path(__file__).parent / "references" / "losses.json").read_text(encoding="utf-8")))


def averages(rows, beta):
    """Averages Σ βᵏ rows[t − k] / Σ βᵏ, written out as sums."""
    weights = [beta ** np.arange(t, -1, -1.0) for t in range(len(rows))]
    return np.array([(w[:, None] * rows[: t + 1]).sum(axis=0) / w.sum() for t, w in enumerate(weights)])


def test_quasi_hyperbolic_adam_is_what_its_averages_say():
    m, v = averages(FED, 0.98), averages(FED**2, 0.97)
    steps = (0.4 * FED + 0.6 * m) / (np.sqrt(0.3 * FED**2 + 0.7 * v) + 1e-5)
    path = feed("qhadam:lr=0.01:beta1=0.98:beta2=0.97:nu1=0.6:nu2=0.7:eps=1e-5", FED)
    assert_same(path[1:], -0.01 * np.cumsum(steps, axis=0))
    assert_same(feed("qhadam:beta1=0.9:nu1=1:nu2=1", FED), feed("adam", FED))
    assert_same(feed("qhadam:nu1=0:nu2=1:beta2=0.97", FED), feed("adam:beta1=0:beta2=0.97", FED))


@pytest.mark.parametrize(
    ("name", "simpler"),
    [
        ("adamw:weight_decay=0", "adam"),
        ("nadam:beta1=0:lr=0.001", "adam:beta1=0"),
        ("nadam:beta1=0:lr=0.001:warms_up=no", "adam:beta1=0"),
        ("ademamix:alpha=0", "adam"),
        ("amsgrad:beta2=0:beta1=0:bias_correction=no:lr=0.1:largest_of=corrected", "amsgrad:beta2=0:beta1=0:lr=0.1"),
        ("adan:beta1=0:beta2=0:beta3=0:eps=1e-5", "adam:beta1=0:beta2=0:eps=1e-5"),
        ("qhm:nu=0", "gd"),
        ("qhm:nu=1:mu=0.9", "momentum:momentum_form=ema"),
        ("qhm:nu=0.9:mu=0.9:lr=0.01", "nesterov:lr=0.001"),
        ("qhm:mu=0", "gd"),
        ("aggmo:beta1=0.9:beta2=0.9:beta3=0.9", "momentum"),
        ("aggmo:beta1=0:beta2=0:beta3=0", "gd"),
        ("signum:mu=0", "sign_sgd"),
        ("lion:beta1=0:lr=0.001", "sign_sgd"),
        ("lion:beta1=0.9:beta2=0.9:lr=0.001", "signum"),
        ("rprop:shorten=1:lengthen=1:lr=0.001", "rprop:shorten=1:lengthen=1:size_max=0.001:lr=1"),
        ("optimal_heavy_ball:flattest=4:steepest=4", "gd:lr=0.25"),
        ("optimal_nesterov:flattest=4:steepest=4", "gd:lr=0.25"),
        ("averaged_gd:first=1e9:lr=0.001", "gd"),
        ("schedule_free_sgd:beta1=0.5:lr=0.001", "averaged_gd:lr=0.001"),
        ("prodigy:d_coef=0:d0=1:lr=0.001:bias_correction=yes", "adam:eps_mode=uncorrected"),
    ],
)
def test_limits_are_the_simpler_rule(name, simpler):
    assert_same(feed(name, FED), feed(simpler, FED))


@pytest.mark.parametrize(
    "text",
    [
        *("qhm:nu=1:mu=1", "lion:beta1=1:beta2=1", "signum:mu=1", "nesterov_implicit:mu=1"),
        *("momentum:first_step=zero:dampening=1", "nesterov:nesterov_form=coast:mu=1", "adam:beta1=1", "rmsprop:rho=1"),
        *("yogi:preset=optax:beta2=1", "adam:beta2=1", "optimal_nesterov:steepest=0"),
    ],
)
def test_what_never_moves_or_divides_by_zero_is_refused(text):
    with pytest.raises(UsageError, match=r"lower|below 1|1e-30 or more") as caught:
        feed(text, FED)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("name", "simpler"),
    [
        ("lion:beta1=0.4:beta2=1:lr=0.001", "sign_sgd"),
        ("qhm:mu=1:nu=0.5", "gd:lr=0.0005"),
        ("adadelta:rho=1:lr=0.001", "gd"),
        ("aggmo:beta1=1:beta2=1:beta3=1", "momentum:mu=1"),
        ("yogi:beta2=1:acc_init=1:eps=0", "momentum:lr=0.01:momentum_form=ema"),
        ("schedule_free_sgd:beta1=1:lr=0.001", "averaged_gd:lr=0.001"),
    ],
)
def test_endless_memory_where_it_has_sense(name, simpler):
    assert_same(feed(name, FED), feed(simpler, FED))


def test_belief_of_alternating_and_of_equal_gradients():
    """Where gradients agree, g − m dies away and steps grow; where they alternate, s is larger than their square."""
    equal, alternating = np.ones((300, 1)), np.resize([1.0, -1.0], 300)[:, None]
    belief, adam = (np.abs(np.diff(feed(f"{name}:lr=1:beta2=0.9", equal), axis=0)) for name in ("adabelief", "adam"))
    assert adam[-1] == pytest.approx(1) and belief[-1] > 50
    m = 0.0
    for g in alternating[:, 0]:
        m = 0.9 * m + 0.1 * g
    step = np.diff(feed("adabelief:lr=1:beta2=0.9", alternating), axis=0)[-1, 0]
    # m swings between ± 0.1 / 1.9 and g − m between ± 1.8 / 1.9.
    assert m == pytest.approx(-0.1 / 1.9)
    assert step == pytest.approx(-m / (1.8 / 1.9), rel=1e-9)


def test_yogi_forgets_by_steps_that_the_new_gradient_bounds():
    """After large gradients, small ones take Adam's v down by a tenth of itself, Yogi's by a tenth of their square."""
    g = np.concatenate([np.full(300, 10.0), np.full(20, 0.1)])[:, None]
    sizes = {}
    for name in ("yogi:eps=0:acc_init=1e-6", "adam:eps=0:bias_correction=no"):
        steps = np.diff(feed(f"{name}:lr=1:beta1=0:beta2=0.9", g), axis=0)[:, 0]
        sizes[name[:4]] = (g[:, 0] / steps) ** 2  # v
    np.testing.assert_allclose(sizes["adam"][300:] / sizes["adam"][299], 0.9 ** np.arange(1, 21), rtol=1e-3)
    np.testing.assert_allclose(np.diff(sizes["yogi"][299:]), -0.1 * 0.1**2, rtol=1e-4)


def test_rectified_adam_is_momentum_until_five_gradients_are_averaged():
    ema = np.diff(feed("momentum:momentum_form=ema:lr=0.01", FED), axis=0)
    steps = np.diff(feed("radam:lr=0.01", FED), axis=0)
    corrected = ema / (1 - 0.9 ** np.arange(1, len(FED) + 1))[:, None]
    assert_same(np.cumsum(steps[:5], axis=0), np.cumsum(corrected[:5], axis=0))
    # With β₂ ≤ 0.6 v never averages five: ρ∞ = 2 / 0.4 − 1 = 4.
    assert_same(np.cumsum(np.diff(feed("radam:lr=0.01:beta2=0.6", FED), axis=0), axis=0), np.cumsum(corrected, axis=0))
    # In the end it is Adam.
    assert np.diff(feed("radam:lr=1:beta2=0.9", np.ones((2000, 1))), axis=0)[-1, 0] == pytest.approx(-1, rel=1e-6)


def test_layerwise_steps_are_a_share_of_the_distance_to_the_origin():
    x0 = [3.0, -4.0, 12.0]
    for name in ("lamb:lr=0.01", "lars:lr=10:trust=0.001:mu=0"):
        path = feed(name, FED, x0)
        moved = np.linalg.norm(np.diff(path, axis=0), axis=1)
        np.testing.assert_allclose(moved, 0.01 * np.linalg.norm(path[:-1], axis=1), rtol=1e-12)


def test_polyak_steps_to_where_a_line_falls_to_the_lowest_loss():
    path = feed("polyak_step:f_star=0.05", FED, values=LOSSES)
    steps = ((LOSSES - 0.05) / (FED**2).sum(axis=1))[:, None] * FED
    assert_same(path[1:], -np.cumsum(steps, axis=0))
    run = simulate(Recipe(formula="abs(x) + 2*abs(y)", optimizer=tuple(parse_optimizers("polyak_step")), steps=400))
    assert run.f[0, 0, -1] < 1e-6  # a kink, where a constant rate never ends


def test_polyak_step_halves_the_way_on_a_bowl():
    """(f − f*) / |g|² = x² / 4x² on x² + y²."""
    (path,) = walk("simple_quad", "polyak_step", steps=20)
    np.testing.assert_allclose(path, path[:1] / 2.0 ** np.arange(21)[:, None], rtol=1e-12)


@pytest.mark.parametrize(("quotient", "keep"), [("long", "s"), ("short", "y")])
def test_barzilai_borwein_keeps_the_secant_condition(quotient, keep):
    """Its rate a is the best scalar Hessian: min |s / a − y| (long) or min |s − a y| (short)."""
    (path,) = walk("ravine", f"barzilai_borwein:lr=0.01:quotient={quotient}", steps=30, constants={"kappa": 30.0})
    bend = np.array([1.0, 30.0])
    g = path * bend
    for k in range(1, 8):
        s, y = path[k] - path[k - 1], g[k] - g[k - 1]
        rate = -(path[k + 1] - path[k]) @ g[k] / (g[k] @ g[k])
        left = s / rate - y if keep == "s" else s - rate * y
        assert abs(left @ (s if keep == "s" else y)) <= 1e-9 * (np.abs(s) @ np.abs(y) + y @ y * rate)
    # On two coordinates it converges faster than any line: Barzilai & Borwein 1988, section 3.
    assert np.abs(path[-1]).max() < 1e-20


@pytest.mark.parametrize(("name", "ratio"), [("optimal_heavy_ball", 9 / 11), ("optimal_nesterov", 0.9)])
def test_optimal_constants_give_the_stated_convergence(name, ratio):
    """κ = 100: (√κ − 1) / (√κ + 1) a step for the heavy ball, 1 − 1 / √κ for Nesterov on the flat coordinate."""
    (path,) = walk(
        "ravine", f"{name}:flattest=1:steepest=100", steps=200, constants={"kappa": 100.0}, start=((1.0, 1.0),)
    )
    length = np.linalg.norm(path, axis=1)
    assert (length[200] / length[100]) ** (1 / 100) == pytest.approx(ratio, rel=0.02)


def test_schedule_free_counts_the_way_like_a_mean():
    """x is the running mean of z, which steps by the gradient at y."""
    x, z = walk("himmelblau", "schedule_free_sgd:lr=0.01:beta1=0.8", steps=1), None
    path = walk("himmelblau", "schedule_free_sgd:lr=0.01:beta1=0.8", steps=60)[0]
    assert np.array_equal(path[:2], x[0])
    z = path[:-1] + np.diff(path, axis=0) * np.arange(1, 61)[:, None]  # z of each step, from x' = x + (z' − x) / t
    assert_same(np.cumsum(z, axis=0) / np.arange(1, 61)[:, None], path[1:])
    before = np.concatenate([path[:1], z[:-1]])
    y = 0.2 * before + 0.8 * path[:-1]
    a, b = y.T
    inner, outer = a * a + b - 11, a + b * b - 7
    slope = np.stack([4 * a * inner + 2 * outer, 2 * inner + 4 * b * outer], axis=1)
    np.testing.assert_allclose(z, before - 0.01 * slope, rtol=1e-9, atol=1e-11)


@pytest.mark.parametrize("d0", [1e-8, 1e-5, 1e-2])
def test_prodigy_needs_no_good_guess(d0):
    (path,) = walk("ravine", f"prodigy:d0={d0}", steps=400, constants={"kappa": 10.0})
    assert np.linalg.norm(path[-1]) < 0.1 * np.linalg.norm(path[0])


@pytest.mark.parametrize(
    "name",
    [
        *("adam:eps=0", "adamax:eps=0", "adagrad:eps=0", "rmsprop:eps=0:mu=0.5", "nadam:eps=0", "amsgrad:eps=0"),
        *("adabelief:eps=0:eps_root=0:beta1=0.5", "adan:eps=0", "qhadam:eps=0", "ademamix:eps=0", "adamw:eps=0"),
        *("yogi:eps=0:acc_init=0", "sign_sgd", "signum", "lion", "rprop", "lamb:eps=0", "lars", "prodigy:eps=0"),
        "schedule_free_adamw:eps=0",
    ],
)
def test_the_unit_of_the_loss_does_not_matter(name):
    """Gradients exactly four times as large change no bit of a rule that divides by their size or asks their signs."""
    g = FED[:, [0, 2]]  # no zeros, which would be divided by 0
    x0 = [1.0, -2.0]
    path = feed(name, g, x0)
    assert np.isfinite(path).all() and np.abs(np.diff(path, axis=0)).max() > 0
    assert np.array_equal(feed(name, 4 * g, x0), path)


def test_a_step_size_read_from_the_loss_and_from_two_points_has_the_units_of_x():
    """x in other units, x' = c x with g' = g / c: rates of Polyak's and Barzilai and Borwein's kind are c² as large."""
    g = FED[:, [0, 2]]
    x0 = np.array([1.0, -2.0])
    for name in ("polyak_step", "barzilai_borwein:lr={}", "barzilai_borwein:quotient=short:lr={}"):
        path = feed(name.format(0.001), g, x0, values=LOSSES)
        assert np.array_equal(feed(name.format(0.064), g / 8, 8 * x0, values=LOSSES), 8 * path)


def test_acceleration_keeps_its_bound_where_gradient_descent_does_not():
    """f − f* ≤ 2 |x₀ − x*|² / (η (k + 1)²) at η = 1 / L, on a bowl so flat that gradient descent hardly moves."""
    fields = {"constants": {"kappa": 1e4}, "start": ((4.0, 0.5),), "steps": 150}
    names = ("accelerated_gd:lr=1e-4", "accelerated_gd:lr=1e-4:restart=yes", "gd:lr=1e-4")
    entries = tuple(entry for name in names for entry in parse_optimizers(name))
    f = simulate(Recipe(landscape="ravine", optimizer=entries, **fields)).f[:, 0]
    k = np.arange(151)
    bound = 2 * (4.0**2 + 0.5**2) / (1e-4 * (k + 1) ** 2)
    assert (f[:2] <= bound).all()
    assert f[2, -1] > 1.5 * f[0, -1]
    fields |= {"constants": {"kappa": 100.0}, "steps": 400}
    names = ("accelerated_gd:lr=1e-2", "accelerated_gd:lr=1e-2:restart=yes")
    entries = tuple(entry for name in names for entry in parse_optimizers(name))
    f = simulate(Recipe(landscape="ravine", optimizer=entries, **fields)).f[:, 0]
    assert (np.diff(f[0]) > 0).any()  # it swings
    assert f[1, -1] < 1e-6 * f[0, -1]


def test_acceleration_with_momentum_held_is_nesterovs():
    """Without its growing share it is gradient descent: a step from y = x."""
    path = walk("himmelblau", "accelerated_gd:lr=0.004", "gd:lr=0.004", steps=1)
    assert np.array_equal(path[0], path[1])
    x = walk("himmelblau", "accelerated_gd:lr=0.004", steps=60)[0]
    k = np.arange(2, 61)[:, None]
    y = x[1:-1] + (k - 1) / (k + 2) * np.diff(x, axis=0)[:-1]
    a, b = y.T
    inner, outer = a * a + b - 11, a + b * b - 7
    slope = np.stack([4 * a * inner + 2 * outer, 2 * inner + 4 * b * outer], axis=1)
    np.testing.assert_allclose(x[2:], y - 0.004 * slope, rtol=1e-9, atol=1e-11)


def test_the_largest_average_saves_adam_from_rare_large_gradients():
    """Reddi, Kale & Kumar 2018, theorem 1: C every third step and -1 otherwise, so the mean slope points to -∞.

    Adam with β₁ = 0 and β₂ = 1 / (1 + C²) goes the other way: the one large gradient is divided by its own size.
    """
    c = 5.0
    g = np.where(np.arange(600) % 3 == 0, c, -1.0)[:, None]
    adam, safe = (
        feed(f"{name}:lr=0.01:beta1=0:beta2={1 / (1 + c * c)!r}:eps=0", g)[-1, 0]
        for name in ("adam:bias_correction=no", "amsgrad:bias_correction=no")
    )
    assert adam > 0.5 and safe < -0.5


def test_distance_over_gradients_is_what_it_says():
    x0 = np.array([1.0, -2.0, 0.5])
    path = feed("dog:eps=0:r_eps=0.1", FED, x0)
    reached = np.maximum(np.maximum.accumulate(np.linalg.norm(path - x0, axis=1)), 0.1 * (1 + np.linalg.norm(x0)))
    steps = (reached[:-1] / np.sqrt(np.cumsum((FED**2).sum(axis=1))))[:, None] * FED
    assert_same(path[1:], x0 - np.cumsum(steps, axis=0))


def dozats(rows, lr, beta, nu, eps, psi):
    """Algorithm 2 of Dozat 2016, line by line: points float64[step + 1, dim]."""
    mu = [beta * (1 - 0.5 * 0.96 ** (t * psi)) for t in range(1, len(rows) + 2)]
    x = m = n = np.zeros(rows.shape[1])
    points = [x]
    for t, g in enumerate(rows, start=1):
        m = mu[t - 1] * m + (1 - mu[t - 1]) * g
        n = nu * n + (1 - nu) * g**2
        m_hat = mu[t] * m / (1 - np.prod(mu[: t + 1])) + (1 - mu[t - 1]) * g / (1 - np.prod(mu[:t]))
        n_hat = nu * n / (1 - nu**t)
        x = x - lr / (np.sqrt(n_hat) + eps) * m_hat
        points.append(x)
    return np.array(points)


@pytest.mark.parametrize(("beta", "nu", "eps", "psi"), [(0.9, 0.999, 1e-8, 4e-3), (0.99, 0.9, 1e-3, 0.2)])
def test_nadam_in_the_form_of_its_paper(beta, nu, eps, psi):
    options = f"beta1={beta}:beta2={nu}:eps={eps}:momentum_decay={psi}"
    paper = dozats(FED, 0.01, beta, nu, eps, psi)
    assert_same(feed(f"nadam:preset=paper:lr=0.01:{options}", FED), paper)
    assert np.abs(feed(f"nadam:lr=0.01:{options}", FED) - paper).max() > 1e-4  # what libraries do is another rule


@pytest.mark.parametrize(
    ("beta1", "beta2", "eps", "decay", "warmup"), [(0.9, 0.999, 1e-8, 0.0, 1), (0.6, 0.9, 1e-3, 0.1, 9)]
)
def test_schedule_free_adamw_is_the_algorithm_of_its_paper(beta1, beta2, eps, decay, warmup):
    """Algorithm 1 of Defazio et al. 2024, line by line, with its warm-up as a schedule."""
    rule = find("optimizer", "schedule_free_adamw").function
    x = z = v = np.zeros(3)
    state = [z, v, 0.0, 0.0]
    ours, squares = x, 0.0
    for t, g in enumerate(FED, start=1):
        y = (1 - beta1) * z + beta1 * x
        v = beta2 * v + (1 - beta2) * g**2
        gamma = 0.01 * np.sqrt(1 - beta2**t) * min(1, t / warmup)
        z = z - gamma * g / (np.sqrt(v) + eps) - gamma * decay * y
        squares += gamma**2
        x = (1 - gamma**2 / squares) * x + gamma**2 / squares * z
        rates = {"lr": 0.01 * min(1, t / warmup), "weight_decay": decay}
        held = {"z": state[0], "v": state[1], "peak": state[2], "gathered": state[3]}
        ours, *state = rule(ours, g, t=t, **held, beta1=beta1, beta2=beta2, eps=eps, **rates)
        np.testing.assert_allclose(ours, x, rtol=1e-10, atol=1e-15)
    library = feed(f"schedule_free_adamw:preset=optax:lr=0.01:beta1={beta1}:beta2={beta2}:eps={eps}", FED)
    assert np.abs(library[-1] - x).max() > 1e-4


def test_graves_rmsprop_in_the_form_of_its_paper():
    """Equations 38 to 45 of Graves 2013: the momentum gathers the scaled gradient with the rate in it."""
    n, mean, move, x = (np.zeros(3) for _ in range(4))
    expected = [x]
    for g in FED:
        n = 0.95 * n + 0.05 * g**2
        mean = 0.95 * mean + 0.05 * g
        move = 0.9 * move - 1e-4 * g / np.sqrt(n - mean**2 + 1e-4)
        x = x + move
        expected.append(x)
    assert_same(feed("rmsprop:preset=graves", FED), np.array(expected))


@pytest.mark.parametrize("text", ["adam:lr=0.01:beta2=0.9999999999", "rmsprop:lr=0.01:rho=0.99999999"])
def test_a_decay_that_single_precision_rounds_to_1_is_refused(text):
    fields = {"landscape": "beale", "optimizer": tuple(parse_optimizers(text)), "steps": 3}
    assert np.isfinite(simulate(Recipe(**fields)).x).all()
    with pytest.raises(UsageError, match="is 1; it must be from 0 to below 1"):
        simulate(Recipe(**fields, dtype="float32"))


@pytest.mark.parametrize("text", ["nesterov:nesterov_form=coast_literal:lr_in_buffer=yes", "momentum", "adam"])
def test_nothing_moves_at_rate_0(text):
    (path,) = walk("beale", f"{text}:lr=0", steps=5)
    assert (path == path[0]).all()
