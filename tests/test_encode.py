"""Files are decoded again by other programs' code: PyAV, Pillow, imageio and parsers written out here."""

from __future__ import annotations

import contextlib
import dataclasses
import errno
import os
import signal
import struct
import subprocess
import sys
import time
import zlib
from fractions import Fraction
from pathlib import Path

import av
import imageio.v3 as imageio
import numpy as np
import pytest
from children import child
from PIL import Image

from gdviz.encode import CLIPS, FORMATS, atomic, check_target, open_writer, read_recipe, targets
from gdviz.encode import frames as read_frames
from gdviz.encode.formats import EVERY
from gdviz.encode.formats import gif as gif_format
from gdviz.encode.palette import clip_palette, palette_table
from gdviz.errors import OutputError, RecipeError, UsageError
from gdviz.raster import lzw
from gdviz.raster.color import planes
from gdviz.raster.palette import update

WIDTH, HEIGHT = 160, 90
# quotes, brackets, a backslash, non-Latin letters and one outside the basic plane: everything a format must escape
RECIPE = 'schema = 1\ntitle = "Градиент (жылдам) \\ <η & ∇f> 𝛁"\n' + "[[optimizers]]\nname = 'adam'\n" * 400
METADATA = {"gdviz": RECIPE, "title": "Жарыс", "software": "gdviz"}
RED = (230, 25, 75)


def field(width: int = WIDTH, height: int = HEIGHT) -> np.ndarray:
    """A smooth muted blue picture, uint8[height, width, 3]."""
    level = np.hypot(*np.meshgrid(np.linspace(-1, 1, width), np.linspace(-0.6, 0.6, height)))[..., None] / 1.2
    return np.ascontiguousarray(np.rint((14, 26, 43) * (1 - level) + (200, 215, 230) * level).astype(np.uint8))


def frames(count: int, width: int = WIDTH, height: int = HEIGHT):
    """A red square that leaves a trail over the field: (frame, changed) as a renderer gives them, one buffer reused."""
    picture = field(width, height)
    for i in range(count):
        x = (7 * i) % (width - 12)
        picture[20:32, x : x + 12] = RED
        yield picture, None if i == 0 else [(20, 32, x, x + 12)]


def write_clip(
    path: Path, count: int = 12, fps: Fraction | int = 25, width: int = WIDTH, height: int = HEIGHT, **options
):
    with open_writer(path, size=(width, height), fps=Fraction(fps), metadata=METADATA, **options) as writer:
        for frame, changed in frames(count, width, height):
            writer.write(frame, changed)
    return writer


def top_boxes(data: bytes) -> list[bytes]:
    kinds, place = [], 0
    while place < len(data):
        kinds.append(data[place + 4 : place + 8])
        place += int.from_bytes(data[place : place + 4], "big")
    assert place == len(data)
    return kinds


def only(folder: Path) -> list[str]:
    return sorted(item.name for item in folder.iterdir())


# --- MP4


def test_mp4_is_what_slides_play(tmp_path):
    path = tmp_path / "clip.mp4"
    assert write_clip(path, count=30, fps=25).path == path
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        context = stream.codec_context
        assert (context.name, context.profile, context.pix_fmt) == ("h264", "High", "yuv420p")
        assert (stream.width, stream.height) == (WIDTH, HEIGHT)
        assert (context.color_primaries, context.color_trc, context.colorspace, context.color_range) == (1, 1, 1, 1)
        assert (stream.frames, stream.average_rate) == (30, 25)
        assert stream.duration * stream.time_base == Fraction(30, 25)
        assert container.metadata["title"] == METADATA["title"]
        assert [packet.pts == packet.dts for packet in container.demux(stream) if packet.size] == [True] * 30
    kinds = top_boxes(path.read_bytes())
    assert kinds.index(b"moov") < kinds.index(b"mdat")
    shown = imageio.imread(path, plugin="pyav")
    assert shown.shape == (30, HEIGHT, WIDTH, 3)


@pytest.mark.parametrize("fps", [1, 120, Fraction(30000, 1001), Fraction(100, 3)])
def test_mp4_lasts_as_long_as_its_frames(tmp_path, fps):
    write_clip(tmp_path / "clip.mp4", count=10, fps=fps)
    with av.open(str(tmp_path / "clip.mp4")) as container:
        stream = container.streams.video[0]
        assert stream.average_rate == fps
        assert abs(stream.duration * stream.time_base - 10 / Fraction(fps)) < Fraction(1, 1000)


@pytest.mark.parametrize("draft", [False, True])
def test_mp4_shows_every_frame(tmp_path, draft):
    path = tmp_path / "clip.mp4"
    write_clip(path, draft=draft)
    with av.open(str(path)) as container:
        for shown, (frame, _) in zip(container.decode(video=0), frames(12), strict=True):
            assert np.abs(luma(shown, HEIGHT, WIDTH) - exact_luma(frame)).mean() < 1.5


