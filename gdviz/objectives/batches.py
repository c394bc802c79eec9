"""Which samples a step sees: all of them, or a few, drawn by seed, step and run number alone.

Without replacement samples come in epochs: each of them once in a random order, which every run draws anew for every
epoch; the last batch of an epoch is what is left. What stands at a place of an order is computed, never stored, so any
step of any run is known without those before it.
"""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gdviz.errors import UsageError
from gdviz.objectives.objective import Draw
from gdviz.vmath import random

WORDS = 4
"""Random words of a block: so many samples are drawn at once with replacement, and by one block an order is drawn."""


@dataclasses.dataclass(frozen=True)
class Batch:
    """How many samples a step sees, None for all, and whether one may be drawn again before the others were.

    Raises UsageError for a size below 1 and for all samples with replacement.
    """

    size: int | None = None
    replacement: bool = False

    def __post_init__(self) -> None:
        if self.size is None and self.replacement:
            raise UsageError("a full batch is never drawn; type a number of samples beside replacement=yes")
        if self.size is not None and self.size < 1:
            raise UsageError(f"a batch of {self.size} samples has none; type 1 or more, or full")

    def drawn_of(self, samples: int) -> bool:
        """Whether steps differ in their samples. Raises UsageError where there are fewer samples than a batch has."""
        if self.size is None:
            return False
        if self.size > samples:
            raise UsageError(f"a batch of {self.size} needs as many samples, and there are {samples}; type full")
        return self.replacement or self.size < samples

    def epoch(self, samples: int) -> int:
        """Steps of an epoch."""
        return 1 if self.size is None else -(-samples // self.size)

    def seen(self, samples: int, t: Any) -> NDArray[np.int64]:
        """Samples that t steps have seen, int64 in the shape of t."""
        t = np.asarray(t, np.int64)
        if self.size is None or self.replacement:
            return t * (samples if self.size is None else self.size)
        epochs, rest = np.divmod(t, self.epoch(samples))
        return np.asarray(epochs * samples + rest * self.size)

    def chosen(self, samples: int, draw: Draw) -> NDArray[np.int64]:
        """Samples of a step, int64[sample of the batch, lane]."""
        assert self.size is not None
        functions, runs = random.namespace("float64"), draw.runs.astype(np.uint64)[None, :]
        if self.replacement:
            blocks = np.arange(-(-self.size // WORDS))[:, None]
            words = np.stack(functions["lots"](draw.seed, random.BATCHES, runs, draw.t, blocks), axis=1)
            return functions["scaled"](words.reshape(-1, len(draw.runs))[: self.size], samples).astype(np.int64)
        epoch, step = divmod(draw.t - 1, self.epoch(samples))
        places = np.arange(step * self.size, min((step + 1) * self.size, samples))[:, None]
        words = functions["lots"](draw.seed, random.BATCHES, runs, epoch, 0)
        return functions["shuffled"](places, samples, *words).astype(np.int64)


FULL = Batch()
"""All samples in every step."""
