"""Stores of studies: folders in Zarr's format, version 3, which are resumed, shared by parts and opened by xarray.

A chunk of cells is done if and only if `done` says so, each array has a file of it, and all checksums hold. `done` is
written last, so that a writer may be killed at any moment; and nothing that a machine lost when it failed counts.
"""

from __future__ import annotations

import contextlib
import glob
import json
import os
import secrets
import shutil
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from gdviz.encode.targets import final_path, reason
from gdviz.errors import OutputError
from gdviz.studies import codec, metadata
from gdviz.studies.chunks import Chunk, Layout, layout_of
from gdviz.studies.files import PARTIAL, refused, settle, write
from gdviz.studies.fingerprint import difference, fingerprint
from gdviz.studies.problem import Found, Problem
from gdviz.studies.stored import Recent, Stored
from gdviz.studies.variables import DONE, Variable, attributes, coordinates, in_chunks

FINGERPRINT, SIDES, CELLS = "fingerprint", "chunk", "arrays"
"""Attributes beside those of the problem: a line for all that the numbers depend on, cells of a chunk along each axis,
and the names of the arrays over the cells."""

ONE = np.ones(1, np.int8)
"""What `done` holds of a chunk that is; nothing else ever stands there."""


def found(path: str | os.PathLike[str]) -> Store:
    """The store of whatever study is there. Raises OutputError where none is."""
    store = final_path(path)
    try:
        told = json.loads((store / metadata.FILE).read_bytes())
        arrays, names, sides = _arrays(told), told["attributes"][CELLS], told["attributes"][SIDES]
        variables = [metadata.variable(name, arrays[name]) for name in (*names, DONE)]
        optimizers, *shape = variables[0].shape[: 1 + len(sides)]
        return Store(store, Layout(optimizers, tuple(shape), tuple(sides)), variables)
    except FileNotFoundError:
        if not os.path.lexists(store):
            raise OutputError(f"there is no store {store}; check the path") from None
        what = "a folder, but no store of a study" if store.is_dir() else "no store of a study"
        raise OutputError(f"{store} is {what}; choose another name") from None
    except NotADirectoryError:
        raise OutputError(f"{store} is a file, and no store of a study; choose another name") from None
    except OSError as error:
        raise OutputError(f"the store {store} cannot be read: {reason(error)}") from None
    except (ValueError, KeyError, TypeError, IndexError):
        raise OutputError(
            f"{store} is no store of a study, or its {metadata.FILE} is damaged; choose another name"
        ) from None


def exists(path: str | os.PathLike[str]) -> bool:
    """Whether a store is there. Raises OutputError where something else is, or where none could be made."""
    store = final_path(path)
    if os.path.lexists(store):
        found(store)
        return True
    if not store.parent.is_dir():
        raise OutputError(f"the folder {store.parent} does not exist; make it first or choose another one")
    return False


def store_of(problem: Problem, path: str | os.PathLike[str]) -> Store:
    """The store of a problem, made where there is none; parts of a study may all do so at once.

    Raises OutputError where there is something else, the store of another problem, or where none can be made.
    """
    if not exists(path):
        with contextlib.suppress(FileExistsError):
            _create(final_path(path), problem)
    return same(found(path), problem)


def same(store: Store, problem: Problem) -> Store:
    """A store that is that of a problem. Raises OutputError where it is another's."""
    if differs := difference(store.attributes[FINGERPRINT], fingerprint(problem)):
        raise OutputError(
            f"{store.path} is the store of another study: {differs}; choose another name or type the same"
        )
    return store


