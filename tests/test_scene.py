"""Scenes as data: palette, timeline, axes, checks, layout, ticks, shapes."""

from __future__ import annotations

import dataclasses
import itertools
import shutil
from fractions import Fraction

import numpy as np
import pytest
import samples

from gdviz.draw import fonts
from gdviz.draw.labels import Ground
from gdviz.draw.labels import samples as along
from gdviz.draw.layout import arrange
from gdviz.draw.places import FAR, Place
from gdviz.draw.shapes import Box
from gdviz.draw.stages import Stage
from gdviz.draw.text import Glyphs, shorten, width, wrap
from gdviz.draw.ticks import ticks
from gdviz.errors import UsageError
from gdviz.scene import (
    Axis,
    Marks,
    Panel,
    Style,
    Timeline,
    Track,
    Trails,
    timeline,
)

CASES = {
    "race": lambda **extra: samples.race("ru", **extra),
    "valley": lambda **extra: samples.valley("en", **extra),
    "rates": lambda **extra: samples.rates("kk", **extra),
    "alone": lambda **extra: samples.race("en", loss=False, **extra),
    "crowd": lambda **extra: samples.race("ru", count=12, long=True, **extra),
}
SIZES = {
    "1080p": ((1920, 1080), None), "square": ((1080, 1080), None), "vertical": ((1080, 1920), None),
    "paper": ((975, 720), 300.0), "thumbnail": ((480, 270), None), "4k": ((3840, 2160), None),
}  # fmt: skip


def test_style_refuses_unknown_names() -> None:
    for bad in ({"color": "red"}, {"color": "#12345g"}, {"dash": "wavy"}, {"marker": "heart"}):
        with pytest.raises(ValueError, match=next(iter(bad.values()))):
            Style(**{"color": "#000000", **bad})


def test_timeline_starts_ends_and_holds() -> None:
    made = timeline(126, 30, 10)
    assert made.frames == 300
    assert made.record[0] == 0
    assert np.bincount(made.record)[[0, 1, 124, 125]].tolist() == [15 + 2, 2, 2, 45 + 2]  # 0.5 s, 1.5 s, and its own
    short = timeline(11, 30, 2, pace=np.ones(11))
    assert np.bincount(short.record)[[0, 10]].tolist() == [3 + 4, 9 + 4]  # 5 % and 15 % of 2 s
    assert np.bincount(timeline(3, 10, 4, (1, 2), np.array([1.0, 3.0, 1.0])).record).tolist() == [10 + 2, 6, 20 + 2]
    assert timeline(9, 10, 1, (5, 5)).record.tolist() == [0] * 9 + [8]
    assert timeline(10, Fraction(100, 3), 0.01).record.tolist() == [9]
    assert timeline(1, 25, 1).record.max() == 0


@pytest.mark.parametrize(
    ("records", "fps", "seconds"),
    [(21, 30, 8), (12, Fraction(100, 3), 3), (2, 25, 1), (126, 30, 10), (501, 30, 10), (1000, 30, 8)],
)
def test_every_record_takes_the_same_time(records: int, fps: Fraction, seconds: float) -> None:
    record = timeline(records, fps, seconds, hold=(0.0, 0.5)).record
    moving = record[: int(np.argmax(record == records - 1)) + 1]
    assert np.ptp(np.diff(moving)) <= 1, "a head hops over as many records everywhere"
    starts = [int(np.argmax(moving >= k)) for k in range(records)]
    assert np.ptp(np.diff(starts)) <= 1
    if len(moving) >= records:
        assert set(moving.tolist()) == set(range(records)), "every iterate is shown"


def test_frames_show_whole_records() -> None:
    with pytest.raises(ValueError, match="whole records"):
        Timeline(2, Fraction(30), np.array([0.0, 0.5]))


