"""The work that gdviz and its peers do on a device, fixed here once, and how it is timed."""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

STEPS = 1000
ADAM = {"lr": 0.01, "beta1": 0.9, "beta2": 0.999, "eps": 1e-8}
GUARDS = {"rosenbrock": ((0.0, 1.0), 2000.0), "rastrigin": ((0.0, 0.0), 5120.0)}
"""Centre and reach of what gdviz stops runs outside of, where they are higher than at their start."""

FAR = 1e3
"""So many times as far all of them stop; see gdviz.plans.plan.FAR."""

GROUPS = ("paths", "mlp", "trainability", "basins")
DTYPES = {"f32": "float32", "f64": "float64"}


class Paths(NamedTuple):
    """Adam for STEPS steps from `runs` starts, uniform within `half` of 0 in both coordinates."""

    landscape: str
    short: str
    runs: int
    half: float

    @property
    def name(self) -> str:
        """As in figures."""
        return f"paths/{self.landscape}/{self.short}/{power(self.runs)}"

    @property
    def starts(self) -> NDArray[np.floating]:
        """dtype[run, 2]."""
        drawn = np.random.default_rng(0).uniform(-self.half, self.half, (self.runs, 2))
        return drawn.astype(DTYPES[self.short])


PATHS = tuple(
    Paths(landscape, short, runs, half)
    for landscape, short, half in (("rosenbrock", "f32", 2.0), ("rosenbrock", "f64", 2.0), ("rastrigin", "f64", 5.0))
    for runs in (2**14, 2**24)
)


class Mlp(NamedTuple):
    """Networks 2-hidden-1, tanh, binary cross-entropy, Adam, float32, batches drawn with replacement; the loss of all
    samples is told at both ends."""

    networks: tuple[int, ...] = (2**11, 2**17)
    steps: int = 200
    batch: int = 32
    samples: int = 512
    hidden: int = 8


class Trainability(NamedTuple):
    """Networks width-width-1 on width² + width samples, one for each pair of rates of the two layers on a logarithmic
    grid, float64, and the signed score of each; the sizes are those of Sohl-Dickstein 2024, arXiv:2402.06184."""

    side: int = 256
    width: int = 16
    steps: int = 500
    window: int = 20
    largest: float = 1e6
    low: float = 0.1
    high: float = 1000.0


class Basins(NamedTuple):
    """Adam from a grid of starts within `half` of 0 on Rosenbrock's valley, float64: at which of `minima` runs end, if
    they come as near as `radius`, since when, their lowest loss and how they ended."""

    side: int = 4096
    half: float = 2.0
    minima: tuple[tuple[float, float], ...] = ((1.0, 1.0),)
    radius: float = 0.01


MLP, TRAINABILITY, BASINS = Mlp(), Trainability(), Basins()


def power(count: int) -> str:
    """2^14 of 16384, other numbers as they are."""
    exponent = count.bit_length() - 1
    return f"2^{exponent}" if count == 2**exponent else str(count)


def gains(short: str, steps: int = STEPS) -> NDArray[np.floating]:
    """What Adam multiplies both its averages by in each step, dtype[step, 2], as gdviz rounds it."""
    real = np.dtype(DTYPES[short]).type
    powers, found = [real(1), real(1)], np.empty((steps, 2), real)
    for t in range(steps):
        for k, beta in enumerate((ADAM["beta1"], ADAM["beta2"])):
            powers[k] = real(powers[k] * real(beta))
            powers[k] = powers[k] if abs(powers[k]) >= 2.0**-100 else real(0)
            found[t, k] = real(1) / (real(1) - powers[k])
    return found


def samples(count: int) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Of the small networks: float64[count, 2] and the class of each, whether both features have one sign."""
    X = np.random.default_rng(0).normal(size=(count, 2))
    return X, (X[:, 0] * X[:, 1] > 0).astype(np.int64)


class Problem(NamedTuple):
    """What the networks of a trainability map share: X float64[sample, width], y float64[sample], and the initial
    weights, float64[width² + width], input by input and then those of the last layer."""

    X: NDArray[np.float64]
    y: NDArray[np.float64]
    start: NDArray[np.float64]


def problem(width: int, folder: Path = Path()) -> Problem:
    """Of the file trainability.npz of a folder, which scripts/bench.py leaves there so that all go the same ways, else
    normal numbers."""
    kept = folder / "trainability.npz"
    if kept.exists():
        with np.load(kept) as held:
            return Problem(held["X"], held["y"], held["start"])
    rng = np.random.default_rng(1)
    count = width * width + width
    return Problem(rng.normal(size=(count, width)), rng.normal(size=count), rng.normal(size=count))


def rates(side: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Of the hidden layer and of the last one, float64[cell] each, in the middles of cells of a logarithmic grid."""
    low, high = TRAINABILITY.low, TRAINABILITY.high
    at = low * (high / low) ** ((np.arange(side) + 0.5) / side)
    across, up = np.meshgrid(at, at)
    return across.ravel(), up.ravel()


def grid(side: int) -> NDArray[np.float64]:
    """Starts of basins, float64[cell, 2]."""
    half = BASINS.half
    at = -half + 2 * half * (np.arange(side) + 0.5) / side
    return np.stack([one.ravel() for one in np.meshgrid(at, at)], axis=1)


def best(work: Callable[[], object], repeat: int = 5) -> float:
    """Seconds of the shortest of some runs, after one that is not counted."""
    work()
    found = []
    for _ in range(repeat):
        begin = time.perf_counter()
        work()
        found.append(time.perf_counter() - begin)
    return min(found)


def report(name: str, value: float, unit: str) -> None:
    """Print a figure."""
    print(json.dumps({"name": name, "value": round(value, 6), "unit": unit}), flush=True)


def asked(about: str | None, arguments: Sequence[str] | None = None, **more: str) -> argparse.Namespace:
    """What a peer is asked for: groups, largest, and switches of its own with their help."""
    parser = argparse.ArgumentParser(description=(about or "").partition("\n")[0])
    parser.add_argument("groups", nargs="*", metavar="GROUP", help=f"{', '.join(GROUPS)} (default all)")
    parser.add_argument("--largest", type=int, default=2**62, metavar="N", help="leave out work of more runs than N")
    for name, help_ in more.items():
        parser.add_argument(f"--{name}", action="store_true", help=help_)
    options = parser.parse_args(arguments)
    options.groups = options.groups or [*GROUPS]
    if unknown := set(options.groups) - set(GROUPS):
        parser.error(f"there is no group {', '.join(sorted(unknown))}; choose from {', '.join(GROUPS)}")
    return options
