"""What is right or wrong in print whatever one likes: formulas, numbers, ticks and words as a lecture sets them."""

from __future__ import annotations

import dataclasses
import re
from typing import Any

import numpy as np
import pytest
import samples

import gdviz
from gdviz import jobs
from gdviz.catalogue.lookup import definitions
from gdviz.cli.program import run
from gdviz.compose.formulas import localized, typed
from gdviz.compose.race import compose
from gdviz.compose.words import exactness
from gdviz.draw.figure import Sheet, settings
from gdviz.draw.formulas import lines, nested, parts
from gdviz.draw.layout import arrange
from gdviz.draw.mathematics import atoms, plain, prepared
from gdviz.draw.render import picture
from gdviz.draw.shapes import Text
from gdviz.draw.text import Glyphs, width, wrap
from gdviz.draw.ticks import ticks
from gdviz.formula import tex
from gdviz.formula.derivation import derive
from gdviz.formula.typed import parse
from gdviz.lang import languages, texts
from gdviz.recipe.recipe import validate
from gdviz.runs.curves import curves
from gdviz.runs.response import respond
from gdviz.scene import THEMES, Axis, Scene


@pytest.mark.parametrize(
    ("formula", "code", "written"),
    [
        ("tan(x)^2", "ru", r"\operatorname{tg}^{2}(x)"),
        ("tan(x)^2", "en", r"\tan^{2}(x)"),
        ("atan(x) + sinh(y)", "kk", r"\operatorname{sh}(y) + \operatorname{arctg}(x)"),
        ("log10(x)", "ru", r"\lg(x)"),
        ("max(0.01*x, x)", "ru", r"\max(0{,}01 x; x)"),
        ("max(0.5*x, -x)", "ru", r"\max(0{,}5 x; {-}x)"),
        ("where(x > 0, x, -x)", "en", r"x\ \mathrm{if}\ x > 0,\ \mathrm{else}\ {-}x"),
        ("max(x, y)", "ru", r"\max(x, y)"),
        ("max(0.01*x, x)", "en", r"\max(0.01 x, x)"),
        ("x*sin(x)", "en", r"x\,\sin(x)"),
        ("1000000000000*x", "en", "10^{12} x"),
        ("2.5e7*x + 1e-7*y", "ru", r"2{,}5 \cdot 10^{7} x + 10^{-7} y"),
        ("where(x > 0, x, 0.1*x)", "ru", r"x,\ \mathrm{если}\ x > 0,\ \mathrm{иначе}\ 0{,}1 x"),
        ("where(x > 0, x, y)", "kk", r"x,\ \mathrm{егер}\ x > 0\ \mathrm{болса,\ әйтпесе}\ y"),
        ("where(x > 0, x, y)", "en", r"x\ \mathrm{if}\ x > 0,\ \mathrm{else}\ y"),
    ],
)
def test_formulas_are_set_as_a_language_does(formula: str, code: str, written: str) -> None:
    assert localized(derive(parse(formula)).latex, texts(code)) == written


@pytest.mark.parametrize(
    ("formula", "code", "written"),
    [
        ("4*20*x", "ru", "4·20·x"),
        ("abs(x-1)", "en", "|x − 1|"),
        ("max(0.01*x,x)", "ru", "max(0,01·x; x)"),
        ("max(0.01*x,x)", "en", "max(0.01·x, x)"),
        ("x**2+3*x-1", "kk", "x² + 3·x − 1"),
        ("tan(x)", "kk", "tg(x)"),
        ("sqrt(x)+sqrt(x+1)", "en", "√x + √(x + 1)"),
        ("where(x>=0, x, 0.1*x)", "ru", "x, если x ≥ 0, иначе 0,1·x"),
        ("1e-7*x", "ru", "10⁻⁷·x"),
        ("x**0.5", "ru", "x^0,5"),
        ("x**-2", "en", "x⁻²"),
    ],
)
def test_typed_formulas_are_written_as_people_do(formula: str, code: str, written: str) -> None:
    assert typed(formula, texts(code)) == written


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (10000, "10000"),
        (1e5, "10^{5}"),
        (120000.0, "120000"),
        (1234567, "1234567"),
        (1.2e6, r"1.2 \cdot 10^{6}"),
        (-1e12, "-10^{12}"),
        (3e-7, r"3 \cdot 10^{-7}"),
        (0.25, "0.25"),
    ],
)
def test_many_zeros_are_a_power_of_ten(value: float, written: str) -> None:
    assert tex.number(value) == written
    found = re.fullmatch(r"(?:(-?[\d.]+) \\cdot )?(-?)10\^\{(-?\d+)\}", written)
    assert float(written if found is None else f"{found[2]}{found[1] or 1}e{found[3]}") == value


