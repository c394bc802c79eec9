"""Optimizers of other packages: they run as gdviz's own do, and take the same steps where an oracle says so.

SciPy is always there. Tests of torch and Optax are skipped, and say so, where these are not installed.
"""

from __future__ import annotations

import ast
import importlib.util
import sys
import warnings
from collections.abc import Iterator

import numpy as np
import pytest
from click.testing import CliRunner

import gdviz
from gdviz import api
from gdviz.catalogue.foreign import names
from gdviz.catalogue.lookup import definitions, find
from gdviz.cli.program import program
from gdviz.objectives.landscape import derive
from gdviz.recipe.entries import Entry
from gdviz.recipe.recipe import parse_recipe
from gdviz.registry.names import LIBRARIES
from gdviz.words.entries import parse_optimizers

ONE = {"torch": "torch:Adam", "optax": "optax:adam", "scipy": "scipy:BFGS"}
"""An optimizer of every library."""


def needs(library: str) -> pytest.MarkDecorator:
    missing = importlib.util.find_spec(library) is None
    return pytest.mark.skipif(missing, reason=f"{library} is not installed; type: pip install 'gdviz[{library}]'")


every_library = pytest.mark.parametrize("library", [pytest.param(name, marks=needs(name)) for name in LIBRARIES])


def entries(library: str) -> Iterator[str]:
    """Every optimizer of a library that can be typed, as after -o, with a rate where it states none."""
    for name in names(library):
        try:
            definition = find("optimizer", name)
        except gdviz.UsageError as error:
            assert "cannot be typed" in str(error), error
            continue
        open_numbers = [word for word, value in definition.parameters.items() if np.isnan(value)]
        if open_numbers == ["lr"] and not definition.facts.natural:
            yield f"{name}:lr=0.01"
        elif open_numbers in ([], ["lr"]):
            yield name


def test_every_method_of_scipy_is_known():
    from scipy.optimize import _minimize

    assert sorted(name.lower() for name in names("scipy")) == sorted(f"scipy:{m}" for m in _minimize.MINIMIZE_METHODS)


@every_library
def test_every_optimizer_of_the_package_runs(library):
    made, refused = 0, []
    for entry in entries(library):
        try:
            run = gdviz.simulate("rosenbrock", [entry], steps=12)
        except gdviz.UsageError as error:
            assert str(error).startswith(entry.removesuffix(":lr=0.01")), error
            refused.append(str(error))
            continue
        made += 1
        assert np.isfinite(run.x).all(), entry
        assert run.x.dtype == np.float64
        assert not np.array_equal(run.x[0, 0, 0], run.x[0, 0, -1]), entry
        assert run.evals[0, 0, 1] >= 1 and (np.diff(run.evals[0, 0]) >= 0).all(), entry
        assert run.recipe.versions[library] and run.recipe.digests[
            f"optimizer:{run.recipe.optimizer[0].name}"
        ].startswith(f"package:{library}")
    assert made >= 12
    assert len(refused) <= 2, refused  # torch.SparseAdam, and nothing much else


def single_calls() -> Iterator[pytest.param]:
    """Oracles of gdviz's own rules that are one call of a factory with keywords, or with the rate first."""
    for name, definition in definitions("optimizer").items():
        for preset, text in definition.facts.oracle.items():
            call = ast.parse(text, mode="eval").body
            path = ast.unparse(call.func) if isinstance(call, ast.Call) else ""
            library, _, inner = path.partition(".")
            plain = isinstance(call, ast.Call) and all(isinstance(a, (ast.Name, ast.List)) for a in call.args)
            plain = plain and not (definition.facts.shown and library == "torch")  # torch shows where it steps
            if library in ONE and plain and definition.rule == "vector" and "lr" in definition.parameters:
                mark = needs(library)
                yield pytest.param(definition, preset, call, f"{library}:{inner}", id=f"{name}-{preset}", marks=mark)


