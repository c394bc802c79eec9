"""What studies came to in numbers, as tables and on the console."""

from __future__ import annotations

import dataclasses
import math

import numpy as np
import pytest
from studied import CURVATURES, gathered, line, plane, swept

from gdviz.about.studies import ledger, notes, percent
from gdviz.studies.problem import Axis
from gdviz.studies.results import table
from gdviz.studies.shares import Reliability, Shares
from gdviz.studies.statistics import wilson


def test_a_sweep_is_told_by_its_best_cell_and_where_it_diverges():
    study = line(200)
    gd, momentum = study.table()
    assert (
        gd["optimizer"] == "gd" and gd["computed"] == 1 and gd["median_steps"] == study.arrays["median_steps"][0].min()
    )
    at = int(np.flatnonzero(study.problem.axes[0].values == gd["best"]["lr"])[0])
    assert gd["final"] == study.arrays["final_q50"][0, at]
    np.testing.assert_allclose(gd["success"], (1.0, *wilson(16, 16)))
    step = np.diff(np.log(study.problem.axes[0].values))[0]
    for row, limit in ((gd, 2 / CURVATURES.max()), (momentum, 2 * 1.9 / CURVATURES.max())):
        ((low, high),) = row["diverges"]
        assert 0 <= np.log(low / limit) <= step and high == 1.0
    told = ledger(study.recipe, study)[0]
    assert told[0] == "gd" and told[1] == (
        f"best lr={gd['best']['lr']:.4g}: half of its runs arrive within {gd['median_steps']:g} steps, "
        f"median final loss {gd['final']:.3g}"
    )
    assert told[2].startswith("100 % (") and told[2].endswith(" to 100 %) of its runs arrive")
    assert len({len(row) for row in ledger(study.recipe, study)}) == 1
    assert told[-1] == f"diverges from lr={gd['diverges'][0][0]:.4g} to 1"


def test_best_cells_are_first_sure_then_quick_then_deep():
    shape = (1, 4)
    arrays = {name: np.zeros(shape) for name in ("success", "diverged", "final_q10", "final_q90")}
    arrays["success"][:] = [0.5, 1.0, 1.0, 1.0]
    arrays["median_steps"] = np.array([[1.0, 9.0, 5.0, 5.0]])
    arrays["final_q50"] = np.array([[0.0, 0.0, 2.0, 1.0]])
    axis = Axis("lr", np.array([0.1, 0.2, 0.3, 0.4]))
    (row,) = table(swept((axis,), arrays, 2))
    assert row["best"] == {"lr": 0.4}
    arrays["diverged"][:] = [0.0, 1.0, 1.0, 1.0]
    assert table(swept((axis,), arrays, 2))[0]["best"] == {"lr": 0.1}
    arrays["final_q50"][:] = np.inf
    (row,) = table(swept((axis,), arrays, 2))
    assert row["best"] == {} and math.isnan(row["success"].share)
    assert ledger(swept((axis,), arrays).recipe, swept((axis,), arrays))[0][1] == "most runs diverge in every cell"


def test_a_part_of_a_study_is_told_as_one():
    study = plane((8, 6), one=True)
    for values in study.arrays.values():
        values[:, 6:] = np.nan
    study = dataclasses.replace(study, done=(3, 4))
    assert ledger(study.recipe, study)[0][1] == "75 % computed"
    study.arrays["diverged"][:, :6] = 1
    assert ledger(study.recipe, study)[0][2] == "most runs diverge in every cell that is computed"
    assert notes(study.recipe, study) == ["3 of 4 chunks are computed"]


def test_reliability_is_told_of_all_cells_and_of_boundaries():
    one = Reliability(Shares(48, 0.0, 0.25, math.nan), Shares(0, math.nan, math.nan, math.nan))
    study = plane((8, 6), one=True, reliability=(one,))
    assert ledger(study.recipe, study)[0][-1] == "labels changed by an ulp / float32: 0 % / 25 %"
    two = dataclasses.replace(one, boundary=Shares(9, 0.5, 1.0, math.nan))
    study = dataclasses.replace(study, reliability=(two,))
    assert ledger(study.recipe, study)[0][-1].endswith(": 0 % / 25 %, at boundaries 50 % / 100 %")
    assert notes(study.recipe, study) == [
        "25 % of the labels are others in another precision: single cells prove nothing there"
    ]
    assert table(study)[0]["dtype"] == 0.25 and table(study)[0]["boundary_ulp"] == 0.5


def test_ensembles_are_told_by_quantiles_and_ends():
    study = gathered(lost=25)
    study.problem.ends = ("(-1.05, 0)", "(0.946, 0)", "elsewhere", "diverged", "undefined")
    study.arrays["escape_q"] = np.array([[4.0, 8.0, 20.0, 80.0, np.inf]] * 2)
    gd = table(study)[0]
    assert gd["runs"] == 2000 and gd["final"][50] == study.arrays["loss_q"][0, 2, -1]
    assert gd["ends"]["diverged"].share == 0.0125 and "undefined" not in gd["ends"]
    told = ledger(study.recipe, study)[0]
    assert told[2].startswith("median final loss ") and told[3].startswith("runs by end: (")
    assert told[1] == "2000 runs" and told[-1].endswith(": 5 % by step 4, half by step 20, 95 % never")


@pytest.mark.parametrize("share, told", [(0, "0 %"), (1, "100 %"), (0.12345, "12.3 %"), (0.9999999, "99.99999 %")])
def test_percents_are_exact_at_their_ends(share, told):
    assert percent(share) == told


def test_nothing_succeeds():
    study = line(8, runs=1)
    study.arrays["success"][:] = 0
    assert "no run succeeds in any cell; a larger --target" in notes(study.recipe, study)[0]
    study.arrays["median_steps"][:] = np.inf
    assert ": final loss " in ledger(study.recipe, study)[0][1] and "arrive" not in str(ledger(study.recipe, study))
    study.arrays["diverged"][:] = 1
    assert notes(study.recipe, study)[0] == "most runs diverge in every cell; smaller rates may show a difference"


def test_rows_of_a_table_have_the_same_columns():
    study = line(20)
    study.arrays["diverged"][0] = 0
    first, second = ledger(study.recipe, study)
    assert len(first) == len(second) and first[-1] == "" and second[-1].startswith("diverges from")
