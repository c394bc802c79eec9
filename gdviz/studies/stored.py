"""Arrays of a store, which are read as they are indexed."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from threading import Lock
from typing import Any

import numpy as np
from numpy.lib.mixins import NDArrayOperatorsMixin
from numpy.typing import NDArray

from gdviz.studies.chunks import Layout
from gdviz.studies.variables import Variable

KEPT = 2**26
"""Bytes of chunks that were read last and are kept: a band of chunks across a map of 10^8 cells has 20 MB."""


class Recent:
    """Chunks that were read last, by array and number."""

    def __init__(self) -> None:
        self._chunks: OrderedDict[tuple[str, int], NDArray[Any]] = OrderedDict()
        self._bytes = 0
        self._lock = Lock()

    def get(self, key: tuple[str, int], read: Callable[[], NDArray[Any]]) -> NDArray[Any]:
        """A chunk, read where it is not kept."""
        with self._lock:
            if key in self._chunks:
                self._chunks.move_to_end(key)
                return self._chunks[key]
        found = read()
        with self._lock:
            if key not in self._chunks:
                self._chunks[key] = found
                self._bytes += found.nbytes
            while self._bytes > KEPT:
                self._bytes -= self._chunks.popitem(last=False)[1].nbytes
        return found

    def clear(self) -> None:
        """Forget all."""
        with self._lock:
            self._chunks.clear()
            self._bytes = 0


class Stored(NDArrayOperatorsMixin):
    """An array over (optimizer, *axes, …), or over what follows the optimizer, that is like one of NumPy's.

    Numbers, slices and places of cells read the chunks that they touch; all else reads the whole, which nothing keeps.
    read: a chunk by its number, dtype[1, *sides, …], its edge where cells end filled up; None where it is not done.
    """

    def __init__(
        self,
        variable: Variable,
        layout: Layout,
        read: Callable[[int], NDArray[Any] | None],
        optimizer: int | None = None,
    ) -> None:
        self._variable, self._layout, self._read, self._optimizer = variable, layout, read, optimizer
        self.shape = variable.shape if optimizer is None else variable.shape[1:]
        self.dtype = np.dtype(variable.dtype)

    @property
    def ndim(self) -> int:
        """Dimensions."""
        return len(self.shape)

    @property
    def size(self) -> int:
        """Numbers."""
        return int(np.prod(self.shape))

    @property
    def nbytes(self) -> int:
        """Of all of it, were it read."""
        return self.size * self.dtype.itemsize

    def __len__(self) -> int:
        return self.shape[0]

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> NDArray[Any]:
        found = self._block([(0, length) for length in self.shape])
        return found if dtype is None else found.astype(dtype, copy=False)

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **ways: Any) -> Any:
        plain = [np.asarray(one) if isinstance(one, Stored) else one for one in inputs]
        return getattr(ufunc, method)(*plain, **ways)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        return getattr(np.asarray(self), name)

    def __getitem__(self, index: Any) -> Any:
        if self._optimizer is None and isinstance(index, (int, np.integer)):
            return Stored(self._variable, self._layout, self._read, range(len(self))[index])
        places = index if isinstance(index, tuple) else (index,)
        if all(isinstance(place, (int, np.integer, slice)) for place in places) and len(places) <= self.ndim:
            spans, rest = zip(*map(_span, places, self.shape), strict=False)
            return self._block([*spans, *((0, length) for length in self.shape[len(places) :])])[rest]
        cells = 1 + len(self._layout.shape) - (self._optimizer is not None)
        if len(places) == cells and all(isinstance(p, (int, np.integer, np.ndarray)) for p in places):
            wide = np.broadcast_arrays(*places)
            if all(one.dtype.kind in "iu" for one in wide) and wide[0].ndim == 1:
                return self._cells(np.stack([one % length for one, length in zip(wide, self.shape, strict=False)]))
        return np.asarray(self)[index]

    def _block(self, spans: list[tuple[int, int]]) -> NDArray[Any]:
        """What lies between (first, last) of every dimension."""
        if self._optimizer is not None:
            spans = [(self._optimizer, self._optimizer + 1), *spans]
        dims = len(self._layout.counts)
        found = np.full([last - first for first, last in spans], self._variable.fill, self.dtype)
        beside = tuple(slice(first, last) for first, last in spans[dims:])
        sides = (1, *self._layout.sides)
        touched = [range(first // side, -(-last // side)) for (first, last), side in zip(spans, sides, strict=False)]
        for index in np.ndindex(*map(len, touched)) if found.size else ():
            place = [among[k] for among, k in zip(touched, index, strict=True)]
            chunk = self._read(int(np.ravel_multi_index(place, self._layout.counts)))
            if chunk is None:
                continue
            starts = [k * side for k, side in zip(place, sides, strict=True)]
            parts = [
                (max(first, start), min(last, start + side))
                for (first, last), start, side in zip(spans, starts, sides, strict=False)
            ]
            target = tuple(slice(a - first, b - first) for (a, b), (first, _) in zip(parts, spans, strict=False))
            source = tuple(slice(a - start, b - start) for (a, b), start in zip(parts, starts, strict=True))
            found[target] = chunk[(*source, *beside)]
        return found if self._optimizer is None else found[0]

    def _cells(self, places: NDArray[np.int64]) -> NDArray[Any]:
        """Single cells at int64[dimension, cell], some chunks after the other."""
        if self._optimizer is not None:
            places = np.concatenate([np.full((1, places.shape[1]), self._optimizer), places])
        sides = np.array([1, *self._layout.sides])[:, None]
        numbers = np.ravel_multi_index(tuple(places // sides), self._layout.counts)
        inner = places % sides
        found = np.full((places.shape[1], *self._variable.shape[len(sides) :]), self._variable.fill, self.dtype)
        for number in np.unique(numbers):
            if (chunk := self._read(int(number))) is not None:
                here = numbers == number
                found[here] = chunk[tuple(inner[:, here])]
        return found


def _span(place: Any, length: int) -> tuple[tuple[int, int], Any]:
    """From where to where a number or a slice reads, and what is then taken of that. Raises IndexError."""
    if not isinstance(place, slice):
        at = range(length)[place]
        return (at, at + 1), 0
    taken = range(*place.indices(length))
    if not taken:
        return (0, 0), slice(None)
    first, last = min(taken[0], taken[-1]), max(taken[0], taken[-1])
    return (first, last + 1), slice(None, None, taken.step)