@pytest.mark.parametrize(
    ("axis", "labels"),
    [
        (Axis(-3.2, 3.2), ["−3", "−2", "−1", "0", "1", "2", "3"]),
        (Axis(0, 0.3, decimal=","), ["0,00", "0,05", "0,10", "0,15", "0,20", "0,25", "0,30"]),
        (Axis(0, 125), ["0", "20", "40", "60", "80", "100", "120"]),
        (Axis(1e-6, 20, "log"), ["10⁻⁶", "10⁻⁵", "10⁻⁴", "10⁻³", "10⁻²", "10⁻¹", "10⁰", "10¹"]),
        (Axis(1e-60, 1, "log"), ["10⁻⁶⁰", "10⁻⁵⁰", "10⁻⁴⁰", "10⁻³⁰", "10⁻²⁰", "10⁻¹⁰", "10⁰"]),
        (Axis(0.3, 6, "log"), ["0.5", "1", "2", "5"]),
        (Axis(0, 3e6), ["0", "1·10⁶", "2·10⁶", "3·10⁶"]),
    ],
)
def test_ticks_read_well(axis: Axis, labels: list[str]) -> None:
    room = 4 if axis.high == 3e6 else 8
    assert [label for _, label in ticks(axis, room)] == labels


def test_two_labels_are_better_than_one() -> None:
    assert [label for _, label in ticks(Axis(-4.5, 4.5), 4)] == ["−4", "0", "4"]
    assert [label for _, label in ticks(Axis(-1.6, 1.1), 2)] == ["−1.5", "0.0"]
    assert [label for _, label in ticks(Axis(-2.9, 2.9), 4)] == ["−2", "0", "2"]
    assert [label for _, label in ticks(Axis(0.0014, 150.0, "log"), 2)] == ["10⁻²", "10¹"]


@pytest.mark.parametrize("scale", ["linear", "log"])
@pytest.mark.parametrize("count", [1, 2, 3, 4, 9, 40])
def test_labels_of_whole_axes_are_whole(scale: str, count: int) -> None:
    axis = Axis(0.5, count + 0.5, scale, whole=True)
    for room in (2, 3, 9):
        found = ticks(axis, room)
        assert min(2, count) <= len(found) <= room
        assert all(value == round(value) and axis.low < value < axis.high for value, _ in found)


@pytest.mark.parametrize("scale", ["linear", "log"])
def test_ticks_fit_any_range(scale: str) -> None:
    draw = np.random.default_rng(1)
    for _ in range(300):
        low = 10 ** draw.uniform(-12, 6)
        high = low + 10 ** draw.uniform(-3, 8) * low
        for room in (2, 5, 9):
            found = ticks(Axis(low, high, scale), room)
            assert len(found) <= room
            assert all(low * (1 - 1e-6) <= value <= high * (1 + 1e-6) for value, _ in found)
            assert len({label for _, label in found}) == len(found)


