"""Compiled functions with the flags of all of gdviz's kernels, kept in its cache folder from run to run.

No fast-math: it deletes isnan and undoes range reductions, and a function without flags of its own takes those of
whoever compiles it first. `error_model="numpy"` drops the division checks that stop vectorisation.
"""

from __future__ import annotations

import contextlib
import functools
import inspect
import io
import operator
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numba
import numba.core.config
from numba.core.caching import FunctionCache, IndexDataCacheFile
from numba.core.dispatcher import Dispatcher
from numba.core.extending import _Intrinsic
from numba.core.types import BaseFunction, NumberClass

from gdviz.cache import compiled_here, kept, sealed


def compiled(signature: Any, function: Callable[..., Any], **options: Any) -> Any:
    """A function compiled for one signature, or loaded where that was done before.

    In memory only where no cache folder can be written; the user's own Numba settings are put back.
    """
    made = numba.njit(nogil=True, error_model="numpy", fastmath=False, **options)(function)
    with compiled_here(numba.core.config):
        try:
            made._cache = _Cache(function)
        except RuntimeError as error:
            if "locator" not in str(error):
                raise
        with _asked_once():
            made.compile(signature)
    made.disable_compile()
    return made


_OPERATORS = {"static_getitem", *filter(callable, vars(operator).values())}
_signatures: dict[Any, Any] = {}


@contextlib.contextmanager
def _asked_once() -> Iterator[None]:
    """While this lasts, Numba finds out once what an operator answers for given types. By itself it asks all that has
    operators, from lists to dates, twice at every place of a text: a quarter of compiling a kernel.

    Within `compiled_here`, whose lock is held: a method of Numba's is changed and put back.
    """
    functions: Any = BaseFunction
    whole = functions.get_call_type

    def resolved(function: Any, context: Any, given: Any, named: Any) -> Any:
        key = function.typing_key
        if named or not (isinstance(key, NumberClass) or key in _OPERATORS):
            return whole(function, context, given, named)
        asked = function, context, tuple(given)
        if asked not in _signatures:
            _signatures[asked] = whole(function, context, given, named)
        return _signatures[asked]

    functions.get_call_type = resolved
    try:
        yield
    finally:
        functions.get_call_type = whole


UNCOUNTED = {"_nrt": False}
"""Of functions that make no arrays: references to those they are handed are not counted, which at calls of passes takes
a twentieth of a step of a tile."""


def inner(function: Callable[..., Any]) -> Any:
    """Mark a function that only compiled functions call, and that makes no arrays; LLVM inlines it if it is short."""
    options = {"no_cpython_wrapper": True, "no_cfunc_wrapper": True, **UNCOUNTED}
    return numba.njit(nogil=True, error_model="numpy", fastmath=False, **options)(function)


@functools.cache
def sealing(files: Any) -> Any:
    """Numba's class of cache files, or another package's like it, with a checksum at their end: a damaged one is never
    loaded into the process."""

    class Files(files):  # type: ignore[misc]
        @contextlib.contextmanager
        def _open_for_write(self, filepath: str) -> Iterator[Any]:
            written = io.BytesIO()
            yield written
            with super()._open_for_write(filepath) as file:
                file.write(sealed(written.getvalue()))  # a pickle says itself where it ends

        def _load_index(self) -> Any:
            return super()._load_index() if kept(Path(self._index_path)) is not None else {}

        def _load_data(self, name: str) -> Any:
            return super()._load_data(name) if kept(Path(self._data_path(name))) is not None else None

        def save(self, key: Any, data: Any) -> None:
            with contextlib.suppress(OSError):  # a cache that cannot be written is no error
                super().save(key, data)

    return Files


_Files = sealing(IndexDataCacheFile)


class _Cache(FunctionCache):  # type: ignore[misc]
    def __init__(self, function: Callable[..., Any]) -> None:
        super().__init__(function)
        stamp = (self._impl.locator.get_source_stamp(), *stamps(function))
        # Another name than Numba's, whose files have no checksum.
        self._cache_file = _Files(os.fspath(self._cache_path), f"{self._impl.filename_base}.sealed", stamp)


def _source(made: Any) -> Any:
    return made._defn if isinstance(made, _Intrinsic) else made.py_func


def stamps(function: Callable[..., Any]) -> list[tuple[str, int, int]]:
    """Name, time and size of gdviz's files that functions come from which are compiled into this one: Numba looks at
    its own alone."""
    files, found = {inspect.getfile(function)}, [function]
    for one in found:
        called = (one.__globals__.get(name) for name in one.__code__.co_names)
        inside = [_source(other) for other in called if isinstance(other, (Dispatcher, _Intrinsic))]
        found += [other for other in inside if other.__module__.startswith("gdviz.") and other not in found]
        files.update(map(inspect.getfile, found))
    stats = [(Path(file).name, Path(file).stat()) for file in sorted(files) if Path(file).exists()]
    return [(name, stat.st_mtime_ns, stat.st_size) for name, stat in stats]
