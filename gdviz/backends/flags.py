"""How simulation code is compiled: the only place that does it, so that no flag is forgotten anywhere.

No fast-math: it deletes isnan and undoes range reductions, and a function without flags of its own takes those of
whoever compiles it first. `error_model="numpy"` drops the division checks that stop vectorisation.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numba
import numba.core.config

from gdviz.cache import compiled_here


def kernel(signature: Any, function: Callable[..., Any]) -> Any:
    """Compile a function that drivers are handed, or load what was compiled before from gdviz's cache folder."""
    return _entry(signature, function, no_cpython_wrapper=True)


def driver(signature: Any, function: Callable[..., Any]) -> Any:
    """Compile a function that Python calls and nobody is handed: without the wrapper for that, a third faster."""
    return _entry(signature, function, no_cfunc_wrapper=True)


def _entry(signature: Any, function: Callable[..., Any], **options: Any) -> Any:
    """In memory only where no cache folder can be written; the user's own Numba settings are put back."""
    options = {"nogil": True, "error_model": "numpy", "fastmath": False, **options}
    with compiled_here(numba.core.config):
        try:
            return numba.njit(signature, cache=True, **options)(function)
        except RuntimeError as error:
            if "locator" not in str(error):
                raise
            return numba.njit(signature, **options)(function)


def inner(function: Callable[..., Any]) -> Any:
    """Mark a function that only compiled functions call; LLVM inlines it."""
    return numba.njit(nogil=True, error_model="numpy", fastmath=False)(function)
