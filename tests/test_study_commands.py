"""`gdviz study` from what is typed to files: stores beside pictures, parts, what is shown again and handed on."""

from __future__ import annotations

import csv
import json
import shlex
from pathlib import Path

import numpy as np
import pytest

import gdviz
from gdviz import api
from gdviz.cli.program import run
from gdviz.errors import OutputError, UsageError

SWEEP = "study sweep ravine -o momentum:mu=0.5 --steps 40 --backend python --reliability no --size 480x270 --quiet"
RATES = f"{SWEEP} --grid lr=log:1e-4:1e-2:5"


@pytest.fixture(autouse=True)
def _empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("GDVIZ_LANG", raising=False)


def files() -> list[str]:
    return sorted(path.name for path in Path().iterdir())


def test_a_study_is_kept_in_a_store_and_drawn_beside_it(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(shlex.split(RATES)) == 0
    assert files() == ["ravine-sweep.png", "ravine-sweep.zarr"]
    assert capsys.readouterr().out.split() == [str(Path(name).absolute()) for name in files()[::-1]]
    # what is not named takes no other study's store, and goes on with its own
    assert run(shlex.split(f"{RATES} --theme dark")) == 0
    assert run(shlex.split(f"{SWEEP} --grid lr=0.001/0.002")) == 0
    assert files() == ["ravine-sweep-2.zarr", "ravine-sweep.png", "ravine-sweep.zarr"]
    assert run(shlex.split(f"{SWEEP} --grid lr=0.001/0.002 --out ravine-sweep.zarr")) == 2
    assert "is the store of another study: grid is" in capsys.readouterr().err
    # the command that a picture or a store tells makes its recipe again
    stored, drawn = api.load_recipe("ravine-sweep-2.zarr"), api.load_recipe("ravine-sweep.png")
    assert run(["recipe", "ravine-sweep-2.zarr"]) == 0
    told = shlex.split(capsys.readouterr().out.splitlines()[0].removeprefix("# gdviz"))
    assert run([*told[:-1], "again.zarr", "--quiet"]) == 0
    assert api.load_recipe("again.zarr").differs(stored) == stored.differs(drawn) == []


def test_parts_share_a_store_which_is_shown_told_and_exported(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(shlex.split(f"{RATES} --part 1/2 --out half.zarr --out half.png")) == 0
    said = capsys.readouterr()
    assert files() == ["half.zarr"] and "once all are, gdviz study show" in said.err
    assert run(["study", "status", "half.zarr", "--json"]) == 0
    state = json.loads(capsys.readouterr().out)
    assert (state["chunks"], state["done"], state["missing"], state["damaged"]) == (5, 3, 2, 0)
    assert run([*shlex.split(state["command"])[1:-2], "--out", "half.zarr", "--quiet"]) == 0
    assert run(["study", "show", "half.zarr", "--theme", "dark", "--lang", "kk", "--lang", "ru", "--quiet"]) == 0
    assert files() == ["half.kk.png", "half.ru.png", "half.zarr"]
    assert api.load_recipe("half.ru.png").theme == "dark"
    assert run(["study", "export", "half.zarr", "--out", "half.npz", "--out", "half.csv"]) == 0
    kept = gdviz.open_study("half.zarr")
    with np.load("half.npz") as arrays:
        assert all(np.array_equal(arrays[name], kept.arrays[name], equal_nan=True) for name in kept.arrays)
    with Path("half.csv").open(encoding="utf-8") as file:
        head, *rows = csv.reader(file)
    assert head[:2] == ["optimizer", "lr"] and len(rows) == 5


def test_what_a_study_would_take_is_told_and_nothing_made(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(shlex.split(f"{RATES} --dry-run")) == 0
    told = dict(line.split(maxsplit=1) for line in capsys.readouterr().out.splitlines())
    assert told["trajectories"] == "5" and told["chunks"] == "5" and "thread" in told["time"] and not files()


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        ("study basins beale --grid lr=1", 2, "gdviz study basins has no option '--grid'; it belongs to gdviz study"),
        ("study basins beale --resolution 0x5", 2, "--resolution = '0x5': a side has at least one cell, as in 512x512"),
        ("study swep beale", 2, "there is no command 'study swep'; did you mean 'sweep'?"),
        ("study sweep beale --grid lr=0.1 --out a.mp4", 2, "stands still; in place of a.mp4 type a.png"),
        ("study sweep beale --grid lr=0.1 --fps 3", 2, "gdviz study sweep has no option '--fps'; a study is a picture"),
        ("study ensemble beale --grid lr=0.1", 2, "has no option '--grid'; it belongs to gdviz study sweep"),
        ("study sweep beale --grid lr=0.1 --part 0/4 --out a.zarr", 2, "--part 0/4: type which part and of how many"),
        ("study sweep beale --grid lr=0.1 --part 1/4 --out a.png", 2, "needs a store that all who compute see; type"),
        ("study sweep beale --grid lr=0.1 --part 1/4 --cluster local:2", 2, "type one of them"),
        ("study sweep beale --grid lr=0.1 --out a.zarr --out b.zarr", 2, "b.zarr: a study is kept in one store, and a"),
        ("study sweep beale --grid lr=0.1 --out a.zarr --open", 2, "--open shows a picture, and none is made"),
        ("study sweep beale", 2, "say what is varied, as in --grid lr=log:1e-4:1:64"),
        ("study sweep ravine -o gd:dash=dotty --grid lr=0.01 --out a.zarr", 2, "gd: there is no dash 'dotty'"),
        ("study basins ravine -o gd:lr=1:marker=x --out a.zarr", 2, "gd: there is no marker 'x'"),
        (r"study trainability --title 'a $\frac{1$' --out a.zarr", 2, "the mathematics in 'a $"),
        (r"study ensemble ravine --caption '$\frac{1$' --out a.zarr", 2, "the mathematics in '$"),
        ("study show a.zarr", 2, "there is no store"),
        ("study status .", 2, "is a folder, but no store of a study"),
        ("plot --recipe .", 2, "is a folder; give a recipe (.toml) or a file or store made by gdviz"),
        ("animate --recipe sweep.toml --out a.mp4", 2, "stands still; in place of a.mp4 type a.png"),
        ("plot --recipe sweep.toml --lang", 2, "needs a value after it"),
        ("plot --recipe sweep.toml --panel loss", 2, "the recipe is one of gdviz study sweep, so it takes no --panel"),
        ("study ensemble --recipe sweep.toml", 2, "the recipe is not one of an ensemble; type gdviz plot"),
    ],
)  # fmt: skip
def test_mistakes_of_studies_get_one_sentence_and_make_no_file(
    words: str, code: int, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    recipe = 'study = "sweep"\nlandscape = "ravine"\ngrid = [{ name = "lr", values = [0.1] }]\n'
    Path("sweep.toml").write_text(recipe, encoding="utf-8")
    assert run(shlex.split(words)) == code
    error = capsys.readouterr().err
    assert said in error and len(error.splitlines()) == 1 and files() == ["sweep.toml"]


def test_plot_draws_the_recipe_of_a_study() -> None:
    assert run(shlex.split(f"{RATES} --out a.png --save-recipe a.toml")) == 0
    assert run(["plot", "--recipe", "a.toml", "--out", "b.png", "--quiet"]) == 0
    assert Path("a.png").read_bytes() == Path("b.png").read_bytes()


ASKED = {"steps": 40, "backend": "python", "reliability": False}


def test_python_asks_for_the_same_studies() -> None:
    grid = {"lr": np.geomspace(1e-4, 1e-2, 5)}
    study = gdviz.study("sweep", "ravine", "momentum:mu=0.5", grid=grid, out="a.zarr", **ASKED)
    assert run(shlex.split(f"{RATES} --out b.zarr")) == 0
    other = gdviz.open_study("b.zarr")
    assert study.recipe.differs(other.recipe) == ["size"] and isinstance(other, gdviz.Study) and other.complete
    assert all(np.array_equal(study.arrays[name], other.arrays[name], equal_nan=True) for name in study.arrays)
    assert study.resume() is study and repr(study) == "<study ravine-sweep of Momentum: 5 lr, 5 of 5 chunks>"
    (path,) = study.plot("a.png", theme="dark", size="480x270")
    assert api.load_recipe(path).theme == "dark" and study.recipe.theme == "light"
    run_again = study.run(lr=-1)
    assert run_again.f[0, 0, -1] == study.arrays["final_q50"][0, -1]
    assert study.run("Momentum", lr=4).x.tobytes() == run_again.x.tobytes()
    assert "<td>Momentum</td>" in study._repr_html_()


def test_a_part_in_python_is_resumed() -> None:
    half = gdviz.study("sweep", "ravine", "gd", grid={"lr": "0.01/0.02/0.03"}, out="a.zarr", part=(1, 2), **ASKED)
    assert half.done == (2, 3) and half.known.sum() == 2
    assert half.resume().complete and gdviz.open_study("a.zarr").complete


def bowl(x: float, y: float) -> float:
    return x * x + 3 * y * y


def test_functions_and_arrays_stand_in_for_names() -> None:
    def slow(x: float, g: float, lr: float = 0.1) -> float:
        return x - 0.5 * lr * g

    swept = gdviz.study("sweep", bowl, slow, start=(1.0, 1.0), grid={"lr": [0.1, 0.2]}, **ASKED)
    assert (swept.arrays["final_q50"] < 1e-2).all()
    X = np.random.default_rng(0).normal(size=(12, 2))
    fitted = gdviz.study("sweep", "linear", "gd", data=(X, X[:, 0]), grid={"lr": [0.1, 0.2]}, starts=2, **ASKED)
    assert fitted.problem.runs == 2 and np.isfinite(fitted.arrays["final_q90"]).all()


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"kind": "basin"}, "there is no study 'basin'; did you mean 'basins'?; there are basins, ensemble"),
        ({"kind": "sweep", "girth": 3}, "a study has no option 'girth'"),
        ({"kind": "basins", "fps": 3}, "a study has no option 'fps'"),
        ({"kind": "sweep", "grid": {"lr": 3}}, "grid of lr is 3; give its values, or a text"),
        ({"kind": "sweep", "grid": {"lr": "1:2"}}, "'1' is neither lin nor log"),
        ({"kind": "sweep", "grid": {"lr": [0.1]}, "part": (5, 4), "out": "a.zarr"}, "--part 5/4: type which part"),
        ({"kind": "basins", "resolution": (0, 5)}, "study of basins: resolution = '0x5': a side has at least one cell"),
        ({"kind": "sweep", "start": np.zeros((2000, 2))}, "a study takes 1000 starts one by one; for more give start"),
    ],
)  # fmt: skip
def test_mistakes_in_python_get_a_sentence(asked: dict[str, object], said: str) -> None:
    with pytest.raises(UsageError) as caught:
        gdviz.study(asked.pop("kind"), "ravine", "gd", **{**ASKED, **asked})
    assert said in str(caught.value)


def test_a_cell_that_is_none_is_told() -> None:
    study = gdviz.study("sweep", "ravine", "gd", grid={"lr": [0.1, 0.2]}, **ASKED)
    for cell, said in [
        ({"lr": 2}, "lr=2 is beyond the 2 cells of this axis; count from 0"),
        ({"mu": 0}, "there is no axis 'mu'; there are lr"),
        ({"optimizer": "adam"}, "there is no optimizer adam; there are, from 0, GD"),
        ({"optimizer": 1}, "there is no optimizer 1; there are, from 0, GD"),
    ]:
        with pytest.raises(UsageError, match=said):
            study.run(**cell)
    with pytest.raises(OutputError, match="there is no store"):
        gdviz.open_study("nothing.zarr")
