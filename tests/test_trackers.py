"""What runs are followed by at every step is what their paths, recorded at every step, tell of them."""

import dataclasses
import platform
import re

import numba
import numpy as np
import pytest
from rules import RULES, assert_same, plan
from test_network import plan as training
from test_network import small

import gdviz
from gdviz import compiling
from gdviz.backends import cpu, passes, python, tiles, tracking
from gdviz.backends.collectors import Final, Tracked, collect
from gdviz.backends.trackers import Lowest, Nearest, Score
from gdviz.backends.tracking import Following
from gdviz.objectives.objective import Draw

TWO = np.array([[1.0, 1.0], [-1.0, 1.0]])
BOTH = (Lowest(target=1.0), Nearest(TWO, radius=0.3))
SCORE = Score(window=5, largest=1e3)


def lowest(paths, tracker):
    """Told from paths recorded at every step; `best` and `hit`, the latter only where the loss was asked for."""
    steps = paths.f.shape[1] - 1
    asked = (np.arange(steps + 1) % tracker.every == 0) | (np.arange(steps + 1) == steps)
    f = np.where(np.isfinite(paths.f) & asked, paths.f, np.inf)
    low = f <= tracker.target
    return {"best": f.min(axis=1), "hit": np.where(low.any(axis=1), low.argmax(axis=1), -1)}


def nearest(paths, tracker):
    """`minimum`, `since` and `left`, run by run."""
    found = {"minimum": [], "since": [], "left": []}
    for path in paths.x:
        with np.errstate(all="ignore"):
            apart = np.linalg.norm(path[:, None] - tracker.points, axis=-1)  # [step, minimum]
        apart = np.where(apart <= tracker.radius, apart, np.inf)
        place = np.where(np.isfinite(apart).any(axis=1), apart.argmin(axis=1), -1)
        found["minimum"].append(place[-1])
        elsewhere = np.flatnonzero(place != place[-1]).tolist()
        found["since"].append(-1 if place[-1] < 0 else (elsewhere or [-1])[-1] + 1)
        left = np.flatnonzero(place != place[0]).tolist()
        found["left"].append(-2 if place[0] < 0 else (left or [-1])[0])
    return {name: np.array(values) for name, values in found.items()}


def measure(losses, window, largest):
    """The published measure of one training, by the losses that its steps saw, float64[step]."""
    v = np.array(losses, np.float64)
    bad = ~np.isfinite(v)
    v[bad.argmax() if bad.any() else len(v) :] = largest
    v = np.minimum(v / v[0], largest)
    return -v.sum() if v[-window:].mean() < 1 else (1 / v).sum()


def same(ours, theirs):
    """Answers of two backends, bit for bit."""
    assert ours.tracked.keys() == theirs.tracked.keys()
    for name, values in theirs.tracked.items():
        assert ours.tracked[name].dtype == values.dtype and values.shape == ours.f.shape[:1]
        np.testing.assert_array_equal(ours.tracked[name], values, err_msg=name)


def typed(formula, rule="gd", lanes=60, low=-2.0, high=2.0, steps=60, **asked):
    """A plan of many starts of a typed formula."""
    made = gdviz.simulate(formula, [rule], steps=steps, every=steps, start=(1, 1), **asked).plans[0]
    return made.with_start(np.random.default_rng(3).uniform(low, high, (lanes, 2)))


