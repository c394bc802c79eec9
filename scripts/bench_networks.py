"""Speed of networks: many small ones on batches, and a grid of learning rates of two layers.

`mlp` and `trainability` yield (name, value, unit) as scripts/bench.py prints them; run alone it prints JSON lines.

    python scripts/bench_networks.py [mlp] [trainability] [--processor]

With --processor seconds are those of the processor on one thread, which other programs on the machine change little; a
peer's have to be counted alike.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
Figures = Iterator[tuple[str, float, str]]


def mlp(seconds: Callable[[], float] = time.perf_counter, threads: int | None = None) -> Figures:
    """2,048 networks 2-8-1 with tanh and binary cross-entropy, Adam, 200 steps of 32 of 512 samples, float32.

    Batches are drawn as the peer draws them, with replacement; `shuffled` sees every sample once an epoch. The loss of
    all samples is recorded at both ends.
    """
    networks, steps, size, samples = 2048, 200, 32, 512
    X = np.random.default_rng(0).normal(size=(samples, 2))
    y = (X[:, 0] * X[:, 1] > 0).astype(np.int64)
    for who, replacement in (("gdviz", True), ("gdviz-shuffled", False)):
        begin = seconds()
        asked: dict[str, Any] = {
            "batch": size,
            "replacement": replacement,
            "runs": networks,
            "task": "binary",
            "dtype": "float32",
        }
        plan = plan_of("mlp:8", (X, y), "adam:lr=0.01", steps, **asked)
        fastest, first = best(plan, seconds, threads, begin)
        yield f"mlp/f32/{who}", 1e-6 * networks * steps * size / fastest, "Msample/s"
        yield f"mlp/f32/start/{who}", first, "s"


def trainability(seconds: Callable[[], float] = time.perf_counter, threads: int | None = None) -> Figures:
    """Networks 8-8-1 without biases, one for each pair of rates of a grid of 96 by 96; 72 samples, 100 steps, float64.

    Nothing stops those that diverge: all steps are done, as the peer does them. `paper` is the size of Sohl-Dickstein
    2024, arXiv:2402.06184: 16-16-1, 272 samples, 500 steps, on a grid of 32.
    """
    for who, side, width, steps in (("gdviz", 96, 8, 100), ("gdviz-paper", 32, 16, 500)):
        begin, rng = seconds(), np.random.default_rng(1)
        samples = width * width + width
        data = (rng.normal(size=(samples, width)), rng.normal(size=samples))
        plan = plan_of(f"mean_field:width={width}", data, "gd:lr=0.01", steps, task="regression").unguarded()
        rates = np.meshgrid(*[10 ** np.linspace(-1, 3, side)] * 2)
        lr = np.empty((side * side, plan.objective.dim))
        for rate, layer in zip(rates, plan.objective.architecture.layers, strict=True):
            lr[:, layer.weights] = rate.ravel()[:, None]
        plan = plan.with_start(np.tile(plan.start[:1], (side * side, 1)))
        plan = dataclasses.replace(plan, options={**plan.options, "lr": lr})
        fastest, first = best(plan, seconds, threads, begin)
        yield f"trainability/f64/{who}", 1e-3 * side**2 * steps / fastest, "kstep/s"
        yield f"trainability/f64/start/{who}", first, "s"


def plan_of(
    model: str, data: tuple[Any, Any], optimizer: str, steps: int, batch: int | str = "full", **asked: Any
) -> Any:
    """The plan of an optimizer from normal weights that records both ends, of samples as they are."""
    import gdviz

    one = gdviz.train(
        *(model, data, optimizer), batch=batch, steps=1, init="normal", validation=0.0, standardise=False, **asked
    )
    return dataclasses.replace(one.plans[0], steps=steps, every=steps)


def best(plan: Any, seconds: Callable[[], float], threads: int | None, begun: float) -> tuple[float, float]:
    """Seconds of the shortest of three runs, and those since `begun` to the end of one before, which compiles or loads
    kernels from the cache."""
    from gdviz.api import rerun

    times, first = [], 0.0
    for _ in range(4):
        begin = seconds()
        rerun(plan, "cpu", threads)
        times.append(seconds() - begin)
        first = first or seconds() - begun
    return min(times[1:]), first


GROUPS = {"mlp": mlp, "trainability": trainability}


def main() -> None:
    """Print what the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("groups", nargs="*", metavar="GROUP", help="mlp or trainability (default both)")
    parser.add_argument("--processor", action="store_true", help="seconds of the processor, on one thread")
    asked = parser.parse_args()
    clock: tuple[Callable[[], float], int | None] = (time.perf_counter, None)
    if asked.processor:
        clock = (time.process_time, 1)
    for group in asked.groups or GROUPS:
        for name, value, unit in GROUPS[group](*clock):
            print(json.dumps({"name": name, "value": round(value, 3), "unit": unit}), flush=True)


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    main()
