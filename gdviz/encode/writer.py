"""Frames into a file: converted where they are made, encoded in a thread of their own."""

from __future__ import annotations

import contextlib
import os
import queue
import threading
from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gdviz.encode.format import Encoder, Film
from gdviz.encode.formats import FORMATS
from gdviz.encode.targets import atomic, check_target, final_path
from gdviz.errors import UsageError

# Pictures between the two threads. With the one being filled and the one being encoded at most 4 exist:
# 12 MB of yuv420p at 1080p. More would not help: the encoder is the slower side and never waits.
WAITING = 2
Rect = tuple[int, int, int, int]


class Writer:
    """Takes frames one by one; `path` and `note` hold when the `with` block has ended.

    path: absolute name of the file. note: one sentence when that is not the name asked for, else empty.
    """

    def __init__(self, encoder: Encoder, size: tuple[int, int], path: Path) -> None:
        self.path = path
        self.note = ""
        self.size = size
        self._encoder = encoder
        self._pictures: queue.Queue[Any] = queue.Queue(WAITING)
        self._error: BaseException | None = None
        self._count = 0
        self._finished = False
        self._thread = threading.Thread(target=self._work, name=f"encode {path.name}", daemon=True)
        self._thread.start()

    def write(self, frame: NDArray[np.uint8], changed: Sequence[Rect] | None = None) -> None:
        """Add a frame.

        frame: uint8[H, W, 3]; it may be reused as soon as this returns.
        changed: rectangles (y0, y1, x0, x1), half-open, that hold every pixel that differs from the frame before;
            None = everything may. Rectangles are cut to the frame and may overlap.
        Raises what the encoder raised on an earlier frame.
        """
        if self._error is not None:
            raise self._error
        width, height = self.size
        if frame.shape != (height, width, 3) or frame.dtype != np.uint8:
            raise UsageError(f"a frame must be uint8[{height}, {width}, 3], not {frame.dtype}{list(frame.shape)}")
        if changed is None or self._count == 0:
            changed = [(0, height, 0, width)]
        rects = np.array(changed, np.int64).reshape(-1, 4)
        self._pictures.put(self._encoder.take(np.require(frame, requirements=["C", "W"]), rects))
        self._count += 1

    def _work(self) -> None:
        """Encode until told to stop; after an error keep emptying the queue, so that `write` never waits in vain."""
        while (picture := self._pictures.get()) is not None:
            if self._error is None:
                try:
                    self._encoder.encode(picture)
                except BaseException as error:  # raised again by write or finish
                    self._error = error

    def _stop(self) -> None:
        """Let the thread end after what waits."""
        if self._thread.is_alive():
            self._pictures.put(None)
            self._thread.join()

    def finish(self) -> None:
        """Encode what waits and end the file; once is enough."""
        if self._finished:
            return
        self._stop()
        if self._error is not None:
            raise self._error
        if self._count == 0:
            raise UsageError(f"{self.path} would have no frame; write at least one")
        self._encoder.finish()
        self._finished = True

    def abandon(self) -> None:
        """Stop at once and let go of the file."""
        self._error = self._error or UsageError("the clip was abandoned")
        self._stop()
        self._encoder.abandon()


def open_writer(
    path: str | os.PathLike[str],
    *,
    size: tuple[int, int],
    fps: Fraction,
    metadata: dict[str, str],
    replace: bool = False,
    palette_frames: Iterable[NDArray[np.uint8]] = (),
    draft: bool = False,
) -> contextlib.AbstractContextManager[Writer]:
    """A context manager that writes a clip; the format is told by the ending.

    The file appears under its name when the block ends well, and not at all otherwise.
    size: (W, H) in pixels; some formats pad odd sides by one. fps: frames a second that the format can show, see
        `Film.rate`.
    metadata: "gdviz" is the recipe (TOML text), "title" and "software" say what their names say.
    replace: overwrite a file that gdviz did not make.
    palette_frames: uint8[H, W, 3] each, sample frames that show every colour that matters, for formats with a
        palette; asked for one by one when the block is entered, so a generator that reuses one buffer will do.
    draft: faster and coarser.
    Raises OutputError before any work when the file cannot be written.
    """
    check_target(path, replace)
    film = FORMATS[final_path(path).suffix.lower()].film
    if film is None:
        films = (ending for ending, format in FORMATS.items() if format.film)
        raise UsageError(f"{final_path(path).name} is no film; for one use {' or '.join(films)}")
    return _opened(film, path, size, Fraction(fps), metadata, replace, palette_frames, draft)


@contextlib.contextmanager
def _opened(
    film: Film,
    path: str | os.PathLike[str],
    size: tuple[int, int],
    fps: Fraction,
    metadata: dict[str, str],
    replace: bool,
    palette_frames: Iterable[NDArray[np.uint8]],
    draft: bool,
) -> Iterator[Writer]:
    with atomic(path, replace=replace) as target:
        writer = Writer(film.encoder(target, size, fps, metadata, palette_frames, draft), size, target.path)
        try:
            yield writer
            writer.finish()
        except BaseException:
            writer.abandon()
            raise
    writer.path, writer.note = target.path, target.note