CASES = {
    "adam": lambda: plan(steps=300, every=300, lr=0.02),
    "adam in float32": lambda: plan(steps=300, every=300, lr=0.02, dtype="float32"),
    "some arrive": lambda: plan("himmelblau", "gd", steps=120, every=120, tol=1e-3, lr=np.linspace(1e-3, 2e-2, 256)),
    "some diverge": lambda: plan("rosenbrock", "gd", steps=60, every=30, lr=np.geomspace(1e-5, 1e-2, 256)),
    "some are undefined": lambda: typed("x*log(x)+y^2", "gd:lr=0.3", low=-0.2),
    "some have no slope": lambda: typed("sqrt(abs(x))+abs(y)", "gd:lr=1", low=0.0),
    "unguarded": lambda: plan("rosenbrock", "gd", steps=60, every=30, lr=np.geomspace(1e-5, 1.0, 256)).unguarded(),
    "looks ahead": lambda: plan("rosenbrock", "nesterov", steps=80, every=20, lr=np.geomspace(1e-5, 3e-3, 256)),
    "records a mean": lambda: plan("rosenbrock", RULES[3], steps=80, every=20, lr=np.geomspace(1e-5, 3e-3, 256)),
    "a program": lambda: plan("rosenbrock", "armijo", runs=12, steps=25, every=25),
    "many coordinates": lambda: plan("rastrigin", "adam", dim=7, steps=60, every=60, lr=0.1),
}


@pytest.fixture(params=CASES, scope="module")
def given(request):
    return CASES[request.param]()


def trackers_of(given, every=1):
    """A target that some reach, and places where some end."""
    paths = python.run(given)
    ends = paths.x[np.isfinite(paths.x).all(axis=(1, 2)), -1]
    ends = np.unique(ends.round(1), axis=0)  # of points that are all but equal rounding tells which is nearer
    radius = 0.3 if given.start.shape[1] == 2 else 1.0
    target = float(np.quantile(paths.f[:, -1][np.isfinite(paths.f[:, -1])], 0.4))
    return Lowest(target, every), Nearest(np.concatenate([ends[:3], given.start[:2]]), radius)


@pytest.mark.parametrize("every", [1, 7])
def test_all_backends_answer_what_paths_tell(given, every):
    trackers = trackers_of(given, every)
    paths = python.run(dataclasses.replace(given, every=1))
    ours, theirs = cpu.run(given, trackers=trackers), python.run(given, trackers=trackers)
    assert_same(ours, theirs)
    assert_same(ours, cpu.run(given))
    same(ours, theirs)
    rule = given.optimizer
    if rule.rule == "vector" and not (rule.at or rule.shown):  # steps tell the loss by themselves
        trackers = (Lowest(trackers[0].target), trackers[1])
    told = lowest(paths, trackers[0]) | nearest(paths, trackers[1])
    known = paths.status != 3  # the loss of an undefined run is not recorded even where its slope alone is none
    for name, values in told.items():
        where = known if name in ("best", "hit") else slice(None)
        np.testing.assert_allclose(theirs.tracked[name][where], values[where], rtol=1e-6, err_msg=name)
    assert (told["hit"] > 0).any() and (told["minimum"] >= 0).any() and (told["left"] > 0).any()


ALONE = ["adam in float32", "some arrive", "some diverge", "some are undefined", "unguarded"]
WATCHING = {"a rate by the loss": lambda: typed("x^2+3*y^2", "gd:lr=0.3", schedules=["lr=plateau:patience=2"])}


@pytest.mark.parametrize("name", [*ALONE, *WATCHING])
def test_steps_keep_account_of_what_follows_them(name):
    """Of the lowest loss and of lanes that have gone far, where they can; other trackers beside these change no bit."""
    given = (CASES | WATCHING)[name]()
    trackers = (Lowest(), trackers_of(given)[1])
    assert Following(given, trackers).followed == (("@best", "@free") if given.guarded else ())
    assert Following(given, trackers_of(given)).followed == (("@free",) if given.guarded else ())
    paths = python.run(dataclasses.replace(given, every=1))
    ours, theirs = (backend.run(given, trackers=trackers) for backend in (cpu, python))
    assert_same(ours, theirs)
    same(ours, theirs)
    known = paths.status != 3
    np.testing.assert_array_equal(ours.tracked["best"][known], lowest(paths, trackers[0])["best"][known])
    same(cpu.run(given, lanes=64, trackers=[*trackers, SCORE]), python.run(given, trackers=[*trackers, SCORE]))


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_many_points_whose_surroundings_overlap(dtype):
    """Whether a lane has to be placed again is asked by how far it has gone; that changes no answer."""
    given = plan("rastrigin", "gd", steps=150, every=150, lr=np.geomspace(1e-4, 2e-2, 256), dtype=dtype)
    points = np.stack(np.meshgrid(np.arange(-5.0, 6.0), np.arange(-5.0, 6.0)), axis=-1).reshape(-1, 2)
    paths = python.run(dataclasses.replace(given, every=1))
    for radius in (0.1, 0.8):
        trackers = [Nearest(points, radius)]
        ours, theirs = (backend.run(given, trackers=trackers) for backend in (cpu, python))
        same(ours, theirs)
        for name, values in nearest(paths, trackers[0]).items():
            assert (values == theirs.tracked[name]).mean() > 0.99  # distances are rounded otherwise here
    assert len({*ours.tracked["minimum"].tolist()}) > 50


