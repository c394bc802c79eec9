"""GIF: one palette for the clip, changed rectangles only, delays that viewers honour, endless loop."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterable
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from gdviz.encode.format import Film, Format
from gdviz.encode.marks import LONGEST, marked
from gdviz.errors import OutputError, UsageError

if TYPE_CHECKING:
    from fractions import Fraction

    import numpy as np
    from numpy.typing import NDArray

SHORTEST, LONGEST_DELAY = 2, 65535  # centiseconds; viewers slow down anything shorter, the format holds no longer
TRANSPARENT = 0
LARGEST = 65535  # pixels of a side that the format can say


def starts(head: bytes) -> bool:
    """Whether a file starts like GIF."""
    return head[:6] in (b"GIF89a", b"GIF87a")


def gif_rate(fps: Fraction | float) -> Fraction:
    """The nearest rate that viewers honour: whole centiseconds between frames, two or more, so 50 a second at most.

    fps: above 0; below 10 the rate is within 5 % of it.
    """
    from fractions import Fraction

    shorter = min(max(int(100 / Fraction(fps)), SHORTEST), LONGEST_DELAY)
    rates = (Fraction(100, shorter), Fraction(100, min(shorter + 1, LONGEST_DELAY)))
    return min(rates, key=lambda rate: abs(rate - Fraction(fps)))


class Encoder:
    """Frames to GIF by own kernels: the exact nearest palette entry, no dithering, unchanged pixels transparent."""

    def __init__(
        self,
        path: str | os.PathLike[str],
        size: tuple[int, int],
        fps: Fraction,
        metadata: dict[str, str],
        palette_frames: Iterable[NDArray[np.uint8]] = (),
        draft: bool = False,
    ) -> None:
        import numpy as np

        from gdviz.encode.palette import clip_palette
        from gdviz.raster.lzw import compress, room
        from gdviz.raster.palette import COLORS, update

        if fps * SHORTEST > 100:
            raise UsageError(f"{float(fps):g} frames a second are too many for GIF viewers; use at most 50")
        if max(size) > LARGEST:
            raise OutputError(f"{size[0]}x{size[1]} is too large for GIF; choose at most {LARGEST} pixels a side")
        self.compress, self.update = compress, update
        self.size, self.fps, self.metadata = size, fps, metadata
        width, height = size
        # rows are multiples of 8 long because the compressor reads words; canvas holds the indices shown
        self.canvas = np.zeros((height, width + -width % 8), np.uint8)
        self.fresh = np.zeros_like(self.canvas)
        self.known = np.zeros(COLORS, np.uint8)  # 16 MiB of address space; only pages of colours that occur take memory
        self.codes = np.empty(room(width * height), np.uint8)
        self.colors = clip_palette(palette_frames)
        self.palette: NDArray[np.int32] | None = None
        self.count = 0
        self.file = Path(path).open("wb")  # noqa: SIM115  finish or abandon closes it

    def take(self, frame: NDArray[np.uint8], rects: NDArray[np.int64]) -> Any:
        """Find the changed pixels; returns what `encode` writes.

        That is: bytes to write first, (x, y, width, height), indices uint8[height, 8 n], the column of theirs that is
        the first of the rectangle, and the delay in centiseconds.
        """
        from gdviz.encode.palette import clip_palette, palette_table

        head = b""
        if self.palette is None:
            if len(self.colors) == 0:
                self.colors = clip_palette([frame], spare=True)
            self.palette = palette_table(self.colors)
            head = opening(self.size, self.colors, self.metadata)
        y0, y1, x0, x1 = self.update(frame, self.palette, self.known, self.canvas, self.fresh, rects)
        if y1 == 0:  # nothing changed: one transparent pixel keeps the rhythm
            y1 = x1 = 1
        left, right = x0 - x0 % 8, x1 + -x1 % 8
        changed = self.fresh[y0:y1, left:right]
        pixels = changed.copy()
        changed[:] = TRANSPARENT
        before, after = (round(100 * k / self.fps) for k in (self.count, self.count + 1))
        self.count += 1
        return head, (x0, y0, x1 - x0, y1 - y0), pixels, x0 - left, after - before

    def encode(self, picture: Any) -> None:
        """Compress and write one picture."""
        head, (x, y, width, height), pixels, first, delay = picture
        length = self.compress(pixels, (0, height, first, first + width), self.codes)
        # graphic control: the picture stays (disposal 1), one index is transparent
        control = b"\x21\xf9\x04\x05" + delay.to_bytes(2, "little") + bytes([TRANSPARENT, 0])
        place = b"\x2c" + b"".join(number.to_bytes(2, "little") for number in (x, y, width, height)) + b"\x00"
        self.file.write(head + control + place + b"\x08" + blocks(self.codes[:length]))

    def finish(self) -> None:
        """End the file."""
        self.file.write(b"\x3b")
        self.file.close()

    def abandon(self) -> None:
        """Let go of the file, whatever state it is in."""
        with contextlib.suppress(OSError):  # a buffer that does not fit on a full disk has been reported already
            self.file.close()


def opening(size: tuple[int, int], colors: NDArray[np.uint8], metadata: dict[str, str]) -> bytes:
    """Everything before the first picture: size, palette, endless loop, recipe."""
    import numpy as np

    table = np.zeros((256, 3), np.uint8)
    table[1 : len(colors) + 1] = colors
    screen = b"GIF89a" + b"".join(side.to_bytes(2, "little") for side in size) + bytes([0b11110111, 0, 0])
    loop = b"\x21\xff\x0bNETSCAPE2.0\x03\x01\x00\x00\x00"
    recipe = np.frombuffer(marked(metadata.get("gdviz", "")).encode("utf-8"), np.uint8)
    return screen + table.tobytes() + loop + b"\x21\xfe" + blocks(recipe)


def blocks(data: NDArray[np.uint8]) -> bytes:
    """Bytes cut into sub-blocks of at most 255, each led by its length, ended by an empty one."""
    import numpy as np

    whole = len(data) // 255
    cut = np.empty((whole, 256), np.uint8)
    cut[:, 0] = 255
    cut[:, 1:] = data[: 255 * whole].reshape(whole, 255)
    rest = data[255 * whole :].tobytes()
    return cut.tobytes() + (bytes([len(rest)]) + rest if rest else b"") + b"\x00"


def texts(file: IO[bytes]) -> dict[str, str]:
    """The comments before the first picture."""
    screen = file.read(13)
    if screen[10] & 0x80:
        file.seek(3 << (screen[10] & 7) + 1, os.SEEK_CUR)
    found: dict[str, str] = {}
    while file.read(1) == b"\x21":
        label = file.read(1)
        data = bytearray()
        while length := (file.read(1) or b"\x00")[0]:
            data += file.read(length)
            if len(data) > LONGEST:
                return found
        if label == b"\xfe":
            found[f"comment {len(found)}"] = data.decode("utf-8", "replace")
    return found


FORMAT = Format(
    "GIF",
    (".gif",),
    "image/gif",
    starts,
    texts,
    film=Film(Encoder, gif_rate, "GIF counts whole hundredths of one, from 2", samples=6),
    reader={"plugin": "pillow", "mode": "RGB"},
    slides=True,
)
