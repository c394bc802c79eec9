"""Files, arrays and frames as data: what is read of them, what a recipe holds of them, and what is refused."""

from __future__ import annotations

import hashlib
import tomllib
import warnings
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import tomli_w

from gdviz.errors import GdvizWarning, RecipeError, UsageError
from gdviz.objectives.data import Data
from gdviz.plans.data import load, taken
from gdviz.recipe.data import DataEntry, parse

TABLE = """id,name,score,hours,price
1,Ann,5,0.5,10.5
2,Bob,,1.5,11
3,Cid,7,2.5,9.25
4,Dan,8,3,8.5
5,Eve,2,NA,7
6,Fay,3,4.5,6.5
"""


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.csv").write_text(TABLE, encoding="utf-8")
    return tmp_path


def quietly(source: Any, **options: Any) -> Data:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", GdvizWarning)
        return load(source, **options)


def write(**columns: list[Any]) -> str:
    """A file of these columns."""
    rows = [",".join(columns), *(",".join(map(str, row)) for row in zip(*columns.values(), strict=True))]
    Path("b.csv").write_text("\n".join(rows), encoding="utf-8")
    return "b.csv"


def test_columns_are_chosen_and_rows_that_lack_a_cell_are_counted() -> None:
    with pytest.warns(GdvizWarning, match="2 of 6 rows of a.csv lack a cell and were left out"):
        data = load("a.csv:target=price,features=score/hours", validation=0)
    np.testing.assert_array_equal(data.X, [[5, 0.5], [7, 2.5], [8, 3], [3, 4.5]])
    np.testing.assert_array_equal(data.y, [10.5, 9.25, 8.5, 6.5])
    assert data.task == "regression" and data.features == ("score", "hours") and data.target == "price"
    assert data.is_standardised and abs(data.inputs(data.training).mean()) < 1e-15
    same = quietly("a.csv:target=price,drop=1/name", validation=0)
    np.testing.assert_array_equal(same.X, data.X)
    assert not quietly("a.csv:target=price,drop=1/name", standardise=False).is_standardised


def test_spreadsheets_of_other_countries_are_read() -> None:
    Path("b.csv").write_bytes("часы;балл\n0,5;1,5\n1,5;2,5\n2,5;4\n3,5;5,5\n4;6\n".encode("cp1251"))
    with pytest.warns(GdvizWarning) as told:
        data = load("b.csv:target=балл", validation=0)
    assert "Windows-1251 letters and semicolons" in str(told[0].message) and "decimal commas" in str(told[1].message)
    np.testing.assert_array_equal(data.X[:, 0], [0.5, 1.5, 2.5, 3.5, 4])


@pytest.mark.parametrize(
    ("values", "task", "expected"),
    [
        (["good", "bad", "good", "bad", "bad"], None, ("binary", ("bad", "good"))),
        ([True, False, True, False, False], None, ("binary", ("False", "True"))),
        ([2, 1, 10, 1, 2, 10, 2], None, ("classes", ("1", "2", "10"))),
        ([2, 1, 10, 1, 2, 10, 2], "regression", ("regression", ())),
        ([0, 1, 0, 1, 1], "classes", ("classes", ("0", "1"))),
        ([0, 1, 2, 3, 4, 5], None, ("regression", ())),
        ([0.5, 1, 0.5, 1], None, ("regression", ())),
        (["1", "2", "late", "1"], "classes", ("classes", ("1", "2", "late"))),
    ],
)
def test_what_is_told_follows_from_the_target(values: list[Any], task: str | None, expected: tuple[str, Any]) -> None:
    data = quietly(write(h=list(range(len(values))), y=values), task=task, validation=0)
    assert (data.task, data.classes) == expected
    if data.classes:
        assert [data.classes[k] for k in data.y] == [str(v) for v in values]


def test_arrays_frames_and_files_are_the_same_data() -> None:
    X, y = np.array([[1.0, 5], [2, 4], [3, 7], [4, 1]]), np.array([0.5, 1.5, 2.5, 4])
    np.savez("c.npz", X=X, y=y)
    columns = {"a": X[:, 0], "b": X[:, 1], "y": y, "unused": list("abcd")}
    frame = SimpleFrame(columns)
    records = np.array([tuple(row) for row in np.column_stack((X, y))], dtype=[("a", float), ("b", float), ("y", "f8")])
    named = SimpleFrame({"a": X[:, 0], "b": X[:, 1]})
    found = [
        load((X, y)),
        load("c.npz"),
        load(Path("c.npz"), features=["X"]),
        load(columns, target="y", features=["a", "b"]),
        load(frame, features=("a", "b")),
        load(records),
        load((named, y[:, None])),
    ]
    for data in found:
        np.testing.assert_array_equal(data.X, X)
        assert data.digest == found[0].digest
    assert [data.features for data in found[:3]] == [("x1", "x2"), ("X1", "X2"), ("X1", "X2")]
    assert found[-1].features == ("a", "b") and load((X[:, 0], y)).features == ("x",)
    missing = quietly(({"a": [1, None, 3, 4]}, np.array([1, 2, np.nan, 4.5])), validation=0)
    np.testing.assert_array_equal(missing.X[:, 0], [1, 4])


