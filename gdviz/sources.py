"""Text and syntax of functions, read from their files: a file is parsed once for all the functions in it.

`inspect.getsource` reads a file token by token for every function, which took half of the start of `gdviz list`.
"""

from __future__ import annotations

import ast
import inspect
import linecache
import os
import textwrap
from collections.abc import Callable
from functools import lru_cache
from typing import Any


def text_of(function: Callable[..., Any]) -> str:
    """Source text of a function, decorators included. Raises OSError or TypeError where there is none."""
    found = _found(function)
    return found[0] if found else textwrap.dedent(inspect.getsource(function))


def tree_of(function: Callable[..., Any]) -> ast.AST | None:
    """Syntax of a function as its file has it; None where it stands in no file by its own name."""
    found = _found(function)
    return found[1] if found else None


def _found(function: Callable[..., Any]) -> tuple[str, ast.AST] | None:
    code = getattr(inspect.unwrap(function), "__code__", None)
    if code is None:
        return None
    try:
        state = os.stat(code.co_filename)
        functions = _functions(code.co_filename, state.st_mtime_ns, state.st_size)
    except (OSError, SyntaxError, ValueError):
        return None
    return functions.get((code.co_firstlineno, code.co_name))


@lru_cache(maxsize=64)
def _functions(path: str, changed: int, size: int) -> dict[tuple[int, str], tuple[str, ast.AST]]:
    """Text and syntax of every function of a file by its first line and name; time and size tell when to read again."""
    linecache.checkcache(path)
    lines = linecache.getlines(path)
    found: dict[tuple[int, str], tuple[str, ast.AST]] = {}
    for node in ast.walk(ast.parse("".join(lines))):
        if isinstance(node, ast.FunctionDef):
            first = min((d.lineno for d in node.decorator_list), default=node.lineno)
            found[first, node.name] = textwrap.dedent("".join(lines[first - 1 : node.end_lineno])), node
    return found