@pytest.mark.parametrize(("definition", "preset", "call", "foreign"), list(single_calls()))
def test_oracles_take_the_same_path(definition, preset, call, foreign):
    rate = {"lr": 0.01} if "lr" in find("optimizer", foreign).parameters else {}
    options = {**definition.parameters, **definition.switches, **definition.presets.get(preset, {}), **rate}
    given = {
        word.arg: eval(compile(ast.Expression(word.value), "<oracle>", "eval"), {}, options) for word in call.keywords
    }
    if any(value == np.inf for value in given.values()):
        pytest.skip("an infinite option cannot be typed")
    theirs = gdviz.optimizer(foreign, **{**given, **rate})
    ours = gdviz.optimizer(definition.name, preset=preset, **rate)
    run = gdviz.simulate("quadratic_2d", [ours, theirs], steps=100, start=(-2.0, 1.5))
    # torch keeps the product of NAdam's momenta in single precision, which moves its path by 2e-10
    far = run.f[0, 0] > 1e-12 * run.f[0, 0, 0]  # at the minimum a quotient of rounding errors may be a rate
    assert far.sum() > 10
    assert np.abs(run.x[0, 0] - run.x[1, 0])[far].max() < (1e-9 if foreign.startswith("torch") else 1e-10)
    assert not np.array_equal(run.x[0, 0, 0], run.x[0, 0, -1])
    if (np.diff(run.x[1, 0], axis=0) != 0).any(axis=1).all():  # a point that stays is not evaluated again
        assert np.array_equal(run.evals[0], run.evals[1])
    else:
        assert (run.evals[1] <= run.evals[0]).all()
    single = gdviz.simulate("quadratic_2d", [theirs], steps=20, dtype="float32", start=(-2.0, 1.5))
    assert single.x.dtype == np.float32
    assert np.abs(single.x[0, 0] - run.x[1, 0, :21]).max() < 1e-4


@pytest.mark.parametrize("landscape", ["rosenbrock", "beale", "himmelblau", "booth"])
@pytest.mark.parametrize("method", [entry.partition(":")[2] for entry in entries("scipy")])
def test_scipy_ends_where_it_ends_alone(landscape, method):
    from scipy.optimize import minimize

    run = gdviz.simulate(landscape, [f"scipy:{method}"], steps=2000)
    plan = run.plans[0]
    derived = derive(run.setting.landscape)
    visited, hessians = [], []

    def told(log, function):
        def called(x):
            log.append(x.tobytes())
            return np.array(function(*x), float)

        return called

    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of derivatives that a method does not ask for
        alone = minimize(
            told(visited, derived.value),
            plan.start[0],
            method=method,
            jac=told(visited, derived.gradient),
            hess=told(hessians, derived.hessian),
            options={"maxiter": 100000},
        )
    assert run.x[0, 0, -1] == pytest.approx(alone.x, abs=1e-12)
    assert run.status[0, 0] == ("converged" if alone.success else "unfinished")
    points = sum(point != before for point, before in zip(visited, [b"", *visited], strict=False))
    if np.array_equal(run.x[0, 0, 0], run.x[0, 0, -1]):
        assert not alone.success
    else:
        assert run.evals[0, 0, -1] == points + 2 * len(hessians)


def test_methods_without_derivatives_are_charged_for_values_only():
    run = gdviz.simulate("rosenbrock", ["scipy:Nelder-Mead", "scipy:Newton-CG"], steps=30)
    per_step = np.diff(run.evals[:, 0], axis=1)
    assert per_step[0, 1:].max() <= 4  # reflection, expansion, or a shrink of two vertices
    assert per_step[1].min() >= 3  # a gradient, and a Hessian of two columns


@every_library
def test_recipes_hold_foreign_names(library):
    run = gdviz.simulate("booth", [f"{ONE[library]}:lr=0.05" if library != "scipy" else ONE[library]], steps=10)
    again = api.run(parse_recipe(run.recipe.text(), "again"))
    assert np.array_equal(again.x, run.x)
    assert again.recipe == run.recipe
    assert api.changes(run.recipe, again) == []
    old = run.recipe.updated(digests={**run.recipe.digests, f"optimizer:{ONE[library]}": f"package:{library} 0.1"})
    assert api.changes(old, again) == [ONE[library]]
    assert run.recipe.plugins == {}


@pytest.mark.parametrize("library", LIBRARIES)
def test_a_missing_package_is_told_in_a_sentence(library, monkeypatch):
    monkeypatch.setitem(sys.modules, library, None)
    done = CliRunner().invoke(program, ["plot", "beale", "-o", ONE[library]])
    error = done.exception
    assert isinstance(error, gdviz.UsageError)
    assert f"{ONE[library]} needs" in str(error) and f"pip install 'gdviz[{library}]'" in str(error)