class SimpleFrame(SimpleNamespace):
    """What a frame of pandas or Polars is to whoever does not import them."""

    def __init__(self, columns: dict[str, Any]) -> None:
        super().__init__(columns=list(columns), cells=columns)

    def __getitem__(self, name: str) -> Any:
        return self.cells[name]


def test_a_recipe_holds_where_a_file_is_and_its_hash_but_never_its_rows(folder: Path) -> None:
    text = "a.csv:target=price,drop=id/name"
    entry = quietly(text).entry
    written = tomli_w.dumps({"data": entry.flat()})
    assert entry.shape == (6, 5) and entry.sha256 == hashlib.sha256(TABLE.encode()).hexdigest()
    assert "Ann" not in written and "10.5" not in written and "Ann" not in str(entry)
    again = DataEntry.model_validate(tomllib.loads(written)["data"])
    assert again == entry and parse(entry.typed()) == parse(text)
    assert quietly(again).digest == quietly(text).digest
    assert parse(str(folder / "a.csv")).file == "a.csv", "no recipe holds a path of one machine"
    (folder / "sub").mkdir()
    assert parse(str(folder / "sub" / "b.npz") + ":target=t").file == "sub/b.npz"
    with Path("a.csv").open("a", encoding="utf-8") as file:
        file.write("7,Gil,4,1.5,9\n")
    with pytest.warns(GdvizWarning) as told:
        load(again)
    assert "a.csv has changed since this recipe was made" in str(told[0].message)
    Path("a.csv").unlink()
    with pytest.raises(UsageError, match=r"a\.csv: the file cannot be read"):
        load(again)


def test_arrays_are_not_in_the_recipe_either_unless_embedded() -> None:
    X, y = np.linspace(0, 1, 20), np.linspace(3, 4, 20)
    entry, columns = taken((X, y))
    assert columns is not None and "0.0526" not in str(entry.flat())
    assert load(entry, given=columns).digest == load((X, y)).digest
    with pytest.raises(RecipeError, match="arrays of 20 rows and 2 columns, given in Python"):
        load(entry)
    whole = load((X, y), embed=True)
    again = DataEntry.model_validate(tomllib.loads(tomli_w.dumps({"data": whole.entry.flat()}))["data"])
    assert load(again).digest == whole.digest
    held = quietly(f"../{Path.cwd().name}/a.csv:target=price,drop=id/name", embed=True).entry
    assert held.file == "a.csv" and held.drop is None, "what is embedded is read nowhere else"
    assert held.columns is not None and [*held.columns] == ["score", "hours", "price"], "names are left out"
    Path("a.csv").unlink()
    again = quietly(DataEntry.model_validate(held.flat()), embed=True)
    assert again.X.shape == (4, 2) and again.entry == held, "what is made of a recipe holds that recipe"


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("a.csv", "say which column is to be told, as in target=price; it has id, name, score, hours, price"),
        ("a.csv:target=prise", "a.csv has no column 'prise'; did you mean 'price'"),
        ("a.csv:target=price,features=hour", "no column 'hour'; did you mean 'hours'"),
        ("a.csv:targt=price", "no key 'targt' of files; did you mean 'target'"),
        ("a.csv:target=price,target=id", "target is given twice"),
        ("a.csv:target", "'target' is no key=value; type a.csv:target=price"),
        ("a.csv:target=price,missing=fill", "missing is 'fill'; it is drop or refuse"),
        ("a.csv:target=price,seed=-1", "seed is '-1'"),
        ("a.csv:target=price,features=score,missing=refuse", "a.csv, line 3, column 'score': the cell is missing"),
        ("a.csv:target=price,features=no,m", "'m' is no key=value; .* type its number, as in target=3"),
        ("a.csv:target=price,drop=id", "line 2, column 'name': 'Ann' is no number; leave the column out by drop=name"),
        ("a.csv:target=score,features=score", "'score' is the target and cannot be a feature"),
        ("a.csv:target=score,drop=score", "'score' is the target and cannot be dropped"),
        ("a.csv:target=score,drop=id/name/hours/price", "no column is left for features"),
        ("moons:target=y", "target is of the columns of files"),
        ("iris.data:target=y", "data are read from files that end in .csv"),
        ("nope.csv", "nope.csv: the file cannot be read"),
        ("no\0pe.csv", "the file cannot be read"),
    ],
)
def test_a_choice_that_cannot_be_is_refused(text: str, sentence: str) -> None:
    with pytest.raises(UsageError, match=sentence):
        load(text)


