"""Studies about to be computed: what is asked, where it is kept, and what it takes."""

from __future__ import annotations

import contextlib
import itertools
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

from gdviz.backends.cores import affinity
from gdviz.backends.table import AUTO
from gdviz.errors import OutputError
from gdviz.recipe.options.descent import Descent
from gdviz.studies.chunks import layout_of
from gdviz.studies.estimate import Estimate, check_room, estimate
from gdviz.studies.opening import recipe_of
from gdviz.studies.problem import Problem
from gdviz.studies.store import exists, found, same
from gdviz.studies.table import problem_of


def planned(
    recipe: Descent, store: Path | None = None, *, anew: bool = False, **given: Any
) -> tuple[Problem, Path | None]:
    """The problem of a recipe, for which there is room, and the store that keeps it.

    A backend that nobody chose is that of the store, where that is there. anew: whether, in place of the store of
    another study, NAME-2, NAME-3 … keeps it. given: what stands in for names of the recipe. Raises UsageError,
    OutputError.
    """
    for place in _places(store) if anew else (store,):
        if place is None or not exists(place):
            break
        backend = cast(Descent, recipe_of(place)).backend if recipe.backend == AUTO else recipe.backend
        problem = problem_of(recipe.updated(backend=backend), **given)
        with contextlib.suppress(OutputError) if anew else contextlib.nullcontext():
            same(found(place), problem)
            return problem, place
    problem = problem_of(recipe, **given)
    check_room(problem, layout_of(problem), place)
    return problem, place


def _places(store: Path | None) -> Iterator[Path | None]:
    yield store
    if store is not None:
        yield from (store.with_stem(f"{store.stem}-{number}") for number in itertools.count(2))


def estimated(recipe: Descent, store: Path | None = None, *, anew: bool = False) -> Estimate:
    """What the study of a recipe takes, or what is left of it in a store; the rest is as in `planned`.

    Some of it is tried, and nothing written.
    """
    problem, place = planned(recipe, store, anew=anew)
    threads = recipe.threads or affinity()
    if place is None or not exists(place):
        return estimate(problem, layout_of(problem), threads=threads)
    kept = same(found(place), problem)
    return estimate(problem, kept.layout, threads=threads, missing=len(kept.look(range(len(kept.layout)))))
