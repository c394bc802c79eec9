"""Training: what a fit is, what it does not depend on, and what is refused before any work.

Networks here are small and few, and run on NumPy where nothing has to be compiled for what is to be shown.
"""

import shlex

import click
import numpy as np
import pytest

import gdviz
from gdviz import api, jobs
from gdviz.backends import Paths, points
from gdviz.backends.collectors import BLOCK
from gdviz.cli.program import run
from gdviz.cli.wishes import wishes
from gdviz.plans.training import settle
from gdviz.recipe.options.train import Train
from gdviz.recipe.recipe import parse_recipe
from gdviz.runs import training
from gdviz.runs.rates import SEEDS
from gdviz.runs.tuning import RATES, tail_of

NUMPY = {"backend": "python"}


@pytest.fixture(scope="module")
def fit():
    """Two optimizers, three networks each, in five epochs of which the last batch is smaller."""
    return gdviz.train(
        "mlp:5", "moons:n=50", ["adam:lr=0.05", "gd:lr=0.5"], batch=16, epochs=5, runs=3, paths=True, **NUMPY
    )


def test_a_fit_holds_what_it_says(fit):
    optimizers, runs, records, parameters = fit.path.shape
    assert (optimizers, runs, records) == (2, 3, 5 * 3 + 1) == fit.loss.shape
    assert fit.loss is fit.f and fit.loss.dtype == np.float64
    assert fit.validation_loss.shape == fit.accuracy.shape == fit.loss.shape
    assert parameters == 2 * 5 + 5 + 5 + 1 == len(fit.setting.objective.names)
    np.testing.assert_array_equal(fit.weights, fit.path[:, :, -1])
    np.testing.assert_array_equal(fit.samples[:5], [0, 16, 32, 40, 56])
    np.testing.assert_array_equal(fit.epoch, fit.samples / 40)
    assert fit.epoch[-1] == 5.0 and fit.t[-1] == 15
    assert fit.status.shape == fit.stopped_at.shape == (2, 3) and set(fit.status.flat) == {"unfinished"}
    np.testing.assert_array_equal(fit.path[0, :, 0], fit.path[1, :, 0])  # of the same initial weights
    assert (fit.path[0, 0, 0] != fit.path[0, 1, 0]).any()
    lengths = np.sqrt((np.diff(fit.path, axis=2) ** 2).sum(axis=-1)).sum(axis=-1)
    np.testing.assert_allclose(fit.roughness, lengths, rtol=1e-12)
    assert "Adam" in fit._repr_html_() and len(fit.labels) == 2


def test_validation_and_accuracy_are_what_predictions_of_unseen_samples_say(fit):
    data = fit.setting.data
    assert len(data.validation) == 10 and not {*data.validation} & {*data.training}
    for optimizer in range(2):
        chance = fit.predict(data.X[data.validation], optimizer, run=1)
        assert chance.shape == (10, 1)
        y = data.y[data.validation]
        right = np.where(y == 1, chance[:, 0], 1 - chance[:, 0])
        np.testing.assert_allclose(fit.validation_loss[optimizer, 1, -1], -np.log(right).mean(), rtol=1e-10)
        assert fit.accuracy[optimizer, 1, -1] == ((chance[:, 0] > 0.5) == y).mean()
    with pytest.raises(gdviz.UsageError, match=r"2 features, and X has the shape \(4, 3\)"):
        fit.predict(np.zeros((4, 3)))


def test_a_run_is_the_same_alone_and_among_others_and_its_recipe_brings_it_back(fit):
    alone = gdviz.train("mlp:5", "moons:n=50", "gd:lr=0.5", batch=16, epochs=5, runs=1, **NUMPY)
    third = gdviz.train("mlp:5", "moons:n=50", "gd:lr=0.5", batch=16, epochs=5, runs=1, first=2, **NUMPY)
    for name in ("loss", "validation_loss", "accuracy", "weights"):
        np.testing.assert_array_equal(getattr(alone, name)[0, 0], getattr(fit, name)[1, 0])
        np.testing.assert_array_equal(getattr(third, name)[0, 0], getattr(fit, name)[1, 2])
    recipe = parse_recipe(fit.recipe.text(), "the recipe")
    again = jobs.make(recipe)
    np.testing.assert_array_equal(again.loss, fit.loss)
    assert again.recipe == fit.recipe and not api.changes(recipe, again)
    said = jobs.command_of(fit.recipe, "moons.mp4")
    assert said.startswith("gdviz train mlp:5 --data moons:n=50 -o adam:lr=0.05 -o gd:lr=0.5 --batch 16 --epochs 5")


