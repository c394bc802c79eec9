"""Stores opened again: what they say of themselves, and the studies that they hold."""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, cast

from gdviz.errors import OutputError, remark
from gdviz.recipe.options.descent import Descent
from gdviz.recipe.recipe import Recipe, parse_recipe
from gdviz.studies.execution import kept_of
from gdviz.studies.fingerprint import difference, fingerprint
from gdviz.studies.store import FINGERPRINT, found
from gdviz.studies.study import Study
from gdviz.studies.table import problem_of


@dataclass(frozen=True)
class State:
    """How far a store is: of how many chunks, how many are done and how many of the others are damaged; its files and
    their bytes; and the recipe of its study."""

    path: Path
    chunks: int
    done: int
    damaged: int
    files: int
    size: int
    recipe: Recipe

    @property
    def missing(self) -> int:
        """Chunks that were never done."""
        return self.chunks - self.done - self.damaged


def recipe_of(path: str | os.PathLike[str]) -> Recipe:
    """The settled recipe of the study in a store; whose look, language or backend another one may follow.

    Raises OutputError where there is none, RecipeError where this gdviz cannot read it.
    """
    store = found(path)
    return parse_recipe(store.attributes["recipe"], str(store.path))


def state(path: str | os.PathLike[str]) -> State:
    """How far a store is. Every file of it is read. Raises OutputError where there is none."""
    store = found(path)
    store.look(range(len(store.layout)))
    sizes = [size for file in store.path.rglob("*") if (size := _size(file)) is not None]
    recipe = parse_recipe(store.attributes["recipe"], str(store.path))
    return State(store.path, len(store.layout), len(store.done), store.damaged, len(sizes), sum(sizes), recipe)


def _size(file: Path) -> int | None:
    """Bytes of a file; None of what is none, as one that another process has just moved into its place."""
    try:
        found = file.stat()
    except OSError:
        return None
    return found.st_size if stat.S_ISREG(found.st_mode) else None


def open_study(path: str | os.PathLike[str], *, recipe: Recipe | None = None, **given: Any) -> Study:
    """The study in a store as far as it is done; nothing is written, and nothing computed but what all cells come to
    where that is missing.

    recipe: by which it is drawn in place of its own. given: functions or arrays that stand for names of its recipe.
    Raises OutputError where there is no store or where it does not fit its recipe.
    """
    store = found(path)
    problem = problem_of(recipe_of(path), **given)
    if (len(problem.labels), tuple(map(len, problem.axes))) != (store.layout.optimizers, store.layout.shape):
        raise OutputError(f"{store.path} does not hold the cells that its recipe asks for; compute it anew")
    if differs := difference(store.attributes[FINGERPRINT], fingerprint(problem)):
        remark(f"{store.path} was made otherwise than it would be now: {differs}; what it holds is shown")
    store.look(range(len(store.layout)))
    study = kept_of(problem, store)
    return study if recipe is None else replace(study, recipe=cast(Descent, recipe))
