"""Emitted text as modules that Numba can keep: real files, named by their content, known before they run.

A function made by exec from a string has no file, and Numba then neither writes nor finds its compiled form; a file
whose module is not in sys.modules is written, but cannot be loaded again.
"""

from __future__ import annotations

import ast
import hashlib
import importlib.util
import inspect
import linecache
import sys
import threading
import types
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

import numba
import numpy as np
from numba.core.errors import NumbaError

from gdviz import vmath
from gdviz.backends import flags
from gdviz.cache import cache_directory, read_text, tell_damaged, write_text
from gdviz.emit.expression import EmissionError
from gdviz.emit.step import StepText
from gdviz.formula import linear
from gdviz.objectives.objective import Objective
from gdviz.vmath import abreast, random

MAKING = threading.RLock()
"""Held by the thread that makes modules of texts and compiles them: what another one waits for is then there."""


@lru_cache(maxsize=512)
def source(origin: str, dtype: str, lanes: int, body: str) -> str:
    """Text of a whole module: where its functions come from, the width of a tile, then the kernels."""
    words = {node.id for node in ast.walk(ast.parse(body)) if isinstance(node, ast.Name)} | {"F"}
    used = ", ".join(sorted(words & {*vmath.NAMES, *abreast.NAMES, "F", "dev"} - {"abs"}))
    drawn = ", ".join(sorted(words & set(random.NAMES))) if "seed" in words else ""
    draws = f"from {draw_functions(dtype)} import {drawn}\n" if drawn else ""
    # Part of the text, so that a change of it is a change of the kernel's name.
    solvers = [inspect.getsource(f) for name, f in vars(linear).items() if name in words and inspect.isfunction(f)]
    solving = "\n\n".join(solvers)
    solving = f"from typing import Any\n\n\n{solving}\n" if solving else ""
    return (
        f'"""Made by gdviz from {origin}; changes here are lost."""\n\nimport math\n\nimport numpy as np\n{solving}\n'
        f"from {functions(dtype)} import {used}\n{draws}\nL = {lanes}\n\n\n{body}"
    )


@lru_cache(maxsize=4)
def functions(dtype: str) -> str:
    """Name of the module with gdviz's functions for a dtype: one for all kernels, so that each is typed once."""
    return module(vmath.header(dtype) + vmath.text(dtype), "functions").__name__


@lru_cache(maxsize=4)
def draw_functions(dtype: str) -> str:
    """Name of the module with the random numbers of a dtype."""
    return module(vmath.header(dtype) + vmath.text(dtype, random.NEEDS) + random.text(dtype), "random").__name__


def compiled(text: str, names: Sequence[str], signature: Any) -> dict[str, Any]:
    """Compile functions of a module's text for one signature, from the cache where they were compiled before."""
    return {name: _compiled(text, name, signature) for name in names}


@lru_cache(maxsize=2048)
def _compiled(text: str, name: str, signature: Any) -> Any:
    compiling = flags.kernel if "np." in text else flags.handed  # a text without NumPy makes no arrays
    try:
        return compiling(signature, getattr(module(text), name))
    except NumbaError as error:
        reason = str(error).strip().splitlines()[-1]
        raise EmissionError(f"{name} cannot be compiled ({reason}); use --backend python") from None


@lru_cache(maxsize=2048)
def module(text: str, word: str = "kernel") -> types.ModuleType:
    """The module of a text, as a file of that content in the cache folder."""
    digest = hashlib.sha256("\n".join((numba.__version__, np.__version__, text)).encode()).hexdigest()[:24]
    name = f"gdviz_{word}_{digest}"
    path = cache_directory() / "kernels" / f"{name}.py"
    made = types.ModuleType(name)
    made.__file__ = str(path)
    with MAKING:
        there = path.exists()  # another process may write it from here on
        if read_text(path) != text:
            if there:
                tell_damaged(path)
            write_text(path, text)
        if name in sys.modules:
            return sys.modules[name]
        sys.modules[name] = made
        if read_text(path) == text:
            made.__spec__ = importlib.util.spec_from_file_location(name, path)
        else:  # no folder can be written: Numba still asks for the lines
            linecache.cache[str(path)] = (len(text), None, text.splitlines(keepends=True), str(path))
        try:
            exec(compile(text, str(path), "exec"), made.__dict__)
        except BaseException:
            del sys.modules[name]
            raise
    return made


def signatures(dtype: str) -> tuple[Any, Any]:
    """Of an objective's kernels and of a step's."""
    array = numba.types.Array(numba.from_dtype(np.dtype(dtype)), 1, "C")
    whole = numba.types.int64
    draw = numba.types.Array(whole, 1, "C")
    return numba.types.void(array, array, draw), numba.types.boolean(array, array, array, whole, whole, array)


def alter_signature(dtype: str) -> Any:
    """Of what changes gradients, see gdviz.emit.transform; `beside` has the signature of a step."""
    array = numba.types.Array(numba.from_dtype(np.dtype(dtype)), 1, "C")
    whole = numba.types.int64
    return numba.types.void(array, array, array, whole, whole, array, numba.types.Array(whole, 1, "C"))


def objective_kernels(
    objective: Objective, dtype: str, lanes: int, names: Sequence[str] = ("value", "gradient", "both")
) -> Mapping[str, Any]:
    """Compiled kernels of an objective."""
    text = source(objective.origin, dtype, lanes, objective.tile_text(lanes))
    return compiled(text, names, signatures(dtype)[0])


def transform_kernels(body: str, dtype: str, lanes: int) -> tuple[Any, Any]:
    """Compiled `alter` and `beside` of a plan's transforms."""
    text = source("gradient transforms", dtype, lanes, body)
    alter = compiled(text, ("alter",), alter_signature(dtype))["alter"]
    return alter, compiled(text, ("beside",), signatures(dtype)[1])["beside"]


def pace_kernel(body: str, dtype: str, lanes: int) -> Any:
    """Compiled `pace` of a plan's schedules."""
    text = source("schedules", dtype, lanes, body)
    return compiled(text, ("pace",), signatures(dtype)[1])["pace"]


def step_kernels(name: str, step: StepText, dtype: str, lanes: int) -> Mapping[str, Any]:
    """Compiled `step` of an optimizer, and `look` and `show` where it has them."""
    text = source(f"optimizer {name}", dtype, lanes, step.body)
    return compiled(text, step.functions, signatures(dtype)[1])