def test_what_a_picture_shows_beyond_losses_is_collected_when_it_is_asked_for(fit):
    assert not fit.measures
    shown = api.redrawn(fit, {"panel": ("gradient", "step")})
    value, slope = fit.setting.objective.value_gradient(np.ascontiguousarray(fit.path[1, 2].T))
    np.testing.assert_allclose(value, fit.loss[1, 2], rtol=1e-12)
    np.testing.assert_allclose(shown.measures["gradient"][1, 2], np.linalg.norm(slope, axis=0), rtol=1e-12)
    moved = np.linalg.norm(np.diff(fit.path[0, 0], axis=0), axis=-1)
    np.testing.assert_allclose(shown.measures["step"][0, 0, 1:], moved, rtol=1e-12)
    assert np.isnan(shown.measures["step"][:, :, 0]).all()


def test_linear_regression_ends_where_the_normal_equations_do():
    made = gdviz.train("linear", "line", "gd:lr=0.3", batch="full", steps=400, validation=0.0, **NUMPY)
    data = made.setting.data
    solved = np.linalg.lstsq(np.column_stack([data.X, np.ones(len(data.X))]), data.y, rcond=None)[0]
    np.testing.assert_allclose(made.weights[0, 0], solved, rtol=1e-8)
    assert made.validation_loss is None and made.accuracy is None and made.setting.objective.names == ("w", "b")
    np.testing.assert_allclose(made.predict([0.0, 1.0])[:, 0], [solved[1], solved.sum()], rtol=1e-8)


def test_a_constant_in_the_loss_changes_no_weight():
    plain, more = (
        gdviz.train("linear", "line:n=60", ["adam:lr=0.1", "gd:lr=0.1"], loss=loss, batch=16, epochs=2, **NUMPY)
        for loss in ("squared", "squared_plus_7")
    )
    np.testing.assert_array_equal(more.weights, plain.weights)
    np.testing.assert_allclose(more.loss - plain.loss, 7.0, rtol=1e-12)


def test_batches_of_different_sizes_are_recorded_by_samples():
    sizes = ("full", 16, 1)
    rules = [f"gd:lr=0.02,batch={size}" for size in sizes]
    given = {"epochs": 2, "runs": 2, "validation": 0.0, "schedules": "lr=cosine", **NUMPY}
    made = gdviz.train("linear", "line:n=40", rules, **given)
    assert made.t[-1] == made.samples[-1] == 80 and made.epoch[-1] == 2.0 and len(made.t) == 81
    assert made.labels == ("GD (batch full)", "GD (batch 16)", "GD (batch 1)")
    for i, size in enumerate(sizes):
        alone = gdviz.train("linear", "line:n=40", "gd:lr=0.02", batch=size, **given)
        place = np.searchsorted(alone.samples, made.t, side="right") - 1
        np.testing.assert_array_equal(made.steps_at(i), alone.t[place])
        np.testing.assert_array_equal(made.loss[i], alone.loss[0][:, place])
        np.testing.assert_array_equal(made.weights[i], alone.weights[0])
        np.testing.assert_array_equal(made.hyperparameter("lr")[i], alone.hyperparameter("lr")[0][:, place])
    assert (np.diff(made.roughness, axis=0) > 0).all()


def test_optimizers_begin_with_initial_weights_of_their_own():
    given = {"epochs": 1, "runs": 2, "paths": True, **NUMPY}
    rules = ["gd:lr=0.1,init=zeros", "gd:lr=0.1,init=normal/std=0.1", "gd:lr=0.1"]
    made = gdviz.train("mlp:3", "moons:n=20", rules, init="he", **given)
    assert made.labels == ("GD (init zeros)", "GD (init normal σ = 0.1)", "GD (init he)")
    for i, init in enumerate(("zeros", "normal:std=0.1", "he")):
        alone = gdviz.train("mlp:3", "moons:n=20", "gd:lr=0.1", init=init, **given)
        np.testing.assert_array_equal(made.path[i], alone.path[0])
    assert {"initialiser:zeros", "initialiser:normal", "initialiser:he"} <= made.recipe.digests.keys()


