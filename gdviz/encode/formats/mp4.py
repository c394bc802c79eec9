"""MP4: H.264 High, yuv420p, BT.709, an index in front so that it plays while it loads."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterable
from typing import IO, TYPE_CHECKING, Any, Final

from gdviz.encode.format import Film, Format
from gdviz.encode.marks import LONGEST, marked
from gdviz.errors import OutputError

if TYPE_CHECKING:
    from fractions import Fraction

    import numpy as np
    from numpy.typing import NDArray

CODEC: Final = "libx264"
# Pictures in memory: one being filled, two waiting, one in the encoder; with the one kept up to date 16 MB at 1080p.
SLOTS = 4
# Fixed, because what libx264 writes depends on their number, which would follow the machine. More than 4 save no time:
# frames are made by one thread, and every further one costs bytes (1 % each, three paths at 1080p).
THREADS = 4
BT709, LIMITED = 1, 1  # ITU-T H.273 codes; "limited" is FFmpeg's own number for 16…235
LARGEST = 16384  # pixels of a side in libx264
TEXTS = {b"\xa9cmt": "comment", b"\xa9nam": "title", b"\xa9too": "software"}


def starts(head: bytes) -> bool:
    """Whether a file starts like MP4."""
    return head[4:8] == b"ftyp"


class Encoder:
    """Frames to H.264 by PyAV. Only what changed is converted; sides become even by repeating the last pixels."""

    def __init__(
        self,
        path: str | os.PathLike[str],
        size: tuple[int, int],
        fps: Fraction,
        metadata: dict[str, str],
        palette_frames: Iterable[NDArray[np.uint8]] = (),
        draft: bool = False,
    ) -> None:
        import av
        import numpy as np
        from av.error import FFmpegError

        from gdviz.raster.color import planes

        self.failure = FFmpegError
        self.convert = planes
        self.width, self.height = size
        even = (self.width + self.width % 2, self.height + self.height % 2)
        if max(even) > LARGEST:
            raise OutputError(f"{size[0]}x{size[1]} is too large for H.264; choose at most {LARGEST} pixels a side")
        self.container = av.open(os.fspath(path), "w", format="mp4", options={"movflags": "+faststart"})
        self.container.metadata["comment"] = marked(metadata.get("gdviz", ""))
        self.container.metadata["title"] = metadata.get("title", "")
        # Without B frames a picture's place in the file is its place in time: players that ignore edit lists start at
        # the first frame, and encoding takes a quarter less (for a sixth more bytes; six paths at 1080p).
        options = {"preset": "ultrafast" if draft else "veryfast", "crf": "18", "bf": "0"}
        self.stream: Any = self.container.add_stream(CODEC, rate=fps, options=options)
        self.stream.width, self.stream.height = even
        self.stream.pix_fmt = "yuv420p"
        context = self.stream.codec_context
        context.thread_count = THREADS
        # ultrafast switches off what High adds, so a draft is Baseline inside whatever is asked
        context.profile = "High"
        context.color_primaries = context.color_trc = context.colorspace = BT709
        context.color_range = LIMITED
        self.frames = [av.VideoFrame(*even, "yuv420p") for _ in range(SLOTS)]
        # views of each frame's own memory: uint8[rows, line size] for Y, U, V; lines may be longer than the picture
        self.views = [
            [
                np.frombuffer(memoryview(plane), np.uint8).reshape(-1, plane.line_size)[: plane.height]
                for plane in frame.planes
            ]
            for frame in self.frames
        ]
        self.current = tuple(np.zeros_like(view) for view in self.views[0])
        self.count = 0

    def take(self, frame: NDArray[np.uint8], rects: NDArray[np.int64]) -> Any:
        """Convert what changed; returns a VideoFrame that stays untouched until SLOTS more frames have been taken."""
        for rect in rects:
            self.convert(frame, *self.current, tuple(map(int, rect)))
        slot = self.count % SLOTS
        for view, plane in zip(self.views[slot], self.current, strict=True):
            view[:] = plane
        picture = self.frames[slot]
        picture.pts = self.count
        self.count += 1
        return picture

    def encode(self, picture: Any) -> None:
        """Compress one picture, or flush with None, and write what is ready."""
        try:
            for packet in self.stream.encode(picture):
                self.container.mux(packet)
        except self.failure as error:
            raise translated(error) from error

    def finish(self) -> None:
        """Write the frames still inside the encoder, then the index in front of them."""
        self.encode(None)
        try:
            self.container.close()
        except self.failure as error:
            raise translated(error) from error

    def abandon(self) -> None:
        """Let go of the file, whatever state it is in."""
        with contextlib.suppress(self.failure):
            self.container.close()


def translated(error: Exception) -> Exception:
    """A system error as it is, for the disk to be named; anything else as OutputError."""
    return error if isinstance(error, OSError) else OutputError(f"the H.264 encoder refused this clip: {error}")


def texts(file: IO[bytes]) -> dict[str, str]:
    """The comment and title in moov/udta/meta/ilst. Source: QuickTime File Format, metadata lists."""
    end = file.seek(0, os.SEEK_END)
    span = (0, end)
    for kind, skip in ((b"moov", 0), (b"udta", 0), (b"meta", 4), (b"ilst", 0)):
        inside = next((place for name, place in boxes(file, *span) if name == kind), None)
        if inside is None:
            return {}
        span = (inside[0] + skip, inside[1])
    found = {}
    for name, (start, stop) in boxes(file, *span):
        if name in TEXTS:
            for inner, (first, last) in boxes(file, start, stop):
                if inner == b"data" and last - first < LONGEST:
                    file.seek(first + 8)  # type and locale
                    found[TEXTS[name]] = file.read(last - first - 8).decode("utf-8", "replace")
    return found


def boxes(file: IO[bytes], start: int, end: int) -> list[tuple[bytes, tuple[int, int]]]:
    """Kind and (first, last + 1) byte of each box's content; a box that does not fit ends the list."""
    listed: list[tuple[bytes, tuple[int, int]]] = []
    while start + 8 <= end and len(listed) < 4096:  # more boxes side by side than any file of ours has
        file.seek(start)
        head = file.read(16)
        length, kind, first = int.from_bytes(head[:4], "big"), head[4:8], start + 8
        if length == 1:
            length, first = int.from_bytes(head[8:16], "big"), start + 16
        elif length == 0:
            length = end - start
        if length < first - start or start + length > end:
            break
        listed.append((kind, (first, start + length)))
        start += length
    return listed


FORMAT = Format(
    "MP4",
    (".mp4",),
    "video/mp4",
    starts,
    texts,
    film=Film(Encoder, codec=CODEC),
    reader={"plugin": "pyav", "format": "rgb24"},
    slides=True,
)