@pytest.mark.parametrize(("width", "height"), [(63, 41), (64, 41), (63, 40), (130, 35)])
def test_mp4_pads_odd_sides_by_repeating_pixels(tmp_path, width, height):
    path = tmp_path / "clip.mp4"
    write_clip(path, count=3, width=width, height=height)
    even = (height + height % 2, width + width % 2)
    with av.open(str(path)) as container:
        decoded = list(container.decode(video=0))
    (*_, (frame, _)) = frames(3, width, height)
    expected = exact_luma(np.pad(frame, ((0, even[0] - height), (0, even[1] - width), (0, 0)), mode="edge"))
    assert (decoded[-1].height, decoded[-1].width) == even
    assert np.abs(luma(decoded[-1], *even) - expected).mean() < 2


def luma(frame: av.VideoFrame, height: int, width: int) -> np.ndarray:
    plane = frame.planes[0]
    return np.frombuffer(memoryview(plane), np.uint8).reshape(-1, plane.line_size)[:height, :width].astype(float)


def exact_luma(frame: np.ndarray) -> np.ndarray:
    """Rec. ITU-R BT.709-6 in floating point."""
    return 16 + 219 * (frame / 255 @ [0.2126, 0.7152, 0.0722])


@pytest.mark.parametrize("shape", [(48, 64), (47, 63)])
def test_planes_are_within_rounding_of_bt709(shape):
    height, width = shape
    rgb = np.random.default_rng(0).integers(0, 256, (height, width, 3)).astype(np.uint8)
    rows, columns = (height + 1) // 2, (width + 1) // 2
    y = np.zeros((2 * rows, 2 * columns), np.uint8)
    u, v = np.zeros((rows, columns), np.uint8), np.zeros((rows, columns), np.uint8)
    planes(rgb, y, u, v, (0, height, 0, width))
    padded = np.pad(rgb, ((0, height % 2), (0, width % 2), (0, 0)), mode="edge")
    mean = padded.reshape(rows, 2, columns, 2, 3).mean((1, 3)) / 255
    grey = mean @ [0.2126, 0.7152, 0.0722]
    # half a step of rounding and the 16-bit coefficients
    assert np.abs(y - exact_luma(padded)).max() < 0.51
    assert np.abs(u - (128 + 224 * (mean[..., 2] - grey) / 1.8556)).max() < 0.51
    assert np.abs(v - (128 + 224 * (mean[..., 0] - grey) / 1.5748)).max() < 0.51


# --- GIF


def parts(path: Path) -> tuple[list[tuple[int, int, int, int]], list[int], int]:
    """Rectangles (x, y, w, h), delays in centiseconds and the number of global palettes, read by hand."""
    data = path.read_bytes()
    assert data[:6] == b"GIF89a"
    assert data[-1:] == b"\x3b"
    place = 13 + (3 << (data[10] & 7) + 1 if data[10] & 0x80 else 0)
    rectangles, delays = [], []
    while data[place] != 0x3B:
        if data[place] == 0x21:
            if data[place + 1] == 0xF9:
                delays.append(struct.unpack_from("<H", data, place + 4)[0])
            place += 2
        else:
            *rectangle, flags = struct.unpack_from("<4HB", data, place + 1)
            assert not flags & 0x80, "a palette of its own"
            rectangles.append(tuple(rectangle))
            place += 11
        while data[place]:
            place += data[place] + 1
        place += 1
    return rectangles, delays, data[10] >> 7


def test_gif_loops_with_honoured_delays_and_changed_rectangles(tmp_path):
    path = tmp_path / "clip.gif"
    write_clip(path, count=10, fps=Fraction(100, 3), palette_frames=(frame for frame, _ in frames(10)))
    with Image.open(path) as image:
        assert (image.size, image.n_frames, image.info["loop"]) == ((WIDTH, HEIGHT), 10, 0)
    rectangles, delays, palettes = parts(path)
    assert palettes == 1
    assert delays == [3] * 10
    assert rectangles[0] == (0, 0, WIDTH, HEIGHT)
    assert rectangles[1:] == [(max(7 * i, 7 * (i - 1) + 12), 20, 7, 12) for i in range(1, 10)]


def test_gif_shows_every_frame(tmp_path):
    path = tmp_path / "clip.gif"
    write_clip(path, palette_frames=[f.copy() for f, _ in frames(12)])
    for shown, (frame, _) in zip(imageio.imiter(path, plugin="pillow", mode="RGB"), frames(12), strict=True):
        assert np.abs(shown.astype(int) - frame).max() <= 3
        assert (shown[(frame == RED).all(-1)] == RED).all()
    with av.open(str(path)) as container:
        assert sum(1 for _ in container.decode(video=0)) == 12


