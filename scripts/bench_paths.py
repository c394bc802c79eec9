"""Speed of trajectories: the fixed work of hand-written loops, and what guard, records and swept rates add to it.

`paths` yields (name, value, unit) as scripts/bench.py prints them; run alone it prints JSON lines.
"""

from __future__ import annotations

import dataclasses
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
STEPS = 1000
WORKS = (("rosenbrock", 102_400, 2.0), ("rastrigin", 20_480, 5.0))
COLD = """
import time
begin = time.perf_counter()
import numpy as np
import gdviz
gdviz.simulate("rosenbrock", ["adam:lr=0.01"], steps=10, backend="cpu")
print(time.perf_counter() - begin)
"""


def paths(repeat: int = 5) -> Iterator[tuple[str, float, str]]:
    """Adam with rate 0.01 over many starts for 1,000 steps, the best of some rounds.

    Guard, status and steps are counted but where it says `unguarded`, which is what hand-written loops do. `records`
    keeps every tenth step, `swept` has a rate and a β₁ per start, `numpy` is the python backend on a hundredth of the
    starts. Starting times are of whole processes.
    """
    import numpy as np

    import gdviz
    from gdviz.api import rerun

    for landscape, runs, half in WORKS:
        for dtype, short in (("float64", "f64"), ("float32", "f32")):
            rng = np.random.default_rng(0)
            small = gdviz.simulate(landscape, ["adam:lr=0.01"], steps=STEPS, every=STEPS, dtype=dtype)
            plan = small.plans[0].with_start(rng.uniform(-half, half, (runs, 2)))
            swept = {"lr": rng.uniform(1e-3, 1e-1, runs), "beta1": rng.uniform(0.0, 0.99, runs)}
            variants = {
                "gdviz": plan,
                "gdviz-unguarded": plan.unguarded(),
                "gdviz-records": dataclasses.replace(plan, every=10),
                "gdviz-swept": dataclasses.replace(plan, options={**plan.options, **swept}),
            }
            for who, variant in variants.items():
                speed = runs * STEPS / best(lambda: rerun(variant, "cpu"), repeat) / 1e6  # noqa: B023
                yield f"paths/{landscape}/{short}/{who}", speed, "Mstep/s"
            few = plan.with_start(plan.start[: runs // 100])
            speed = len(few.start) * STEPS / best(lambda: rerun(few, "python"), 1) / 1e6  # noqa: B023
            yield f"paths/{landscape}/{short}/gdviz-numpy", speed, "Mstep/s"
    with tempfile.TemporaryDirectory() as folder:
        for name in ("compile", "load"):
            yield f"paths/start/{name}", first_run(Path(folder)), "s"


def best(work: Callable[[], Any], repeat: int) -> float:
    """Shortest of some times in seconds, after one run that compiles."""
    work()
    times = []
    for _ in range(repeat):
        begin = time.perf_counter()
        work()
        times.append(time.perf_counter() - begin)
    return min(times)


def first_run(cache: Path) -> float:
    """Seconds from `import gdviz` to the end of a small compiled run in a new process."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "GDVIZ_CACHE_DIR": str(cache)}
    done = subprocess.run([sys.executable, "-c", COLD], env=environment, capture_output=True, text=True, check=True)
    return float(done.stdout)


if __name__ == "__main__":
    for name, value, unit in paths():
        print(json.dumps({"name": name, "value": round(value, 3), "unit": unit}), flush=True)
