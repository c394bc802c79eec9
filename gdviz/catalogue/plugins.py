"""Plugins: Python files of definitions that a user brings along."""

from __future__ import annotations

import importlib.util
import linecache
import sys
from collections.abc import Mapping
from pathlib import Path

from gdviz.catalogue.lookup import definitions
from gdviz.errors import DefinitionError
from gdviz.registry.defining import forget
from gdviz.registry.definition import Definition
from gdviz.registry.kinds import KINDS
from gdviz.registry.sources import sha256

_plugins: dict[Path, tuple[str, list[Definition]]] = {}


def load_plugin(path: str | Path) -> list[Definition]:
    """Run a Python file of definitions and return those it made; a file that has not changed is not run again.

    Raises DefinitionError when the file cannot be read or run, or when it defines nothing.
    """
    file = Path(path).expanduser().absolute()
    try:
        file.name.encode("utf-8")
        text = file.read_bytes()
    except UnicodeEncodeError:
        raise DefinitionError(f"plugin '{path}': its name is no text in UTF-8, as recipes hold; rename it") from None
    except OSError as error:
        raise DefinitionError(
            f"plugin '{path}' cannot be read: {error.strerror}; give the path of a .py file"
        ) from error
    digest = digest_of(text)
    if file in _plugins:
        if _plugins[file][0] == digest:
            return _plugins[file][1]
        for old in _plugins.pop(file)[1]:
            forget(old)
    before = {kind: set(definitions(kind)) for kind in KINDS}
    module = importlib.util.module_from_spec(
        importlib.util.spec_from_loader(f"gdviz_plugin_{digest}", None, origin=str(file))  # type: ignore[arg-type]
    )
    module.__file__ = str(file)
    sys.modules[module.__name__] = module
    try:
        exec(compile(text, str(file), "exec"), module.__dict__)
    except BaseException as error:
        for definition in _added(before):
            forget(definition)
        if isinstance(error, DefinitionError):
            raise DefinitionError(f"plugin '{path}': {error}") from error
        if not isinstance(error, (Exception, SystemExit)):
            raise
        line = (error.lineno or "?") if isinstance(error, SyntaxError) else _line_in(error, str(file))
        raise DefinitionError(f"plugin '{path}', line {line}: {type(error).__name__}: {error}") from error
    made = _added(before)
    linecache.checkcache(str(file))
    for definition in made:
        _ = definition.text  # read now: the file may have changed by the time somebody asks
    if not made:
        raise DefinitionError(f"plugin '{path}' defines nothing; `gdviz new optimizer FILE` writes one to start from")
    _plugins[file] = (digest, made)
    return made


def plugin_of(definition: Definition) -> tuple[str, str] | None:
    """File name and content hash of the plugin that made a definition; None for gdviz's own."""
    return next(((path.name, digest) for path, (digest, made) in _plugins.items() if definition in made), None)


def loaded_plugins() -> dict[str, str]:
    """Content hash of every plugin loaded so far, by file name."""
    return {path.name: digest for path, (digest, _) in _plugins.items()}


def paths() -> list[str]:
    """The files of all plugins loaded so far, absolute."""
    return list(map(str, _plugins))


def texts() -> dict[str, bytes]:
    """What the files of all plugins hold, by name. Raises DefinitionError where one has changed since it was loaded."""
    found = {}
    for path, (digest, _) in _plugins.items():
        found[path.name] = path.read_bytes() if path.exists() else b""
        if digest_of(found[path.name]) != digest:
            raise DefinitionError(f"plugin '{path}' has changed since it was loaded; run it again")
    return found


def digest_of(text: bytes) -> str:
    """The hash by which the content of a plugin is told."""
    return sha256(text)[:16]


def _added(before: Mapping[str, set[str]]) -> list[Definition]:
    return [d for kind in KINDS for name, d in definitions(kind).items() if name not in before[kind]]


def _line_in(error: BaseException, file: str) -> int | str:
    trace, line = error.__traceback__, 0
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == file:
            line = trace.tb_lineno
        trace = trace.tb_next
    return line or "?"