def test_gif_frames_that_change_nothing_keep_the_rhythm(tmp_path):
    path = tmp_path / "clip.gif"
    still = field()
    with open_writer(path, size=(WIDTH, HEIGHT), fps=Fraction(30), metadata=METADATA) as writer:
        for _ in range(30):
            writer.write(still, None)
    rectangles, delays, _ = parts(path)
    assert rectangles[1:] == [(0, 0, 1, 1)] * 29
    assert sum(delays) == 100  # 30 frames a second are no whole centiseconds, but a second is


@pytest.mark.parametrize(
    ("asked", "given"),
    [
        *((1, 1), (5, 5), (3, Fraction(100, 33)), (9.5, Fraction(100, 11)), (Fraction(1, 4000), Fraction(100, 65535))),
        *((15, Fraction(100, 7)), (16, Fraction(100, 6)), (24, 25), (30, Fraction(100, 3)), (49, 50), (60, 50)),
    ],
)
def test_gif_rate_is_one_that_viewers_honour(asked, given):
    assert FORMATS[".gif"].film.rate(asked) == given


@pytest.mark.parametrize(("fps", "delay"), [(5, 20), (1, 100), (Fraction(1, 30), 3000)])
def test_a_slow_gif_plays_as_slowly_as_asked(tmp_path, fps, delay):
    path = tmp_path / "clip.gif"
    write_clip(path, count=3, fps=FORMATS[".gif"].film.rate(fps))
    assert parts(path)[1] == [delay] * 3


def test_gif_refuses_rates_that_viewers_slow_down(tmp_path):
    with pytest.raises(UsageError, match="at most 50"):
        write_clip(tmp_path / "clip.gif", fps=60)
    assert only(tmp_path) == []


def test_palette_keeps_path_colours_and_a_smooth_field():
    picture = field(480, 270)
    paths = [(230, 25, 75), (245, 130, 48), (255, 225, 25), (60, 180, 75), (145, 30, 180), (0, 200, 200)]
    for k, color in enumerate(paths):
        picture[30 * k + 10 : 30 * k + 13, 100:160] = color  # 180 of 129,600 pixels each
    noise = np.random.default_rng(0).integers(0, 256, (20, 90, 3)).astype(np.uint8)
    picture[250:, 390:] = noise  # 1,800 other colours that compete for entries
    palette = clip_palette([picture])
    assert len(palette) == 255
    assert {tuple(color) for color in palette.tolist()} >= set(paths)
    shown = through(palette, picture)
    smooth = np.abs(shown.astype(int) - picture)[:, :100]
    assert smooth.max() <= 6
    assert smooth.mean() < 1
    # Pillow's median cut as the yardstick for the worst pixel
    peer = np.asarray(Image.fromarray(picture).quantize(255, 0, dither=Image.Dither.NONE).convert("RGB"))
    assert np.abs(shown.astype(int) - picture).max() < np.abs(peer.astype(int) - picture).max()


def test_palette_of_few_colours_is_exact():
    picture = np.random.default_rng(0).integers(0, 256, (5, 40, 3)).astype(np.uint8)
    palette = clip_palette([picture])
    assert len(palette) == 200
    assert (through(palette, picture) == picture).all()


def test_palette_without_samples_has_room_for_later_colours(tmp_path):
    path = tmp_path / "clip.gif"
    with open_writer(path, size=(WIDTH, HEIGHT), fps=Fraction(10), metadata=METADATA) as writer:
        writer.write(field())
        writer.write(np.full((HEIGHT, WIDTH, 3), RED, np.uint8))
    last = imageio.imread(path, index=1, plugin="pillow", mode="RGB")
    assert np.abs(last.astype(int) - RED).max() <= 60  # half a step of the spare lattice and a bit


def through(palette: np.ndarray, picture: np.ndarray) -> np.ndarray:
    table = palette_table(palette)
    height, width = picture.shape[:2]
    canvas = np.zeros((height, width), np.uint8)
    update(picture, table, np.zeros(1 << 24, np.uint8), canvas, canvas.copy(), np.array([[0, height, 0, width]]))
    return table[:, canvas].transpose(1, 2, 0).astype(np.uint8)