def test_scene_refuses_parts_that_do_not_belong_together() -> None:
    scene = samples.race()
    with pytest.raises(ValueError, match="one number of records"):
        dataclasses.replace(scene, counter=("step 0",))
    with pytest.raises(ValueError, match="entry 7"):
        dataclasses.replace(scene, panels=(dataclasses.replace(scene.panels[0], layers=(
            Trails((Track(7, scene.trails()[0].tracks[0].points),)),)),))  # fmt: skip
    with pytest.raises(ValueError, match="low < high"):
        Axis(1, 1)
    with pytest.raises(ValueError, match="above 0"):
        Axis(0, 1, "log")
    with pytest.raises(ValueError, match="reach"):
        Axis(0, 2, reach=(0, 1))
    with pytest.raises(ValueError, match="main, side"):
        Panel("left", Axis(0, 1), Axis(0, 1), ())


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("case", CASES)
def test_layout_stays_on_the_page_and_apart(case: str, size: str) -> None:
    pixels, dpi = SIZES[size]
    scene = CASES[case](size=pixels, dpi=dpi)
    layout = arrange(scene, Glyphs(None))
    wide, high = pixels
    boxes = [*layout.boxes, *([layout.ledger.box] if layout.ledger else [])]
    for box in boxes:
        assert 0 <= box.x0 < box.x1 <= wide
        assert 0 <= box.y0 < box.y1 <= high
    for a, b in itertools.combinations(boxes, 2):
        assert a.x1 <= b.x0 or b.x1 <= a.x0 or a.y1 <= b.y0 or b.y1 <= a.y0, (a, b)
    assert layout.header.title[-1].y < min(box.y0 for box in layout.boxes)
    smallest = 17 / 1080 * high if size in ("1080p", "4k") else 10
    assert layout.ledger is not None
    for pixels_high in (layout.page.size(17), layout.ledger.details, layout.header.formula[0].size):
        assert pixels_high >= smallest - 1e-6
    previous = None
    for row in layout.ledger.rows:
        entry = scene.entries[row.entry]
        name_end = row.name_at[0] + width(row.name, layout.ledger.name, None, True)
        details_end = row.details_at[0] + width(row.details, layout.ledger.details)
        values = max(Glyphs(None).width(text, layout.ledger.value, False) for text in set(entry.values))
        values = values if layout.ledger.valued else 0.0
        assert name_end <= row.value_at[0] - values
        if row.details_at[1] == row.name_at[1]:
            assert name_end < row.details_at[0] or not row.details
            assert details_end <= row.value_at[0] - values or not row.details
        assert details_end <= wide
        if previous is not None and row.name_at[0] == previous.name_at[0]:
            assert row.name_at[1] - 0.7 * layout.ledger.name > previous.details_at[1] - 1
        previous = row


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("case", CASES)
def test_charts_keep_room_for_their_labels(case: str, size: str) -> None:
    """Also with twelve entries and two charts."""
    pixels, dpi = SIZES[size]
    scene = CASES[case](size=pixels, dpi=dpi)
    sides = [panel for panel in scene.panels if panel.area == "side"]
    small = size in ("thumbnail", "paper")  # too small for two
    for panels in (scene.panels, (*scene.panels, *sides))[: 1 if small else 2]:
        twice = tuple(dataclasses.replace(panel) for panel in panels)
        layout = arrange(dataclasses.replace(scene, panels=twice), Glyphs(None))
        for panel, box in zip(layout.panels, layout.boxes, strict=True):
            label = layout.page.size(21)
            assert box.height > (2.0 if panel.area == "side" else 4.0) * label
            assert box.y1 + 2.2 * label * bool(panel.x.label) < pixels[1]


def wider(scene, x=(-4.0, 4.0), y=(-1.5, 3.5)):
    """The valley with a field that reaches beyond its axes."""
    main = scene.panels[0]
    axes = {"x": dataclasses.replace(main.x, reach=x), "y": dataclasses.replace(main.y, reach=y)}
    return dataclasses.replace(scene, panels=(dataclasses.replace(main, **axes), *scene.panels[1:]))


@pytest.mark.parametrize("size", SIZES)
def test_round_views_are_widened_to_fill_their_slot(size: str) -> None:
    pixels, dpi = SIZES[size]
    scene = samples.valley(size=pixels, dpi=dpi)
    narrow, wide = arrange(scene, Glyphs(None)), arrange(wider(scene), Glyphs(None))
    assert narrow.panels[0].x == scene.panels[0].x
    panel, box = wide.panels[0], wide.boxes[0]
    assert box.width / panel.x.span == pytest.approx(box.height / panel.y.span, rel=0.01), "circles stay round"
    for axis, before in ((panel.x, scene.panels[0].x), (panel.y, scene.panels[0].y)):
        assert axis.reach[0] <= axis.low <= before.low < before.high <= axis.high <= axis.reach[1]
    assert panel.x.span == scene.panels[0].x.span or panel.y.span == scene.panels[0].y.span
    before = narrow.boxes[0]
    assert box.width * box.height >= before.width * before.height
    if size == "square":
        assert box.width > 0.85 * pixels[0]
        assert before.width < 0.55 * pixels[0]


@pytest.mark.parametrize("size", ["1080p", "square", "vertical"])
def test_no_third_of_the_page_is_empty(size: str) -> None:
    layout = arrange(samples.race(size=SIZES[size][0]), Glyphs(None))
    used = [*layout.boxes, layout.ledger.box]
    assert sum(box.width * box.height for box in used) > 0.58 * SIZES[size][0][0] * SIZES[size][0][1]


