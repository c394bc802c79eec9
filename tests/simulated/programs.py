"""Kernels of program rules, launched on the simulator in chunks and steps."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from rules import plan

from gdviz.backends import python
from gdviz.backends.cuda import api, launch, pieces
from gdviz.backends.cuda.program_kernel import ProgramPlan
from gdviz.backends.trackers import Lowest, Nearest, Score

FOLLOWED = (Lowest(target=1.0), Nearest(np.ones((1, 2)), radius=0.5), Score(window=3))


@pytest.mark.parametrize(
    ("rule", "dim", "trackers"), [("armijo", 2, FOLLOWED), ("lbfgs", 5, ()), ("trust_region", 2, ())]
)
def test_the_bits_of_another_backend(rule: str, dim: int, trackers: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pieces, "BEGIN", 9)  # steps of runs: some launches
    given = plan("rosenbrock", rule, dim=dim, runs=3, steps=5, every=2, tol=1e-3)
    made = ProgramPlan(given, trackers)
    ours = made.paths(launch.execute(api.found(), made.kernel, made.values, len(given.start), made.turns))
    theirs = python.run(given, trackers=trackers)
    for name in ("x", "f", "status", "stopped_at", "left_at", "evals"):
        np.testing.assert_array_equal(getattr(ours, name), getattr(theirs, name), err_msg=name)
    for name, wanted in theirs.tracked.items():
        np.testing.assert_array_equal(ours.tracked[name], wanted, err_msg=name)
