"""What compiled drivers are told of a plan's runs, as records of arrays and numbers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any, NamedTuple

import numba
import numpy as np
from numpy.typing import NDArray

from gdviz.backends import flags

ALIGNED = 64
"""Bytes at a multiple of which a tile begins, as lines of the cache do: elsewhere loops over its rows take a tenth
longer."""


class Ends(NamedTuple):
    """What a plan's runs are stopped by.

    guarded: whether those that are lost stop; value, slope: whether value and gradient may be undefined inside the
    guard; box: dtype[3 * dim], the guard's centre and reach, and that of the far guard; tol: dtype, the gradient's
    length at which they have arrived.
    """

    guarded: bool
    value: bool
    slope: bool
    box: Any
    tol: Any


class Runs(NamedTuple):
    """The runs themselves: start, dtype[run, dim]; constants, dtype[constant], of the objective; steps; records,
    int64[record]; seed and numbers, int64[run], by which batches and transforms draw; cancel: int8[1], not 0 when the
    caller wants no more; watched: constants of what schedules watch in place of the objective, if anything."""

    start: Any
    constants: Any
    steps: int
    records: Any
    seed: int
    numbers: Any
    cancel: Any
    watched: Any


class Results(NamedTuple):
    """Where it goes: x dtype[run, record, dim], f dtype[run, record], status int8[run], stopped and left int64[run],
    followed dtype[k, run, record], the values of the rows `watched`; states dtype[n, run, record], those of the rows
    `kept`; see `Paths`."""

    x: Any
    f: Any
    status: Any
    stopped: Any
    left: Any
    followed: Any
    states: Any


class Asked(NamedTuple):
    """What is asked at points: the objective's kernel of values, the rows, int64[number], that it answers in, its
    constants, dtype[constant]; and where: origins, dtype[point, dim] or one for all points, from which these are
    directions, dtype[dim, direction], times at, dtype[direction, point], away."""

    value: Any
    rows: Any
    constants: Any
    origins: Any
    directions: Any
    at: Any


def compiled(
    function: Callable[..., Any], functions: Mapping[str, Any], *given: Any, makes: bool = False
) -> Callable[..., None]:
    """A driver compiled for arguments like these: records, numbers and arrays, which have to be contiguous.

    `functions` are the signatures of what fields of records hold that can be called, or a tuple of such; makes: whether
    the driver makes arrays.
    """
    return _compiled(function, tuple(_type(functions, value) for value in given), makes)


def aligned(count: int, dtype: np.dtype[Any]) -> NDArray[Any]:
    """So many numbers, not set, that begin at a multiple of ALIGNED."""
    memory = np.empty(count * dtype.itemsize + ALIGNED, np.uint8)
    first = -memory.ctypes.data % ALIGNED
    return memory[first : first + count * dtype.itemsize].view(dtype)


def _type(functions: Mapping[str, Any], value: Any, name: str = "") -> Any:
    if isinstance(value, np.ndarray):
        return _array(value.dtype, value.ndim)
    if isinstance(value, tuple):
        held = value._asdict() if hasattr(value, "_asdict") else {}
        if not held:
            return numba.types.UniTuple(numba.types.FunctionType(functions[name]), len(value))
        return _record(tuple(_type(functions, v, k) for k, v in held.items()), type(value))
    return numba.types.FunctionType(functions[name]) if callable(value) else numba.typeof(value)


@lru_cache(maxsize=64)
def _array(dtype: np.dtype[Any], ndim: int) -> Any:
    return numba.types.Array(numba.from_dtype(dtype), ndim, "C")


@lru_cache(maxsize=64)
def _record(fields: tuple[Any, ...], made_of: type) -> Any:
    return numba.types.NamedTuple(fields, made_of)


@lru_cache(maxsize=16)
def _compiled(function: Callable[..., Any], types: tuple[Any, ...], makes: bool) -> Callable[..., None]:
    return flags.driver(numba.types.void(*types), function, makes)
