"""A study of plain NumPy, also for processes that tests start: two optimizers, and cells told by a formula."""

from __future__ import annotations

import math
import sys
import time
from typing import Any

import numpy as np

from gdviz.recipe.options.basins import Basins
from gdviz.recipe.recipe import Recipe, model_of
from gdviz.studies.execution import study
from gdviz.studies.problem import Array, Axis, Floats, Found, Problem


class Toy(Problem):
    """Its cells cost `seconds` a chunk; `asked` counts the cells of which it was asked what they are worth."""

    kind = "basins"
    labels = ("gd", "Adam, η = 0.1")
    arrays = (
        Array("status", "int8", -128, "How a run ended.", (), "", {"flag_values": [0, 1], "flag_meanings": "ran left"}),
        Array("final", "float64", math.nan, "The loss in the end."),
        Array("counts", "int64", -1, "Losses by bin.", (("bin", 3),), "1"),
    )
    wholes = (Array("total", "int64", -1, "All losses by bin.", (("bin", 3),)),)
    beside = {"bin": np.array([0.0, 1.0, 2.0])}  # noqa: RUF012
    runs, steps, dim = 1, 10, 2
    again: Any = None

    def __init__(self, recipe: Recipe | None = None, size: tuple[int, int] = (10, 23), seconds: float = 0.0) -> None:
        self.recipe: Any = recipe or recipe_of()
        self.axes = (
            Axis("y", np.linspace(-1, 1, size[0])),
            Axis("lr.1", np.geomspace(0.01, 10, size[1]), "log", unit="step"),
        )
        self.seconds = seconds
        self.asked = 0

    @property
    def criteria(self) -> dict[str, float | str]:
        return {"target": 1e-3, "guard": "none"}

    def evaluate(
        self, optimizer: int, at: Floats, *, ulps: int = 0, dtype: str | None = None, threads: int = 1
    ) -> Found:
        time.sleep(self.seconds)
        self.asked += at.shape[1]
        y, x = at
        final = np.sin(9 * x * y + optimizer) + ulps * (x > 5)
        counts = np.stack([np.floor(k * np.abs(final)) for k in range(3)], axis=1).astype(np.int64)
        return {"status": (final > 0.3).astype(np.int8), "final": final, "counts": counts}

    def label(self, found: Found) -> Any:
        return found["status"].astype(np.int64)

    def whole(self, arrays: Found) -> Found:
        return {"total": np.asarray(arrays["counts"]).sum(axis=(1, 2))}


def recipe_of(**changes: Any) -> Any:
    return model_of(Basins)(**{"landscape": "beale", "study": "basins", "chunk": 4, "backend": "python", **changes})


def expected(toy: Toy) -> dict[str, Any]:
    """All cells at once."""
    at = np.stack([grid.ravel() for grid in np.meshgrid(*(axis.values for axis in toy.axes), indexing="ij")])
    found = [toy.evaluate(optimizer, at) for optimizer in range(len(toy.labels))]
    shape = (len(toy.labels), *map(len, toy.axes))
    return {
        name: np.stack([one[name] for one in found]).reshape(*shape, *found[0][name].shape[1:]) for name in found[0]
    }


def main() -> None:
    """Compute a toy in a store, as `python -m tests.toy_study STORE SECONDS [K/N]`; a line says that it begins."""
    store, seconds, *part = sys.argv[1:]
    told = [tuple(map(int, text.split("/"))) for text in part]
    print("begins", flush=True)
    study(Toy(seconds=float(seconds)), store=store, threads=2, part=told[0] if told else None)


if __name__ == "__main__":
    main()
