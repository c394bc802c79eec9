"""What a study takes, told before it is run: counts by hand, times by a clock that runs as it is told."""

from __future__ import annotations

import math
from pathlib import Path
from types import SimpleNamespace
from typing import Any, NamedTuple

import numpy as np
import pytest

from gdviz.errors import OutputError, UsageError
from gdviz.studies import estimate as estimates
from gdviz.studies.chunks import LANES, MOST, TRAJECTORIES, WORK, Layout, layout_of
from gdviz.studies.estimate import available_memory, check_room, estimate, in_bytes, in_time, size_of
from gdviz.studies.problem import Array, Axis, Floats, Found, Problem


class Toy(Problem):
    """Cells that take the time they are told to, by a clock of their own."""

    kind = "toy"
    labels = ("a", "b")
    arrays = (Array("status", "int8", -1, ""), Array("loss", "float64", math.nan, "", (("quantile", 3),)))
    runs, dim = 10, 2
    criteria: dict[str, float] = {}  # noqa: RUF012
    again: Any = None

    def __init__(self, side: int, steps: int = 100, reliability: str = "no", call: float = 0.0, step: float = 1e-6):
        self.axes = (Axis("y", np.arange(float(side))), Axis("x", np.arange(float(side))))
        self.steps, self.call, self.step = steps, call, step
        self.now = 0.0
        self.recipe: Any = SimpleNamespace(seed=0, backend="python", reliability=reliability, updated=self.updated)

    def updated(self, steps: int) -> Toy:
        made = Toy(len(self.axes[0]), steps, call=self.call, step=self.step)
        made.tick = self.tick  # type: ignore[method-assign]
        return made

    def tick(self, seconds: float) -> None:
        self.now += seconds

    def evaluate(
        self, optimizer: int, at: Floats, *, ulps: int = 0, dtype: str | None = None, threads: int = 1
    ) -> Found:
        assert threads == 1
        self.tick(self.call + at.shape[1] * self.runs * self.steps * self.step * (1 + optimizer))
        return {"status": np.zeros(at.shape[1], np.int8), "loss": np.zeros((at.shape[1], 3))}


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Any:
    """A toy's own, in place of the machine's."""

    def of(toy: Toy) -> Toy:
        monkeypatch.setattr(estimates, "time", SimpleNamespace(perf_counter=lambda: toy.now))
        monkeypatch.setattr(estimates, "problem_of", lambda recipe: recipe)
        return toy

    return of


def test_counts() -> None:
    toy = Toy(100)
    layout = Layout(2, (100, 100), (30, 30))
    size = size_of(toy, layout)
    assert (size.trajectories, size.steps, size.chunks) == (200_000, 20_000_000, 2 * 4 * 4)
    assert size.bytes == 2 * 100 * 100 * (1 + 3 * 8)
    assert size.files >= 32 * 3


@pytest.mark.parametrize("weight", [1.0, 100.0])
@pytest.mark.parametrize("steps", [100, 100_000, 10**9])
def test_a_chunk_is_less_work_the_longer_runs_are(steps: int, weight: float) -> None:
    """So that none takes minutes, but for the few runs that fill a tile; and a large map has no more files for that."""
    toy = Toy(1000, steps)
    toy.weight = weight
    runs = math.prod(layout_of(toy).sides) * toy.runs
    assert runs <= TRAJECTORIES and (runs <= LANES or runs * steps * toy.dim * weight <= WORK)
    assert 3 * runs > min(TRAJECTORIES, max(LANES, WORK // (steps * toy.dim * weight))), "as many as that allows"
    large = Toy(30_000, steps)
    large.weight = weight
    assert len(layout_of(large)) <= 2 * MOST


@pytest.mark.parametrize("step", [1e-7, 1e-6, 1e-4])
def test_time_is_that_of_the_clock(step: float, clock: Any) -> None:
    """Linear in cells and in steps, with what each call takes beside; trials keep to their budget, but for one cell."""
    toy = clock(Toy(64, call=0.001, step=step))
    layout = layout_of(toy)
    found = estimate(toy, layout, threads=2)
    cells, runs = 64 * 64, 10 * 100
    whole = sum(cells * runs * step * times + 0.001 * len(layout) / 2 for times in (1, 2))
    assert found.seconds == pytest.approx(whole / 2, rel=0.01)
    assert found.measured <= max(1.3 * estimates.BUDGET, 10 * step * runs * 7 * 3)
    half = estimate(toy, layout, threads=2, missing=len(layout) // 2)
    assert half.seconds == pytest.approx(whole / 4, rel=0.01)
    assert ("chunks", f"{len(layout)}, {len(layout) // 2} of them missing") in half.rows


def test_reliability_is_counted(clock: Any) -> None:
    """Six more evaluations of every sixteenth cell."""
    without, with_it = (clock(Toy(128, reliability=word)) for word in ("no", "yes"))
    layout = layout_of(without)
    clock(without)
    first = estimate(without, layout, threads=1).seconds
    clock(with_it)
    assert estimate(with_it, layout, threads=1).seconds == pytest.approx(first * (1 + 6 / 16), rel=0.01)


def test_what_does_not_fit_is_told_before(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    toy = Toy(1000)
    layout = layout_of(toy)
    store = tmp_path / "new" / "map.zarr"
    check_room(toy, layout)
    check_room(toy, layout, store)
    assert not store.parent.exists()
    monkeypatch.setattr(estimates, "available_memory", lambda: 10**7)
    with pytest.raises(UsageError, match=r"1000 × 1000 cells of 2 optimizers make arrays of 50 MB, and 10 MB"):
        check_room(toy, layout)
    monkeypatch.setattr(estimates, "available_memory", lambda: None)
    check_room(toy, layout)

    class Usage(NamedTuple):
        free: int

    monkeypatch.setattr(estimates.shutil, "disk_usage", lambda place: Usage(10**7))
    with pytest.raises(OutputError, match=r"50 MB, and 10 MB are free where"):
        check_room(toy, layout, store)
    monkeypatch.setattr(estimates.shutil, "disk_usage", lambda place: Usage(10**12))
    monkeypatch.setattr(estimates, "_free_files", lambda place: 100)
    with pytest.raises(
        OutputError, match=r"would be \d+ files, and its disk has room for 100; ask for a larger --chunk"
    ):
        check_room(toy, Layout(2, (1000, 1000), (10, 10)), store)
    monkeypatch.setattr(estimates, "_free_files", lambda place: None)
    axes = [range(10**6)] * 2
    known = {"arrays": toy.arrays, "wholes": (), "beside": {}, "recipe": toy.recipe, "labels": toy.labels}
    huge = SimpleNamespace(axes=axes, runs=1, steps=10, trajectories=2 * 10**12, **known)
    with pytest.raises(OutputError, match=r"1000000 × 1000000 cells .* 50 TB"):
        check_room(huge, Layout(2, (10**6, 10**6), (2000, 2000)), store)  # type: ignore[arg-type]


def test_words() -> None:
    assert [in_bytes(n) for n in (0, 999, 1000, 1_234_567, 5e13)] == [
        "0 bytes",
        "999 bytes",
        "1 kB",
        "1.23 MB",
        "50 TB",
    ]
    seconds = (0.0123, 0.5, 99.6, 600, 5990, 7200, 864_000, 1e9)
    told = ["0.012 s", "0.5 s", "100 s", "10 min", "100 min", "2 h", "10 days", "12,000 days"]
    assert [in_time(s) for s in seconds] == told
    free = available_memory()
    assert free is None or 10**7 < free < 10**16
