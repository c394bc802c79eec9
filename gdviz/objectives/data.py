"""Samples that a model is trained on, as objectives and pictures ask for them."""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Mapping
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gdviz.recipe.data import DataEntry
from gdviz.registry.vocabulary import CLASSES


@dataclasses.dataclass(frozen=True, eq=False, kw_only=True)
class Data:
    """Samples, what is to be told of them, and which of them a model is trained on.

    name: as it is called in sentences. X: float64[sample, feature] and y: float64[sample], or int64[sample] where they
    are numbers of classes, all in data units. task: one of registry.kinds.dataset.TASKS; features, target: names of the
    columns; classes: labels in the order of their numbers, empty in regression. training, validation: int64[n], the
    samples of each part in ascending order.

    A model sees (X - shift) / scale, float64[feature] each, and where numbers are to be told (y - target_shift) /
    target_scale; these are 0 and 1 unless the columns were standardised by the training samples.

    truth: weights that the samples were made with, where these are known and the model is told data units. notes: how
    the samples were read, in sentences without their end. entry: what a recipe holds of them.
    """

    name: str
    X: NDArray[np.float64]
    y: NDArray[Any]
    task: str
    features: tuple[str, ...]
    target: str
    classes: tuple[str, ...]
    training: NDArray[np.int64]
    validation: NDArray[np.int64]
    shift: NDArray[np.float64]
    scale: NDArray[np.float64]
    target_shift: float = 0.0
    target_scale: float = 1.0
    truth: Mapping[str, float] = dataclasses.field(default_factory=dict)
    notes: tuple[str, ...] = ()
    entry: DataEntry

    @property
    def outputs(self) -> int:
        """Numbers that a model answers: one for each class where there are more than two, else one."""
        return len(self.classes) if self.task == CLASSES else 1

    @property
    def is_standardised(self) -> bool:
        """Whether a model sees other units than those of the data."""
        return bool(self.shift.any() or (self.scale != 1).any() or self.target_shift or self.target_scale != 1)

    def scaled(self, X: NDArray[np.float64]) -> NDArray[np.float64]:
        """Features float64[…, feature] in data units as a model sees them."""
        return (X - self.shift) / self.scale

    def restored(self, predictions: NDArray[np.floating]) -> NDArray[np.floating]:
        """What a model answers where numbers are to be told, in data units; any shape."""
        return predictions * self.target_scale + self.target_shift

    def inputs(self, rows: NDArray[np.int64]) -> NDArray[np.float64]:
        """float64[n, feature]: features of these samples as a model sees them."""
        return np.ascontiguousarray(self.scaled(self.X[rows]))

    def targets(self, rows: NDArray[np.int64]) -> NDArray[Any]:
        """float64[n] as a model is to tell them, or int64[n], the numbers of classes, of these samples."""
        y = self.y[rows]
        return y if self.classes else (y - self.target_shift) / self.target_scale

    @cached_property
    def digest(self) -> str:
        """Hash of all that a loss depends on: task, samples as a model sees them, and which part each belongs to."""
        told = hashlib.sha256(f"{self.task} {self.X.shape} {len(self.classes)}".encode())
        for part in (self.training, self.validation):
            told.update(np.int64(len(part)).tobytes() + self.inputs(part).tobytes() + self.targets(part).tobytes())
        return f"sha256:{told.hexdigest()[:16]}"