@pytest.mark.parametrize("typed", ["scipy:BFGS", "scipy:bfgs", "scipy.BFGS", "SciPy:bfgs", "scipy.optimize.bfgs"])
def test_names_forgive(typed):
    (entry,) = parse_optimizers(typed)
    assert entry == Entry(name="scipy:BFGS")
    (entry,) = parse_optimizers(f"{typed}:gtol=1e-3,label=B")
    assert entry.options == {"gtol": "1e-3"} and entry.label == "B"
    assert [e.name for e in parse_optimizers(f"gd, {typed} ,adam")] == ["gd", "scipy:BFGS", "adam"]


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("scipy", "names a library; add the optimizer"),
        ("scipy:", "names a library; add the optimizer"),
        ("scipy:bfg", "there is no optimizer 'bfg' in scipy; did you mean 'BFGS'"),
        ("scipy:BFGS:gtoll=1", "has no option 'gtoll'; did you mean 'gtol'"),
        ("scipy:BFGS,gtol=1", "write a colon after the name, as in -o scipy:BFGS:gtol=1"),
        ("scipy:BFGS:gtol", "'gtol' is no key=value"),
        ("adam:fast", "'fast' is no key=value"),
        pytest.param("torch:AdamWW", "did you mean 'AdamW'", marks=needs("torch")),
        pytest.param("torch:Adam:betas=0.9", "must be 2 values, as in betas=0.9/0.999", marks=needs("torch")),
        pytest.param("torch:SGD:nesterov=yes,lr=0.1", "Nesterov momentum requires", marks=needs("torch")),
        pytest.param("torch:Adam:amsgrad=maybe", "amsgrad is yes or no", marks=needs("torch")),
        pytest.param("torch:LBFGS:max_iter=2.5", "must be a whole number", marks=needs("torch")),
        pytest.param("optax:adam:lr=1,learning_rate=2", "the same option", marks=needs("optax")),
        pytest.param("optax:schedule_free", "needs base_optimizer, which cannot be typed", marks=needs("optax")),
        pytest.param("optax:scale_by_adam", "there is no optimizer 'scale_by_adam'", marks=needs("optax")),
    ],
)
def test_mistyped_foreign_optimizers_get_a_sentence(typed, sentence):
    with pytest.raises(gdviz.UsageError, match=sentence) as caught:
        parse_optimizers(typed)
    assert "\n" not in str(caught.value)


@needs("torch")
def test_tuples_and_switches_reach_the_package():
    typed = parse_optimizers("torch:Adam:betas=0.5/0.9,amsgrad=yes,lr=0.1")[0]
    given = gdviz.optimizer("torch:Adam", betas=(0.5, 0.9), amsgrad=True, lr=0.1)
    quoted = parse_optimizers("torch:Adam:betas=(0.5;0.9),amsgrad=true,lr=0.1")[0]
    plain = gdviz.optimizer("torch:Adam", lr=0.1)
    run = gdviz.simulate("booth", [typed, given, quoted, plain, "adam:lr=0.1,beta1=0.5,beta2=0.9"], steps=15)
    assert np.array_equal(run.x[0], run.x[1]) and np.array_equal(run.x[0], run.x[2])
    assert not np.array_equal(run.x[0], run.x[3])
    assert np.abs(run.x[0, 0, 1] - run.x[4, 0, 1]).max() < 1e-12
    assert typed == given


@needs("optax")
def test_a_users_jax_stays_as_it_is():
    import jax
    import jax.numpy as jnp

    run = gdviz.simulate("booth", ["optax:adam:lr=0.1", "optax:lbfgs"], steps=5)
    assert run.x.dtype == np.float64
    assert jnp.ones(1).dtype == jnp.float32
    assert not jax.config.jax_enable_x64
    assert run.f[1, 0, -1] < 1e-12
    assert run.evals[1, 0, -1] > 5  # its line search is charged


@needs("optax")
def test_open_rates_are_asked_for_in_python_and_searched_on_the_command_line(tmp_path):
    with pytest.raises(gdviz.UsageError, match="states no lr of its own; type optax:adam:lr"):
        gdviz.simulate("beale", ["optax:adam"], steps=5)
    line = ["plot", "beale", "-o", "optax:adam", "-o", "optax:lbfgs", "--steps", "20", "--size", "320x240"]
    done = CliRunner().invoke(program, [*line, "--out", str(tmp_path / "a.png")], catch_exceptions=False)
    assert "(auto)" in done.output.splitlines()[0]
    assert "lr=" not in done.output.splitlines()[1]  # what searches along lines keeps its own


@needs("torch")
def test_tol_stops_a_foreign_run_where_it_stops_gdvizs_own():
    run = gdviz.simulate("quadratic_2d", ["torch:SGD:lr=0.05", "gd:lr=0.05"], steps=500, tol=1e-6)
    assert run.status.tolist() == [["converged"], ["converged"]]
    assert run.stopped_at[0] == run.stopped_at[1]
    assert np.array_equal(run.evals[0], run.evals[1])


def test_show_and_cite_know_foreign_names():
    for command, words in (("show", ("scipy:BFGS", "gtol")), ("cite", ("Virtanen", "doi"))):
        done = CliRunner().invoke(program, [command, "scipy:bfgs"], catch_exceptions=False)
        assert all(word in done.output for word in words)
