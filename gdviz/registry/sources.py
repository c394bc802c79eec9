"""Text and syntax of functions, read from their files: a file is parsed once for all the functions in it.

`inspect.getsource` reads a file token by token for every function, which took half of the start of `gdviz list`.
"""

from __future__ import annotations

import ast
import contextlib
import dis
import functools
import inspect
import linecache
import textwrap
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
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
        state = Path(code.co_filename).stat()
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


def object_text(function: Any) -> str:
    """What stands for the text of a functools.partial or another object that can be called, without its address."""
    inner = function.func if isinstance(function, functools.partial) else type(function).__call__
    with contextlib.suppress(OSError, TypeError):
        return f"<{type(function).__qualname__}>\n{text_of(inner)}"
    return f"<{type(function).__qualname__}>"


@lru_cache(maxsize=1)
def _installed() -> tuple[str, ...]:
    """Folders of Python and of packages: what is defined there changes with a version, not by an edit."""
    import sysconfig  # with a description of the whole build: a millisecond of every command

    return tuple(filter(None, map(sysconfig.get_paths().get, ("stdlib", "platstdlib", "purelib", "platlib"))))


def sha256(data: bytes) -> str:
    """The hash of some bytes, 64 hexadecimal digits."""
    import hashlib  # loads OpenSSL: two milliseconds of every command

    return hashlib.sha256(data).hexdigest()


def held(function: Any) -> str:
    """What a function depends on besides its own text, as text that is the same in every process; empty where nothing.

    Helpers and constants of its module, closures' values, defaults, what functools.partial has bound, and the
    attributes of objects that can be called; of a lambda its code as well, because all lambdas of a line have one text.
    """
    code = getattr(function, "__code__", None)
    if code is None or code.co_name != "<lambda>":
        return _held(function)
    constants = [item for item in code.co_consts if not inspect.iscode(item)]
    return f"\n{code.co_code!r} {constants} {code.co_names}" + _held(function)


def told(function: Any) -> str:
    """A function's text and what it depends on, in short."""
    return _told(function, {})


def values_held(function: Any) -> dict[str, Any]:
    """The same by name: what makes one function of a factory another than the next."""
    if isinstance(function, functools.partial):
        names = inspect.signature(function.func).parameters
        return {**values_held(function.func), **dict(zip(names, function.args, strict=False)), **function.keywords}
    if inspect.ismethod(function):
        return {**values_held(function.__func__), **vars_of(function.__self__)}
    if not inspect.isfunction(function):
        return vars_of(function)
    values = {}
    for name, cell in zip(function.__code__.co_freevars, function.__closure__ or (), strict=True):
        with contextlib.suppress(ValueError):  # not filled yet
            values[name] = cell.cell_contents
    local = "<locals>" in function.__qualname__
    defaults = inspect.signature(function).parameters.values() if local else ()
    return {**values, **{item.name: item.default for item in defaults if item.default is not item.empty}}


def values_read(function: Any) -> dict[str, Any]:
    """What a function reads from its module, by name: its helpers and constants, not gdviz's and Python's own."""
    if not inspect.isfunction(function) or not _is_edited(function):
        return {}
    waiting, names = [function.__code__], set()
    while waiting:
        code = waiting.pop()
        names |= {item.argval for item in dis.get_instructions(code) if item.opname in ("LOAD_GLOBAL", "LOAD_NAME")}
        waiting += filter(inspect.iscode, code.co_consts)
    found = {name: function.__globals__[name] for name in names if name in function.__globals__}
    return {name: value for name, value in found.items() if not inspect.isfunction(value) or _is_edited(value)}


def _is_edited(function: Any) -> bool:
    """Whether an edit of a function is one of a definition: not of a package, nor of gdviz's own vocabulary."""
    module = function.__module__ or ""
    if module.partition(".")[0] == "gdviz":
        return module.startswith("gdviz.catalogue.")
    return not function.__code__.co_filename.startswith(_installed())


def vars_of(value: Any) -> dict[str, Any]:
    """Attributes of an object, without those that every callable has."""
    return {name: item for name, item in getattr(value, "__dict__", {}).items() if not name.startswith("__")}


def _held(function: Any) -> str:
    values = {**values_read(function), **values_held(function)}
    told: dict[int, tuple[Any, str]] = {id(function): (function, type(function).__name__)}
    return "".join(f"\n{name} = {_told(values[name], told)}" for name in sorted(values))


def _told(root: Any, told: dict[int, tuple[Any, str]]) -> str:
    """A value as text without addresses.

    What holds other values is told as a hash of theirs and once, however often and deep it stands: `told` keeps that
    by address, and the value, so that no other one gets its address. What holds itself is told there by its name.
    """
    opened: dict[int, tuple[str, list[Any], bool]] = {}
    waiting = [root]
    while waiting:
        value = waiting[-1]
        if id(value) in told or _is_plain(value):
            waiting.pop()
        elif id(value) not in opened:
            opened[id(value)] = parts = _parts(value)
            waiting += [part for part in parts[1] if id(part) not in opened]
        else:
            head, parts_of, ordered = opened.pop(id(value))
            texts = [repr(p) if _is_plain(p) else told[id(p)][1] if id(p) in told else _name(p) for p in parts_of]
            whole = repr((head, texts if ordered else sorted(texts)))
            told[id(value)] = value, f"{type(value).__name__} {sha256(whole.encode())}"
    return repr(root) if _is_plain(root) else told[id(root)][1]


def _is_plain(value: Any) -> bool:
    return isinstance(value, (bool, int, float, complex, str, bytes, type(None)))


def _name(value: Any) -> str:
    return str(getattr(value, "__name__", type(value).__name__))


def _parts(value: Any) -> tuple[str, list[Any], bool]:
    """What is told of a value itself, the values it holds, and whether their order counts."""
    if inspect.ismodule(value) or inspect.isclass(value):
        return _name(value), [], True
    if isinstance(value, dict):
        items = sorted(((str(key), item) for key, item in value.items()), key=lambda pair: pair[0])
        return str([key for key, _ in items]), [item for _, item in items], True
    if isinstance(value, (list, tuple)):
        return "", list(value), True
    if isinstance(value, (set, frozenset)):
        return "", list(value), False
    if hasattr(value, "tobytes") and hasattr(value, "dtype"):
        if getattr(value.dtype, "hasobject", False):  # its bytes are addresses
            return f"{value.dtype} {value.shape}", list(value.ravel()), True
        return f"{value.dtype} {value.shape} {sha256(value.tobytes())}", [], True
    values = {**values_read(value), **values_held(value)}
    head = type(value).__qualname__
    if inspect.isfunction(value):
        head = repr(value.__code__.co_code)
        with contextlib.suppress(OSError, TypeError):
            head = text_of(value)
    return f"{head} {sorted(values)}", [values[name] for name in sorted(values)], True
