"""Emitted text as modules that Numba can keep: real files, named by their content, known before they run.

A function made by exec from a string has no file, and Numba then neither writes nor finds its compiled form; a file
whose module is not in sys.modules is written, but cannot be loaded again.
"""

from __future__ import annotations

import ast
import hashlib
import importlib.util
import linecache
import sys
import types
from functools import lru_cache
from typing import Any

import numba
import numpy as np

from gdviz import vmath
from gdviz.backends import flags
from gdviz.cache import cache_directory, read_text, write_text


def source(origin: str, dtype: str, lanes: int, body: str) -> str:
    """Text of a whole module: gdviz's functions that the kernels call, the width of a tile, then the kernels."""
    words = {node.id for node in ast.walk(ast.parse(body)) if isinstance(node, ast.Name)}
    before = f'"""Made by gdviz from {origin}; changes here are lost."""\n\nimport math\n\n'
    return f"{before}{vmath.header(dtype)}\n\nL = {lanes}\n{vmath.text(dtype, words)}\n\n{body}"


@lru_cache(maxsize=1024)
def compiled(text: str, functions: tuple[str, ...], signature: Any) -> dict[str, Any]:
    """Compile functions of a module's text for one signature, from the cache where they were compiled before."""
    module = _module(text)
    return {name: flags.entry(signature, getattr(module, name)) for name in functions}


def _module(text: str) -> types.ModuleType:
    digest = hashlib.sha256("\n".join((numba.__version__, np.__version__, text)).encode()).hexdigest()[:24]
    name = f"gdviz_kernel_{digest}"
    path = cache_directory() / "kernels" / f"{name}.py"
    if read_text(path) != text:
        write_text(path, text)
    module = types.ModuleType(name)
    module.__file__ = str(path)
    sys.modules[name] = module
    if read_text(path) == text:
        spec = importlib.util.spec_from_file_location(name, path)
        assert spec is not None
        assert spec.loader is not None
        module.__spec__ = spec
    else:  # no folder can be written: Numba still asks for the lines
        linecache.cache[str(path)] = (len(text), None, text.splitlines(keepends=True), str(path))
    exec(compile(text, str(path), "exec"), module.__dict__)
    return module


def signatures(dtype: str) -> tuple[Any, Any]:
    """Of an objective's kernels and of a step's."""
    array = numba.types.Array(numba.from_dtype(np.dtype(dtype)), 1, "C")
    whole = numba.types.int64
    return numba.types.void(array, array), numba.types.boolean(array, array, array, whole, whole, array)
