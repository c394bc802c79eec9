"""Plans run on a device: chunks of runs beside each other in some queues, each in launches of some steps."""

from __future__ import annotations

import contextlib
import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gdviz.backends.cuda import sentences, slots
from gdviz.backends.cuda.api.interface import Api, Kernel, Type
from gdviz.backends.cuda.pieces import Pieces
from gdviz.backends.cuda.records import FlatKernel
from gdviz.backends.cuda.sentences import MemoryShort
from gdviz.backends.cuda.slots import POOL, Layout, Slot
from gdviz.errors import remark

Progress = Callable[[int, int], None]
"""Told how many trajectories are done, and of how many."""

FLIGHTS = 3
"""Chunks of a plan at work: one is copied there, one computed, one copied back."""

BYTES, COPIED = 2**30, 2**26
"""Of a chunk on the device at most, and of these what is copied: more takes longer than it saves, and as much of this
machine's memory is held for it."""

RUNS, RUNS_WATCHED = 2**20, 2**17
"""Runs of a chunk at most: some times as many as the largest devices hold threads; where one step of all is to take no
time that a watchdog minds, fewer."""

FEWEST = 32
"""Runs of a chunk below which it is not cut further."""


def execute(
    api: Api,
    kernel: FlatKernel,
    values: Mapping[str, NDArray[Any]],
    runs: int,
    steps: int,
    progress: Progress | None = None,
) -> dict[str, NDArray[Any]]:
    """What a kernel writes, by the names of its arguments: dtype[run, *shape].

    values: what it reads, arrays or numbers; the last axis of those of each run counts all runs. Chunks and launches
    change no bit. Raises EmissionError where it does not compile, MemoryShort where not even FEWEST runs fit, and
    DeviceError where the device fails.
    """
    written = [argument for argument in kernel.arguments if argument.role == "out"]
    results = {one.name: np.empty((runs, *one.shape), one.dtype) for one in written}
    if runs:
        _Run(api, kernel, values, runs, steps, progress, results).all()
    return results


def compiled(api: Api, kernel: FlatKernel) -> Kernel:
    """Its `descend`."""
    return api.compiled(kernel.text, "descend", kernel.dtype, types_of(kernel), kernel.what)


def types_of(kernel: FlatKernel) -> tuple[Type, ...]:
    """Of all that `descend` takes."""
    own = [Type(argument.dtype, argument.ndim) for argument in kernel.arguments]
    return (*own, *(Type(dtype, 2) for dtype, _ in kernel.kept), *[Type("int64", 0)] * 4)


@dataclass
class _Chunk:
    """One at work: its runs from `first` on, and the steps that are done."""

    first: int
    layout: Layout
    slot: Slot
    arguments: list[Any]
    done: int = 0
    under_way: int = 0
    begun: float = 0.0