def test_edges_of_panels_are_aligned() -> None:
    layout = arrange(samples.race(), Glyphs(None))
    main, side = layout.boxes
    assert main.y1 == side.y1
    assert layout.header.title[0].x == layout.header.formula[0].x
    assert abs(layout.header.title[0].x - main.x0) <= 1
    assert abs(layout.ledger.box.x0 - side.x0) <= 1
    assert abs(layout.header.counter.x - side.x1) <= 1
    assert abs(layout.ledger.rows[0].value_at[0] - side.x1) <= 1


def test_text_is_shortened_and_wrapped_to_fit() -> None:
    long = "Nesterov with warm restarts and a very long tail"
    for room in (40, 120, 300):
        short = shorten(long, room, 20)
        assert width(short, 20) <= room
        assert short.endswith("…")
    assert shorten(long, 2000, 20) == long
    lines = wrap(" ".join(["word"] * 40), 200, 20, 3)
    assert len(lines) == 3
    assert lines[-1].endswith("…")
    assert all(width(line, 20) <= 200 for line in lines)


@pytest.mark.parametrize("letters", ["ӘәҒғҚқҢңӨөҰұҮүҺһІі", "ЁёЖжЩщЪъЭэЮюЯя", "ηβεμλ₁₂⁻⁰¹²³⁴⁵⁶⁷⁸⁹−×·…∞"])
@pytest.mark.parametrize("bold", [False, True])
def test_glyphs_exist(letters: str, bold: bool) -> None:
    from matplotlib.font_manager import get_font

    own, reserve = (get_font(file) for file in fonts.files(None, bold))
    assert all(own.get_char_index(ord(letter)) for letter in letters if letter != "⁻")
    assert all(reserve.get_char_index(ord(letter)) for letter in letters)
    masks = [Glyphs(None).mask(letter, 30.0, bold)[0] for letter in letters]
    assert all(mask.max() > 100 for mask in masks)


def test_digits_share_one_width() -> None:
    glyphs = Glyphs(None)
    assert len({glyphs.advance(digit, 27.0, False) for digit in "0123456789"}) == 1


@pytest.mark.parametrize("font", [None, "DejaVu Serif"])
def test_formulas_are_set_in_the_letters_of_their_text(font: str | None, caplog) -> None:
    from matplotlib.textpath import text_to_path

    formula = r"$f'(x) = \sqrt{\frac{1}{2}\eta_1} + \sum_i \left|\mathrm{min}\,x_i - 1\right|^{2}$"
    wide, _, _ = fonts.formula_size(formula, font)
    corners, _ = fonts.formula_outline(formula, font)
    assert corners[:, 0].max() - corners[:, 0].min() == pytest.approx(wide / 100, rel=0.03)
    with fonts._mathematics(font) as chosen:
        glyphs = text_to_path.mathtext_parser.parse(formula, 72, chosen.copy()).glyphs
    used = [glyph[0].family_name for glyph in glyphs]
    assert used.count(font or "Source Sans Pro") >= 0.8 * len(used) and not caplog.records


@pytest.mark.parametrize(("text", "letter"), [("勾配の降下", "勾"), ("Жарыс 🦊", "🦊"), ("한글", "한")])
@pytest.mark.parametrize("font", [None, "DejaVu Serif"])
def test_a_letter_that_no_font_has_is_one_sentence(text: str, letter: str, font: str | None) -> None:
    with pytest.raises(UsageError) as told:
        width(text, 20, font)
    said = str(told.value)
    assert f"'{letter}' (U+{ord(letter):04X})" in said and "--font" in said and (font or "Source Sans Pro") in said


