"""What workers on other machines are told of a study, and the chunks that they make of it."""

from __future__ import annotations

import atexit
import shutil
import tempfile
from functools import cache, lru_cache
from pathlib import Path
from threading import Lock
from typing import NamedTuple, Self

import numpy as np

from gdviz.catalogue.plugins import digest_of, load_plugin, loaded_plugins, texts
from gdviz.errors import OutputError, UsageError
from gdviz.recipe.recipe import parse_recipe
from gdviz.runs.provenance import DIFFERENCES, FUNCTION
from gdviz.studies import metadata
from gdviz.studies.chunks import computed
from gdviz.studies.problem import Problem
from gdviz.studies.store import Store, found, same
from gdviz.studies.table import problem_of
from gdviz.version import __version__


class Work(NamedTuple):
    """A store that the worker sees under the same path, the text of its recipe, and the files of its plugins by name
    and text."""

    store: str
    recipe: str
    plugins: tuple[tuple[str, bytes], ...]

    @classmethod
    def of(cls, problem: Problem, store: Path) -> Self:
        """Of a problem and where its store is. Raises UsageError where its recipe names a function, which no text
        brings back."""
        recipe, files = problem.recipe, texts()
        for name, origin in recipe.plugins.items():
            if origin in (FUNCTION, DIFFERENCES):
                raise UsageError(
                    f"{name} is {origin}, which other machines cannot be sent; write it into a plugin and name that"
                )
        return cls(str(store), recipe.text(), tuple((name, files[name]) for name in recipe.plugins))


def perform(work: Work, number: int) -> None:
    """Compute a chunk and write it into the store.

    Raises UsageError where versions here are not those of who sent it, OutputError where this machine has no such store
    or cannot write to it.
    """
    with _opening:  # of several threads of a worker the first compiles and loads plugins
        problem = _problem(work)
    store = _store(work, problem)
    chunk = store.layout.chunk(number)
    store.write(chunk, computed(problem, chunk))


_opening = Lock()


def _store(work: Work, problem: Problem) -> Store:
    """Where chunks go. It may be another one by now, with other chunks: what describes it is read each time, but only
    what differs is compared with the study, which takes 5 ms."""
    try:
        described = (Path(work.store) / metadata.FILE).read_bytes()
    except OSError:
        described = b""  # it is told below
    return _opened(work, described, problem)


@lru_cache(maxsize=4)
def _opened(work: Work, described: bytes, problem: Problem) -> Store:
    return same(found(work.store), problem)


def _problem(work: Work) -> Problem:
    """The study as this process sees it."""
    if not Path(work.store).exists():
        raise OutputError(f"it sees no store {work.store}; keep it in a folder that all machines share")
    return _made(work.recipe, work.plugins)


@lru_cache(maxsize=4)
def _made(recipe: str, plugins: tuple[tuple[str, bytes], ...]) -> Problem:
    """The study of a recipe's text; made once for all chunks, and for all stores: finding minima takes a third of a
    second."""
    sent = parse_recipe(recipe, "the recipe that was sent")
    here = {"gdviz": __version__, "numpy": np.__version__}
    for name, version in here.items():
        _compare(name, sent.versions.get(name, version), version)
    for name, text in plugins:
        if loaded_plugins().get(name) != digest_of(text):
            file = _folder() / name
            file.write_bytes(text)
            load_plugin(file)
    problem = problem_of(sent)
    for name, version in problem.recipe.versions.items():
        _compare(name, sent.versions.get(name, version), version)
    return problem


def _compare(package: str, sent: str, here: str) -> None:
    """Raise UsageError where versions differ, and with them perhaps bits."""
    if sent != here:
        raise UsageError(f"it has {package} {here}, and the study is of {package} {sent}; install the same there")


@cache
def _folder() -> Path:
    """Where this process keeps plugins that it was sent, until it ends."""
    folder = tempfile.mkdtemp(prefix="gdviz-plugins-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return Path(folder)
