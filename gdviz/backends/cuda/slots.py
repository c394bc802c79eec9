"""Memory and queues of a device, in which chunks of runs are copied, computed and copied back beside each other.

A slot is one stretch of the device's memory and an image of its beginning in memory that the device copies by itself.
Arrays of a chunk lie in both at the same places: what is sent and what comes back, so that a chunk is one copy each
way, and on the device alone what runs keep between launches.
"""

from __future__ import annotations

import itertools
import math
import threading
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from gdviz.backends.cuda.api.interface import Api
from gdviz.backends.cuda.records import FlatKernel

ALIGNED = 256
"""Bytes at a multiple of which an array begins, as the device reads them."""

SLOTS = 8
"""That all threads of a process may have at work."""

KEPT = 2**28
"""Bytes of a device up to which a slot that nobody needs stays for the next chunk: finding room takes as long as some
launches."""

SHARE = 0.8
"""Of the memory that is free at most: kernels take some for themselves, and others use the device."""


class Place(NamedTuple):
    """An array of a chunk: axes beside the last, which counts runs, and the bytes from which it lies in a slot."""

    dtype: str
    shape: tuple[int, ...]
    first: int

    def size(self, runs: int) -> int:
        """Bytes."""
        return np.dtype(self.dtype).itemsize * math.prod(self.shape) * runs

    def of(self, memory: Any, runs: int) -> Any:
        """The array in a slot's memory, on the device or here: dtype[*shape, run]."""
        return memory[self.first : self.first + self.size(runs)].view(np.dtype(self.dtype)).reshape(*self.shape, runs)


class Layout(NamedTuple):
    """Where arrays of a chunk lie. sent, back: the first byte, and that after the last, of what is copied there and
    back; size: of all."""

    runs: int
    places: Mapping[str, Place]
    kept: tuple[Place, ...]
    sent: tuple[int, int]
    back: tuple[int, int]
    size: int


def layout_of(kernel: FlatKernel, shapes: Mapping[str, tuple[int, ...]], runs: int) -> Layout:
    """Of a chunk of so many runs. shapes: of what each run reads, without the axis of runs."""
    places: dict[str, Place] = {}
    end = 0

    def put(dtype: str, shape: tuple[int, ...]) -> Place:
        nonlocal end
        place = Place(dtype, shape, end)
        end = -(-(end + place.size(runs)) // ALIGNED) * ALIGNED
        return place

    for argument in kernel.arguments:
        if argument.role == "run":
            places[argument.name] = put(argument.dtype, shapes[argument.name])
    begin = end
    written = [argument for argument in kernel.arguments if argument.role == "out"]
    for argument in (one for one in written if one.fill is not None):
        places[argument.name] = put(argument.dtype, argument.shape)
    sent = end
    for argument in (one for one in written if one.fill is None):
        places[argument.name] = put(argument.dtype, argument.shape)
    back = end
    kept = tuple(put(dtype, (rows,)) for dtype, rows in kernel.kept)
    return Layout(runs, places, kept, (0, sent), (begin, back), max(end, ALIGNED))


class Slot:
    """Room for one chunk at a time."""

    def __init__(self, api: Api, layout: Layout) -> None:
        """Raises MemoryShort."""
        self.size = layout.size
        self.device = api.room(self.size)
        self.here: NDArray[np.uint8] = api.pinned(max(layout.back[1], ALIGNED))
        self.stream = api.stream()

    def holds(self, layout: Layout) -> bool:
        """Whether a chunk fits."""
        return self.size >= layout.size and len(self.here) >= layout.back[1]

    def send(self, layout: Layout) -> None:
        """Queue the copy to the device of what is sent."""
        first, last = layout.sent
        if last > first:
            self.device[first:last].copy_to_device(self.here[first:last], stream=self.stream)

    def fetch(self, layout: Layout) -> None:
        """Queue the copy of what comes back."""
        first, last = layout.back
        if last > first:
            self.device[first:last].copy_to_host(self.here[first:last], stream=self.stream)

    def wait(self) -> None:
        """Until all that is queued is done."""
        self.stream.synchronize()


class Pool:
    """The slots of a process, which its threads share."""

    def __init__(self) -> None:
        self._idle: list[Slot] = []
        self._lock = threading.Lock()
        self._seats = threading.BoundedSemaphore(SLOTS)
        self._held = 0
        self._share = 0

    def share(self, api: Api) -> int:
        """Bytes that a slot may have so that there is room for all of them: asked once, as it takes until others are
        done."""
        with self._lock:
            self._share = self._share or int((api.free() + self._held) * SHARE / SLOTS)
            return self._share

    def short(self) -> None:
        """Something did not fit: what is free is asked anew."""
        with self._lock:
            self._share = 0

    def take(self, api: Api, layout: Layout, wait: bool) -> Slot | None:
        """A slot that holds a chunk, None where all are at work and nobody waits for one. Raises MemoryShort."""
        if not self._seats.acquire(blocking=wait):
            return None
        try:
            with self._lock:
                fitting = [slot for slot in self._idle if slot.holds(layout)]
                if fitting:
                    slot = min(fitting, key=lambda slot: slot.size)
                    self._idle.remove(slot)
                    return slot
                for slot in self._idle:  # too small for what is done now
                    self._held -= slot.size
                self._idle.clear()
            slot = Slot(api, layout)
            with self._lock:
                self._held += slot.size
        except BaseException:
            self._seats.release()
            raise
        return slot

    def give(self, slot: Slot, sound: bool = True) -> None:
        """Back, with nothing at work in it. sound: whether it may be used again."""
        with self._lock:
            if sound and slot.size <= KEPT:
                self._idle.append(slot)
            else:
                self._held -= slot.size
        self._seats.release()


POOL = Pool()


def filled(kernel: FlatKernel, layout: Layout, slot: Slot, values: Mapping[str, NDArray[Any]], first: int) -> None:
    """Write what a chunk is sent, whose first run is this one, into a slot's image."""
    for argument in kernel.arguments:
        if argument.role == "run":
            there = layout.places[argument.name].of(slot.here, layout.runs)
            there[...] = values[argument.name][..., first : first + layout.runs]
        elif argument.role == "out" and argument.fill is not None:
            layout.places[argument.name].of(slot.here, layout.runs)[...] = argument.fill


def read(kernel: FlatKernel, layout: Layout, slot: Slot, results: Mapping[str, NDArray[Any]], first: int) -> None:
    """Write what came back of a chunk into results, dtype[run, *shape]."""
    for argument in kernel.arguments:
        if argument.role == "out":
            there = layout.places[argument.name].of(slot.here, layout.runs)
            results[argument.name][first : first + layout.runs] = np.moveaxis(there, -1, 0)


def chunks(runs: int, most: int) -> Iterator[tuple[int, int]]:
    """First run and number of runs of chunks of at most so many, all but equally large."""
    count = -(-runs // most)
    edges = [i * runs // count for i in range(count + 1)]
    for first, last in itertools.pairwise(edges):
        yield first, last - first
