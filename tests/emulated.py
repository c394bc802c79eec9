"""Kernels and plans run by what compilers of CUDA made of them, without a device."""

from __future__ import annotations

import itertools
import re
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from ptx import Program, described, told

from gdviz.backends import Paths
from gdviz.backends.cuda import api, runs
from gdviz.backends.cuda.api.interface import SHOWN
from gdviz.backends.cuda.launch import types_of
from gdviz.backends.cuda.records import FlatKernel
from gdviz.backends.cuda.runs import Flat

PACKAGE = api.compiler()
GIVEN = {"numba-cuda-mlir": described, "numba-cuda": told, "numba": told}


def text_of(kernel: FlatKernel, capability: tuple[int, int] = SHOWN) -> str:
    """Its PTX."""
    assert PACKAGE is not None
    return PACKAGE.ptx(kernel.text, "descend", kernel.dtype, types_of(kernel), capability)


def faults(kernel: FlatKernel, text: str) -> list[str]:
    """Lines of a kernel's PTX that no kernel should have: float64 among float32, and calls."""
    unwanted = r"\bcall\b|\.f64" if kernel.dtype == "float32" else r"\bcall\b"
    return [line for line in text.splitlines() if re.search(unwanted, line)]


def ran(kernel: FlatKernel, text: str, values: Mapping[str, Any], ends: Sequence[int]) -> dict[str, NDArray[Any]]:
    """What a kernel writes, dtype[run, …], in launches that end at these turns."""
    assert PACKAGE is not None
    program = Program(text)
    count = next(np.shape(values[one.name])[-1] for one in kernel.arguments if one.role == "run")
    given: list[Any] = []
    written = {}
    for one in kernel.arguments:
        if one.role == "out":
            written[one.name] = np.full((*one.shape, count), one.fill or 0, one.dtype)
            given.append(written[one.name])
        else:
            value = np.asarray(values[one.name], one.dtype)
            if one.ndim and not value.size:
                value = np.zeros((1,) * one.ndim, one.dtype)
            given.append(np.ascontiguousarray(value) if one.ndim else value[()])
    given += [np.zeros((rows, count), dtype) for dtype, rows in kernel.kept]
    for begin, end in itertools.pairwise([0, *ends]):
        program.run([*given, 0, count, begin, end], GIVEN[PACKAGE.name], count)
    return {name: np.ascontiguousarray(np.moveaxis(array, -1, 0)) for name, array in written.items()}


def compiled(plan: Any, trackers: Sequence[Any] = (), states: Sequence[str] = ()) -> tuple[Flat, str]:
    """A plan's kernel, and its PTX."""
    flat = runs.flat_of(plan, trackers, states)
    return flat, text_of(flat.kernel)


def paths(flat: Flat, text: str, cuts: Sequence[int] = ()) -> Paths:
    """Its runs, in launches that end at these turns and the last."""
    return flat.paths(ran(flat.kernel, text, flat.values, [*cuts, flat.turns]))
