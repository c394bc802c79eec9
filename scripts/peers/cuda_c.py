"""The work of works.py in CUDA C: one launch for all steps, a thread a trajectory, or a warp where it is a network.

    python scripts/peers/cuda_c.py [paths] [mlp] [trainability] [basins] [--largest N] [--host]

Figures of `cuda-c` begin and end with NumPy's arrays, as those of gdviz do; `cuda-c-kernel` is the kernel alone, and
`cuda-c-fast` the whole once more with flushed denormals and approximate roots and quotients (-use_fast_math), which
neither gdviz nor JAX takes. `--host` runs the same functions, compiled for this machine's processor, on one thread.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

import works  # isort: skip
from machines import Call, Device, Host, Machine, structure  # isort: skip
from toolchain import Missing  # isort: skip

Array = NDArray[Any]
FAST = ("-use_fast_math",)


def box(landscape: str) -> list[float]:
    """Centre and reach of the guard and reach of the far one."""
    centre, reach = works.GUARDS[landscape]
    return [*centre, reach, reach, works.FAR * reach, works.FAR * reach]


def adam(short: str, landscape: str | None = None, **options: float) -> Any:
    """Adam's numbers, and those of a guard, as kernels take them."""
    values = [*(works.ADAM | options).values(), *(box(landscape) if landscape else ())]
    return structure(np.dtype(works.DTYPES[short]).type, values)


def paths(landscape: str, start: Array, steps: int = works.STEPS, **options: float) -> tuple[Call, dict[str, Array]]:
    """Runs from dtype[run, 2], and what they come to: end, value, status, stopped, left."""
    runs, short = len(start), "f32" if start.dtype == np.float32 else "f64"
    made = {
        "end": np.empty_like(start),
        "value": np.empty(runs, start.dtype),
        "status": np.empty(runs, np.int8),
        "stopped": np.empty(runs, np.int32),
        "left": np.empty(runs, np.int32),
    }
    given = [start, works.gains(short, steps)]
    numbers = [np.int32(steps), adam(short, landscape, **options)]
    return Call("paths.cu", f"{landscape}_{short}", 128, 1, given, [*made.values()], runs, numbers), made


def basins(start: Array, steps: int = works.STEPS, **options: float) -> tuple[Call, dict[str, Array]]:
    """Runs from float64[run, 2] on Rosenbrock's valley: value, best, status, stopped, minimum, since, left."""
    runs, whole = len(start), ("stopped", "minimum", "since", "left")
    made: dict[str, Array] = {"value": np.empty(runs), "best": np.empty(runs), "status": np.empty(runs, np.int8)}
    made |= {name: np.empty(runs, np.int32) for name in whole}
    points = np.array(works.BASINS.minima)
    numbers = [
        np.int32(steps),
        np.int32(len(points)),
        np.float64(works.BASINS.radius),
        adam("f64", "rosenbrock", **options),
    ]
    given = [start, works.gains("f64", steps), points]
    return Call("paths.cu", "basins_f64", 128, 1, given, [*made.values()], runs, numbers), made


def mlp(start: Array, data: Array, steps: int, seed: int = 0) -> tuple[Call, dict[str, Array]]:
    """Networks from dtype[network, weight] on dtype[sample, 3]: end, and losses at both ends."""
    runs, short = len(start), "f32" if start.dtype == np.float32 else "f64"
    made = {"end": np.empty_like(start), "losses": np.empty((runs, 2), start.dtype)}
    numbers = [np.int32(steps), np.uint32(seed), adam(short)]
    given = [start, data, works.gains(short, steps)]
    return Call("mlp.cu", f"mlp_{short}", 64, 1, given, [*made.values()], runs, numbers), made


def trainability(
    problem: works.Problem, rates: tuple[Array, Array], steps: int, window: int, options: tuple[str, ...] = ()
) -> tuple[Call, dict[str, Array]]:
    """Networks with rates float64[network] of both layers: score."""
    runs, width = len(rates[0]), problem.X.shape[1]
    made = {"score": np.empty(runs)}
    given = [problem.start, problem.X, problem.y, *rates]
    numbers = [np.int32(steps), np.int32(min(window, steps)), np.float64(works.TRAINABILITY.largest)]
    options = (f"-DWIDTH={width}", *options)
    return Call("trainability.cu", "trainability", 64, 32, given, [*made.values()], runs, numbers, options), made


def small_networks(networks: int) -> tuple[Array, Array]:
    """Initial weights and samples of the small networks, float32."""
    X, y = works.samples(works.MLP.samples)
    weights = np.random.default_rng(2).normal(size=(networks, 33))
    weights[:, 16:24] = weights[:, 32] = 0  # biases
    return weights.astype(np.float32), np.column_stack([X, y]).astype(np.float32)


def calls(group: str, largest: int) -> Iterator[tuple[str, list[Call], float, str, bool]]:
    """Of a group: the name of a figure, calls that do the work, of which the quickest counts, what it comes to in units
    of `unit`, that, and whether it is worth a look with approximate roots."""
    if group == "paths":
        for work in works.PATHS:
            if work.runs <= largest:
                call = paths(work.landscape, work.starts)[0]
                yield work.name, [call], 1e-6 * work.runs * works.STEPS, "Mstep/s", work.short == "f32"
    elif group == "mlp":
        for networks in works.MLP.networks:
            if networks <= largest:
                call = mlp(*small_networks(networks), works.MLP.steps)[0]
                amount = 1e-6 * networks * works.MLP.steps * works.MLP.batch
                yield f"mlp/f32/{works.power(networks)}", [call], amount, "Msample/s", True
    elif group == "trainability":
        side, width, steps, window, *_ = works.TRAINABILITY
        if side * side <= largest:
            held, rates = works.problem(width), works.rates(side)
            either = [trainability(held, rates, steps, window, (f"-DAT_ONCE={n}",))[0] for n in (1, 2)]
            yield f"trainability/f64/{works.power(side * side)}", either, 1e-3 * side**2 * steps, "kstep/s", False
    else:
        side = works.BASINS.side
        if side * side <= largest:
            call = basins(works.grid(side))[0]
            yield f"basins/f64/{works.power(side * side)}", [call], 1e-6 * side**2 * works.STEPS, "Mstep/s", False


def timed(machine: Machine, call: Call) -> tuple[float, float]:
    """Seconds of the quickest of some runs, with the way of its arrays and without."""
    alone: list[float] = []
    whole = works.best(lambda: alone.append(machine.run(call)))
    return whole, min(alone)


def main() -> None:
    """Print the figures that are asked for."""
    begun = time.perf_counter()
    options = works.asked(__doc__, host="the twin of the host, on one thread")
    try:
        machine: Machine = Host() if options.host else Device()
    except Missing as error:
        raise SystemExit(str(error)) from None
    who, cold = ("c-host" if options.host else "cuda-c"), None
    for group in options.groups:
        for name, either, amount, unit, approximable in calls(group, options.largest):
            machine.run(either[0])
            if cold is None:
                cold = time.perf_counter() - begun
                works.report(f"{group}/cold/{who}", cold, "s")
            whole, alone = (min(seconds) for seconds in zip(*(timed(machine, call) for call in either), strict=True))
            works.report(f"{name}/{who}", amount / whole, unit)
            works.report(f"{name}/{who}-kernel", amount / alone, unit)
            if approximable and not options.host:
                fast = either[0]._replace(options=(*either[0].options, *FAST))
                works.report(f"{name}/{who}-fast", amount / timed(machine, fast)[0], unit)


if __name__ == "__main__":
    main()