def test_indices_are_nearest_and_changes_are_exact():
    random = np.random.default_rng(0)
    palette = random.integers(0, 256, (255, 3)).astype(np.uint8)
    before, after = random.integers(0, 256, (2, 24, 32, 3)).astype(np.uint8)
    table, known = palette_table(palette), np.zeros(1 << 24, np.uint8)
    canvas, fresh = np.zeros((24, 32), np.uint8), np.zeros((24, 32), np.uint8)
    update(before, table, known, canvas, fresh, np.array([[0, 24, 0, 32]]))
    delta = before[:, :, None].astype(int) - palette
    assert (canvas == (delta**2 @ [2, 4, 3]).argmin(-1) + 1).all()
    old, fresh = canvas.copy(), np.zeros_like(fresh)
    # overlapping rectangles, one of them beyond the frame
    rect = update(after, table, known, canvas, fresh, np.array([[4, 10, 5, 20], [8, 40, 15, 99]]))
    changed = canvas != old
    assert (fresh == np.where(changed, canvas, 0)).all()
    rows, columns = np.nonzero(changed)
    assert rect == (rows.min(), rows.max() + 1, columns.min(), columns.max() + 1)
    assert rect[:1] + rect[2:3] == (4, 5)


@pytest.mark.parametrize("kind", ["noise", "sparse", "stripes", "bands", "empty"])
def test_lzw_is_undone_by_a_plain_decoder(kind):
    random = np.random.default_rng(1)
    height, width = 90, 200
    pixels = {
        "noise": random.integers(0, 256, (height, width)),
        "sparse": np.where(random.random((height, width)) < 0.02, random.integers(0, 256, (height, width)), 0),
        "stripes": np.repeat(random.integers(0, 5, (height, width // 8)), 8, axis=1),
        "bands": np.cumsum(random.random((height, width)) < 0.1, axis=1) % 256,
        "empty": np.zeros((height, width)),
    }[kind].astype(np.uint8)
    for y0, y1, x0, x1 in [(0, height, 0, width), (3, 80, 5, 191), (7, 8, 9, 10), (0, height, 17, 18)]:
        out = np.empty(lzw.room((y1 - y0) * (x1 - x0)), np.uint8)
        length = lzw.compress(pixels, (y0, y1, x0, x1), out)
        assert decompressed(out[:length].tobytes()) == pixels[y0:y1, x0:x1].tobytes()


def decompressed(data: bytes) -> bytes:
    """GIF89a appendix F, word by word."""
    out, table, previous, width, held, bits = [], [], b"", 9, 0, 0
    for byte in data:
        held |= byte << bits
        bits += 8
        while bits >= width:
            code, held, bits = held & (1 << width) - 1, held >> width, bits - width
            if code == 257:
                assert held == 0
                return b"".join(out)
            if code == 256:
                table, previous, width = [bytes([k]) for k in range(256)] + [b"", b""], b"", 9
                continue
            entry = table[code] if code < len(table) else previous + previous[:1]
            if previous and len(table) < 4096:
                table.append(previous + entry[:1])
            assert code < len(table)
            out.append(entry)
            previous = entry
            if len(table) == 1 << width and width < 12:
                width += 1
    raise AssertionError("no end code")


# --- what formats state


def test_an_ending_belongs_to_one_format_and_a_format_is_made_in_one_way():
    assert len(FORMATS) == sum(len(format.endings) for format in EVERY)
    png = FORMATS[".png"]
    for wrong in ({"pixels": None}, {"film": FORMATS[".mp4"].film}, {"endings": ("png",)}, {"endings": (".PNG",)}):
        with pytest.raises(ValueError, match="PNG"):
            dataclasses.replace(png, **wrong)


# --- every moving format

MOVING = [".mp4", ".gif"]


def test_moving_formats_are_these():
    assert [ending for ending, format in FORMATS.items() if format.film] == sorted(MOVING)
    assert list(CLIPS) == sorted([*MOVING, ".html"])


@pytest.mark.parametrize("ending", MOVING)
def test_same_frames_same_bytes(tmp_path, ending):
    write_clip(tmp_path / f"a{ending}")
    write_clip(tmp_path / f"b{ending}")
    assert (tmp_path / f"a{ending}").read_bytes() == (tmp_path / f"b{ending}").read_bytes()


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="this system cannot restrict cores")
@pytest.mark.parametrize(("ending", "draft"), [(".mp4", False), (".mp4", True), (".gif", False)])
def test_same_bytes_on_one_core_and_on_all(tmp_path, ending, draft):
    cores = os.sched_getaffinity(0)
    for name, allowed in (("one", {min(cores)}), ("all", cores)):
        os.sched_setaffinity(0, allowed)  # of this thread, and of those that it starts
        try:
            write_clip(tmp_path / f"{name}{ending}", width=640, height=360, draft=draft)
        finally:
            os.sched_setaffinity(0, cores)
    assert (tmp_path / f"one{ending}").read_bytes() == (tmp_path / f"all{ending}").read_bytes()


@pytest.mark.parametrize("ending", MOVING)
def test_changed_rectangles_give_the_same_file_as_none(tmp_path, ending):
    write_clip(tmp_path / f"a{ending}")
    with open_writer(tmp_path / f"b{ending}", size=(WIDTH, HEIGHT), fps=Fraction(25), metadata=METADATA) as writer:
        for frame, _ in frames(12):
            writer.write(frame)
    assert (tmp_path / f"a{ending}").read_bytes() == (tmp_path / f"b{ending}").read_bytes()


@pytest.mark.parametrize("ending", MOVING)
def test_names_with_spaces_and_kazakh_letters(tmp_path, ending):
    folder = tmp_path / "дәріс слайдтары"
    folder.mkdir()
    path = folder / f"жарыс №1{ending}"
    assert write_clip(path).path == path
    assert only(folder) == [path.name]
    assert read_recipe(path) == RECIPE


@pytest.mark.parametrize("ending", MOVING)
def test_file_has_the_rights_of_any_new_file(tmp_path, ending):
    (tmp_path / "plain").touch()
    write_clip(tmp_path / f"clip{ending}")
    assert (tmp_path / f"clip{ending}").stat().st_mode == (tmp_path / "plain").stat().st_mode


@pytest.mark.parametrize("ending", MOVING)
@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt, SystemExit])
@pytest.mark.parametrize("count", [0, 1, 8])
def test_nothing_is_left_after_an_exception(tmp_path, ending, error, count):
    path = tmp_path / f"clip{ending}"
    with (
        pytest.raises(error),
        open_writer(path, size=(WIDTH, HEIGHT), fps=Fraction(25), metadata=METADATA) as writer,
    ):
        for frame, changed in frames(count):
            writer.write(frame, changed)
        assert [item.name.startswith(".gdviz-") for item in tmp_path.iterdir()] == [True]
        raise error
    assert only(tmp_path) == []