def test_a_rate_left_open_is_that_with_the_lowest_loss_of_validation():
    asked = {"batch": 16, "epochs": 4, **NUMPY}
    made = gdviz.train("mlp:4", "moons:n=50", "gd:lr=auto", **asked)
    ends = []
    for rate in RATES:
        losses = gdviz.train("mlp:4", "moons:n=50", f"gd:lr={rate}", runs=SEEDS, **asked).validation_loss[0]
        ends.append(losses[:, -tail_of(losses.shape[1]) :].mean())
    assert made.recipe.optimizer[0].options["lr"] == RATES[int(np.nanargmin(ends))]


def test_many_networks_are_run_in_blocks_and_what_their_answer_takes_is_told_first(monkeypatch):
    runs, held, sizes, told = 20_000, [], [], []

    def choose(plans, *rest):
        def run(plan, states, trackers):
            assert told, "it is told before the work"
            lanes, records = len(plan.start), len(plan.records)
            sizes.append(lanes * records * (plan.start.shape[1] + 1))
            zeros = np.broadcast_to(np.float64(0), (lanes, records, plan.start.shape[1]))
            ends, spent = np.zeros(lanes, np.int64), np.zeros((lanes, records), np.int64)
            return Paths(zeros, zeros[..., 0].copy(), ends.astype(np.int8), ends, ends - 1, spent)

        return "cpu", run

    monkeypatch.setattr(training, "choose", choose)
    monkeypatch.setattr(training, "remark", told.append)
    monkeypatch.setattr(training, "LARGE", 2**20)
    monkeypatch.setattr(
        points, "answers", lambda of, on, x, threads: held.append(x.size) or np.zeros((2, *x.shape[:2]))
    )
    made = gdviz.train("mlp:4", "moons", "adam:lr=0.01", batch=32, epochs=20, runs=runs)
    dim = made.weights.shape[-1]
    assert len(sizes) > 2 and max(sizes) <= BLOCK and max(held) <= BLOCK
    assert made.loss.shape == (1, runs, 101) and made.path is None
    assert told == [
        f"the answer takes {runs * (dim + 101 * 4) * 8 / 2**30:.3g} GB of memory; --every K takes K times less"
    ]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("--data moons", "a model is missing"),
        ("linear", "what to learn from is missing"),
        ("mlp:0 --data moons", "'0' is no width; type a whole number above 0"),
        ("mlp:8,x --data moons", "'x' is no width"),
        ("linear --data moons", "linear is a model for regression, and moons asks for binary; choose deep"),
        ("softmax --data moons", "softmax is a model for classes, and moons asks for binary; type --task classes, or"),
        (
            "mlp:4 --data moons --loss cross_entropy",
            "the loss cross_entropy is one for classes, and moons asks for binary",
        ),
        ("mlp:4 --data moons:n=50 --batch 64", "a batch of 64 is more than the 40 samples of moons"),
        ("mlp:4 --data moons --batch none", "--batch none: type how many samples a step sees"),
        ("mlp:4 --data moons --batch full,8", "--batch full,8 compares an optimizer with itself"),
        ("mlp:4 --data moons -o gd:batch=8 -o gd --steps 9", "see different numbers of samples; choose epochs"),
        ("mlp:4 --data moons --epochs 2 --steps 9", "both epochs and steps are given"),
        ("mlp:1000,1000 --data moons --epochs 100 -o gd", "1005001 weights at 501 records take 3.75 GB for each run"),
        ("mlp:100000,100000 --data moons --steps 3 -o gd", "for each run; choose narrower layers"),
        ("linear --data line --batch 1 --epochs 1000000", "410000000 steps; 10000000 are the most: type fewer"),
        ("linear --data line --panel accuracy", "--panel accuracy needs classes"),
        (
            "linear --data line --panel validation:log --validation 0",
            "needs samples that no step sees; type --validation",
        ),
        ("mlp:4 --data moons --panel los", "no panel and no hyperparameter 'los'; did you mean 'loss'?"),
        ("mlp:4 --data moons -o gd --at 999", "--at 999 is beyond the last step, 100"),
    ],
)
def test_what_cannot_be_trained_is_refused_in_one_sentence(words, said, tmp_path, capsys):
    assert run(["train", *words.split(), "--out", str(tmp_path / "a.png")]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert said in line and not [*tmp_path.iterdir()]


@pytest.mark.parametrize(("marks", "said"), [((2, 3, 4, 5), "type --task regression, or choose"), ("abcd", "; choose")])
def test_a_line_through_marks_is_told_how_to_ask_for_numbers(marks, said):
    told = pytest.warns(gdviz.GdvizWarning, match="classes")
    with (
        told,
        pytest.raises(gdviz.UsageError, match=f"linear is a model for regression, and .* classes; {said.lstrip('; ')}"),
    ):
        gdviz.train("linear", (np.arange(12.0), np.array([*marks] * 3)))


FULL = """gdviz train mlp:8,4:bias=no --data moons:n=50,noise=0.3,seed=4 --task binary -o adam:lr=0.1,label=mine
-o gd:batch=8,init=normal/std=0.1,lr=auto
--transform gaussian:sigma=0.5 --schedule lr=cosine --batch 16 --replacement --epochs 3 --runs 2
--loss hinge --activation leaky_relu:slope=0.1 --init normal:std=0.5 --l1 0.01 --l2 0.02 --validation 0.5
--standardise yes --every 2 --tol 1e-6 --seed 3 --dtype float32 --panel loss:log --panel accuracy --axis samples
--label names --note 3:here --size 640x360 --seconds 3 --lang kk --out moons.mp4"""


@click.command()
@wishes(Train)
@click.pass_context
def typed(ctx, **words):
    return jobs.read(ctx.params, None, Train)


def test_another_model_over_a_recipe_brings_its_own_loss_and_initial_weights():
    """Those of a linear one, all 0, would keep every neuron of a hidden layer alike."""
    line = settle(jobs.read({"model": "linear", "data": "line", "optimizers": ("gd",)}, None, Train)).recipe
    assert (line.loss.name, line.init.name) == ("squared", "zeros")
    other = settle(jobs.read({"model": "mlp:4", "data": "moons"}, line, Train)).recipe
    assert (other.loss.name, other.init.name) == ("binary_cross_entropy", "xavier")
    assert jobs.read({"model": "mlp:4", "loss": "huber", "init": "he"}, line, Train).init.name == "he"
    assert jobs.read({"data": "line:n=50"}, line, Train).init.name == "zeros"


def test_words_make_the_recipe_that_is_meant_and_the_command_told_makes_it_again():
    recipe = typed.main(shlex.split(FULL)[2:], standalone_mode=False)
    assert recipe.model.widths == (8, 4) and recipe.model.options == {"bias": False} and recipe.data.seed == 4
    assert (
        [entry.batch for entry in recipe.optimizer] == [None, 8] and recipe.batch == 16 and recipe.standardise == "yes"
    )
    assert recipe.activation.options == {"slope": 0.1} and recipe.init.options == {"std": 0.5}
    assert recipe.optimizer[1].init.options == {"std": 0.1}
    assert parse_recipe(recipe.text(), "the recipe") == recipe
    said = jobs.command_of(recipe, "moons.mp4")
    assert typed.main(shlex.split(said)[2:], standalone_mode=False) == recipe
    by_steps = recipe.updated(epochs=None, steps=9)
    assert jobs.read({"epochs": 4}, by_steps, Train).steps is None


def test_the_command_trains_draws_and_is_told_again(tmp_path, capsys):
    out = tmp_path / "line.png"
    words = "linear --data line:n=40 --batch full,8 --epochs 2 -o gd:lr=0.1 --backend python --panel loss --panel step"
    assert run(["train", *words.split(), "--size", "320x240", "--out", str(out)]) == 0
    said = capsys.readouterr().out
    assert "GD (batch 8)" in said and "validation" in said and said.splitlines()[-1] == str(out)
    recipe = api.load_recipe(out)
    assert "-o gd:batch=full,lr=0.1 -o gd:batch=8,lr=0.1 --epochs 2" in jobs.command_of(recipe, "line.png")
    before = out.read_bytes()
    assert run(["train", "--recipe", str(out), "--out", str(out)]) == 0 and out.read_bytes() == before
    assert run(["animate", "beale", "-o", "gd:batch=8", "--out", str(out)]) == 2
    assert "batch=8 counts samples, and there are none here" in capsys.readouterr().err
    assert run(["animate", "beale", "-o", "gd:init=he", "--out", str(out)]) == 2
    assert "init=he makes weights, and there are none here" in capsys.readouterr().err


def test_several_initialisers_make_an_entry_of_each():
    recipe = typed.main(shlex.split("linear --data line -o gd,adam --init zeros,he"), standalone_mode=False)
    begun = [(entry.name, entry.init.name) for entry in recipe.optimizer]
    assert begun == [("gd", "zeros"), ("gd", "he"), ("adam", "zeros"), ("adam", "he")] and recipe.init is None
