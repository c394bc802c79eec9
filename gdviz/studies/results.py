"""What a study came to in numbers: a row for each optimizer."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from gdviz.studies.optimum import best_cell
from gdviz.studies.problem import Found
from gdviz.studies.statistics import basin_entropy, wilson

if TYPE_CHECKING:
    from gdviz.studies.study import Study

Row = dict[str, Any]

MOST = 0.5
"""Share of the runs of a cell beyond which it counts as one that diverges."""


class Part(NamedTuple):
    """A share, 0 to 1, with its 95 % limits by Wilson."""

    share: float
    low: float
    high: float


def part(count: int, total: int) -> Part:
    """That of so many of all; NaN of none. Of a single one, which is no sample, limits are NaN."""
    if total < 2:
        return Part(count / total if total else float("nan"), float("nan"), float("nan"))
    low, high = wilson(count, total)
    return Part(count / total, float(low), float(high))


def table(study: Study) -> list[Row]:
    """A row for each optimizer: which share of its cells is computed, what its kind tells of these, and how far that
    can be trusted: labels that change, of the sampled cells and of those at boundaries, where that was asked for."""
    rows = []
    for i, label in enumerate(study.problem.labels):
        row: Row = {"optimizer": label, "computed": float(study.known[i].mean())}
        if study.known[i].any():
            row |= ROWS[study.problem.kind](study, i)
        if study.reliability:
            for name, shares in (("", study.reliability[i].all), ("boundary_", study.reliability[i].boundary)):
                row |= {f"{name}{key}": getattr(shares, key) for key in ("cells", "ulp", "dtype", "resolution")}
        rows.append(row)
    return rows


def _basins(study: Study, i: int) -> Row:
    """Which share of the starts leads to a lowest minimum, and which to each; and how unsure it is to which."""
    problem: Any = study.problem
    known = study.known[i]
    labels = np.where(known, problem.label({name: values[i] for name, values in study.arrays.items()}), -3)
    counted, total = labels[known], int(known.sum())
    lowest = np.flatnonzero(problem.minima.lowest)
    areas = {
        name: part(count, total)
        for number, name in enumerate(problem.minima.names())
        if (count := int((counted == number).sum()))
    }
    row: Row = {"success": part(int(np.isin(counted, lowest).sum()), total), "areas": areas}
    row |= {"lost": part(int((counted == -2).sum()), total)}
    if known.all():
        row["entropy"], row["boundary_entropy"] = basin_entropy(labels)
    return row


def _sweep(study: Study, i: int) -> Row:
    """The best cell and what it comes to, which share of the cells diverges, and of one axis from where to where."""
    known, arrays, axes = study.known[i], study.arrays, study.problem.axes
    cell = best_cell(arrays, i)
    row: Row = {"best": {}, "success": part(0, 0), "median_steps": np.inf, "final": np.inf}
    if cell is not None:
        runs = study.problem.runs
        row["best"] = {
            axis.name: axis.words[at] if axis.words else float(axis.values[at])
            for axis, at in zip(axes, cell, strict=True)
        }
        row["success"] = part(round(float(arrays["success"][(i, *cell)]) * runs), runs)
        row |= {
            told: float(arrays[name][(i, *cell)])
            for told, name in (("median_steps", "median_steps"), ("final", "final_q50"))
        }
    lost = known & (arrays["diverged"][i] > MOST)
    row["diverged"] = float(lost.sum() / known.sum())
    if len(axes) == 1 and not axes[0].words:
        row["diverges"] = _stretches(axes[0].values, lost, known)
    return row


def _stretches(
    values: NDArray[np.float64], lost: NDArray[np.bool_], known: NDArray[np.bool_]
) -> list[tuple[float, float]]:
    """The first and the last value of each stretch of an axis that is lost, from the lowest on; what is not known parts
    none."""
    order = np.argsort(values, kind="stable")
    order = order[known[order]]
    steps = np.diff(np.concatenate([[False], lost[order], [False]]).astype(np.int8))
    ends = zip(np.flatnonzero(steps > 0), np.flatnonzero(steps < 0) - 1, strict=True)
    return [(float(values[order[first]]), float(values[order[last]])) for first, last in ends]


def _ensemble(study: Study, i: int) -> Row:
    """How many runs there are, quantiles of the loss at the end, how runs end, and by when they leave where they began:
    quantiles by their percents."""
    problem: Any = study.problem
    sums = whole(study)
    ends = sums["ends"][i]
    total = int(ends.sum())
    percents = (5, 25, 50, 75, 95)
    row: Row = {"runs": total, "final": dict(zip(percents, sums["loss_q"][i, :, -1].tolist(), strict=True))}
    names = problem.ends if problem.minima is not None else ("finished", *problem.ends[1:])
    row["ends"] = {name: part(int(count), total) for name, count in zip(names, ends, strict=True) if count}
    if sums["began"][i]:
        row["escape"] = dict(zip(percents, sums["escape_q"][i].tolist(), strict=True))
    return row


def whole(study: Study) -> Found:
    """What all cells that are computed come to together."""
    if study.complete:
        return study.arrays
    problem = study.problem
    known = {
        array.name: np.where(study.arrays[array.name] == array.fill, 0, study.arrays[array.name])
        for array in problem.arrays
    }
    return problem.whole(known)


def _trainability(study: Study, i: int) -> Row:
    """Which share of the cells trains."""
    known = study.known[i]
    labels = study.problem.label({name: values[i] for name, values in study.arrays.items()})
    return {"trained": part(int((labels[known] == 1).sum()), int(known.sum()))}


ROWS: Mapping[str, Callable[[Study, int], Row]] = {
    "basins": _basins,
    "sweep": _sweep,
    "ensemble": _ensemble,
    "trainability": _trainability,
}
"""What is told of an optimizer, by the kind of the study."""
