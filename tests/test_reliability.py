"""Reliability of maps: shares of labels that differ, against a plain count over all cells and all parts of them."""

from __future__ import annotations

import itertools
import math
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from gdviz.studies import reliability
from gdviz.studies.problem import Array, Axis, Floats, Found, Problem
from gdviz.studies.reliability import judge, sampled


class Toy(Problem):
    """Two optimizers whose labels are a rule of the place; it counts the cells that it is asked for."""

    kind = "toy"
    labels = ("a", "b")
    arrays = (
        Array("label", "int64", -1, "What a cell counts as."),
        Array("beside", "float64", math.nan, "", (("q", 2),)),
    )
    runs, steps, dim = 1, 1, 2
    criteria: dict[str, float] = {}  # noqa: RUF012
    again: Any = None

    def __init__(self, *axes: Axis, seed: int = 0) -> None:
        self.axes = axes
        self.recipe: Any = SimpleNamespace(seed=seed, dtype="float64", backend="python")
        self.asked = 0
        self.most = 0

    def evaluate(
        self, optimizer: int, at: Floats, *, ulps: int = 0, dtype: str | None = None, threads: int = 1
    ) -> Found:
        assert at.shape[0] == len(self.axes)
        assert all(a.min() <= v.min() and v.max() <= a.max() for v, a in zip(at, self.values, strict=True))
        self.asked += at.shape[1]
        self.most = max(self.most, at.shape[1])
        return {"label": self.rule(optimizer, at, ulps, dtype), "beside": np.zeros((at.shape[1], 2))}

    @property
    def values(self) -> list[Floats]:
        return [axis.values for axis in self.axes]

    def rule(self, optimizer: int, at: Floats, ulps: int, dtype: str | None) -> Any:
        """Broken lines where axes are continuous; near one of them rounding decides, near another the precision."""
        x, y = at[0], np.log(np.abs(at[-1]) + 1e-3)
        label = (np.sin(3 * x) + 0.7 * y > 0.1 * optimizer).astype(np.int64) + 2 * (x + y > 2)
        return label + 4 * ulps * (x > 1.5) + 8 * (dtype == "float32") * (y > 1)

    def label(self, found: Found) -> Any:
        assert found["beside"].shape == (*found["label"].shape, 2)
        return found["label"]

    def whole_study(self) -> dict[str, Any]:
        at = np.stack([grid.ravel() for grid in np.meshgrid(*self.values, indexing="ij")])
        shape = (2, *map(len, self.axes))
        labels = np.stack([self.rule(k, at, 0, None) for k in range(2)]).reshape(shape)
        return {"label": labels, "beside": np.zeros((*shape, 2))}


LINEAR = Axis("x", np.linspace(0, 3, 13))
LOG = Axis("lr", np.geomspace(0.01, 100, 17), "log")


def counted(toy: Toy, optimizer: int) -> Any:
    """The same shares by loops over all cells."""
    labels = toy.whole_study()["label"][optimizer]
    fine = [a.continuous and a.scale != "words" and len(a) > 1 for a in toy.axes]
    sums = {"all": np.zeros(5), "boundary": np.zeros(5)}
    for cell in np.ndindex(*labels.shape):
        beside = [
            (*cell[:k], cell[k] + side, *cell[k + 1 :])
            for k in range(len(cell))
            for side in (-1, 1)
            if fine[k] and 0 <= cell[k] + side < labels.shape[k]
        ]
        at = np.array([[axis.values[k]] for axis, k in zip(toy.axes, cell, strict=True)])
        mine = labels[cell]
        row = [1, toy.rule(optimizer, at, 1, None)[0] != mine, toy.rule(optimizer, at, 0, "float32")[0] != mine, 0, 0]
        for sides in itertools.product(*([-0.25, 0.25] if f else [0] for f in fine)):
            part = at.copy()
            inside = any(fine)
            for k, side in enumerate(sides):
                if side:
                    values = np.log(toy.axes[k].values) if toy.axes[k].scale == "log" else toy.axes[k].values
                    moved = values[cell[k]] + side * (values[1] - values[0])
                    inside &= values[0] <= moved <= values[-1]
                    part[k] = np.exp(moved) if toy.axes[k].scale == "log" else moved
            if inside:
                row[3] += toy.rule(optimizer, part, 0, None)[0] != mine
                row[4] += 1
        sums["all"] += row
        if any(labels[other] != mine for other in beside):
            sums["boundary"] += row
    with np.errstate(invalid="ignore"):
        return {half: (s[0], s[1] / s[0], s[2] / s[0], s[3] / s[4]) for half, s in sums.items()}


@pytest.mark.parametrize(
    "axes",
    [
        (LINEAR, LOG),
        (LINEAR,),
        (Axis("batch", np.arange(3.0), "words", ("1", "2", "4")), LOG),
        (Axis("seed", np.arange(5.0), continuous=False), LINEAR),
        (Axis("y", np.array([1.5])), LOG),
    ],
    ids=["two", "one", "words", "whole", "row"],
)
def test_small_maps_are_judged_whole(axes: tuple[Axis, ...]) -> None:
    """Where there are few cells all of them are in the sample, so shares are counts."""
    toy = Toy(*axes)
    found = judge(toy, toy.whole_study())
    assert found is not None and len(found) == 2
    for optimizer, each in enumerate(found):
        expected = counted(toy, optimizer)
        for half in ("all", "boundary"):
            shares = getattr(each, half)
            assert (shares.cells, shares.ulp, shares.dtype, shares.resolution) == pytest.approx(
                expected[half], nan_ok=True
            )
        assert each.boundary.cells > 0
        assert each.all.ulp > 0 or len(axes[0]) < 4


def test_sample_is_bounded_and_even() -> None:
    size = 512
    toy = Toy(Axis("y", np.linspace(0, 3, size)), Axis("x", np.linspace(0.1, 3, size)))
    arrays = toy.whole_study()
    found = judge(toy, arrays)
    assert found is not None
    assert toy.asked <= reliability.evaluations(toy) <= 0.4 * 2 * size**2
    assert toy.most <= reliability.TOGETHER
    for optimizer, each in enumerate(found):
        labels = arrays["label"][optimizer]
        at = np.stack([grid.ravel() for grid in np.meshgrid(*toy.values, indexing="ij")])
        ulp = (toy.rule(optimizer, at, 1, None) != labels.ravel()).mean()
        assert each.all.cells == size**2 // 32
        assert each.all.ulp == pytest.approx(ulp, abs=0.01)
        assert 1000 < each.boundary.cells <= each.all.cells
        assert each.boundary.resolution > 10 * each.all.resolution > 0
    assert [sampled(cells) for cells in (1, 100, 10_000, 160_000, 10**9)] == [1, 100, 625, 10_000, 65_536]


def test_answers_depend_on_the_seed_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    axes = Axis("y", np.linspace(0, 3, 64)), Axis("x", np.linspace(0.1, 3, 80))
    arrays = Toy(*axes).whole_study()
    told: list[tuple[int, int]] = []
    first = judge(Toy(*axes), arrays, progress=lambda *at: told.append(at))
    assert told[-1][0] == told[-1][1] > 256
    monkeypatch.setattr(reliability, "TOGETHER", 100)
    toy = Toy(*axes)
    assert judge(toy, arrays, threads=3) == first
    assert toy.most <= 100
    assert judge(Toy(*axes, seed=1), arrays) != first


def test_what_is_no_map_is_not_judged() -> None:
    class Blocks(Toy):
        def label(self, found: Found) -> Any:
            raise NotImplementedError

    assert judge(Blocks(LINEAR), Blocks(LINEAR).whole_study()) is None
