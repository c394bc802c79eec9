"""How simulation code is compiled: what drivers are handed, and what Python calls."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from gdviz.compiling import UNCOUNTED, compiled


def kernel(signature: Any, function: Callable[..., Any]) -> Any:
    """Compile a function that drivers are handed, or load what was compiled before from gdviz's cache folder."""
    return compiled(signature, function, no_cpython_wrapper=True)


def handed(signature: Any, function: Callable[..., Any]) -> Any:
    """As `kernel`, of a function that makes no arrays: compiled in four fifths of the time."""
    return compiled(signature, function, no_cpython_wrapper=True, **UNCOUNTED)


def driver(signature: Any, function: Callable[..., Any], makes: bool = False) -> Callable[..., Any]:
    """Compile a function that Python calls and nobody is handed: without the wrapper for that, a third faster.

    makes: whether it makes arrays. It takes what it is given for what its signature says, so arrays have to be of these
    dtypes and contiguous.
    """
    made = compiled(signature, function, no_cfunc_wrapper=True, **({} if makes else UNCOUNTED))
    return made.overloads[tuple(signature.args)].entry_point