@pytest.mark.parametrize("ending", MOVING)
def test_an_older_clip_survives_a_failed_new_one(tmp_path, ending):
    path = tmp_path / f"clip{ending}"
    write_clip(path)
    before = path.read_bytes()
    with contextlib.suppress(KeyboardInterrupt), open_writer(path, size=(8, 8), fps=Fraction(25), metadata={}):
        raise KeyboardInterrupt
    assert path.read_bytes() == before
    assert only(tmp_path) == [path.name]


@pytest.mark.parametrize("ending", MOVING)
def test_wrong_frames_and_empty_clips_are_refused(tmp_path, ending):
    for wrong in (np.zeros((HEIGHT, WIDTH), np.uint8), np.zeros((HEIGHT, WIDTH, 3)), np.zeros((9, 9, 3), np.uint8)):
        with (
            pytest.raises(UsageError, match="a frame must be uint8"),
            open_writer(tmp_path / f"c{ending}", size=(WIDTH, HEIGHT), fps=Fraction(25), metadata={}) as writer,
        ):
            writer.write(wrong)
    with (
        pytest.raises(UsageError, match="no frame"),
        open_writer(tmp_path / f"c{ending}", size=(WIDTH, HEIGHT), fps=Fraction(25), metadata={}),
    ):
        pass
    assert only(tmp_path) == []


@pytest.mark.parametrize("ending", MOVING)
def test_too_large_sizes_are_one_sentence(tmp_path, ending):
    with (
        pytest.raises(OutputError, match="too large"),
        open_writer(tmp_path / f"c{ending}", size=(70000, 2), fps=Fraction(25), metadata={}),
    ):
        pass
    assert only(tmp_path) == []


def test_an_error_in_the_encoder_reaches_the_caller(tmp_path, monkeypatch):
    def full(self, picture):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(gif_format.Encoder, "encode", full)
    with pytest.raises(OutputError, match="the disk is full"):
        write_clip(tmp_path / "clip.gif", count=40)
    assert only(tmp_path) == []


