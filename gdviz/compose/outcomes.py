"""What of a sweep may be shown: one number for each cell, its words, its axis, and which of its ends is the better."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gdviz.compose.studies import value_of
from gdviz.compose.values import value_axis
from gdviz.lang import Texts
from gdviz.scene import Axis
from gdviz.studies.optimum import best_cell
from gdviz.studies.study import Study

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Outcome:
    """One of the arrays of a sweep.

    title: key of what it is called. times: by what it is multiplied to be told. lower: whether less is better.
    """

    array: str
    title: str
    times: float = 1.0
    lower: bool = True

    def of(self, study: Study) -> Floats:
        """float64[optimizer, *axes]: as told; NaN where a cell is not computed, infinite where it has no number."""
        values = self.times * study.arrays[self.array].astype(np.float64)
        return np.where(study.known, np.where(np.isnan(values), np.inf, values), np.nan)

    @property
    def share(self) -> bool:
        """Whether it is a share of runs, in percent."""
        return self.times != 1.0

    def axis(self, values: Floats, mark: str, scale: str | None = None) -> Axis:
        """One that holds values float64[…, cell]: all percents, else those that are finite, on a scale that suits."""
        if self.share:
            return Axis(-2.0, 102.0, decimal=mark)
        finite = np.where(np.isfinite(values), values, np.nan)
        if np.isnan(finite).all():
            return Axis(0.0, 1.0, labelled=False)
        return value_axis(finite[None] if finite.ndim == 2 else finite, mark, scale)


OUTCOMES: Mapping[str, Outcome] = {
    "final": Outcome("final_q50", "sweep_final"),
    "success": Outcome("success", "sweep_success", 100.0, lower=False),
    "steps": Outcome("median_steps", "sweep_steps"),
    "diverged": Outcome("diverged", "sweep_diverged", 100.0),
}
"""By the words of --show."""


def told_best(study: Study, words: Texts) -> list[str]:
    """Of each optimizer the best cell and what it comes to, or that there is none."""
    rows = []
    for i in range(len(study.problem.labels)):
        cell = best_cell(study.arrays, i)
        if cell is None:
            rows.append(words.text("sweep_none") if study.known[i].any() else "")
            continue
        told = (value_of(study, axis, at, words) for axis, at in zip(study.problem.axes, cell, strict=True))
        place = ", ".join(told)
        rows.append(words.text("sweep_best", place=place, what=worth(study, i, cell, words)))
    return rows


def worth(study: Study, optimizer: int, cell: tuple[int, ...], words: Texts) -> str:
    """What a cell comes to: in how many steps its run or half of its runs succeed, else how many do, else the final
    loss."""
    success, steps, final = (
        float(study.arrays[name][(optimizer, *cell)]) for name in ("success", "median_steps", "final_q50")
    )
    if np.isfinite(steps):
        return words.text("sweep_within" if study.problem.runs == 1 else "sweep_half", n=int(steps))
    if success > 0:
        return words.text("sweep_share", share=words.number(float(f"{100 * success:.3g}")))
    return words.text("sweep_ends", loss=words.number(float(f"{final:.3g}")))
