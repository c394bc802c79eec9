"""What a study came to in numbers: a row for each optimizer."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from gdviz.studies.problem import Found
from gdviz.studies.statistics import wilson

if TYPE_CHECKING:
    from gdviz.studies.study import Study

Row = dict[str, Any]


class Part(NamedTuple):
    """A share, 0 to 1, with its 95 % limits by Wilson."""

    share: float
    low: float
    high: float


def part(count: int, total: int, sample: bool = True) -> Part:
    """That of so many of all; NaN of none. Limits are NaN of a single one and of what is no sample of a whole, as
    some rectangles of a map are none."""
    if total < 2 or not sample:
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
            row |= importlib.import_module(f"gdviz.studies.{study.problem.kind}").row(study, i)
        if study.reliability:
            for name, shares in (("", study.reliability[i].all), ("boundary_", study.reliability[i].boundary)):
                row |= {f"{name}{key}": getattr(shares, key) for key in ("cells", "ulp", "dtype", "resolution")}
        rows.append(row)
    return rows


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