@pytest.mark.parametrize(
    ("cells", "sentence"),
    [
        ([1, 2, "x3", 4], "b.csv, line 4, column 'y': 'x3' stands among numbers"),
        ([1, 2.5, "inf", 4], "b.csv, line 4, column 'y': inf is no finite number"),
        (["a", "a", "a", "a"], "'y' holds one class only, 'a'"),
        (["", "NaN", "na", "?"], "every row lacks a cell"),
    ],
)
def test_a_target_that_cannot_be_told_is_refused(cells: list[Any], sentence: str) -> None:
    with pytest.raises(UsageError, match=sentence):
        load(write(h=[1, 2, 3, 4], y=cells))


def test_columns_of_words_are_all_told_at_once_as_they_are_typed() -> None:
    Path("b.csv").write_text('who;"part, %";h;y\nAnn;a;1;2,5\nBob;b;2;3\n', encoding="utf-8")
    with pytest.raises(UsageError, match=r"'Ann' is no number; leave the columns out by drop=who/2$"):
        load("b.csv:target=y")
    assert quietly("b.csv:target=y,drop=who/2", validation=0).features == ("h",)


def test_words_among_the_numbers_of_a_feature_are_refused_with_their_place() -> None:
    with pytest.raises(UsageError, match=r"b\.csv, line 3, column 'h': '4o' is no number; correct or empty the cell"):
        load(write(h=[1, "4o", 3], y=[0.5, 2, 3]))
    data = quietly(write(h=["true", "false", "True", ""], y=[0.5, 2, 3, 4]), validation=0)
    np.testing.assert_array_equal(data.X[:, 0], [1, 0, 1])


def test_a_constant_feature_is_told_and_stays_finite() -> None:
    with pytest.warns(GdvizWarning, match="the same in all samples of b.csv, and so of no use: c"):
        data = load(write(c=[0.1] * 6, h=[1, 2, 3, 4, 5, 6], y=[0.5, 2, 3, 4, 5, 5.5]))
    assert np.isfinite(data.inputs(np.arange(6))).all() and abs(data.inputs(np.arange(6))[:, 0]).max() < 1e-12


@pytest.mark.parametrize(
    ("arrays", "sentence"),
    [
        ((np.arange(10), np.arange(9)), "unequal length: X has 10, y has 9"),
        ((np.zeros((4, 2, 2)), np.zeros(4)), "'X' is an array of 4x2x2"),
        ((np.zeros((0, 2)), np.zeros(0)), "holds no rows"),
        ((np.array([1j, 2]), np.zeros(2)), "complex128"),
        ((np.array([1, np.inf, 3]), np.zeros(3)), "row 2, column 'x': inf is no finite"),
        (np.zeros((3, 2)), "data are ndarray; give a name"),
        (None, "data are NoneType"),
        ({}, "holds no columns"),
        ({"a": [1, 2], "b": [1, 2]}, "say which column is to be told"),
    ],
)
def test_arrays_that_are_no_data_are_refused(arrays: Any, sentence: str) -> None:
    with pytest.raises(UsageError, match=sentence):
        load(arrays)


def test_files_that_hold_no_data_are_refused() -> None:
    Path("empty.csv").write_bytes(b"")
    Path("bad.npz").write_bytes(b"PK, they said")
    np.savez("objects.npz", X=np.array([{}], dtype=object))
    for name, sentence in (
        ("empty.csv", "empty.csv holds no"),
        ("bad.npz", "bad.npz is no NPZ file"),
        ("objects.npz", "save arrays of numbers"),
    ):
        with pytest.raises(UsageError, match=sentence):
            load(name)


def test_a_formula_tells_classes_or_numbers() -> None:
    data = load("y > sin(k*x):k=3,n=400", validation=0)
    assert data.task == "binary" and data.features == ("x", "y") and data.X.shape == (400, 2)
    x, y = data.X.T
    np.testing.assert_array_equal(data.y, y > np.sin(3 * x))
    assert abs(data.X).max() <= 1 and 1 < abs(load("y > x:span=2").X).max() <= 2
    wave = load("sin(3*x):n=50", validation=0)
    assert wave.task == "regression" and wave.features == ("x",)
    np.testing.assert_allclose(wave.y, np.sin(3 * wave.X[:, 0]), rtol=0, atol=1e-15)
    assert load("x**2 + y**2").target == "z"
    for text in ("y > sin(k*x):k=3,n=400", "x*y > 0"):
        assert parse(parse(text).typed()) == parse(text)
    for text, sentence in (
        ("y > sin(k*x)", "'k', which has no value; give it one with :k=1"),
        ("y > x:k=2", "does not use 'k'; drop :k="),
        ("y > x > 0", "where takes one comparison|comparison"),
        ("y > ", "it ends after '>'"),
        ("y > x:n=0.5", "n is 0.5; it must be"),
        ("x > 5", "one class only"),
    ):
        with pytest.raises(UsageError, match=sentence):
            load(text)
