"""Speed of gdviz on a CUDA device: the work of scripts/peers/works.py, through what users call.

`paths`, `mlp`, `trainability` and `basins` yield (name, value, unit) as scripts/bench.py prints them with --backend
cuda. All that lies between NumPy's arrays before and after is counted. `gdviz-kernel` is of what plans of twice the
steps take longer, in which nothing is left of that but the steps. `cold` is the first run of a process with an empty
cache, `load` that of one whose kernels are in it; both begin before anything is imported.
"""

from __future__ import annotations

import dataclasses
import importlib
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

ROOT = Path(__file__).resolve().parents[1]
PEERS = ROOT / "scripts" / "peers"
Figures = Iterator[tuple[str, float, str]]


class Work(NamedTuple):
    """A figure: its name, the amount of work and its unit; what does it on a backend, and twice the steps of a plan."""

    name: str
    amount: float
    unit: str
    done: Callable[[str], Any]
    twice: Callable[[str], Any] | None = None


def peer(name: str) -> Any:
    """A module of the peers' folder."""
    if str(PEERS) not in sys.path:
        sys.path.insert(0, str(PEERS))
    return importlib.import_module(name)


def of(plan: Any, name: str, amount: float, unit: str) -> Work:
    """The runs of a plan."""
    from gdviz.api import rerun

    longer = dataclasses.replace(plan, steps=2 * plan.steps, every=2 * plan.steps)
    return Work(name, amount, unit, lambda backend: rerun(plan, backend), lambda backend: rerun(longer, backend))


def paths(largest: int) -> Iterator[Work]:
    """Those of works.py of no more than `largest` runs."""
    import gdviz

    works = peer("works")
    for work in works.PATHS:
        if work.runs <= largest:
            steps, lr = works.STEPS, works.ADAM["lr"]
            asked: dict[str, Any] = {"steps": steps, "every": steps, "dtype": works.DTYPES[work.short]}
            (plan,) = gdviz.simulate(work.landscape, f"adam:lr={lr}", backend="python", **asked).plans
            plan = plan.with_start(work.starts.astype(float))
            yield of(plan, work.name, 1e-6 * work.runs * steps, "Mstep/s")


def mlp(largest: int) -> Iterator[Work]:
    """See `paths`."""
    import bench_networks

    works = peer("works")
    _, steps, batch, samples, hidden = works.MLP
    for networks in works.MLP.networks:
        if networks <= largest:
            asked: dict[str, Any] = {"batch": batch, "replacement": True, "task": "binary", "dtype": "float32"}
            data, lr = works.samples(samples), works.ADAM["lr"]
            plan = bench_networks.plan_of(f"mlp:{hidden}", data, f"adam:lr={lr}", steps, backend="python", **asked)
            weights = np.random.default_rng(2).normal(size=(networks, plan.objective.dim))
            name, amount = f"mlp/f32/{works.power(networks)}", 1e-6 * networks * steps * batch
            yield of(plan.with_start(weights), name, amount, "Msample/s")


def trainability(largest: int) -> Iterator[Work]:
    """See `paths`."""
    import gdviz

    works = peer("works")
    side, width, steps, window, _, low, high = works.TRAINABILITY
    if side * side <= largest:
        asked: dict[str, Any] = {"width": width, "steps": steps, "window": window, "resolution": (side, side)}
        asked |= {"domain": [(low, high), (low, high)], "reliability": False, "optimizers": "gd"}
        name = f"trainability/f64/{works.power(side * side)}"
        amount = 1e-3 * side**2 * steps
        yield Work(name, amount, "kstep/s", lambda backend: gdviz.study("trainability", backend=backend, **asked))


def basins(largest: int) -> Iterator[Work]:
    """See `paths`."""
    import gdviz

    works = peer("works")
    side, half, _, radius = works.BASINS
    if side * side <= largest:
        asked: dict[str, Any] = {"steps": works.STEPS, "radius": radius, "resolution": (side, side)}
        asked |= {"domain": [(-half, half), (-half, half)], "reliability": False}
        name, amount = f"basins/f64/{works.power(side * side)}", 1e-6 * side**2 * works.STEPS
        told = ("basins", "rosenbrock", f"adam:lr={works.ADAM['lr']}")
        yield Work(name, amount, "Mstep/s", lambda backend: gdviz.study(*told, backend=backend, **asked))


GROUPS = {"paths": paths, "mlp": mlp, "trainability": trainability, "basins": basins}


def figures(group: str, backend: str, largest: int, repeat: int = 5) -> Figures:
    """What a group comes to, and how long the first run of a process takes."""
    best = peer("works").best
    for name, amount, unit, done, twice in GROUPS[group](largest):
        seconds = best(lambda: done(backend), repeat)  # noqa: B023
        yield f"{name}/gdviz", amount / seconds, unit
        more = best(lambda: twice(backend), repeat) - seconds if twice else 0.0  # noqa: B023
        if more > 0:
            yield f"{name}/gdviz-kernel", amount / more, unit
    with tempfile.TemporaryDirectory() as cache:
        for when in ("cold", "load"):
            yield f"{group}/{when}/gdviz", first(group, backend, largest, cache), "s"


def first(group: str, backend: str, largest: int, cache: str) -> float:
    """Seconds of the first work of a group in a new process that keeps its kernels in `cache`."""
    text = "import time; begin = time.perf_counter(); import bench_cuda; bench_cuda.once(*{!r}, begin)"
    command = [sys.executable, "-c", text.format((group, backend, largest))]
    places = os.pathsep.join([str(ROOT / "scripts"), str(ROOT)])
    environment = {**os.environ, "PYTHONPATH": places, "GDVIZ_CACHE_DIR": cache}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    return float(done.stdout.split()[-1])


def once(group: str, backend: str, largest: int, begin: float) -> None:
    """Do the first work of a group and print the seconds since it began."""
    import time

    next(GROUPS[group](largest)).done(backend)
    print(time.perf_counter() - begin)


def problem(width: int) -> dict[str, NDArray[np.float64]]:
    """What gdviz's networks of a trainability map share, as scripts/peers/works.py reads it: X, y and start."""
    import gdviz

    data = f"tiny:n={width * width + width},dims={width}"
    asked: dict[str, Any] = {"init": "offset", "batch": "full", "validation": 0.0, "standardise": False}
    asked |= {"backend": "python"}
    (plan,) = gdviz.train(f"mean_field:width={width}", data, "gd:lr=0.01", steps=1, **asked).plans
    rows = plan.objective.numbers(np.dtype(float))[3:].reshape(-1, width + 1)
    return {"X": rows[:, :-1].copy(), "y": rows[:, -1].copy(), "start": plan.start[0]}


def hindrance(backend: str) -> str:
    """What hinders gdviz from using a backend of this machine, as a sentence; nothing where it can."""
    import gdviz

    toolchain, machines = peer("toolchain"), peer("machines")
    try:
        machines.Device()
        gdviz.simulate("rosenbrock", "adam:lr=0.01", steps=2, backend=backend)
    except (toolchain.Missing, gdviz.GdvizError) as error:
        return str(error)
    return ""