def test_an_installed_font_with_the_letters_is_offered(tmp_path, monkeypatch) -> None:
    from matplotlib import font_manager

    file = shutil.copy(font_manager.findfont("STIXGeneral"), tmp_path)
    usual = {code for file in fonts.files(None) for code in font_manager.get_font(file).get_charmap()}
    letter = chr(min(font_manager.get_font(file).get_charmap().keys() - usual))
    found = font_manager.FontEntry(fname=str(file), name="Wide Math")
    monkeypatch.setattr(font_manager.fontManager, "ttflist", [*font_manager.fontManager.ttflist, found])
    fonts._installed_with.cache_clear()
    with pytest.raises(UsageError, match='as in --font "Wide Math"'):
        width(f"x{letter}", 20)
    fonts._installed_with.cache_clear()


def test_a_font_of_one_weight_is_taken_without_remarks(tmp_path, caplog) -> None:
    from matplotlib import font_manager

    for font in (shutil.copy(font_manager.findfont("STIXSizeOneSym"), tmp_path / "one.ttf"), "STIXSizeTwoSym"):
        width("(1)", 20, str(font), bold=True)
        fonts.formula_size("$x$", str(font))
    assert not caplog.records


def test_unknown_fonts_are_named(tmp_path) -> None:
    for font in ("No Such Family 12", str(tmp_path / "none.ttf")):
        with pytest.raises(UsageError, match="font"):
            fonts.properties(font, False)
    broken = tmp_path / "broken.ttf"
    broken.write_bytes(b"no font at all")
    with pytest.raises(UsageError, match="cannot be read"):
        fonts.properties(str(broken), False)


def place(y: Axis | None = None) -> Place:
    return Place(Panel("main", Axis(0, 1), y or Axis(0, 1), ()), Box(100, 100, 300, 200))


def test_points_that_cannot_be_drawn_are_brought_back() -> None:
    points = np.array([[0.5, 0.5], [1e200, 0.5], [np.inf, np.nan], [np.nan, np.nan], [0.25, 0.75]])
    drawn = place().track(points, "path")
    assert np.all(np.isfinite(drawn))
    assert drawn[0].tolist() == [200.0, 150.0]
    assert drawn[1, 0] > 300
    assert drawn[1, 1] == pytest.approx(150.0)
    assert drawn[4].tolist() == [150.0, 125.0]
    assert np.abs(drawn).max() <= 300 + FAR * 200
    slanted = place().track(np.array([[0.5, 0.5], [1e9, 2e9]]), "path")
    assert (slanted[1, 1] - 150) / (slanted[1, 0] - 200) == pytest.approx(-1.0)
    curve = place(Axis(1e-3, 1, "log")).track(np.array([[0.1, 1.0], [0.2, 0.0], [0.3, np.inf], [0.4, 1e-3]]), "curve")
    assert curve[:, 0].tolist() == [120.0, 140.0, 160.0, 180.0]
    assert curve[1, 1] > 200
    assert curve[2, 1] < 100
    assert curve[3, 1] == pytest.approx(200.0)
    for kind in ("steps", "curve"):  # what has no value is nowhere
        assert np.isnan(place().track(points, kind)[2:4]).all() and np.isfinite(place().track(points, kind)[4]).all()


def test_labels_do_not_overlap_and_stay_inside() -> None:
    ground = Ground(Box(0, 0, 400, 300), np.empty((0, 2)))
    rects = []
    for _ in range(8):
        rects.append(ground.place(395.0, 150.0, 120.0, 20.0, 25.0))
        assert 0 <= rects[-1][0] < rects[-1][2] <= 400
        assert 0 <= rects[-1][1] < rects[-1][3] <= 300
    for a, b in itertools.combinations(rects, 2):
        assert a[2] <= b[0] or b[2] <= a[0] or a[3] <= b[1] or b[3] <= a[1]


def test_a_small_panel_is_searched_for_a_place_off_the_paths() -> None:
    across = np.linspace(0.0, 200.0, 200)
    lines = [np.column_stack([across, np.full(200, y)]) for y in (20.0, 40.0, 60.0, 80.0, 100.0, 170.0)]
    paths = np.concatenate([*lines, np.column_stack([np.full(150, 100.0), np.linspace(0.0, 150.0, 150)])])
    rect = Ground(Box(0, 0, 200, 180), paths).place(60.0, 60.0, 80.0, 12.0, 6.0)
    x, y = paths.T
    assert not ((x > rect[0]) & (x < rect[2]) & (y > rect[1]) & (y < rect[3])).any() and rect[1] > 100


