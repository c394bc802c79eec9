"""From a recipe to cuts: its models are trained, and the loss is cut around the weights that every optimizer found."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from gdviz.plans.training import Training
from gdviz.recipe.options.slice import Slice
from gdviz.recipe.options.train import Train
from gdviz.runs import cuts, training
from gdviz.runs.cuts import PLANES, Cut, Ends
from gdviz.runs.trained import Trained


@dataclasses.dataclass(frozen=True, eq=False)
class Part:
    """One cut: of the network `at` of a training, and where it joins two the one it goes to."""

    fit: Trained
    cut: Cut
    at: Ends
    to: Ends | None = None


@dataclasses.dataclass(frozen=True, eq=False)
class Slices:
    """All cuts of a recipe, model by model and optimizer by optimizer, and the recipe with nothing left open."""

    parts: tuple[Part, ...]
    recipe: Slice

    @property
    def name(self) -> str:
        """What files of them are called unless told otherwise."""
        return f"{self.parts[0].fit.name}-slice"

    @property
    def t(self) -> NDArray[np.int64]:
        """What a film counts, int64[record]: of a path steps, of a line its points; a plane by chance stands still."""
        cut = self.parts[0].cut
        if cut.path is not None:
            return max((part.fit.t for part in self.parts), key=len)
        return np.arange(len(cut.u) if cut.is_line else 1, dtype=np.int64)

    @property
    def fits(self) -> tuple[Trained, ...]:
        """The training of each model."""
        return tuple({id(part.fit): part.fit for part in self.parts}.values())


def trainings(recipe: Slice) -> list[Train]:
    """What is trained: the model, and that beside it."""
    whole = recipe.taken(Train)
    other = [] if recipe.against is None else [whole.updated(model=recipe.against.flat())]
    return [whole, *other]


def cut_all(recipe: Slice, settings: Sequence[Training], progress: Callable[[int, int], None] | None = None) -> Slices:
    """Train the settled models and cut the loss around their first networks; the rates found for the first hold for the
    other. Raises UsageError where something does not fit."""
    kind, fits = PLANES[recipe.cut], list[Trained]()
    for setting in settings:
        if fits:
            found = [entry.flat() for entry in fits[0].recipe.optimizer]
            setting = setting.told(setting.recipe.updated(optimizer=found))
        fits.append(training.train(setting, progress=progress, paths=int(kind.follows)))
    ends = [(fit, (i, 0)) for fit in fits for i in range(1 if kind.joins else len(fit.labels))]
    parts = tuple(_part(recipe, fit, at) for fit, at in ends)
    first = fits[0].recipe
    digests = {key: value for fit in fits for key, value in fit.recipe.digests.items()}
    plugins = {key: value for fit in fits for key, value in fit.recipe.plugins.items()}
    changed = {key: getattr(recipe, key) for key in recipe.model_fields_set - first.model_fields_set}
    final = first.taken(Slice).updated(**{"cut": recipe.cut, **changed}, digests=digests, plugins=plugins)
    return Slices(parts, final)


def _part(recipe: Slice, fit: Trained, at: Ends) -> Part:
    to = cuts.next_to(fit, at) if PLANES[recipe.cut].joins else None
    made = cuts.slice(fit, recipe.cut, recipe.span, recipe.grid, optimizer=at[0], run=at[1], to=to)
    return Part(fit, made, at, to)