def test_what_undefined_runs_come_to_is_finite():
    paths = python.run(CASES["some are undefined"](), trackers=[Lowest()])
    assert (paths.status == 3).sum() > 5
    assert np.isfinite(paths.tracked["best"][paths.stopped_at > 0]).all()


@pytest.mark.parametrize("name", ["some arrive", "some diverge", "unguarded", "looks ahead", "a program"])
def test_neither_neighbours_nor_threads_nor_tiles_change_what_is_tracked(name):
    given = CASES[name]()
    trackers = (*trackers_of(given), SCORE)
    whole = cpu.run(given, threads=1, trackers=trackers)
    same(whole, python.run(given, trackers=trackers))
    for other in (cpu.run(given, threads=2, trackers=trackers), cpu.run(given, lanes=64, trackers=trackers)):
        same(other, whole)
    lane = int(whole.stopped_at.argmin())
    for first, last in ((lane, lane + 1), (0, 5)):
        alone = cpu.run(given.part(first, last), trackers=trackers)
        for word, values in alone.tracked.items():
            np.testing.assert_array_equal(values, whole.tracked[word][first:last])
    run = lambda plan, states, trackers=(): cpu.run(plan, states=states, trackers=trackers)  # noqa: E731
    kept, final = collect(given, run, [Tracked(trackers), Final()], block=1)
    for word, values in kept.items():
        np.testing.assert_array_equal(values, whole.tracked[word])
    np.testing.assert_array_equal(final.x, whole.x[:, -1])


def test_two_trackers_may_not_answer_to_one_name():
    with pytest.raises(ValueError, match="best"):
        python.run(CASES["some arrive"]().part(0, 1), trackers=[Lowest(), Lowest(2.0)])
    with pytest.raises(ValueError, match="coordinates"):
        cpu.run(CASES["many coordinates"]().part(0, 1), trackers=[Nearest(TWO, 0.1)])


@pytest.mark.parametrize("tracked", [(), BOTH])
def test_the_score_is_the_published_measure(tracked):
    """Of gradient descent with rates from too small to far too large; what is lost stops, and nothing else does."""
    given = CASES["unguarded"]()
    paths = python.run(dataclasses.replace(given, every=1))
    ours, theirs = (backend.run(given, trackers=[*tracked, SCORE]) for backend in (cpu, python))
    same(ours, theirs)
    assert_same(ours, theirs)
    with np.errstate(all="ignore"):
        expected = [measure(losses[:-1], 5, 1e3) for losses in paths.f]
    np.testing.assert_allclose(ours.tracked["score"], expected, rtol=1e-12)
    lost = ~np.isfinite(paths.f[:, :-1]).all(axis=1)
    np.testing.assert_array_equal(ours.status == 2, lost)
    np.testing.assert_array_equal(ours.stopped_at[lost], (~np.isfinite(paths.f[lost])).argmax(axis=1))
    assert 20 < lost.sum() < 200 and (ours.tracked["score"] < 0).sum() > 20