@pytest.mark.parametrize("far", [1e2, 1e4, 1e6])
def test_a_way_is_walked_along_as_closely_however_far_it_goes(far: float) -> None:
    box = Box(0, 0, 100, 80)
    for line in ([(10, 40), (10 + far, 40)], [(-far, -far), (far, far)], [(50, -far), (50, far)], [(10, far), (10, 5)]):
        found = along(np.array(line, float), box, 5.0)
        assert len(found) < 60 and (np.hypot(*np.diff(found, axis=0).T) < 10.0).all()
        reach = np.ptp(found, axis=0).max()
        assert reach > 65.0, "from edge to edge, or from where it begins"
    assert not len(along(np.array([(-far, 90.0), (far, 90.0)]), box, 5.0))
    assert len(along(np.array([(5.0, 5.0), (np.nan, 9.0), (5.0, 5.0), (5.0, 5.0)]), box, 5.0)) == 1


def stage(scene) -> Stage:
    glyphs = Glyphs(scene.font)
    layout = arrange(scene, glyphs)
    return Stage(scene, layout, Place(scene.panels[0], layout.boxes[0]), glyphs)


def test_divergence_ends_in_an_arrow_and_a_note() -> None:
    scene = samples.rates()
    made = stage(scene)
    stop = scene.trails()[0].tracks[3].stop
    assert stop is not None
    assert all("diverged" not in text.text for text in made.texts(stop - 1))
    notes = [text for text in made.texts(stop) if "diverged" in text.text]
    assert [note.text for note in notes] == [f"diverged at step {stop}"]
    assert made.box.holds(notes[0].x, notes[0].y)
    assert made.box.holds(notes[0].x + width(notes[0].text, notes[0].size), notes[0].y - notes[0].size)
    assert any(look[0] == "arrow" for look, _ in made.heads(stop))
    assert all(look[0] != "arrow" for look, _ in made.heads(1))


def crossing_saddle(size=(1920, 1080), tracks=8, noted=4):
    """Paths that leave upwards side by side; the first `noted` diverge there, one after the other."""
    steps = 60
    scene = samples.race("en", "dark", size, count=tracks, steps=steps)
    made = []
    for number in range(tracks):
        up = np.linspace(-2.0, 4.0 + 0.4 * number, steps + 1)
        points = np.column_stack([np.full(steps + 1, 0.06 * number - 0.2), up])
        stop = 50 + number if number < noted else None
        if stop is not None:
            points[stop:] = points[stop]
        note = "" if stop is None else f"diverged at step {stop}"
        made.append(Track(number, points, "unfinished" if stop is None else "diverged", stop, note))
    main = scene.panels[0]
    layers = tuple(Trails(tuple(made)) if isinstance(layer, Trails) else layer for layer in main.layers)
    return dataclasses.replace(scene, panels=(dataclasses.replace(main, layers=layers), *scene.panels[1:]))


