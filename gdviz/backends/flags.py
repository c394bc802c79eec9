"""How simulation code is compiled: the only place that does it, so that no flag is forgotten anywhere.

No fast-math: it deletes isnan and undoes range reductions, and a function without flags of its own takes those of
whoever compiles it first. `error_model="numpy"` drops the division checks that stop vectorisation.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numba
from numba.core import config as numba_config

from gdviz.cache import cache_directory, settings_lock

config: Any = numba_config  # its names are made at run time


def entry(signature: Any, function: Callable[..., Any]) -> Any:
    """Compile a function for one signature, or load what was compiled before from gdviz's cache folder.

    Where no folder can be written it is compiled in memory only. The user's own Numba settings are put back.
    """
    with settings_lock:
        kept = config.CACHE_DIR
        config.CACHE_DIR = str(cache_directory() / "numba")
        try:
            return numba.njit(signature, nogil=True, cache=True, error_model="numpy", fastmath=False)(function)
        except RuntimeError as error:
            if "locator" not in str(error):
                raise
            return numba.njit(signature, nogil=True, error_model="numpy", fastmath=False)(function)
        finally:
            config.CACHE_DIR = kept


def inner(function: Callable[..., Any]) -> Any:
    """Mark a function that only compiled functions call; LLVM inlines it."""
    return numba.njit(nogil=True, error_model="numpy", fastmath=False)(function)