def test_the_score_counts_lost_runs_as_the_largest_and_repeats_where_others_stand():
    given = plan("rosenbrock", "gd", steps=60, every=60, tol=1.0, lr=np.geomspace(1e-5, 1e-2, 256))
    paths = cpu.run(dataclasses.replace(given, every=1))
    found = cpu.run(given, trackers=[SCORE])
    same(found, python.run(given, trackers=[SCORE]))
    for lane, losses in enumerate(paths.f[:, :-1]):
        if paths.status[lane] == 2:
            losses = np.where(np.arange(60) < paths.stopped_at[lane], losses, np.inf)
        with np.errstate(all="ignore"):
            assert found.tracked["score"][lane] == pytest.approx(measure(losses, 5, 1e3), rel=1e-12)
    assert {*paths.status.tolist()} >= {1, 2}


def test_trainings_are_scored_by_what_their_steps_see():
    """On batches; neighbours change no bit, and NumPy answers the same but for rounding."""
    given = training(small(), runs=70, steps=30, lr=np.geomspace(1e-2, 1e3, 70)).unguarded()
    trackers = (SCORE, Lowest(0.5, every=4))
    ours, theirs = cpu.run(given, trackers=trackers), python.run(given, trackers=trackers)
    every = cpu.run(dataclasses.replace(given, every=1))
    for lane in (0, 33, 69):
        draws = [Draw(given.seed, t, given.runs[lane : lane + 1]) for t in range(1, 31)]
        seen = [small().value_gradient(x[:, None], draw)[0][0] for x, draw in zip(every.x[lane], draws, strict=False)]
        assert ours.tracked["score"][lane] == pytest.approx(measure(seen, 5, 1e3), rel=1e-9)
    assert len({*np.sign(ours.tracked["score"]).tolist()}) == 2
    recorded = np.where(np.isfinite(every.f), every.f, np.inf)[:, [*range(0, 30, 4), 30]]
    np.testing.assert_allclose(ours.tracked["best"], recorded.min(axis=1), rtol=1e-12)
    calm = given.options["lr"] < 1
    for name, values in theirs.tracked.items():
        np.testing.assert_allclose(ours.tracked[name][calm], values[calm], rtol=1e-9, err_msg=name)
    alone = cpu.run(given.part(41, 42), trackers=trackers)
    for name, values in alone.tracked.items():
        assert values[0] == ours.tracked[name][41]


def test_a_tile_of_lost_runs_ends():
    """A million steps of networks whose weights are no numbers any more."""
    given = training(small(), runs=3, steps=1_000_000, lr=1e200).unguarded()
    found = cpu.run(dataclasses.replace(given, every=1_000_000), threads=1, trackers=[SCORE])
    assert (found.stopped_at < 10).all() and (found.status == 2).all()
    assert (found.tracked["score"] > 0).all()


@pytest.mark.skipif(platform.machine() not in ("x86_64", "AMD64"), reason="reads x86-64 assembly")
@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_passes_are_packed_and_count_nothing(dtype):
    """References to arrays: that would take longer than a pass."""
    options = {"no_cpython_wrapper": True, "no_cfunc_wrapper": True, **compiling.UNCOUNTED}
    made = numba.njit(nogil=True, error_model="numpy", fastmath=False, **options)(passes.note)
    made.compile(tracking.signature(dtype))
    (text,) = made.inspect_asm().values()
    bodies = re.findall(r"^_ZN5gdviz8backends6passes\w+:\n(.*?)\.size", text, re.DOTALL | re.MULTILINE)
    words = re.findall(r"^\s+([a-z]\w+)\s", "".join(bodies), re.MULTILINE)
    letter = {"float64": "d", "float32": "s"}[dtype]
    assert len(words) > 500 and "NRT_" not in text
    assert {f"vsubp{letter}", f"vmulp{letter}"} <= set(words) or {f"subp{letter}", f"mulp{letter}"} <= set(words)
    assert not [word for word in words if "fmadd" in word or "fmsub" in word]
    if dtype == "float32":
        assert not [word for word in words if re.search(r"(add|sub|mul|div|sqrt|max|min)[ps]d$", word)]


def test_a_compiled_function_knows_the_files_it_is_made_from():
    """Numba looks at the function's own alone; drivers hold passes and calls of other files."""
    names = [name for name, _, _ in compiling.stamps(tiles.descend)]
    assert names == sorted({"addresses.py", "ends.py", "passes.py", "tiles.py"})
