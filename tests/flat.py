"""Flat kernels run by Python, one trajectory after another, on NumPy's scalars: what a device is to make of them."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gdviz.backends import Paths, cpu, python
from gdviz.backends.cuda.records import FlatKernel
from gdviz.backends.cuda.runs import flat_of
from gdviz.backends.trackers import Tracker
from gdviz.plans.plan import Plan


def words(dtype: str, thread: list[int]) -> dict[str, Any]:
    """What a kernel's text finds in a header, for the thread of this number."""
    real, whole = np.dtype(dtype).type, np.dtype(dtype.replace("float", "int")).type

    def array(length: int, kind: Any) -> NDArray[Any]:
        return np.full(length, np.nan if kind is real else 77, kind)  # nobody may read what nobody has written

    return {
        "math": math,
        "np": np,
        "F": real,
        "I": whole,
        "U": np.uint64,
        "NAN": real("nan"),
        "INF": real("inf"),
        "sqrt": np.sqrt,
        "floor": np.floor,
        "finite": np.isfinite,
        "bits": lambda x: x.view(whole),
        "from_bits": lambda i: i.view(real),
        "dev": lambda function: function,
        "cuda": SimpleNamespace(grid=lambda axes: np.int64(thread[0]), local=SimpleNamespace(array=array)),
    }


def executed(kernel: FlatKernel, values: dict[str, Any], runs: int, cuts: Sequence[int]) -> dict[str, NDArray[Any]]:
    """What a kernel writes, dtype[run, …], in launches from each of `cuts` to the next."""
    given = {one.name: np.array(values[one.name], one.dtype) for one in kernel.arguments if one.role != "out"}
    made = {one.name: np.empty((*one.shape, runs), one.dtype) for one in kernel.arguments if one.role == "out"}
    kept = [np.full((rows, runs), 99, dtype) for dtype, rows in kernel.kept]
    thread = [0]
    module = words(kernel.dtype, thread)
    exec(compile(kernel.text, "<flat kernel>", "exec"), module)
    arguments = [made[one.name] if one.role == "out" else given[one.name] for one in kernel.arguments]
    arguments = [value if value.ndim else value[()] for value in arguments]
    with np.errstate(all="ignore"):
        for begin, end in itertools.pairwise(cuts):
            for thread[0] in range(runs + 1):  # blocks have more threads than there are runs
                module["descend"](*arguments, *kept, 0, runs, begin, end)
    return {name: np.moveaxis(array, -1, 0) for name, array in made.items()}


def run(plan: Plan, trackers: Sequence[Tracker] = (), states: Sequence[str] = (), cuts: Sequence[int] = ()) -> Paths:
    """A plan run by its flat kernel, in launches that begin at `cuts`."""
    flat = flat_of(plan, trackers, states)
    edges = [0, *cuts, flat.turns]
    return flat.paths(executed(flat.kernel, flat.values, len(plan.start), edges))


def assert_alike(plan: Plan, trackers: Sequence[Tracker] = (), states: Sequence[str] = (), cuts: Any = ()) -> None:
    """Fail unless the flat kernel answers what the python backend does, which is quicker to ask than compiled tiles, or
    these where NumPy sums otherwise, to the bit."""
    backend = cpu if plan.objective.compiled else python
    tiles, flat = backend.run(plan, trackers=trackers, states=states), run(plan, trackers, states, cuts)
    for name in ("x", "f", "status", "stopped_at", "left_at", "evals", "followed"):
        equal(getattr(flat, name), getattr(tiles, name), name)
    for held, wanted in ((flat.states, tiles.states), (flat.tracked, tiles.tracked)):
        assert held.keys() == wanted.keys()
        for name in wanted:
            equal(held[name], wanted[name], name)


def equal(a: Any, b: Any, name: str) -> None:
    """Fail unless two arrays, or what is not there, are the same to the bit."""
    if b is None:
        assert a is None, name
        return
    assert a.dtype == b.dtype and a.shape == b.shape, (name, a.dtype, b.dtype, a.shape, b.shape)
    np.testing.assert_array_equal(a, b, err_msg=name)
