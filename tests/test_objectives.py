"""What is descended: landscapes as objectives, and a loss over batches of data that exists in these tests alone."""

from __future__ import annotations

import dataclasses
import hashlib
import pickle

import numpy as np
import pytest
from rules import assert_same

from gdviz.backends import Paths, cpu, python
from gdviz.catalogue.lookup import find
from gdviz.errors import UsageError
from gdviz.formula.typed import parse
from gdviz.objectives.functions import landscape_of
from gdviz.objectives.landscape import Landscape, derive
from gdviz.objectives.objective import Draw, Objective
from gdviz.plans.plan import Plan
from gdviz.vmath import random

DIM, SAMPLES, BATCH = 3, 40, 8


@dataclasses.dataclass(frozen=True, eq=False)
class Regression(Objective):
    """Half the mean square of a·x - b over samples a float64[sample, dim], b float64[sample]; `batch` of them are drawn
    with replacement for each step of each run."""

    a: np.ndarray
    b: np.ndarray
    batch: int

    name, origin, batched = "regression", "test regression", True

    @property
    def names(self):
        return tuple(f"w{i}" for i in range(self.a.shape[1]))

    @property
    def digest(self):
        return hashlib.sha256(self.a.tobytes() + self.b.tobytes() + bytes([self.batch])).hexdigest()

    def drawn(self, dtype, draw):
        """int64[batch, lane]."""
        uniform = random.namespace(dtype.name)["uniform"]
        u = uniform(draw.seed, random.BATCHES, draw.runs.astype(np.uint64), draw.t, np.arange(self.batch)[:, None])
        return np.minimum((u * dtype.type(len(self.a))).astype(np.int64), len(self.a) - 1)

    def value_gradient(self, X, draw=None):
        a, b = self.a.astype(X.dtype), self.b.astype(X.dtype)
        chosen = np.arange(len(a))[:, None] if draw is None else self.drawn(X.dtype, draw)
        share = X.dtype.type(1) / X.dtype.type(len(chosen))
        f, G = np.zeros_like(X[0]), np.zeros_like(X)
        for i in chosen:
            r = -b[i]
            for d in range(len(X)):
                r = r + a[i, d] * X[d]
            f = f + r * r
            for d in range(len(X)):
                G[d] = G[d] + r * a[i, d]
        return f * (X.dtype.type(0.5) * share), G * share

    def value(self, X, draw=None):
        return self.value_gradient(X, draw)[0]

    def numbers(self, dtype):
        return np.concatenate([self.a.ravel(), self.b]).astype(dtype)

    def tile_text(self, lanes):
        return kernels(len(self.a), self.dim, self.batch)

    def point_text(self):
        return points(len(self.a), self.dim, self.batch)


def mean_of(count, samples, dim, x, g, chosen, run):
    """Lines that leave f and the sums `g` of a mean over samples; `chosen`: the line that says which is the k-th."""
    residual = [f"r = r + c[i * {dim} + {d}] * {x[d]}" for d in range(dim)]
    sums = [f"{g[d]} = {g[d]} + r * c[i * {dim} + {d}]" for d in range(dim)]
    share = f"F(1.0) / F({float(count)})"
    inside = [chosen.format(run=run), f"r = -c[{samples * dim} + i]", *residual, "f = f + r * r", *sums]
    return [
        *("f = F(0.0)", *(f"{word} = F(0.0)" for word in g), f"for k in range({count}):"),
        *(f"    {line}" for line in inside),
        *(f"f = f * (F(0.5) * ({share}))", *(f"{word} = {word} * ({share})" for word in g)),
    ]


WHOLE = "i = k"


def of_batch(samples):
    """A line that draws a sample."""
    u = f"uniform(seed, {random.BATCHES}, {{run}}, draw[1], k)"
    return f"i = min(int({u} * F({float(samples)})), {samples - 1})"


def function(head, *lines):
    return "\n".join([f"def {head}:", *(f"    {line}" for line in lines)]) + "\n"


def kernels(samples, dim, batch):
    """Tile kernels of the regression, written as gdviz.emit.objective says; `value` is always of the whole."""
    x, sums = [f"W[{d} * L + j]" for d in range(dim)], [f"g{d}" for d in range(dim)]
    texts = []
    for name, count, chosen in (("value", samples, WHOLE), ("gradient", batch, ""), ("both", batch, "")):
        body = mean_of(count, samples, dim, x, sums, chosen or of_batch(samples), "draw[2 + j]")
        body += [f"W[{2 * dim} * L + j] = f"] if name != "gradient" else []
        body += [f"W[{dim + d} * L + j] = g{d}" for d in range(dim)] if name != "value" else []
        lines = ["seed = draw[0]", "for j in range(L):", *(f"    {line}" for line in body)]
        texts.append(function(f"{name}(W, c, draw)", *lines))
    return "\n\n".join(texts)