def _create(store: Path, problem: Problem) -> None:
    """Make a store beside and give it its name. Raises FileExistsError where another process was faster."""
    layout, temporary = layout_of(problem), store.with_name(f".{store.name}-{secrets.token_hex(6)}{PARTIAL}")
    variables = [*coordinates(problem), *in_chunks(problem, layout)]
    told = {
        **attributes(problem),
        FINGERPRINT: fingerprint(problem),
        SIDES: list(layout.sides),
        CELLS: [array.name for array in problem.arrays],
    }
    described = {variable.name: metadata.array(variable) for variable in variables}
    try:
        temporary.mkdir()
        for variable in variables:
            _describe(temporary, variable)
        write(temporary / metadata.FILE, metadata.text(metadata.group(told, described)), lasting=True)
        for folder in (*(temporary / variable.name for variable in variables), temporary):
            settle(folder)
        temporary.rename(store)
        settle(store.parent)
    except OSError as error:
        if (store / metadata.FILE).exists():
            raise FileExistsError from None
        raise OutputError(f"{store} cannot be made: {reason(error)}; choose another folder") from error
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def _describe(store: Path, variable: Variable) -> None:
    """Write what describes an array, and its values where they are known."""
    folder = store / variable.name
    folder.mkdir(exist_ok=True)
    if variable.values is not None:
        write(_file(folder, (0,) * len(variable.shape)), codec.encoded(variable.values), lasting=True)
    write(folder / metadata.FILE, metadata.text(metadata.array(variable)), lasting=True)


def _file(folder: Path, index: Iterable[int]) -> Path:
    """The file of a chunk of an array in its folder."""
    return folder / ".".join(["c", *map(str, index)])