LIMITED = """
import resource, sys
from fractions import Fraction
import numpy as np
from gdviz.encode import open_writer
from gdviz.errors import OutputError
resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, 10_000))
random = np.random.default_rng(0)
try:
    with open_writer(sys.argv[1], size=(320, 180), fps=Fraction(25), metadata={}) as writer:
        for _ in range(int(sys.argv[2])):
            writer.write(random.integers(0, 256, (180, 320, 3)).astype(np.uint8))
except OutputError as error:
    print(error)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="no file size limits")
@pytest.mark.parametrize("ending", MOVING)
@pytest.mark.parametrize("count", [1, 20])
def test_a_disk_that_takes_no_more_is_one_sentence(tmp_path, ending, count):
    run = subprocess.run(
        [sys.executable, "-c", LIMITED, str(tmp_path / f"clip{ending}"), str(count)],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[1])},
    )
    assert run.stdout.count("\n") == 1
    assert "too large for this disk" in run.stdout
    assert only(tmp_path) == []


@pytest.mark.parametrize("ending", MOVING)
def test_memory_does_not_grow_with_the_clip(tmp_path, ending, monkeypatch):
    """The encoder is made slow: the caller waits for it instead of piling frames up."""
    encoder = FORMATS[ending].film.encoder
    waiting, most = 0, 0
    take, encode = encoder.take, encoder.encode

    def counted_take(self, frame, rects):
        nonlocal waiting, most
        waiting += 1
        most = max(most, waiting)
        return take(self, frame, rects)

    def slow_encode(self, picture):
        nonlocal waiting
        time.sleep(0.005)
        encode(self, picture)
        waiting -= 1

    monkeypatch.setattr(encoder, "take", counted_take)
    monkeypatch.setattr(encoder, "encode", slow_encode)
    write_clip(tmp_path / f"clip{ending}", count=40)
    assert most <= 4


ENDLESS = """
import sys
from fractions import Fraction
import numpy as np
from gdviz.encode import open_writer
frame = np.zeros((90, 160, 3), np.uint8)
with open_writer(sys.argv[1], size=(160, 90), fps=Fraction(25), metadata={}) as writer:
    writer.write(frame)
    print("writing", flush=True)
    while True:
        writer.write(frame)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="no SIGINT for one process")
@pytest.mark.parametrize("ending", MOVING)
def test_ctrl_c_leaves_nothing(tmp_path, ending):
    command = [sys.executable, "-c", ENDLESS, str(tmp_path / f"clip{ending}")]
    with child(command, text=True, env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[1])}) as run:
        assert run.stdout is not None
        assert run.stdout.readline() == "writing\n"
        time.sleep(0.1)
        run.send_signal(signal.SIGINT)
        _, errors = run.communicate(timeout=20)
    assert "KeyboardInterrupt" in errors
    assert only(tmp_path) == []


# --- targets


def test_unknown_endings_name_the_known_ones(tmp_path):
    with pytest.raises(OutputError, match=r"'\.mp5'.*\.gif \.html \.mp4 \.pdf .* \.webp; did you mean '\.mp4'"):
        check_target(tmp_path / "race.mp5")
    with pytest.raises(OutputError, match="has no ending"):
        check_target(tmp_path / "race")
    check_target(tmp_path / "RACE.MP4")
    check_target(tmp_path / "race.toml", endings=(".toml",))


def test_stills_are_no_clips(tmp_path):
    with pytest.raises(UsageError, match=r"race\.png is no film; for one use \.gif or \.mp4"):
        open_writer(tmp_path / "race.png", size=(8, 8), fps=Fraction(25), metadata={})


def test_folders_are_checked(tmp_path):
    with pytest.raises(OutputError, match="is a folder; add a file name"):
        check_target(tmp_path)
    with pytest.raises(OutputError, match="does not exist"):
        check_target(tmp_path / "nowhere" / "race.mp4")


def test_an_unwritable_folder_is_found_before_any_work(tmp_path, monkeypatch):
    def refuse(**_):
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(targets.tempfile, "TemporaryFile", refuse)
    with pytest.raises(OutputError, match=r"cannot be written to \(permission denied\)"):
        check_target(tmp_path / "race.mp4")


@pytest.mark.parametrize("ending", sorted(FORMATS))
def test_foreign_files_are_not_replaced(tmp_path, ending):
    path = tmp_path / f"thesis{ending}"
    path.write_bytes(b"years of work")
    with pytest.raises(OutputError, match=r"not made by gdviz.*--force"):
        check_target(path)
    check_target(path, replace=True)
    assert path.read_bytes() == b"years of work"


@pytest.mark.parametrize("ending", MOVING)
def test_own_files_and_forced_ones_are_replaced(tmp_path, ending):
    path = tmp_path / f"clip{ending}"
    path.write_bytes(b"foreign")
    write_clip(path, count=2, replace=True)
    before = path.read_bytes()
    write_clip(path, count=5)
    assert path.read_bytes() != before
    assert only(tmp_path) == [path.name]


def test_a_held_name_ends_in_the_next_free_one(tmp_path, monkeypatch):
    path = tmp_path / "race.mp4"
    write_clip(path)
    (tmp_path / "race-1.mp4").touch()
    before, replace, tries = path.read_bytes(), os.replace, []

    def held(source, target):
        tries.append(target)
        if Path(target) == path:
            raise PermissionError(errno.EACCES, "held by another process")
        replace(source, target)

    monkeypatch.setattr(targets.os, "replace", held)
    monkeypatch.setattr(targets, "PATIENCE", 0.1)
    monkeypatch.setattr(targets, "PAUSE", 0.02)
    writer = write_clip(path, count=20)
    assert writer.path == tmp_path / "race-2.mp4"
    assert "another program holds it" in writer.note
    assert "race-2.mp4" in writer.note
    assert len(tries) > 3
    assert path.read_bytes() == before
    assert imageio.imread(writer.path, plugin="pyav").shape[0] == 20
    assert only(tmp_path) == ["race-1.mp4", "race-2.mp4", "race.mp4"]