def points(samples, dim, batch):
    """Functions of one point; without a step the whole is meant."""
    x, sums = [f"x[{d}]" for d in range(dim)], [f"g{d}" for d in range(dim)]
    whole, part = (
        mean_of(count, samples, dim, x, sums, chosen, "draw[2]")
        for count, chosen in ((samples, WHOLE), (batch, of_batch(samples)))
    )
    body = ["seed = draw[0]", "if draw[1] == 0:", *(f"    {line}" for line in whole)]
    body += ["else:", *(f"    {line}" for line in part)]
    stores = [f"g[{d}] = g{d}" for d in range(dim)]
    texts = [
        function("value_of(x, c, draw)", *body, "return f"),
        function("both_of(x, c, g, draw)", *body, *stores, "return f"),
        function("hessian_of(x, c, H, draw)", "pass"),
    ]
    return "\n\n".join(texts)


def regression(batch=BATCH):
    rng = np.random.default_rng(3)
    a = rng.normal(size=(SAMPLES, DIM))
    return Regression(a, a @ np.array([1.0, -2.0, 0.5]) + 0.1 * rng.normal(size=SAMPLES), batch)


def plan(optimizer="adam", *, objective=None, runs=11, steps=20, every=10, dtype="float64", seed=7, **options):
    objective = objective or regression()
    optimizer = find("optimizer", optimizer)
    return Plan(
        objective=objective,
        optimizer=optimizer,
        options={**optimizer.parameters, **optimizer.switches, "lr": 0.05, **options},
        start=np.random.default_rng(1).normal(size=(runs, objective.dim)),
        steps=steps,
        every=every,
        tol=0.0,
        seed=seed,
        dtype=dtype,
        centre=np.zeros(objective.dim),
        reach=np.full(objective.dim, 1e3),
        runs=np.arange(runs),
    )


def assert_parts(whole, parts):
    """Paths of a plan are those of its parts, one after the other, bit for bit."""
    for field in dataclasses.fields(Paths):
        if (found := getattr(whole, field.name)) is not None and field.name not in ("followed", "states", "tracked"):
            np.testing.assert_array_equal(found, np.concatenate([getattr(part, field.name) for part in parts]))


RULES = ["gd", "adam", "armijo"]
"""Two vector rules and a program rule."""


@pytest.fixture(params=["python", "cpu"])
def run(request):
    """What runs a plan."""
    return {"python": python, "cpu": cpu}[request.param].run


def alike(*single):
    """Each rule in float64 and in float32; in float32 those that are not named are left to `exhaustive`."""
    double = [(rule, "float64") for rule in RULES]
    return [*double, *(pytest.param(rule, "float32", marks=() if rule in single else LEFT) for rule in RULES)]


LEFT = pytest.mark.exhaustive


@pytest.mark.parametrize(("rule", "dtype"), [*alike("adam"), ("polyak_step", "float64")])
def test_kernels_of_an_objective_answer_what_it_does(rule, dtype):
    """Operations stand in one order in both, so they agree bit for bit, whether every step asks or none does."""
    given = plan(rule, dtype=dtype, every=7)
    assert_same(cpu.run(given), python.run(given))
    assert_same(cpu.run(given.unguarded()), python.run(given.unguarded()))


def test_neither_threads_nor_tiles_change_a_batch():
    given = plan("adam", runs=300)
    whole = cpu.run(given)
    assert_same(cpu.run(given, threads=4, lanes=64), whole)
    assert_parts(whole, [cpu.run(given.part(*edges)) for edges in ((0, 7), (7, 290), (290, 300))])


@pytest.mark.parametrize(("rule", "dtype"), alike("gd", "adam"))
def test_a_loss_over_batches_descends_and_its_whole_is_recorded(rule, dtype):
    given = plan(rule, steps=300, every=50, dtype=dtype)
    paths = cpu.run(given)
    flat = paths.x.reshape(-1, DIM).T
    np.testing.assert_array_equal(paths.f, given.objective.value(flat).reshape(paths.f.shape))
    assert paths.f.dtype == np.dtype(dtype)
    # The noise of batches keeps them above the least; without it they would come to 0.0045.
    assert (paths.f[:, -1] < 0.05).all() and (paths.f[:, 0] > 0.05).all()


@pytest.mark.parametrize("rule", RULES)
def test_runs_in_parts_draw_the_batches_of_their_numbers(rule, run):
    given = plan(rule)
    whole = run(given)
    assert_parts(whole, [run(given.part(*edges)) for edges in ((0, 4), (4, 5), (5, 11))])
    told = run(given.with_start(given.start[4:], given.runs[4:]))
    np.testing.assert_array_equal(told.x, whole.x[4:])
    renumbered = run(given.with_start(given.start[4:]))
    assert (renumbered.x[:, -1] != whole.x[4:, -1]).any(axis=1).all()


@pytest.mark.parametrize("rule", ["gd", "armijo"])
def test_a_part_keeps_the_hyperparameters_of_its_lanes(rule, run):
    given = plan(rule, runs=3, steps=6).with_lanes(lr=np.array([0.01, 0.05]))
    assert_parts(run(given), [run(given.part(0, 2)), run(given.part(2, 6))])


def test_streams_that_do_not_fit_the_starts_are_refused():
    with pytest.raises(ValueError, match="5 starts need as many runs, not 3"):
        plan().with_start(np.zeros((5, DIM)), np.arange(3))


