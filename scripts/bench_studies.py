"""Speed and memory of studies: basins beside the same runs alone, trainability, Dask workers beside threads.

`basins`, `trainability`, `cluster` and `memory` yield (name, value, unit) as scripts/bench.py prints them; run alone it
prints JSON lines.

    python scripts/bench_studies.py [basins] [trainability] [cluster] [memory]
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
Figures = Iterator[tuple[str, float, str]]

PEAK = """
import sys
import gdviz
side, out = int(sys.argv[1]), sys.argv[2]
asked = {"resolution": (side, side), "steps": 3, "reliability": False, "backend": "cpu"}
gdviz.study("basins", "rosenbrock", "gd:lr=0.001", out=out, **asked)
try:
    import resource
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
except ImportError:
    print("nan")
"""
"""Prints the most memory that a study of a grid of starts took, in MB."""


def basins(repeat: int = 3) -> Figures:
    """Adam with rate 0.01 from 409,600 starts on Rosenbrock for 1,000 steps, as `paths` does it, with guard and status:
    `paths` keeps where runs end, `gdviz` also to which minimum they come and when, and their lowest loss. What the same
    study of one step takes, which has to find the minima, is left out and told as `start`."""
    import numpy as np

    import gdviz
    from gdviz.api import rerun

    side, steps = 640, 1000
    asked: dict[str, Any] = {
        "domain": [(-2.0, 2.0), (-2.0, 2.0)],
        "resolution": (side, side),
        "reliability": False,
    }
    at = -2.0 + 4.0 * (np.arange(side) + 0.5) / side
    starts = np.stack([one.ravel() for one in np.meshgrid(at, at)], axis=1)
    (plan,) = gdviz.simulate("rosenbrock", "adam:lr=0.01", start=starts[:1], steps=steps, every=steps).plans
    plan = plan.with_start(starts)
    works: dict[str, Callable[[], Any]] = {
        "gdviz": lambda: gdviz.study("basins", "rosenbrock", "adam:lr=0.01", steps=steps, **asked),
        "start": lambda: gdviz.study("basins", "rosenbrock", "adam:lr=0.01", steps=1, **asked),
        "gdviz-paths": lambda: rerun(plan, "cpu"),
    }
    took = in_turn(works, repeat)
    begun = took.pop("start")
    yield "basins/f64/start/gdviz", begun, "s"
    for who, seconds in {**took, "gdviz": took["gdviz"] - begun}.items():
        yield f"basins/f64/{who}", 1e-6 * side**2 * steps / seconds, "Mstep/s"


def trainability(repeat: int = 3) -> Figures:
    """Networks 8-8-1, one for each pair of rates of a grid of 96 by 96; 72 samples, 100 steps, float64, with the score
    of each."""
    import gdviz

    side, steps = 96, 100
    asked: dict[str, Any] = {"width": 8, "steps": steps, "resolution": (side, side), "reliability": False}
    seconds = in_turn({"": lambda: gdviz.study("trainability", optimizers="gd", **asked)}, repeat)[""]
    yield "trainability/f64/gdviz-study", 1e-3 * side**2 * steps / seconds, "kstep/s"


def cluster(repeat: int = 3) -> Figures:
    """Basins of 2,048² starts by two Dask workers with a thread each, and by two threads; both write a store."""
    import gdviz

    side, steps = 2048, 400
    asked: dict[str, Any] = {"resolution": (side, side), "steps": steps, "reliability": False, "force": True}
    with tempfile.TemporaryDirectory() as folder, workers(2) as address:
        places: dict[str, dict[str, Any]] = {"gdviz": {"cluster": address}, "gdviz-threads": {"threads": 2}}

        def work(who: str, place: dict[str, Any]) -> Callable[[], Any]:
            numbers = iter(range(100))
            return lambda: gdviz.study(
                "basins",
                "himmelblau",
                "momentum:lr=0.01",
                out=f"{folder}/{who}{next(numbers)}.zarr",
                **asked,
                **place,
            )

        for who, seconds in in_turn({who: work(who, place) for who, place in places.items()}, repeat).items():
            yield f"cluster/f64/{who}", 1e-6 * side**2 * steps / seconds, "Mstep/s"


class workers:
    """A scheduler and so many workers of Dask with a thread each, as `--cluster local:N` starts them; answers the
    scheduler's address."""

    def __init__(self, count: int) -> None:
        self.count = count

    def __enter__(self) -> str:
        import dask
        from distributed import LocalCluster

        with dask.config.set({"distributed.worker.profile.enabled": False}):
            self.cluster = LocalCluster(n_workers=self.count, threads_per_worker=1, dashboard_address=None)
        return str(self.cluster.scheduler_address)

    def __exit__(self, *error: object) -> None:
        self.cluster.close()


def memory() -> Figures:
    """The most memory of a process that computes basins of 10⁶ and of 10⁸ starts into a store."""
    for side, who in ((1_000, "million"), (10_000, "hundred-million")):
        with tempfile.TemporaryDirectory() as folder:
            command = [sys.executable, "-c", PEAK, str(side), str(Path(folder) / "basins.zarr")]
            answer = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
            yield f"memory/basins/{who}", float(answer.stdout.split()[-1]), "MB"


def in_turn(works: dict[str, Callable[[], Any]], repeat: int) -> dict[str, float]:
    """Seconds of the quickest of some rounds, in which works take turns, after one that compiles or loads kernels."""
    fastest = dict.fromkeys(works, float("inf"))
    for turn in range(repeat + 1):
        for who, work in works.items():
            begin = time.perf_counter()
            work()
            if turn:
                fastest[who] = min(fastest[who], time.perf_counter() - begin)
    return fastest


GROUPS = {"basins": basins, "trainability": trainability, "cluster": cluster, "memory": memory}


def main() -> None:
    """Print what the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("groups", nargs="*", metavar="GROUP", help=", ".join(GROUPS))
    asked = parser.parse_args()
    for group in asked.groups or GROUPS:
        for name, value, unit in GROUPS[group]():
            print(json.dumps({"name": name, "value": round(value, 3), "unit": unit}), flush=True)


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    main()
