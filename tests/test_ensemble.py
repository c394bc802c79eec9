"""Ensembles: counts of runs are those of runs one by one, whatever blocks and threads they come from."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from gdviz.errors import UsageError
from gdviz.recipe.recipe import Recipe
from gdviz.studies import ensemble as ensembles
from gdviz.studies import estimate as estimates
from gdviz.studies.bins import BINS
from gdviz.studies.chunks import layout_of
from gdviz.studies.ensemble import ELSEWHERE, Ensemble, ensemble
from gdviz.studies.execution import study
from gdviz.studies.export import export
from gdviz.vmath import random

WELL: dict[str, Any] = {
    "formula": "(x**2 - 1)**2",
    "optimizer": [{"name": "gd", "lr": 0.1}],
    "transform": [{"name": "gaussian", "sigma": 2.5}],
    "start": [[-1.0]],
    "radius": 0.75,
    "steps": 60,
    "runs": 3000,
    "backend": "python",
}
"""A double well, out of whose left half noise drives runs."""


def problem(**asked: Any) -> Ensemble:
    recipe: Any = Recipe(study="ensemble", **asked)
    return ensemble(recipe)


def counted(made: Ensemble, optimizer: int = 0, **ways: Any) -> dict[str, np.ndarray]:
    """The arrays of all blocks, [block, …]."""
    return dict(made.evaluate(optimizer, made.axes[0].values[None], **ways))


def whole(made: Ensemble, **ways: Any) -> dict[str, np.ndarray]:
    parts = [counted(made, i, **ways) for i in range(len(made.labels))]
    return dict(made.whole({name: np.stack([part[name] for part in parts]) for name in parts[0]}))


def walked(runs: int, steps: int, rate: float, sigma: float, seed: int = 0) -> np.ndarray:
    """Places of noisy runs in the double well from -1, float64[step, run], step by step."""
    normal = random.namespace("float64")["normal"]
    x = [np.full(runs, -1.0)]
    for t in range(1, steps + 1):
        noise = normal(seed, random.stream_of(0, "normal"), np.arange(runs, dtype=np.uint64), t, np.zeros(runs, int))
        x.append(x[-1] - rate * (4 * x[-1] * (x[-1] ** 2 - 1) + sigma * noise))
    return np.array(x)


def test_a_noisy_double_well_is_what_its_runs_are_one_by_one() -> None:
    made = problem(**WELL, every=7)
    found = whole(made)
    x = walked(3000, 60, 0.1, 2.5)
    near = np.abs(x + 1) <= 0.75
    first = np.where(near.all(axis=0), 10**9, (~near).argmax(axis=0))
    records = np.array([0, 7, 14, 21, 28, 35, 42, 49, 56, 60])
    assert np.array_equal(made.drawn.records, records)
    assert made.ends == ("(-1)", "(1)", ELSEWHERE, "diverged", "undefined")
    assert found["began"].tolist() == [3000]
    assert np.array_equal(found["escaped"][0], [(first <= record).sum() for record in records])
    assert 500 < found["escaped"][0, -1] < 2500  # or nothing is tried
    times = records[np.searchsorted(records, np.minimum(first, 60))].astype(float)
    times[first > 60] = np.inf
    exact = np.quantile(times, np.array(ensembles.PERCENTS) / 100, method="inverted_cdf")
    assert np.array_equal(found["escape_q"][0], exact)
    ends = [np.abs(x[-1] + 1) <= 0.75, np.abs(x[-1] - 1) <= 0.75]
    assert found["ends"][0].tolist() == [ends[0].sum(), ends[1].sum(), (~ends[0] & ~ends[1]).sum(), 0, 0]
    losses = (x[records] ** 2 - 1) ** 2
    shares = np.array(ensembles.PERCENTS) / 100
    exact = np.quantile(losses, shares, axis=1, method="inverted_cdf")
    edges = made.bins.edges
    widths = np.diff(edges)[np.clip(np.searchsorted(edges, exact, side="right") - 1, 0, BINS - 1)]
    inside = exact >= edges[0]
    assert inside.mean() > 0.85 and (np.abs(found["loss_q"][0] - exact)[inside] <= widths[inside]).all()


def test_neither_blocks_nor_pieces_nor_threads_change_a_count(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = {
        **WELL,
        "optimizer": [{"name": "gd", "lr": 0.1}, {"name": "adam", "lr": 0.1}],
        "backend": "cpu",
        "every": 6,
    }
    usual = problem(**asked)
    expected = whole(usual)
    monkeypatch.setattr(ensembles, "SMALLEST", 7)
    monkeypatch.setattr(ensembles, "BLOCKS", 11)
    monkeypatch.setattr(ensembles, "ROOM", 2345)  # 106 runs at once, of 273 of a block
    other = problem(**asked)
    assert len(usual.axes[0]) == 3 and len(other.axes[0]) == 11
    found = whole(other, threads=2)
    assert {name: values.tolist() for name, values in found.items()} == {
        name: values.tolist() for name, values in expected.items()
    }
    alone = other.evaluate(1, np.array([[4.0]]))
    assert all(np.array_equal(values[0], counted(other, 1)[name][4]) for name, values in alone.items())
    assert (alone["losses"].sum(axis=2) == 273).all()


def test_tables_have_a_row_for_each_record(tmp_path: Path) -> None:
    made = problem(**{**WELL, "optimizer": [{"name": "gd", "lr": 0.1}, {"name": "momentum", "lr": 0.05}]}, every=20)
    whole, first = study(made, threads=1), study(made, threads=1, part=(1, 6))  # the first block of gd
    tables = []
    for number, one in enumerate((whole, first)):
        with export(one, tmp_path / f"{number}.csv").open(newline="", encoding="utf-8") as file:
            tables.append([*csv.DictReader(file)])
    told, part = tables
    assert [(row["optimizer"], row["step"]) for row in told] == [
        (name, str(step)) for name in made.labels for step in (0, 20, 40, 60)
    ]
    for number, row in enumerate(told):
        i, record = divmod(number, 4)
        quantiles = [float(row[f"loss_q{share}"]) for share in ensembles.PERCENTS]
        assert quantiles == whole.arrays["loss_q"][i, :, record].tolist()
        assert float(row["survival"]) == (3000 - whole.arrays["escaped"][i, record]) / 3000
        ends = [row[f"ends[{end}]"] for end in made.ends]
        assert ends == [str(count) if record == 3 else "" for count in whole.arrays["ends"][i]]
    assert {row["optimizer"] for row in part} == {"GD"} and sum(
        int(part[3][f"ends[{end}]"]) for end in made.ends
    ) == 1024


def test_runs_that_are_lost_count_as_infinite_from_there_on() -> None:
    made = problem(
        landscape="beale", optimizer=[{"name": "gd", "lr": 0.02}], runs=2000, steps=40, starts=500, backend="python"
    )
    found, last = whole(made), len(made.drawn.records) - 1
    lost = found["ends"][0][-2:].sum()
    above = counted(made)["losses"].sum(axis=0)[last, -1]
    assert 0.05 * 2000 < lost <= above < 2000 and found["ends"][0].sum() == 2000
    assert np.isinf(found["loss_q"][0, -1, last]) and np.isfinite(found["loss_q"][0, 0]).all()
    # 500 starts in turn, and nothing else is random: every run is there four times
    assert (found["ends"] % 4 == 0).all()


def test_networks_begin_with_weights_of_their_own_and_have_no_minima() -> None:
    made = problem(
        model={"name": "linear"}, data={"name": "line"}, optimizer=[{"name": "gd", "lr": 0.1}], runs=40, steps=12,
        init={"name": "normal"}, backend="python",
    )  # fmt: skip
    found = whole(made)
    assert made.ends == (ELSEWHERE, "diverged", "undefined") and found["ends"].tolist() == [[40, 0, 0]]
    assert found["began"].tolist() == [0] and np.isnan(found["escape_q"]).all()
    assert (np.diff(found["loss_q"][0], axis=0) >= 0).all() and found["loss_q"][0, 0, 0] < found["loss_q"][0, -1, 0]
    run = made.again(0, np.zeros(1))
    assert run.f.shape == (1, 40, 13)
    exact = np.quantile(run.f[0], 0.5, axis=0, method="inverted_cdf")
    width = np.diff(made.bins.edges)[made.bins.places(exact) - 1]
    assert (np.abs(found["loss_q"][0, 2] - exact) <= width).all()


def nets(**asked: Any) -> dict[str, Any]:
    model = {"model": {"name": "mlp", "widths": [3]}, "data": {"name": "moons", "n": 20}, "batch": 4, "steps": 12}
    return {**model, "optimizer": [{"name": "gd", "lr": 0.5}], "runs": 20, "backend": "python", **asked}


@pytest.mark.parametrize(
    "asked",
    [
        {**WELL, "runs": 20},
        {**WELL, "runs": 20, "start": [[-1.0], [0.5], [1.0]]},
        {**WELL, "runs": 20, "start": [[-1.0], [9.0]], "domain": [[-2.0, 2.0]]},
        {**WELL, "runs": 20, "start": None, "starts": 3},
        {**WELL, "runs": 20, "start": None, "transform": ()},
        nets(),
    ],
    ids=["noise", "starts", "beyond", "in turn", "random starts", "batches"],
)
def test_any_run_is_run_again_as_it_was(asked: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    """Also of other blocks than the first."""
    monkeypatch.setattr(ensembles, "SMALLEST", 7)
    monkeypatch.setattr(ensembles, "SHOWN", 5)
    made = problem(**{key: value for key, value in asked.items() if value is not None}, every=1)
    assert len(made.axes[0]) == 3
    (plan,) = made.drawn.plans(0, 0, 20)
    paths = made._run(plan, 1)
    assert len(np.unique(paths.f, axis=0)) > 10
    for block, first in ((0, 0), (1, 7), (2, 14)):
        again: Any = made.again(0, np.array([float(block)]))
        assert again.f.shape[1] == 5 and again.f[0].tobytes() == paths.f[first : first + 5].tobytes()
    for run in (0, 6, 17):
        again = made.again(0, np.zeros(1), run)
        turn = 2 if asked.get("start") == [[-1.0], [9.0]] else 1  # the guard depends on both
        assert again.f.shape[1] == turn and again.f[0, run % turn].tobytes() == paths.f[run].tobytes()
        assert again.recipe.first == run - run % turn
        assert (again.plans[0].centre == plan.centre).all() and (again.plans[0].reach == plan.reach).all()
    assert made.again(0, np.ones(1), 3).f.tobytes() == made.again(0, np.zeros(1), 10).f.tobytes()
    with pytest.raises(UsageError, match="there are 20 runs, counted from 0, and no 20"):
        made.again(0, np.full(1, 2.0), 6)


def test_what_very_many_runs_take_is_told_by_few(monkeypatch: pytest.MonkeyPatch) -> None:
    """Blocks of 156 million runs are tried by blocks of as many as move few coordinates."""
    monkeypatch.setattr(estimates, "TRIAL", 2**14)
    tried, evaluate = list[int](), Ensemble.evaluate
    monkeypatch.setattr(Ensemble, "evaluate", lambda self, *a, **k: tried.append(self.runs) or evaluate(self, *a, **k))
    made = problem(**{**WELL, "runs": 10**10})
    found = estimates.estimate(made, layout_of(made), threads=1, budget=0.3)
    assert tried and max(tried) <= 2**14 and found.size.trajectories == 10**10
    few = problem(**{**WELL, "runs": 10**5})
    both = found, estimates.estimate(few, layout_of(few), threads=1, budget=0.3)
    many, some = (told.seconds / told.size.trajectories for told in both)
    assert 0.02 < many / some < 50
    lighter = ensemble(made.lighter(5, 1))
    assert (lighter.steps, lighter.runs, len(lighter.axes[0])) == (5, 1024, 64)
    assert few.lighter(60, 10**6) == few.recipe


def test_at_most_200_records_and_as_many_blocks_as_bounded() -> None:
    made = problem(**{**WELL, "steps": 1000, "runs": 10**9})
    assert len(made.drawn.records) == 101 and made.recipe.every == 10 and made.recipe.runs == 10**9
    assert len(made.axes[0]) == 64 and made.runs == 15_625_000
    few = problem(**{**WELL, "runs": 1500})
    assert len(few.axes[0]) == 2 and few.trajectories == 1500 * len(few.labels)


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ({**WELL, "starts": 5}, "both say where runs begin"),
        (
            {"model": {"name": "linear"}, "data": {"name": "line"}, "optimizer": [{"name": "gd"}], "radius": 0.1},
            "a radius is one around minima",
        ),
    ],
)
def test_what_does_not_fit_is_refused(asked: dict[str, Any], told: str) -> None:
    with pytest.raises(UsageError, match=told):
        problem(**asked)
