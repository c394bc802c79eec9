"""The texts run on NumPy: arrays of any shape and scalars, quietly and without wasting memory bandwidth."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

FEW = 4
"""Up to so many elements are taken one by one: 5 µs each, where an array of any length costs 25 to 35 µs and more."""

BLOCK = 4096
"""Longer arrays go in blocks, whose intermediate results stay in the cache: 17 ns an element of sin instead of 140."""


def functions(source: str, names: Iterable[str], given: str) -> dict[str, Callable[..., Any]]:
    """The named functions of a text (header included), for scalars and arrays that become the dtype `given`."""
    code = compile(source, "<gdviz text>", "exec")
    of_arrays: dict[str, Any] = {}
    exec(code, of_arrays)
    of_scalars: dict[str, Any] = {}
    exec(code, of_scalars)
    of_scalars["where"] = lambda condition, yes, no: yes if condition else no  # twenty times faster than np.where
    return {name: _any_shape(of_arrays[name], of_scalars[name], given) for name in names}


def _any_shape(of_arrays: Callable[..., Any], of_scalars: Callable[..., Any], given: str) -> Callable[..., Any]:
    @functools.wraps(of_arrays)
    def called(*values: Any) -> Any:
        arrays = [np.asarray(v, given) for v in values]
        if len(arrays) > 1:
            arrays = list(np.broadcast_arrays(*arrays))
        shape, size = arrays[0].shape, arrays[0].size
        with np.errstate(all="ignore"):
            if not shape:
                return of_scalars(*(a[()] for a in arrays))
            flat = [a.reshape(-1) for a in arrays]
            if 0 < size <= FEW:
                parts = [of_scalars(*point) for point in zip(*flat, strict=True)]
            elif size <= BLOCK:
                parts = [of_arrays(*flat)]
            else:
                parts = [of_arrays(*(a[i : i + BLOCK] for a in flat)) for i in range(0, size, BLOCK)]
        if isinstance(parts[0], tuple):
            return tuple(np.hstack(column).reshape(shape) for column in zip(*parts, strict=True))
        return np.hstack(parts).reshape(shape)

    return called


def one_operation(function: Callable[[Any], Any], given: str) -> Callable[[Any], Any]:
    """A function of NumPy on values of a dtype."""

    @functools.wraps(function)
    def called(value: Any) -> Any:
        with np.errstate(all="ignore"):
            return function(np.asarray(value, given)[()])

    return called


def where(given: str) -> Callable[[Any, Any, Any], Any]:
    """np.where of values of a dtype; scalars stay scalars."""

    def called(condition: Any, yes: Any, no: Any) -> Any:
        return np.where(condition, np.asarray(yes, given), np.asarray(no, given))[()]

    return called
