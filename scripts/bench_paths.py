"""Speed of trajectories: the fixed work of hand-written loops, and what guard, records and swept rates add to it.

`paths` yields (name, value, unit) as scripts/bench.py prints them; run alone it prints JSON lines.

    python scripts/bench_paths.py --against FOLDER [--pairs 3] [--rounds 9] [--only WORD ...]

compares with another checkout of gdviz: two processes, one of each, hold the same plans and take turns run by run, on
one thread and by processor time. Only that tells a few hundredths where the clock changes from second to second. How a
process's memory happens to lie is worth as much, so there are several such pairs, and the median of theirs counts.
"""

from __future__ import annotations

import argparse
import dataclasses
import itertools
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
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
    from gdviz.api import rerun

    for work, variants in plans():
        for who, variant in variants.items():
            speed = len(variant.start) * STEPS / best(lambda: rerun(variant, "cpu"), repeat) / 1e6  # noqa: B023
            yield f"{work}/{who}", speed, "Mstep/s"
        few = variants["gdviz"].with_start(variants["gdviz"].start[::100])
        speed = len(few.start) * STEPS / best(lambda: rerun(few, "python"), 1) / 1e6  # noqa: B023
        yield f"{work}/gdviz-numpy", speed, "Mstep/s"
    with tempfile.TemporaryDirectory() as folder:
        for name in ("compile", "load"):
            yield f"paths/start/{name}", first_run(Path(folder)), "s"


def plans() -> Iterator[tuple[str, dict[str, Any]]]:
    """Name and plans of every landscape in both precisions."""
    import numpy as np

    import gdviz

    for landscape, runs, half in WORKS:
        for dtype, short in (("float64", "f64"), ("float32", "f32")):
            rng = np.random.default_rng(0)
            small = gdviz.simulate(landscape, ["adam:lr=0.01"], steps=STEPS, every=STEPS, dtype=dtype)
            plan = small.plans[0].with_start(rng.uniform(-half, half, (runs, 2)))
            swept = {"lr": rng.uniform(1e-3, 1e-1, runs), "beta1": rng.uniform(0.0, 0.99, runs)}
            yield (
                f"paths/{landscape}/{short}",
                {
                    "gdviz": plan,
                    "gdviz-unguarded": plan.unguarded(),
                    "gdviz-records": dataclasses.replace(plan, every=10),
                    "gdviz-swept": dataclasses.replace(plan, options={**plan.options, **swept}),
                },
            )


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


def serve(only: Sequence[str]) -> None:
    """Answer names of plans on standard input with seconds of processor time, of one thread each."""
    from gdviz.api import rerun

    held = {f"{work}/{who}": plan for work, variants in plans() for who, plan in variants.items()}
    held = {name: plan for name, plan in held.items() if all(word in name for word in only)}
    for plan in held.values():
        rerun(plan, "cpu", 1)  # compiles
    print(*held, flush=True)
    for line in sys.stdin:
        begin = time.process_time()
        rerun(held[line.strip()], "cpu", 1)
        print(time.process_time() - begin, flush=True)


def compare(other: Path, pairs: int, rounds: int, only: Sequence[str]) -> Iterator[tuple[str, float, str]]:
    """Speed of this checkout over that of another, of plans whose names hold all words of `only`.

    In a pair it is the median of each run over its neighbours before and after, told on standard error, and in all the
    median over the pairs.
    """
    found: dict[str, list[float]] = {}
    with tempfile.TemporaryDirectory() as folder:
        caches = [Path(folder) / name for name in ("ours", "theirs")]
        for _ in range(pairs):
            for name, ratio in _pair(list(zip((ROOT, other.resolve()), caches, strict=True)), rounds, only):
                print(f"{name} {ratio:.3f}", file=sys.stderr, flush=True)
                found.setdefault(name, []).append(ratio)
    for name, ratios in found.items():
        yield name, statistics.median(ratios), "x"


def _pair(places: list[tuple[Path, Path]], rounds: int, only: Sequence[str]) -> Iterator[tuple[str, float]]:
    """The ratio of every plan, of one process in each of two places, a checkout and its cache."""
    command = [sys.executable, str(Path(__file__).resolve()), "--serve", *(f"--only={word}" for word in only)]
    made = [
        subprocess.Popen(
            command,
            env={**os.environ, "PYTHONPATH": str(place), "GDVIZ_CACHE_DIR": str(cache)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for place, cache in places
    ]

    def asked(process: subprocess.Popen[str], name: str) -> float:
        assert process.stdin and process.stdout
        process.stdin.write(name + "\n")
        process.stdin.flush()
        return float(process.stdout.readline())

    try:
        names, _ = (process.stdout.readline().split() for process in made if process.stdout)
        for name in names:
            theirs = [asked(made[1], name)]
            ours = []
            for _ in range(rounds):
                ours.append(asked(made[0], name))
                theirs.append(asked(made[1], name))
            ratios = [(a + b) / 2 / own for own, (a, b) in zip(ours, itertools.pairwise(theirs), strict=True)]
            yield name, statistics.median(ratios)
    finally:
        for process in made:
            process.kill()
            process.wait()


def main() -> None:
    """Print what the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--against", type=Path, metavar="FOLDER", help="another checkout of gdviz")
    parser.add_argument("--rounds", type=int, default=9, help="runs of each plan (default 9)")
    parser.add_argument("--pairs", type=int, default=3, help="pairs of processes (default 3)")
    parser.add_argument("--only", action="append", default=[], metavar="WORD", help="only plans whose names hold it")
    parser.add_argument("--serve", action="store_true", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.serve:
        serve(asked.only)
        return
    made = compare(asked.against, asked.pairs, asked.rounds, asked.only) if asked.against else paths()
    for name, value, unit in made:
        print(json.dumps({"name": name, "value": round(value, 3), "unit": unit}), flush=True)


if __name__ == "__main__":
    main()
