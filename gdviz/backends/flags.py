"""How simulation code is compiled: what drivers are handed, and what Python calls."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from gdviz.compiling import compiled


def kernel(signature: Any, function: Callable[..., Any]) -> Any:
    """Compile a function that drivers are handed, or load what was compiled before from gdviz's cache folder."""
    return compiled(signature, function, no_cpython_wrapper=True)


def driver(signature: Any, function: Callable[..., Any]) -> Callable[..., Any]:
    """Compile a function that Python calls and nobody is handed: without the wrapper for that, a third faster.

    It takes what it is given for what its signature says, so arrays have to be of these dtypes and contiguous.
    """
    made = compiled(signature, function, no_cfunc_wrapper=True)
    return made.overloads[tuple(signature.args)].entry_point
