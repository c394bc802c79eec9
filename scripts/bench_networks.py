"""Speed of networks: many small ones on batches, and a grid of learning rates of two layers.

`mlp` and `trainability` yield (name, value, unit) as scripts/bench.py prints them; run alone it prints JSON lines.

    python scripts/bench_networks.py [mlp] [trainability] [--processor]

With --processor seconds are those of the processor on one thread, which other programs on the machine change little; a
peer's have to be counted alike.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable, Iterator, Mapping
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
    data = (X, (X[:, 0] * X[:, 1] > 0).astype(np.int64))
    for who, replacement in (("gdviz", True), ("gdviz-shuffled", False)):
        plan = plan_of("mlp", {}, (8,), "binary_cross_entropy", data, (size, replacement), networks, steps, "float32")
        fastest, first = best(plan, seconds, threads)
        yield f"mlp/f32/{who}", 1e-6 * networks * steps * size / fastest, "Msample/s"
        yield f"mlp/f32/compile/{who}", first, "s"


def trainability(seconds: Callable[[], float] = time.perf_counter, threads: int | None = None) -> Figures:
    """Networks 8-8-1 without biases, one for each pair of rates of a grid of 96 by 96; 72 samples, 100 steps, float64.
    Nothing stops those that diverge: all steps are done, as the peer does them.

    `paper` is the size of Sohl-Dickstein 2024, arXiv:2402.06184: 16-16-1, 272 samples, 500 steps, on a grid of 32.
    """
    for who, side, width, steps in (("gdviz", 96, 8, 100), ("gdviz-paper", 32, 16, 500)):
        rng = np.random.default_rng(1)
        samples = width * width + width
        data = (rng.normal(size=(samples, width)), rng.normal(size=samples))
        plan = plan_of("mean_field", {"width": width}, (), "squared", data, None, side * side, steps, "float64")
        rates = np.meshgrid(*[10 ** np.linspace(-1, 3, side)] * 2)
        layers = [plan.objective.architecture.layers[i].weights for i in range(2)]
        lr = np.empty((side * side, plan.objective.dim))
        for rate, part in zip(rates, layers, strict=True):
            lr[:, part] = rate.ravel()[:, None]
        plan = plan.unguarded().with_start(np.tile(plan.start[:1], (side * side, 1)))
        fastest, first = best(plan, seconds, threads, lr=lr)
        yield f"trainability/f64/{who}", 1e-3 * side**2 * steps / fastest, "kstep/s"
        yield f"trainability/f64/compile/{who}", first, "s"


def plan_of(
    model: str,
    options: Mapping[str, Any],
    widths: tuple[int, ...],
    loss: str,
    data: tuple[Any, Any],
    batch: tuple[int, bool] | None,
    runs: int,
    steps: int,
    dtype: str,
) -> Any:
    """A plan of Adam, or of gradient descent where the batch is full, that records both ends."""
    from gdviz.catalogue.lookup import find
    from gdviz.objectives.architecture import architecture_of
    from gdviz.objectives.batches import FULL, Batch
    from gdviz.objectives.initial import initial
    from gdviz.objectives.network import Network
    from gdviz.plans.plan import GUARD, Plan

    tanh, cost, weights = find("activation", "tanh"), find("loss", loss), find("initialiser", "normal")
    of = architecture_of(find("model", model), widths, options, (tanh, tanh.parameters), data[0].shape[1], 1)
    objective = Network(of, cost, cost.parameters, *data, Batch(*batch) if batch else FULL)
    optimizer = find("optimizer", "adam" if batch else "gd")
    return Plan(
        objective=objective,
        optimizer=optimizer,
        options={**optimizer.parameters, **optimizer.switches, "lr": 0.01},
        start=initial(of, weights, weights.parameters, 0, np.arange(runs)),
        steps=steps,
        every=steps,
        tol=0.0,
        seed=0,
        dtype=dtype,
        centre=np.zeros(objective.dim),
        reach=np.full(objective.dim, GUARD),
        runs=np.arange(runs),
    )


def best(
    plan: Any, seconds: Callable[[], float], threads: int | None, repeat: int = 3, **options: Any
) -> tuple[float, float]:
    """Seconds of the shortest of some runs, and those of the first, which compiles."""
    import dataclasses

    from gdviz.backends import cpu

    plan = dataclasses.replace(plan, options={**plan.options, **options})
    times = []
    for _ in range(repeat + 1):
        begin = seconds()
        cpu.run(plan, threads)
        times.append(seconds() - begin)
    return min(times[1:]), times[0]


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