@dataclass
class _Run:
    api: Api
    kernel: FlatKernel
    values: Mapping[str, NDArray[Any]]
    runs: int
    steps: int
    progress: Progress | None
    results: Mapping[str, NDArray[Any]]
    sent: dict[str, Any] = field(default_factory=dict)
    busy: deque[_Chunk] = field(default_factory=deque)
    finished: int = 0

    def all(self) -> None:
        """Every chunk; an interrupt ends it within one launch."""
        self.api.enter()
        self.launch = compiled(self.api, self.kernel)
        watched = self.api.watched()
        self.pieces = Pieces.of(watched, whole=not self.kernel.kept)
        ones = [argument for argument in self.kernel.arguments if argument.role == "in"]
        stream = self.api.stream()
        self.sent = {one.name: self._same(one.dtype, one.ndim, self.values[one.name], stream) for one in ones}
        self.shapes = {
            one.name: np.shape(self.values[one.name])[:-1] for one in self.kernel.arguments if one.role == "run"
        }
        most = min(self._fitting(), RUNS_WATCHED if watched else RUNS)
        waiting = deque(slots.chunks(self.runs, most))
        sound = False
        try:
            while waiting or self.busy:
                if waiting and len(self.busy) < FLIGHTS:
                    try:
                        chunk = self._begin(*waiting[0], wait=not self.busy)
                    except MemoryShort:
                        if not self.busy:  # else what is at work gives its room back
                            most = self._smaller(most)
                            waiting = deque((f + first, n) for f, k in waiting for first, n in slots.chunks(k, most))
                            continue
                        chunk = None
                    if chunk is not None:
                        waiting.popleft()
                        self.busy.append(chunk)
                        continue
                self._go_on(self.busy.popleft())
            sound = True
        finally:
            self._leave(sound)

    def _same(self, dtype: str, ndim: int, value: Any, stream: Any) -> Any:
        """What is the same for all runs, as the kernel takes it; of no length is nothing on a device."""
        array = np.asarray(value, dtype)
        if not ndim:
            return array[()]
        return self.api.sent(array if array.size else np.zeros((1,) * ndim, dtype), stream)

    def _fitting(self) -> int:
        """Runs of a chunk for which there is room."""
        layout = slots.layout_of(self.kernel, self.shapes, 2**16)
        on_device = min(BYTES, POOL.share(self.api)) * 2**16 / layout.size
        return max(FEWEST, int(min(on_device, COPIED * 2**16 / max(layout.back[1], 1))))

    def _smaller(self, most: int) -> int:
        """Half as many runs a chunk. Raises MemoryShort where these are too few."""
        POOL.short()
        fewer = min(most, self.runs) // 2
        if fewer < FEWEST:
            needed, free = slots.layout_of(self.kernel, self.shapes, FEWEST).size, self.api.free()
            # Else it is the kernel itself for which there is no room.
            raise sentences.memory_short(needed, free) if needed > free else sentences.no_memory()
        _tell_once(fewer)
        return fewer

    def _begin(self, first: int, runs: int, wait: bool) -> _Chunk | None:
        """Copy a chunk to the device and begin with it, None where no slot is free."""
        layout = slots.layout_of(self.kernel, self.shapes, runs)
        slot = POOL.take(self.api, layout, wait)
        if slot is None:
            return None
        try:
            slots.filled(self.kernel, layout, slot, self.values, first)
            own = {name: place.of(slot.device, runs) for name, place in layout.places.items()}
            given = [self.sent[one.name] if one.role == "in" else own[one.name] for one in self.kernel.arguments]
            given += [place.of(slot.device, runs) for place in layout.kept]
            chunk = _Chunk(first, layout, slot, given)
            with self.api.errors("copying"):
                slot.send(layout)
            self._launch(chunk)
        except BaseException:
            POOL.give(slot, sound=False)
            raise
        return chunk

    def _launch(self, chunk: _Chunk) -> None:
        """The next steps of a chunk, and after the last the copy of what it wrote."""
        runs = chunk.layout.runs
        chunk.under_way = self.pieces.next(runs, self.steps - chunk.done)
        chunk.begun = time.perf_counter()
        threads = self.api.block
        ends = (chunk.first, runs, chunk.done, chunk.done + chunk.under_way)
        given = [*chunk.arguments, *map(np.int64, ends)]
        with self.api.errors(f"a kernel of {self.kernel.what}"):
            self.launch(-(-runs // threads), threads, chunk.slot.stream, given)
            if chunk.done + chunk.under_way == self.steps:
                chunk.slot.fetch(chunk.layout)

    def _go_on(self, chunk: _Chunk) -> None:
        """Wait for the launch of a chunk that was taken from those at work, then for the next or for the end."""
        self.busy.appendleft(chunk)  # an interrupt finds it where it is
        with self.api.errors(f"a kernel of {self.kernel.what}"):
            chunk.slot.wait()
        self.pieces.told(chunk.layout.runs, chunk.under_way, time.perf_counter() - chunk.begun)
        chunk.done += chunk.under_way
        if chunk.done < self.steps:
            self._launch(chunk)
            self.busy.rotate(-1)
        else:
            slots.read(self.kernel, chunk.layout, chunk.slot, self.results, chunk.first)
            self.busy.popleft()
            POOL.give(chunk.slot)
            self.finished += chunk.layout.runs
        if self.progress is not None:
            part = sum(one.layout.runs * one.done // max(self.steps, 1) for one in self.busy)
            self.progress(self.finished + part, self.runs)

    def _leave(self, sound: bool) -> None:
        """Nothing at work: what is under way is waited for, or its memory would be given to others."""
        while self.busy:
            chunk = self.busy.popleft()
            with contextlib.suppress(Exception):
                chunk.slot.wait()
            POOL.give(chunk.slot, sound)


_told: set[int] = set()


def _tell_once(runs: int) -> None:
    """Say that chunks are made smaller, once in a process."""
    if not _told:
        _told.add(runs)
        remark(sentences.fewer(runs))