def test_a_name_that_gets_free_again_is_used(tmp_path, monkeypatch):
    replace, tries = os.replace, []

    def held_once(source, target):
        tries.append(target)
        if len(tries) == 1:
            raise PermissionError(errno.EACCES, "held by another process")
        replace(source, target)

    monkeypatch.setattr(targets.os, "replace", held_once)
    monkeypatch.setattr(targets, "PAUSE", 0.01)
    with atomic(tmp_path / "a.svg") as target:
        Path(target).write_text("x")
    assert (target.path, target.note, only(tmp_path)) == (tmp_path / "a.svg", "", ["a.svg"])


def test_a_foreign_file_that_came_meanwhile_is_kept(tmp_path):
    with atomic(tmp_path / "a.png") as target:
        Path(target).write_bytes(b"new")
        (tmp_path / "a.png").write_bytes(b"foreign")
    assert target.path == tmp_path / "a-1.png"
    assert "another file has taken that name" in target.note
    assert (tmp_path / "a.png").read_bytes() == b"foreign"
    assert target.path.read_bytes() == b"new"


def test_atomic_translates_only_errors_of_its_own_file(tmp_path):
    with pytest.raises(FileNotFoundError), atomic(tmp_path / "a.svg"):
        (tmp_path / "other").read_text()
    with pytest.raises(OutputError, match="the disk is full; free some space"), atomic(tmp_path / "a.svg"):
        raise OSError(errno.ENOSPC, "No space left on device")
    with pytest.raises(OutputError, match="permission denied; choose another"), atomic(tmp_path / "a.svg") as target:
        raise PermissionError(errno.EACCES, "Permission denied", str(target.__fspath__()))
    assert only(tmp_path) == []


@pytest.mark.skipif(sys.platform == "win32", reason="links need rights there")
def test_a_link_stays_a_link(tmp_path):
    (tmp_path / "there").mkdir()
    link = tmp_path / "clip.gif"
    link.symlink_to(tmp_path / "there" / "real.gif")
    assert write_clip(link).path == tmp_path / "there" / "real.gif"
    assert link.is_symlink()
    assert read_recipe(link) == RECIPE


# --- recipes

PAGE = dict.fromkeys(
    ["lang", "scheme", "colors", "said", "play", "position", "speed", "optimizers", "noscript", "old"], "<&>"
)


def still(path: Path, metadata: dict[str, str]) -> None:
    from matplotlib import rc_context
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    format = FORMATS[path.suffix]
    if format.pixels:
        format.pixels(path, field(), 96.0, metadata)
        return
    if format.page:
        format.page(path, {"page": PAGE, "ground": field(), "points": np.zeros(3, np.int16)}, metadata)
        return
    figure = Figure((2, 1))
    FigureCanvasAgg(figure)
    figure.add_axes((0.1, 0.1, 0.8, 0.8)).plot([0, 1], [1, 0])
    with rc_context(dict(format.outlines.settings)), atomic(path) as target:
        figure.savefig(target, format=format.outlines.name, metadata=format.outlines.labels(metadata))


