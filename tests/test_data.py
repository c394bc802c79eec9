"""Data sets: laws over the registry, their parts and units, and bad input."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from gdviz.about.laws import examine
from gdviz.catalogue.lookup import definitions
from gdviz.errors import DefinitionError, UsageError
from gdviz.lang import languages, texts
from gdviz.plans.data import load
from gdviz.recipe.data import DataEntry, parse
from gdviz.registry.defining import describe
from gdviz.registry.kinds.dataset import TAKEN

ALL = list(definitions("dataset"))


@pytest.mark.parametrize("name", ALL)
def test_every_data_set_keeps_the_laws(name: str) -> None:
    verdicts = examine(definitions("dataset")[name])
    assert len(verdicts) >= 3 and all(v.holds for v in verdicts), verdicts


def test_more_samples_begin_alike() -> None:
    for name in ALL:
        few, many = load(f"{name}:n=40", validation=0), load(f"{name}:n=50", validation=0)
        np.testing.assert_array_equal(many.X[:40], few.X)
        np.testing.assert_array_equal(many.y[:40], few.y)
    assert [len(load(f"{name}:n=41", validation=0).X) for name in ALL] == [41] * len(ALL)


def test_samples_are_the_same_on_every_machine() -> None:
    """Numbers of 30 November 2026; they may change with a data set's text only, and recipes then say so."""
    told = {name: [round(float(v), 12) for v in (*load(name).X[7][:2], load(name).y[7])] for name in ALL}
    assert told == RECORDED


def test_noise_and_classes_are_those_asked_for() -> None:
    clean = load("line:noise=0,n=50")
    np.testing.assert_allclose(clean.y, 3 * clean.X[:, 0] - 2, rtol=0, atol=1e-15)
    noisy = load("line:noise=2,n=100000", validation=0)
    assert np.std(noisy.y - (3 * noisy.X[:, 0] - 2)) == pytest.approx(2, rel=0.01)
    assert load("line:slope=5").truth == {"w": 5, "b": -2}
    five = load("blobs:classes=5,n=100")
    assert five.task == "classes" and five.outputs == 5 and np.bincount(five.y).tolist() == [20] * 5
    two = load("blobs:classes=2")
    assert two.task == "binary" and two.outputs == 1 and load("blobs:classes=2", task="classes").outputs == 2
    assert not np.array_equal(load("moons:seed=3").X, load("moons").X)
    np.testing.assert_array_equal(load("moons:seed=3").X, load("moons", seed=3).X)


def test_every_sample_is_of_one_part_and_every_class_in_both() -> None:
    data = load("gaussians:n=1000", validation=0.3)
    assert len(data.validation) == 300
    np.testing.assert_array_equal(np.sort(np.concatenate((data.training, data.validation))), np.arange(1000))
    assert np.bincount(data.y[data.validation]).tolist() == [30] * 10
    other = load("gaussians:n=1000", validation=0.3, seed=1)
    assert not np.array_equal(other.validation, data.validation)
    assert len(load("line", validation=0).validation) == 0


def test_columns_are_standardised_by_the_training_samples_where_asked() -> None:
    data = load("line", standardise=True)
    seen, told = data.inputs(data.training), data.targets(data.training)
    for column in (seen[:, 0], told):
        assert np.mean(column) == pytest.approx(0, abs=1e-14) and np.std(column) == pytest.approx(1)
    np.testing.assert_allclose(data.restored(data.targets(data.validation)), data.y[data.validation])
    assert data.is_standardised and not data.truth, "the weights are not those of the data's units"
    plain = load("line")
    np.testing.assert_array_equal(plain.inputs(plain.training), plain.X[plain.training])
    assert not plain.is_standardised and plain.digest != data.digest == load("line", standardise=True).digest
    assert load("moons", standardise=True).target_scale == 1