def test_known_numbers_are_named() -> None:
    assert derive(definitions("landscape")["branin"]).latex.count(r"\pi") == 3
    for name, definition in definitions("landscape").items():
        assert not re.search(r"\d{12}", derive(definition).latex), name


@pytest.mark.parametrize("code", languages())
def test_every_landscape_has_a_formula_that_can_be_set(code: str) -> None:
    for name, definition in definitions("landscape").items():
        text = localized(derive(definition).latex, texts(code))
        assert text and r"\begin" not in text, name
        assert "".join(parts(text)).replace(" ", "") == text.replace(" ", "").replace(r"\quad", ""), name


def test_fractions_in_fractions_are_not_made_smaller() -> None:
    """Their letters have half the size of the others'; a formula in which they would be lost is left out."""
    inner = r"x^{2} + \frac{\frac{1}{x - 2} + y^{2}}{\pi}"
    outer = r"x^{2} + \frac{y^{2}}{\frac{1}{x - 2} + \pi}"
    plain = r"x^{2} + \frac{x^{2}}{\pi} + \frac{y^{2}}{\pi}"
    assert [nested(one) for one in (inner, outer, plain)] == [True, True, False]
    for formula in (inner, outer):
        long = rf"\cos(x) \cos(y) \cos(x) \cos(y) {formula} \cos(x) \cos(y)"
        room = width(f"${long}$", 29, None, math=True)
        assert lines(long, 0.8 * room, 29, 17, None) == ([f"${long}$"], pytest.approx(23.2, abs=0.2))
        assert lines(long, 0.35 * room, 29, 17, None) == ([], 29)
    latex = derive(definitions("landscape")["damavandi"]).latex
    assert lines(f"f(x, y) = {latex}", 1700, 29, 17, None)[0] == []


def test_a_long_formula_is_broken_at_a_sign_or_named_as_left_out() -> None:
    words = texts("en")
    for name, count in (("beale", 1), ("jennrich_sampson", 2), ("de_jong_5", 0)):
        latex = f"f(x, y) = {localized(derive(definitions('landscape')[name]).latex, words)}"
        found, size = lines(latex, 1240, 29, 17, None)
        assert len(found) == count, name
        assert all(17 <= size <= 29 and width(line, size, math=True) <= 1240 for line in found)
        if count == 2:
            assert re.match(r"\$\\quad [+-]", found[1])
        scene = dataclasses.replace(samples.race(), formula=latex, formula_left_out="f(x, y) is left out")
        layout = arrange(scene, Glyphs(None))
        assert (layout.header.formula[0].text == "f(x, y) is left out") == (not found)
        last = layout.header.formula[-1]
        assert last.y < min(box.y0 for box in layout.boxes)


def test_parts_of_a_formula_stand_at_its_own_signs_alone() -> None:
    assert parts(r"f(x) = - x + (y - 1)^{2}") == [r"f(x) = - x", r"+ (y - 1)^{2}"]
    assert parts(r"|x - 1| - \frac{a + b}{c}") == ["|x - 1|", r"- \frac{a + b}{c}"]
    assert parts(r"(x + 1)(y + 1)") == ["(x + 1)", "(y + 1)"]


HOLED = "-sqrt(4 - x^2 - y^2)"


def composed(formula: str, steps: int = 3, **look: object) -> Scene:
    options = {key: look.pop(key) for key in ("domain", "start") if key in look}
    run = gdviz.simulate(formula, ["gd:lr=0.05"], steps=steps, **options)
    return compose(dataclasses.replace(run, recipe=run.recipe.updated(**{"inset": "off", **look})))


@pytest.mark.parametrize("theme", THEMES)
def test_where_f_is_undefined_the_field_is_hatched(theme: str) -> None:
    scene = composed(
        HOLED, domain=((-3, 3), (-3, 3)), start=[(0.5, 1.0)], theme=theme, size="480x360", panel=("none",), inset="off"
    )
    panel, box = scene.panels[0], arrange(scene, Glyphs(None)).boxes[0]
    image = picture(scene, 0)[box.y0 : box.y1, box.x0 : box.x1].astype(int)
    corner = image[2:30, 2:30]  # beyond the circle of radius 2
    page = np.array([int(THEMES[theme].page[i : i + 2], 16) for i in (1, 3, 5)])
    off = np.abs(corner - page).max(axis=2)
    assert 0.1 < (off > 20).mean() < 0.9, "lines with paper between them"
    assert (np.abs(corner[1:, :-1] - corner[:-1, 1:]).max(axis=2) <= 1).all(), "one slant"
    assert panel.undefined


