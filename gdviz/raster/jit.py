"""The one decorator of every pixel kernel, and where its compiled form is kept."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numba
import numba.core.config

from gdviz.cache import compiled_here


def kernel(signature: Any) -> Callable[[Callable[..., Any]], Any]:
    """Compile a function for one signature, cached on disk in gdviz's own folder.

    No fast-math: results do not depend on the order of compilation or on the caller. `error_model="numpy"` drops the
    division checks that stop vectorisation. Where no folder can be written, the kernel is compiled in memory only.
    The user's own Numba settings are put back before returning.
    """

    def decorate(function: Callable[..., Any]) -> Any:
        with compiled_here(numba.core.config):
            try:
                return numba.njit(signature, nogil=True, cache=True, error_model="numpy", fastmath=False)(function)
            except RuntimeError as error:
                if "locator" not in str(error):
                    raise
                return numba.njit(signature, nogil=True, error_model="numpy", fastmath=False)(function)

    return decorate