@pytest.mark.parametrize(
    ("text", "options", "sentence"),
    [
        ("mons", {}, "there is no dataset 'mons'; did you mean 'moons'"),
        ("", {}, "--data needs"),
        ("moons:noise", {}, "'noise' is no key=value; type moons:n=400"),
        ("moons:noise=much", {}, "noise is 'much'; type a finite number"),
        ("moons:spread=4", {}, "moons has no option 'spread'; it has: n, noise"),
        ("moons:n=2.5", {}, "n is 2.5; it must be a whole number"),
        ("moons:n=0", {}, "n is 0; it must be from 1"),
        ("moons:noise=-1", {}, "noise is -1; it must be 0 or more"),
        ("moons:n=1", {}, "'y' holds one class only"),
        ("moons", {"validation": 1.0}, "share for validation is 1"),
        ("line:n=1", {}, "1 sample cannot be parted"),
        ("moons", {"task": "clases"}, "no task 'clases'; did you mean 'classes'"),
        ("line", {"task": "classes", "validation": 0.0}, None),
        ("gaussians:n=500000,dims=1000", {}, "500000000 numbers"),
        ("moons:features=2", {}, "features is of the columns of files"),
        ("blobs", {"task": "binary"}, "has 3 classes, not two"),
        ("line:n=2000", {"task": "binary"}, "2000 different values"),
    ],
)
def test_what_cannot_be_is_refused_in_a_sentence(text: str, options: dict[str, object], sentence: str | None) -> None:
    if sentence is None:
        assert load(text, **options).outputs == 512  # odd, but it is asked for
        return
    with pytest.raises(UsageError, match=sentence):
        load(text, **options)


def test_a_definition_that_answers_no_samples_is_told_so() -> None:
    def short(normal, n=10):
        """Too few."""
        return normal(4), normal(4)

    def endless(normal, n=10):
        """Not finite."""
        return normal() / 0.0, normal()

    for function, law in ((short, "each of 10 samples, not 4 and 4"), (endless, "not finite")):
        (verdict,) = examine(describe("dataset", function, task="regression", source="mine"))
        assert not verdict.holds and law in verdict.finding
    for function, facts, sentence in (
        (short, {}, "task= must be one of"),
        (short, {"task": "regression", "truth": {"w": "slop"}}, "truth= names 'slop'"),
        (lambda normal: normal(), {"task": "regression"}, "number of samples"),
        (lambda normal, n=5, drop=1: normal(), {"task": "regression"}, "rename the parameter"),
        (lambda x, n=3: x, {"task": "regression"}, "not 'x'"),
    ):
        with pytest.raises(DefinitionError, match=sentence):
            describe("dataset", function, **facts)


def test_no_parameter_is_called_as_recipes_call_something_else() -> None:
    assert set(DataEntry.model_fields) == TAKEN


def test_data_sets_have_names_in_all_languages() -> None:
    for code in set(languages()) - {"en"}:
        assert set(texts(code).tables["dataset"]) == set(ALL), code


def test_data_are_typed_as_they_were_read() -> None:
    for text in ("moons", "moons:n=400,noise=0.2", "moons:n=400,seed=3"):
        entry = parse(text)
        assert parse(entry.typed()) == entry == DataEntry.model_validate(entry.flat())
    assert dict(next(parse("moons:n=400,seed=3").named("dataset"))[1].options) == {"n": 400}


def test_a_record_of_data_is_frozen() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        load("line").name = "other"  # type: ignore[misc]


RECORDED = {
    "blobs": [-1.801666647191, -1.239264705758, 1.0],
    "circles": [-0.4360919623, -0.412789805188, 1.0],
    "gaussians": [1.663432199329, -2.658126870194, 7.0],
    "line": [0.208816164557, -1.572938761128],
    "moons": [0.782280101582, -0.804493806493, 1.0],
    "polynomial": [0.208816164557, -0.669782356247],
    "sine": [0.208816164557, 0.530209231464],
    "spirals": [-0.398855167647, -0.693589195963, 1.0],
    "tiny": [0.740435372286, 1.380905277064, -0.398774509597],
    "xor": [0.254912295309, 1.01017406683, 0.0],
}