@pytest.mark.parametrize("code", languages())
def test_the_caption_says_what_is_hatched_where_something_is(code: str) -> None:
    told = texts(code).text("hatched")
    assert told in composed(HOLED, domain=((-3, 3), (-3, 3)), start=[(0.5, 1.0)], lang=code).caption
    assert told not in composed(HOLED, domain=((-1, 1), (-1, 1)), start=[(0.5, 0.5)], lang=code).caption


def test_a_gap_of_a_graph_is_hatched_and_a_point_is_none() -> None:
    scene = composed("x*log(x)", domain=((-1, 3),), start=[(2.0,)], size="480x360", panel=("none",))
    assert texts("en").text("hatched") in scene.caption
    (box,) = arrange(scene, Glyphs(None)).boxes
    image = picture(scene, 0)[box.y0 : box.y1, box.x0 : box.x1].astype(int)
    gap, rest = image[5:30, 5 : box.width // 4 - 5], image[5:30, box.width // 2 : box.width // 2 + 20]
    assert (255 - gap.min(axis=2) > 20).mean() > 0.1
    assert (255 - rest.min(axis=2) > 60).mean() == 0
    assert not composed("sin(x)/x", domain=((-3, 3),), start=[(2.0,)]).panels[0].undefined


def test_level_lines_beyond_the_range_of_f_are_remarked_on() -> None:
    with pytest.warns(gdviz.GdvizWarning, match=r"no level line at 400 is in view, where f goes from .* to "):
        composed("x^2 + y^2", domain=((-3, 3), (-3, 3)), start=[(1.0, 1.0)], levels=(1.0, 4.0, 400.0))
    with pytest.warns(gdviz.GdvizWarning, match="no level line is in view"):
        composed("x^2 + y^2", domain=((-3, 3), (-3, 3)), start=[(1.0, 1.0)], levels=(-1.0,))
    composed("x^2 + y^2", domain=((-3, 3), (-3, 3)), start=[(1.0, 1.0)], levels=(1.0,))


def test_a_picture_whose_runs_have_stopped_says_at_which_step() -> None:
    run = gdviz.simulate("beale", ["gd:lr=0.5", "momentum:lr=0.3"], steps=40)
    assert (run.status == "diverged").all()
    last = int(run.stopped_at.max())
    scene = compose(run)
    assert scene.counter[-1] == f"step {last}" and last < 40
    assert list(scene.counter[: last + 1]) == [f"step {k}" for k in range(last + 1)]
    assert compose(gdviz.simulate("beale", ["gd:lr=0.5", "gd:lr=0.001"], steps=40)).counter[-1] == "step 40"


def made_of(job: str) -> Any:
    if job == "race":
        return gdviz.simulate("x^2 + y^2", ["gd:lr=0.1"], steps=3)
    if job == "signal":
        return respond(validate({"signal": [{"name": "spikes"}], "optimizer": [{"name": "adam"}]}))
    return curves(validate({"chart": {"curve": [{"formula": "x^2"}, {"formula": "2*x"}], "range": [0.0, 1.0]}}))


@pytest.mark.parametrize("job", ["race", "chart", "signal"])
def test_bare_pictures_are_panels_and_ledger_alone(job: str) -> None:
    made = made_of(job)
    bare = dataclasses.replace(made, recipe=made.recipe.updated(bare=True))
    whole, left = (jobs.of(one.recipe).compose(one) for one in (made, bare))
    assert (left.title, left.formula, left.counter, left.counter_total, left.caption) == ("", "", (), "", "")
    assert whole.title or whole.counter
    assert [entry.name for entry in left.entries] == [entry.name for entry in whole.entries]
    tops = [min(box.y0 for box in arrange(scene, Glyphs(None)).boxes) for scene in (whole, left)]
    assert tops[1] < tops[0], "the room is the panels'"
    typed = dataclasses.replace(made, recipe=made.recipe.updated(bare=True, title="Own", caption="Words"))
    kept = jobs.of(typed.recipe).compose(typed)
    assert (kept.title, kept.caption, kept.counter) == ("Own", "Words", ())


@pytest.mark.parametrize(
    ("low", "high", "labels"),
    [
        (999999, 1000001, ["−1,0", "−0,5", "10⁶", "+0,5", "+1,0"]),
        (-1000001, -999999, ["−1,0", "−0,5", "−10⁶", "+0,5", "+1,0"]),
        (24999990, 25000010, ["−10", "−5", "2,5·10⁷", "+5", "+10"]),
        (999.5, 1000.5, ["999,6", "999,8", "1000,0", "1000,2", "1000,4"]),
        (0.1234567, 0.1234569, ["0,12345670", "+5·10⁻⁸", "+10·10⁻⁸", "+15·10⁻⁸", "+20·10⁻⁸"]),
        (-1.0, 1.0, ["−1,0", "−0,5", "0,0", "0,5", "1,0"]),
    ],
)
def test_labels_of_an_axis_far_from_0_say_the_difference(low: float, high: float, labels: list[str]) -> None:
    found = ticks(Axis(low, high, decimal=","), 5)
    assert [label for _, label in found] == labels


@pytest.mark.parametrize(
    ("text", "ready", "holds"),
    [
        (r"rate $\beta_1$", r"rate $\beta_1$", True),
        ("from $5 to $6", "from $5 to $6", False),
        ("a $ alone", "a $ alone", False),
        (r"\$5 and \$6", "$5 and $6", False),
        (r"$x$ for \$5 or $6", r"$x$ for \$5 or \$6", True),
        ("$x$5", "$x$5", False),
        ("no dollar", "no dollar", False),
    ],
)
def test_dollars_with_tex_between_them_are_mathematics(text: str, ready: str, holds: bool) -> None:
    assert prepared(text) == (ready, holds)


def test_mathematics_moves_in_letters_and_is_broken_nowhere() -> None:
    assert plain(r"$\beta_1$, $x^{2} - \hat{v}$, \$5") == "β₁, x² − v̂, $5"
    assert atoms("if $a + b$, ($c d$) x") == ["if", "$a + b$,", "($c d$)", "x"]
    assert atoms("of 10 %, 2 % or %") == ["of", "10 %,", "2 %", "or %"]
    assert atoms("takes 4\u00a0TB or more") == ["takes", "4\u00a0TB", "or", "more"]
    text = r"words and words $\frac{a + b}{c}$ more words and more"
    for room in range(40, 500, 20):
        for line in wrap(text, room, 20, 3):
            assert line.count("$") in (0, 2)
            assert width(line, 20) <= room
    assert width(r"a $\frac{x^2}{2}$", 20) < width("a frac x 2 2", 20), "set and not spelled"


def test_titles_captions_and_labels_are_set_as_mathematics() -> None:
    shapes = [Text(10, 60, r"$\frac{x}{2}$ ab", 40, "#000000"), Text(10, 60, r"\frac{x}{2} ab", 40, "#000000")]
    drawn = []
    for shape in shapes:
        with settings():
            sheet = Sheet((200, 100), "#ffffff", 72.0, None)
            sheet.add([shape])
            drawn.append(sheet.pixels())
    right = [np.flatnonzero((image < 128).any(axis=(0, 2))).max() for image in drawn]
    assert right[0] < 0.6 * right[1]
    assert right[0] == pytest.approx(10 + width(shapes[0].text, 40), abs=4)


@pytest.mark.parametrize("words", [r"a $\frac{1$", r"$\foo x$", "$x^^2$"])
def test_wrong_tex_is_one_sentence_before_anything_is_run(words: str, capsys: pytest.CaptureFixture[str]) -> None:
    for said in (["--title", words], ["--caption", words]):
        assert run(["plot", "beale", "-o", "gd", "--steps", "100000", *said]) == 2
        told = capsys.readouterr().err
        assert told.count("\n") == 1 and "cannot be set" in told and r"\$" in told


@pytest.mark.parametrize(
    ("losses", "digits"),
    [
        ([134.9, 1742.0], 0),
        ([5.76, 20.0], 2),
        ([0.117, 9.0], 3),
        ([1e-9, 3.0], 3),
        ([0.0, np.nan, np.inf], 3),
        ([50.0], 1),
    ],
)
def test_a_column_of_losses_is_of_one_exactness(losses: list[float], digits: int) -> None:
    assert exactness(np.array(losses)) == digits


def test_sentences_of_a_caption_are_sentences() -> None:
    run = gdviz.simulate(
        HOLED, ["gd:lr=0.05"], steps=3, domain=((-3, 3), (-3, 3)), start=[(0.5, 1.0)], transforms=["l2"]
    )
    first, second = compose(run).caption.split(". ")
    assert second == texts("en").text("hatched") and first[0].isupper()