class Store:
    """One that is there. done: numbers of chunks that are known to be; damaged: how many were found not to hold what
    was written."""

    def __init__(self, path: Path, layout: Layout, variables: Sequence[Variable]) -> None:
        """variables: those in chunks, last the one that says which chunks are done."""
        self.path, self.layout, self.variables = path, layout, tuple(variables)
        self.done: set[int] = set()
        self.damaged = 0
        self._recent = Recent()

    @property
    def attributes(self) -> dict[str, Any]:
        """What it says of itself."""
        return cast("dict[str, Any]", self._root()["attributes"])

    def mend(self, problem: Problem) -> None:
        """Make it ready for writing: what describes arrays is written again where it is damaged, and what killed
        writers have left is swept away. Raises OutputError."""
        try:
            for variable in (*coordinates(problem), *in_chunks(problem, self.layout)):
                if not self._is_described(variable):
                    _describe(self.path, variable)
            self._sweep()
        except OSError as error:
            raise refused(self.path, error) from error

    def _is_described(self, variable: Variable) -> bool:
        told = metadata.array(variable)
        try:
            if variable.values is not None:
                self._values(variable.name, told)
            return (self.path / variable.name / metadata.FILE).read_bytes() == metadata.text(told)
        except (OSError, codec.Damaged):
            return False

    def _sweep(self) -> None:
        """Another writer whose file is swept away writes it again."""
        for left in (*self.path.glob(f"*{PARTIAL}"), *self.path.glob(f"*/*{PARTIAL}")):
            left.unlink(missing_ok=True)
        for left in self.path.parent.glob(f".{glob.escape(self.path.name)}-*{PARTIAL}"):
            shutil.rmtree(left, ignore_errors=True)

    def look(self, numbers: Sequence[int], *, closely: bool = True) -> list[int]:
        """Which of these chunks are not done; the others are known to be from now on.

        closely: also those known before are read and their checksums compared; else files need only be there.
        """
        names = [_names(self.path / v.name) for v in self.variables]
        missing = []
        for number in numbers:
            *files, done = [self._file(variable, number) for variable in self.variables]
            is_done = done.name in names[-1]
            holds = is_done and all(file.name in among for file, among in zip(files, names, strict=False))
            if holds and closely:
                holds = _is_done(_read(done)) and all(codec.holds(_read(file)) for file in files)
            if holds:
                self.done.add(number)
            else:
                self.damaged += is_done
                self.done.discard(number)
                missing.append(number)
        return missing

    def write(self, chunk: Chunk, found: Found) -> None:
        """Keep what the cells of a chunk are worth, dtype[*axes of the chunk, …]; any thread may.

        Raises OutputError where the system refuses: what was written before stays.
        """
        try:
            for variable in self.variables[:-1]:
                write(self._file(variable, chunk.number), codec.encoded(_filled(variable, found[variable.name])))
            write(self._file(self.variables[-1], chunk.number), codec.encoded(ONE))
        except OSError as error:
            raise refused(self.path, error) from error
        self.done.add(chunk.number)

    @property
    def arrays(self) -> dict[str, NDArray[Any]]:
        """Its arrays over the cells by name, read as they are indexed: their fill where nothing is done."""
        self._recent.clear()
        return {v.name: cast("NDArray[Any]", Stored(v, self.layout, self._reader(v))) for v in self.variables[:-1]}

    def _reader(self, variable: Variable) -> Callable[[int], NDArray[Any] | None]:
        def read(number: int) -> NDArray[Any]:
            try:
                return codec.decoded(self._file(variable, number).read_bytes(), variable.dtype, variable.chunk)
            except (OSError, codec.Damaged) as error:
                raise OutputError(
                    f"{self.path} has just lost a chunk of {variable.name} ({error}); type the same again"
                ) from error

        def kept(number: int) -> NDArray[Any] | None:
            if number not in self.done:
                return None
            return self._recent.get((variable.name, number), lambda: read(number))

        return kept

    def add(self, variables: Sequence[Variable]) -> None:
        """Keep arrays whose values are known in the end; several processes may, as these are the same.

        Raises OutputError.
        """
        try:
            for variable in variables:
                _describe(self.path, variable)
            told = self._root()
            there = {**_arrays(told), **{variable.name: metadata.array(variable) for variable in variables}}
            write(self.path / metadata.FILE, metadata.text(metadata.group(told["attributes"], there)), lasting=True)
        except OSError as error:
            raise refused(self.path, error) from error

    def added(self, names: Iterable[str]) -> dict[str, NDArray[Any]] | None:
        """The values of these again, None where one is missing or damaged."""
        there = _arrays(self._root())
        try:
            found = {name: self._values(name, there[name]) for name in names}
            told = [(self.path / name / metadata.FILE).read_bytes() == metadata.text(there[name]) for name in found]
        except (OSError, codec.Damaged, KeyError):
            return None
        return found if all(told) else None

    def _root(self) -> dict[str, Any]:
        """What describes the store."""
        return cast("dict[str, Any]", json.loads((self.path / metadata.FILE).read_bytes()))

    def _values(self, name: str, told: Mapping[str, Any]) -> NDArray[Any]:
        """Of an array that is one chunk, as described."""
        shape = tuple(told["shape"])
        return codec.decoded(_file(self.path / name, (0,) * len(shape)).read_bytes(), told["data_type"], shape)

    def _file(self, variable: Variable, number: int) -> Path:
        """Of a chunk; arrays have it whole in further dimensions."""
        index = self.layout.index(number)
        return _file(self.path / variable.name, (*index, *(0,) * (len(variable.shape) - len(index))))


def _filled(variable: Variable, values: NDArray[Any]) -> NDArray[Any]:
    """A chunk as long as all others, as Zarr has them, filled up beyond the cells."""
    if values.shape == variable.chunk[1:]:
        return values
    found = np.full(variable.chunk[1:], variable.fill, variable.dtype)
    found[tuple(map(slice, values.shape))] = values
    return found


def _arrays(told: Mapping[str, Any]) -> dict[str, Any]:
    """What describes the arrays of a store, by name, as the file of the store repeats it."""
    return cast("dict[str, Any]", told["consolidated_metadata"]["metadata"])


def _names(folder: Path) -> set[str]:
    """Of the files in a folder."""
    try:
        return {entry.name for entry in os.scandir(folder)}
    except OSError:
        return set()


def _is_done(data: bytes) -> bool:
    """Whether the file of a chunk of `done` says so: by its value, since other versions compress it otherwise."""
    try:
        return bool(codec.decoded(data, str(ONE.dtype), ONE.shape) == ONE)
    except codec.Damaged:
        return False


def _read(file: Path) -> bytes:
    """What it holds, nothing where it is gone."""
    try:
        return file.read_bytes()
    except OSError:
        return b""
