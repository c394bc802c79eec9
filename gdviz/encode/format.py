"""What a file format states about itself: how it is known, what it carries, and what it is made of."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import IO, TYPE_CHECKING, Any, NamedTuple, Protocol

if TYPE_CHECKING:
    from fractions import Fraction

    import numpy as np
    from numpy.typing import NDArray

Path = str | os.PathLike[str]


class Encoder(Protocol):
    """Frames into a file: taken where they are made, encoded on a thread of their own."""

    def take(self, frame: NDArray[np.uint8], rects: NDArray[np.int64]) -> Any:
        """What `encode` is handed for a frame uint8[H, W, 3] that differs from the one before in rectangles alone.

        rects: int64[n, 4], (y0, y1, x0, x1) half-open. The frame may be drawn into again when this returns.
        """

    def encode(self, picture: Any) -> None:
        """Compress one picture and write what is ready."""

    def finish(self) -> None:
        """Write the rest and close the file."""

    def abandon(self) -> None:
        """Let go of the file, whatever state it is in."""


class Opened(Protocol):
    """What opens a film."""

    def __call__(
        self,
        path: Path,
        size: tuple[int, int],
        fps: Fraction,
        metadata: dict[str, str],
        palette_frames: Iterable[NDArray[np.uint8]],
        draft: bool,
    ) -> Encoder:
        """See `open_writer`. Raises OutputError and UsageError for what the format cannot hold."""


class Film(NamedTuple):
    """How clips of a format are made.

    rate: the nearest frames a second that it can show; told: why it cannot show others, as in "GIF counts whole
    hundredths of one, from 2". samples: how many frames, spread over the clip, it must see before the first, for its
    palette. codec: what it needs of PyAV, or "".
    """

    encoder: Opened
    rate: Callable[[Fraction], Fraction] = lambda fps: fps
    told: str = ""
    samples: int = 0
    codec: str = ""

    def sampled(self, frames: int) -> list[int]:
        """The samples' numbers in a clip of so many frames."""
        return sorted({round(i * (frames - 1) / max(self.samples - 1, 1)) for i in range(self.samples)})


class Outlines(NamedTuple):
    """What Matplotlib draws by itself.

    name: its name for the format; labels: of metadata, what savefig is told to carry, None for what it is to leave out;
    settings: its settings while a picture is made, so that equal scenes give equal bytes.
    """

    name: str
    labels: Callable[[dict[str, str]], dict[str, str | None]]
    settings: Mapping[str, Any] = MappingProxyType({})


@dataclass(frozen=True)
class Format:
    """One file format.

    name: as people call it. endings: lower case, with the dot. mime: as the web calls it, "image/…" or "video/…" where
    a page shows it. head: whether a file that begins so is of this format.
    texts: the texts that a file carries, by whatever names they have there. What it is made of, one of: frames, by
    `film`, or one frame by pixels(path, uint8[H, W, 3], pixels an inch, metadata), which writes a still; a scene, by
    `outlines`; a run with its scenes, by page(path, content, metadata), which writes what plays by itself and can be
    touched. reader: what imageio is told in order to read it back, None where it holds no pixels. slides: whether
    presentations hold it as it is.
    """

    name: str
    endings: tuple[str, ...]
    mime: str
    head: Callable[[bytes], bool]
    texts: Callable[[IO[bytes]], dict[str, str]]
    film: Film | None = None
    pixels: Callable[[Path, NDArray[np.uint8], float, dict[str, str]], None] | None = None
    outlines: Outlines | None = None
    page: Callable[[Path, Mapping[str, Any], dict[str, str]], None] | None = None
    reader: Mapping[str, str] | None = None
    slides: bool = False

    def __post_init__(self) -> None:
        """Refuse what nobody could make, or choose by its ending."""
        if sum(way is not None for way in (self.film, self.pixels, self.outlines, self.page)) != 1:
            raise ValueError(f"{self.name} must say what it is made of in one way: by film, pixels, outlines or page")
        if not all(ending.startswith(".") and ending == ending.lower() for ending in self.endings):
            raise ValueError(f"endings of {self.name} are lower case and begin with a dot, unlike {self.endings}")

    @property
    def moves(self) -> bool:
        """Whether it shows a run from its first step to its last, not one of them."""
        return self.film is not None or self.page is not None