@pytest.mark.parametrize("size", [(1920, 1080), (1080, 1080), (960, 540)])
def test_notes_cover_no_arrows_heads_or_notes(size: tuple[int, int]) -> None:
    scene = crossing_saddle(size)
    made = stage(scene)
    end = scene.records - 1
    arrows = made.exits(end)
    assert len(arrows) == 8
    places = [one.place for one in arrows]
    assert min(np.hypot(a[0] - b[0], a[1] - b[1]) for a, b in itertools.combinations(places, 2)) > made.line(20)
    texts = [note.text for note in made.notes]
    assert len(texts) == 4
    rects = [(t.x, t.y - 0.8 * t.size, t.x + width(t.text, t.size), t.y + 0.2 * t.size) for t in texts]
    for left, top, right, bottom in rects:
        assert made.box.holds(left, top)
        assert made.box.holds(right, bottom)
        for x, y in places:
            assert not (left - 9 < x < right + 9 and top - 9 < y < bottom + 9)
    for a, b in itertools.combinations(rects, 2):
        assert a[2] <= b[0] or b[2] <= a[0] or a[3] <= b[1] or b[3] <= a[1]
    # who does not stand beside its arrow has a line that ends there
    own = {one.trail.track.entry: one.place for one in arrows}
    for number, (note, (left, top, right, bottom)) in enumerate(zip(made.notes, rects, strict=True)):
        x, y = own[number]
        gap = np.hypot(min(max(x, left), right) - x, min(max(y, top), bottom) - y)
        assert note.leader or gap < 2.5 * made.line(17)
    assert any(note.leader for note in made.notes)
    shown = [look for look, _ in made.heads(end) if look[0] == "leader"]
    assert len(shown) == sum(bool(note.leader) for note in made.notes)
    assert not [look for look, _ in made.heads(20) if look[0] == "leader"]


def test_arrows_stay_where_they_are_when_others_come() -> None:
    made = stage(crossing_saddle())
    known: dict[int, tuple[float, float]] = {}
    for k in range(61):
        for one in made.exits(k):
            assert known.setdefault(one.trail.track.entry, one.place) == pytest.approx(one.place)
    assert len(known) == 8


def test_curves_of_one_entry_share_an_arrow() -> None:
    scene = samples.race(count=2)
    side = scene.panels[1]
    out = np.column_stack([np.arange(126.0), np.full(126, 1e-9)])
    tracks = tuple(Track(entry, out) for entry in (0, 0, 0, 1))
    scene = dataclasses.replace(scene, panels=(dataclasses.replace(side, layers=(Trails(tracks, "curve"),)),))
    assert [one.trail.track.entry for one in stage(scene).exits(90)] == [0, 1]


def test_heads_that_meet_stay_visible() -> None:
    made = stage(samples.race())
    sizes = []
    for look, polygons in made.heads(0):
        if look[0] not in ("ring", None):
            sizes.append(np.ptp(polygons[-1].points, axis=0).max())
    assert len(sizes) == 5
    ring = next(polygons for look, polygons in made.heads(0) if look[0] == "ring")
    # the ring's inner edge lies outside the largest head's circle
    assert np.ptp(ring[-1].points, axis=0).max() > 1.05 * 2 * made.line(12)
    scales = [look[3] for look, _ in made.heads(0) if look[0] not in ("ring", None)]
    assert scales == sorted(scales, reverse=True)
    assert min(a - b for a, b in itertools.pairwise(scales)) > 0.15


def test_star_of_the_minimum_is_drawn_last() -> None:
    made = stage(samples.race())
    assert made.heads(60)[-1][0][0] is None
    assert made.heads(60)[0][0][0] == "ring"


def test_local_minima_are_lesser_and_below_heads() -> None:
    scene = samples.race()
    main = scene.panels[0]
    local = Marks("local", np.array([[-0.76, 0.0], [0.76, 0.0], [99.0, 0.0]]))
    scene = dataclasses.replace(scene, panels=(dataclasses.replace(main, layers=(*main.layers, local)),))
    items = stage(scene).heads(125)
    kinds = [look[0] for look, _ in items]
    assert kinds.count("local") == 2
    assert max(number for number, kind in enumerate(kinds) if kind == "local") < kinds.index("circle")
    star = next(shape for look, shape in stage(scene).heads(0) if look[0] is None)
    small = next(shape for look, shape in items if look[0] == "local")
    assert np.ptp(small[0].points, axis=0).max() < 0.8 * np.ptp(star[0].points, axis=0).max()
    assert small[-1].color == scene.theme.dim
    x, y = small[-1].points.T
    area = 0.5 * abs(np.sum(x * np.roll(y, -1) - np.roll(x, -1) * y))
    full = 5 * 0.42 * np.sin(np.pi / 5) * (np.ptp(x) / 2 / np.cos(np.pi / 10)) ** 2
    assert area < 0.7 * full, "hollow"
