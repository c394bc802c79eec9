"""What workers on other machines are told of a study, and the chunks that they make of it."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple, Self

from gdviz.catalogue.plugins import digest_of, load_plugin, loaded_plugins, texts
from gdviz.errors import UsageError
from gdviz.recipe.recipe import parse_recipe
from gdviz.runs.provenance import DIFFERENCES, FUNCTION
from gdviz.studies.chunks import computed
from gdviz.studies.problem import Problem
from gdviz.studies.store import Store, found, same
from gdviz.studies.table import problem_of


class Work(NamedTuple):
    """A store that the worker sees under the same path, the text of its recipe, and the files of its plugins by name
    and text."""

    store: str
    recipe: str
    plugins: tuple[tuple[str, bytes], ...]

    @classmethod
    def of(cls, problem: Problem, store: Store) -> Self:
        """Of a store. Raises UsageError where its recipe names a function, which no text brings back."""
        recipe, files = problem.recipe, texts()
        for name, origin in recipe.plugins.items():
            if origin in (FUNCTION, DIFFERENCES):
                raise UsageError(
                    f"{name} is {origin}, which other machines cannot be sent; write it into a plugin and name that"
                )
        return cls(str(store.path), recipe.text(), tuple((name, files[name]) for name in recipe.plugins))


def perform(work: Work, number: int) -> None:
    """Compute a chunk and write it into the store. Raises OutputError where this machine has no such store."""
    problem, store = _opened(work)
    chunk = store.layout.chunk(number)
    store.write(chunk, computed(problem, chunk))


@lru_cache(maxsize=4)
def _opened(work: Work) -> tuple[Problem, Store]:
    """The study as this process sees it; made once for all chunks."""
    _load(dict(work.plugins))
    problem = problem_of(parse_recipe(work.recipe, "the recipe that was sent"))
    return problem, same(found(work.store), problem)


def _load(plugins: Mapping[str, bytes]) -> None:
    """Run plugins that were sent as text."""
    with tempfile.TemporaryDirectory(prefix="gdviz-plugins-") as folder:
        for name, text in plugins.items():
            if loaded_plugins().get(name) == digest_of(text):
                continue
            file = Path(folder) / name
            file.write_bytes(text)
            load_plugin(file)