def test_a_batch_depends_on_seed_step_and_run_alone():
    objective, dtype = regression(), np.dtype("float64")
    drawn = objective.drawn(dtype, Draw(7, 3, np.arange(6)))
    assert drawn.min() >= 0 and drawn.max() < SAMPLES
    np.testing.assert_array_equal(drawn[:, 2:4], objective.drawn(dtype, Draw(7, 3, np.array([2, 3]))))
    others = [Draw(7, 4, np.arange(6)), Draw(8, 3, np.arange(6)), Draw(7, 3, np.arange(6, 12))]
    assert all((objective.drawn(dtype, other) != drawn).any(axis=0).all() for other in others)


def test_batches_are_unbiased():
    objective = regression()
    lanes = 20_000
    X = np.tile([[1.0], [1.0], [1.0]], lanes)
    _, slopes = objective.value_gradient(X, Draw(0, 1, np.arange(lanes)))
    whole = objective.gradient(X[:, :1])
    error = slopes.std(axis=1) / np.sqrt(lanes)
    assert (np.abs(slopes.mean(axis=1) - whole[:, 0]) < 5 * error).all()


def test_a_point_known_of_one_batch_is_charged_for_the_next(run):
    """An accepted point of a line search is where the next step begins: free of exact losses, not of other batches."""
    exact = Landscape(parse("x^2 + 3*y^2"), 2)
    free, charged = (run(plan("armijo", objective=o, every=1, steps=10)).evals for o in (exact, regression()))
    assert (np.diff(free, axis=1)[:, 1:] == 1).any()
    assert (np.diff(charged, axis=1)[:, 1:] >= 2).all()


def test_a_rule_that_asks_for_second_derivatives_is_refused_where_there_are_none():
    with pytest.raises(UsageError, match="newton asks for second derivatives, and regression has none"):
        plan("newton")


def test_what_nothing_proves_is_asked_at_every_step():
    assert plan().asks == (True, True)
    assert plan(objective=Landscape(find("landscape", "rosenbrock"), 2)).asks == (False, False)


def steep(x, y, a=2.0):
    return abs(np.float64(x)) ** 1.5 + a * y**2


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("name", ["beale", "rastrigin", "called"])
@pytest.mark.filterwarnings("ignore:steep is no formula")
def test_a_landscape_answers_what_its_formula_or_function_does(name, dtype):
    definition = landscape_of(steep, None, (0.5, 0.5)) if name == "called" else find("landscape", name)
    constants = {key: value + 0.25 for key, value in list(definition.parameters.items())[:1]}
    objective, derived = Landscape(definition, 2, constants), derive(definition, 2)
    X = np.random.default_rng(2).uniform(-1, 1, (2, 50)).astype(dtype)
    given = {key: np.dtype(dtype).type(value) for key, value in constants.items()}
    f, G = objective.value_gradient(X, Draw(1, 2, np.arange(50)))
    for found in (f, objective.value(X)):
        np.testing.assert_array_equal(found, np.asarray(derived.value(*X, **given), dtype))
        assert found.dtype == np.dtype(dtype) and found.shape == (50,)
    for found in (G, objective.gradient(X)):
        np.testing.assert_array_equal(found, np.array(derived.gradient(*X, **given), dtype))
    hessian = objective.hessian(X[:, 0])
    np.testing.assert_array_equal(hessian, np.array(derived.hessian(*X[:, 0], **given), dtype))
    assert objective.names == derived.variables and objective.dim == 2
    assert objective.searchable == (name != "called") == (not objective.by_differences)
    assert objective.price == (5 if name == "called" else 1)


def test_a_grid_is_sampled_by_its_axes():
    x, y = np.linspace(-1, 1, 5), np.linspace(-2, 2, 4)
    for objective in (Landscape(find("landscape", "rastrigin"), 3), Landscape(parse("y"), 2), regression()):
        found = objective.sampled(*[x[None, :], y[:, None], 0.5][: objective.dim])
        assert found.shape == (4, 5) and found.dtype == np.float64
        X = np.stack([np.tile(x, 4), np.repeat(y, 5), np.full(20, 0.5)])[: objective.dim]
        np.testing.assert_array_equal(found.ravel(), objective.value(X))


def test_digests_tell_constants_and_dimensions_apart():
    definition = find("landscape", "rosenbrock")
    family = find("landscape", "rastrigin")
    made = [Landscape(definition, 2), Landscape(definition, 2, {"b": 7.0}), Landscape(family, 2), Landscape(family, 3)]
    assert len({objective.digest for objective in made}) == 4
    assert Landscape(definition, 2, {"b": 100}).digest == made[0].digest


def test_objectives_go_through_pickle():
    for objective in (Landscape(find("landscape", "rosenbrock"), 2, {"b": 7.0}), regression()):
        X = np.ones((objective.dim, 2)) * 1.5
        f = objective.value(X)
        other = pickle.loads(pickle.dumps(objective))
        np.testing.assert_array_equal(other.value(X), f)
        assert other.digest == objective.digest