@pytest.fixture(scope="module")
def artefacts(tmp_path_factory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("artefacts")
    made = {ending: folder / f"a{ending}" for ending in FORMATS}
    for ending, path in made.items():
        if ending in MOVING:
            write_clip(path)
        else:
            still(path, METADATA)
    return made


@pytest.mark.parametrize("ending", sorted(FORMATS))
def test_every_format_gives_its_recipe_back(artefacts, ending, tmp_path):
    assert read_recipe(artefacts[ending]) == RECIPE
    renamed = tmp_path / "renamed.dat"
    renamed.write_bytes(artefacts[ending].read_bytes())
    assert read_recipe(renamed) == RECIPE
    check_target(artefacts[ending])  # one's own file may be replaced


@pytest.mark.parametrize("ending", sorted(set(FORMATS) - set(MOVING)))
def test_stills_are_the_same_bytes_twice_and_ascii_recipes_work(ending, tmp_path):
    plain = {"gdviz": 'schema = 1\nname = "a (b) \\\\ c"\n', "title": "race"}
    still(tmp_path / f"a{ending}", plain)
    still(tmp_path / f"b{ending}", plain)
    assert (tmp_path / f"a{ending}").read_bytes() == (tmp_path / f"b{ending}").read_bytes()
    assert read_recipe(tmp_path / f"a{ending}") == plain["gdviz"]


@pytest.mark.parametrize("ending", [".png", ".webp"])
def test_stills_of_pixels_come_back_as_they_were(ending, tmp_path):
    path = tmp_path / f"a{ending}"
    FORMATS[ending].pixels(path, field(), 120.0, {"gdviz": RECIPE, "title": "Ең тік түсу & <b>"})
    (found,) = read_frames(path)
    assert np.array_equal(found, field())
    with Image.open(path) as other:  # another program's eyes: no fault in the chunks, and the resolution of the page
        other.load()
        assert other.mode == "RGB"
        if ending == ".png":
            assert other.text["gdviz"] == RECIPE and other.text["Title"] == "Ең тік түсу & <b>"
            assert other.info["dpi"] == pytest.approx((120, 120), abs=0.02)


@pytest.mark.parametrize("ending", MOVING)
def test_films_are_read_back_frame_by_frame(ending, tmp_path):
    writer = write_clip(tmp_path / f"a{ending}")
    found = [*read_frames(writer.path)]
    shown = [frame.copy() for frame, _ in frames(len(found))]
    assert len(found) > 1 and all(frame.dtype == np.uint8 for frame in found)
    assert max(np.abs(a.astype(int) - b).mean() for a, b in zip(found, shown, strict=True)) < 12


def test_what_has_no_pixels_is_not_read(tmp_path):
    (tmp_path / "broken.png").write_bytes(b"nothing")
    for name, sentence in (("a.svg", r"\.gif \.mp4 \.png \.webp"), ("a.png", "no file"), ("broken.png", "damaged")):
        with pytest.raises(OutputError, match=sentence):
            next(read_frames(tmp_path / name))


@pytest.mark.parametrize("ending", sorted(FORMATS))
def test_damaged_files_carry_no_recipe_or_a_whole_one(artefacts, ending, tmp_path):
    data = artefacts[ending].read_bytes()
    path = tmp_path / "damaged"
    random = np.random.default_rng(0)
    for cut in [*range(min(len(data), 200)), *random.integers(0, len(data), 60).tolist()]:
        path.write_bytes(data[:cut])
        assert isinstance(read_recipe(path), str | None)
    for _ in range(150):
        broken = bytearray(data)
        for place in random.integers(0, min(len(data), 4000), 8):
            broken[place] = random.integers(0, 256)
        path.write_bytes(broken)
        assert isinstance(read_recipe(path), str | None)


@pytest.mark.parametrize(
    "head", [b"", b"\x89PNG\r\n\x1a\n", b"GIF89a", b"\0\0\0\x20ftypisom", b"%PDF-1.4\n", b"<?xml svg"]
)
def test_binary_rubbish_carries_no_recipe(tmp_path, head):
    path = tmp_path / "rubbish"
    for seed in range(30):
        path.write_bytes(head + np.random.default_rng(seed).bytes(3000))
        assert read_recipe(path) is None


def test_foreign_files_of_known_formats_carry_no_recipe(tmp_path):
    Image.fromarray(field()).save(tmp_path / "a.png")
    Image.fromarray(field()).save(tmp_path / "a.gif")
    (tmp_path / "a.svg").write_text("<svg><metadata>schema = 1</metadata></svg>")
    assert [read_recipe(tmp_path / name) for name in only(tmp_path)] == [None] * 3


def test_missing_files_and_folders_are_one_sentence(tmp_path):
    with pytest.raises(RecipeError, match="there is no file"):
        read_recipe(tmp_path / "nothing.mp4")
    with pytest.raises(RecipeError, match="is a folder"):
        read_recipe(tmp_path)


def test_packed_text_cannot_fill_the_memory(tmp_path):
    def chunk(kind: bytes, data: bytes) -> bytes:
        return len(data).to_bytes(4, "big") + kind + data + zlib.crc32(kind + data).to_bytes(4, "big")

    bomb = zlib.compress(bytes(200_000_000), 9)
    path = tmp_path / "bomb.png"
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + chunk(b"zTXt", b"gdviz\0\0" + bomb) + chunk(b"IEND", b""))
    assert len(read_recipe(path)) == 1 << 20


@pytest.mark.skipif(sys.platform == "win32", reason="sparse files need rights there")
def test_huge_files_are_not_read_as_a_whole(artefacts, tmp_path):
    for ending, path in artefacts.items():
        huge = tmp_path / f"huge{ending}"
        huge.write_bytes(path.read_bytes())
        os.truncate(huge, 1 << 33)
        begin = time.perf_counter()
        assert read_recipe(huge) in (RECIPE, None)
        assert time.perf_counter() - begin < 1


def test_looking_for_recipes_loads_no_codec_and_no_arrays():
    code = (
        "import sys, gdviz.encode as e; e.read_recipe, e.check_target, e.FORMATS;"
        "print({'av', 'numba', 'numpy', 'PIL'} & set(sys.modules))"
    )
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[1])}
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environment)
    assert run.stdout == "set()\n"
