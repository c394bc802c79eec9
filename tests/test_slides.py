"""Presentations opened again: clips byte for byte, posters, what plays by itself, words in the template's places."""

from __future__ import annotations

import importlib.util
import re
import sys
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from decoding import corners

import gdviz
from gdviz.cli.program import run
from gdviz.errors import UsageError
from gdviz.gallery import decks, template
from gdviz.gallery.decks import deck
from gdviz.gallery.slides import Illustration, Slides, free, ours
from gdviz.gallery.sources import Heading, Source, read
from gdviz.gallery.template import Box, open_template
from gdviz.recipe import lectures
from gdviz.scene.themes import THEMES

pytestmark = pytest.mark.skipif(importlib.util.find_spec("pptx") is None, reason='needs pip install "gdviz[slides]"')

RECIPE = """schema = 1
landscape = "beale"
optimizer = [{ name = "gd", lr = 0.01 }]
steps = 6
seconds = 0.3
fps = 10
title = { en = "A race", ru = "Гонка", kk = "Жарыс" }
caption = { en = "It goes down.", ru = "Вниз.", kk = "Төмен." }
"""
DECK = """schema = 1
title = { en = "Lecture", kk = "Дәріс" }
subtitle = "2026"
[[part]]
title = { en = "First part", kk = "Бірінші бөлім" }
slides = ["race.toml", "race.toml"]
"""
SMALL = {"size": "360x200"}
P, A = template.NS["p"], template.NS["a"]


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("GDVIZ_LANG", raising=False)
    (tmp_path / "race.toml").write_text(RECIPE, encoding="utf-8")
    (tmp_path / "talk.toml").write_text(DECK, encoding="utf-8")
    return tmp_path


def opened(path: str | Path) -> list[Any]:
    import pptx

    return list(pptx.Presentation(str(path)).slides)


def media(path: str | Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as file:
        return {name: file.read(name) for name in file.namelist() if name.startswith("ppt/media/")}


def words(slide: Any) -> list[str]:
    return [shape.text_frame.text for shape in slide.placeholders]


def clip(name: str = "a.mp4", **more: Any) -> Path:
    look = {"size": "320x180", "steps": 6, "seconds": 0.3, "fps": 10, "optimizer": [{"name": "gd", "lr": 0.01}]}
    return gdviz.animate("beale", name, **{**look, **more})[0]


def test_a_clip_is_taken_byte_for_byte_and_plays_by_itself_again_and_again() -> None:
    made = clip(title="Жарыс", lang="kk")
    deck(made, "a.pptx")
    (slide,) = opened("a.pptx")
    films = [data for name, data in media("a.pptx").items() if name.endswith(".mp4")]
    assert films == [made.read_bytes()]
    shape = next(one for one in slide.shapes if one.name == "a.mp4")
    assert abs(shape.width / shape.height - 320 / 180) < 0.01 and words(slide) == ["Жарыс"]
    assert shape._element.find(f".//{{{P}}}cNvPr").get("descr").startswith("Жарыс. ")
    tree, aim = slide._element.find(f"{{{P}}}timing"), str(shape.shape_id)
    assert {one.get("spid") for one in tree.iter(f"{{{P}}}spTgt")} == {aim}
    (first,) = (one for one in tree.iter(f"{{{P}}}cTn") if one.get("nodeType") == "mainSeq")
    (play,) = first.iter(f"{{{P}}}cmd")
    assert play.get("cmd") == "playFrom(0.0)" and play.find(f".//{{{P}}}cTn").get("dur") == "300"
    assert tree.find(f".//{{{P}}}cMediaNode/{{{P}}}cTn").get("repeatCount") == "indefinite"
    numbers = [one.get("id") for one in tree.iter(f"{{{P}}}cTn")]
    assert len(set(numbers)) == len(numbers)
    assert slide.notes_slide.notes_text_frame.text == gdviz.api.command_of(gdviz.load_recipe(made), "a.mp4")


def test_its_poster_is_the_last_frame() -> None:
    import imageio.v3 as imageio

    made = clip()
    deck(made, "a.pptx")
    (poster,) = (data for name, data in media("a.pptx").items() if name.endswith(".png"))
    *_, last = gdviz.frames(made)
    assert np.array_equal(imageio.imread(poster, plugin="pillow", mode="RGB"), last)


def test_a_recipe_is_drawn_without_the_words_that_the_template_says() -> None:
    deck("race.toml", "a.pptx", lang="ru", **SMALL)
    (slide,) = opened("a.pptx")
    assert words(slide) == ["Гонка", "Вниз."]
    (film,) = (data for name, data in media("a.pptx").items() if name.endswith(".mp4"))
    Path("film.mp4").write_bytes(film)
    recipe = gdviz.load_recipe("film.mp4")
    assert (recipe.bare, recipe.title, recipe.caption, recipe.lang) == (True, None, None, "ru")
    wide, high = map(int, recipe.size.split("x"))
    shape = next(one for one in slide.shapes if one.name == "race.ru.mp4")
    assert abs(shape.width / shape.height - wide / high) < 1e-3
    body = next(one for one in slide.placeholders if one.text_frame.text == "Вниз.")
    assert shape.top + shape.height <= body.top and abs(shape.width - body.width) < body.width / 50
    assert "--bare" in slide.notes_slide.notes_text_frame.text


def test_languages_are_files_and_what_is_shown_runs_once(monkeypatch: pytest.MonkeyPatch) -> None:
    runs: list[object] = []
    whole = gdviz.api.make
    monkeypatch.setattr(decks.api, "make", lambda *given: runs.append(given) or whole(*given))
    assert run(["deck", "talk.toml", "--lang", "en", "--lang", "kk", "--size", "360x200", "--quiet"]) == 0
    assert len(runs) == 1, "both slides and both languages are of one run"
    assert sorted(path.name for path in Path().glob("*.pptx")) == ["talk.en.pptx", "talk.kk.pptx"]
    assert [words(slide) for slide in opened("talk.kk.pptx")] == [
        ["Дәріс", "2026"],
        ["Бірінші бөлім", "Дәріс"],
        ["Жарыс", "Төмен."],
        ["Жарыс", "Төмен."],
    ]
    assert len([name for name in media("talk.kk.pptx") if name.endswith(".mp4")]) == 1
    assert {run.get("lang") for slide in opened("talk.kk.pptx") for run in slide._element.iter(f"{{{A}}}rPr")} == {
        "kk-KZ"
    }


def test_pictures_that_move_for_programs_that_drop_films() -> None:
    deck(["race.toml", clip("b.gif")], "a.pptx", clips="gif", **SMALL)
    found = media("a.pptx")
    assert {Path(name).suffix for name in found} == {".gif"} and len(found) == 2
    assert Path("b.gif").read_bytes() in found.values()
    assert all(slide._element.find(f"{{{P}}}timing") is None for slide in opened("a.pptx"))


def test_the_same_slides_are_the_same_bytes_without_a_date() -> None:
    made = [deck(["race.toml", "race.toml"], name, **SMALL).read_bytes() for name in ("a.pptx", "b.pptx")]
    assert made[0] == made[1]
    with zipfile.ZipFile("a.pptx") as file:
        assert {one.date_time for one in file.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert not re.search("created|modified|Canny", file.read("docProps/core.xml").decode())


def test_clips_stand_on_the_colour_of_their_slides() -> None:
    """Of a template's, which is read from it, and of the plain slides, which get the one that is asked for."""
    deck("race.toml", "a.pptx", background="#fff3d6", **SMALL)
    assert open_template("a.pptx", THEMES["light"]).ground == "#fff3d6"
    deck("race.toml", "b.pptx", template="a.pptx", clips="gif", **SMALL)
    for name, off in (("a.pptx", 2), ("b.pptx", 0)):
        ((kind, data),) = ((Path(one).suffix, data) for one, data in media(name).items() if not one.endswith(".png"))
        Path(f"film{kind}").write_bytes(data)
        for found in corners(f"film{kind}"):
            assert np.abs(found - [255, 243, 214]).max() <= off


def test_a_dark_ground_has_light_words() -> None:
    deck("race.toml", "a.pptx", background="#102a43", **SMALL)
    (film,) = (data for name, data in media("a.pptx").items() if name.endswith(".mp4"))
    Path("film.mp4").write_bytes(film)
    assert gdviz.load_recipe("film.mp4").theme == "dark"
    with zipfile.ZipFile("a.pptx") as file:
        colors = file.read("ppt/theme/theme1.xml").decode()
    assert THEMES["dark"].ink[1:].upper() in colors.partition("</a:dk1>")[0]


def test_layouts_are_chosen_by_what_they_hold_and_not_by_their_names() -> None:
    """A template whose layouts have other names and another order, and slides of its own that are not kept."""
    import pptx

    given = pptx.Presentation()
    layouts = given.slide_master.slide_layouts._sldLayoutIdLst
    for one in reversed(list(layouts)):
        layouts.remove(one)
        layouts.append(one)
    for number, layout in enumerate(given.slide_layouts):
        layout.name = f"Разметка {number}"
        layout._element.attrib.pop("type", None)
    given.slides.add_slide(given.slide_layouts[0])
    given.save("university.pptx")
    found = open_template("university.pptx", THEMES["light"])
    assert len(found.presentation.slides) == 0 and found.width == 9144000
    kinds = [[one.placeholder_format.type.name for one in layout.placeholders][:2] for layout in (
        found.opening, found.part, found.picture
    )]  # fmt: skip
    assert kinds == [["CENTER_TITLE", "SUBTITLE"], ["TITLE", "BODY"], ["TITLE", "OBJECT"]]


def test_a_picture_keeps_its_aspect_in_its_room() -> None:
    box = Box(100, 200, 1000, 500)
    for aspect in (0.5, 2.0, 4.0):
        inner = box.around(aspect)
        assert abs(inner.width / inner.height - aspect) < 0.01
        assert inner.left - 100 == pytest.approx(1100 - inner.left - inner.width, abs=1)
        assert inner.width == 1000 or inner.height == 500
    plain = open_template(None, THEMES["light"])
    assert free(plain, "").height > free(plain, "short").height > free(plain, "long " * 60).height > 0


def test_long_titles_get_smaller_letters_and_all_is_on_the_slide() -> None:
    gdviz.plot("beale", "a.png", size="320x180", steps=3, optimizer=[{"name": "gd", "lr": 0.01}])
    pages = Slides(open_template(None, THEMES["light"]), "ru")
    for title in ("Коротко", "Очень длинный заголовок " * 8):
        pages.show(Illustration(Path("a.png"), None, (320, 180), 0.0, title, "Подпись. " * 30, "alt", "notes"))
    Path("a.pptx").write_bytes(pages.data())
    short, long = opened("a.pptx")
    assert [run.font.size for run in short.shapes.title.text_frame.paragraphs[0].runs] == [None]
    assert long.shapes.title.text_frame.paragraphs[0].runs[0].font.size.pt < 30
    for shape in (*short.shapes, *long.shapes):
        assert shape.left >= 0 and shape.top >= 0
        assert shape.left + shape.width <= template.WIDE[0] and shape.top + shape.height <= template.WIDE[1]


def test_lectures_are_found_by_name_and_files_beside_a_deck() -> None:
    slides = read(["lecture_6"])
    assert slides == read(["lecture_2"]) and isinstance(slides[0], Heading) and slides[0].opens
    names = [one.name for one in slides if isinstance(one, Source)]
    assert {"ravine", "surface_wobbly"} < set(names) < set(lectures.recipes())
    assert [type(one) for one in read(["talk.toml", "ravine"])] == [Heading, Heading, Source, Source, Source]


def test_a_folder_is_a_lecture_with_its_chapters(folder: Path) -> None:
    (folder / "all" / "2_second_part").mkdir(parents=True)
    (folder / "all" / "2_second_part" / "b.toml").write_text(RECIPE, encoding="utf-8")
    (folder / "all" / "a.toml").write_text(RECIPE, encoding="utf-8")
    (folder / "all" / "gallery.toml").write_text('schema = 1\ntitle = "Mine"\n', encoding="utf-8")
    shown = [one.title if isinstance(one, Heading) else one.name for one in read(["all"])]
    assert sorted(map(str, shown)) == ["Mine", "Second part", "a", "b"]
    assert shown[0] == "Mine" and shown.index("b") == shown.index("Second part") + 1


@pytest.mark.parametrize(("name", "size"), [("batches", 1.0), ("ravine", decks.LARGER)])
def test_letters_are_larger_but_where_a_panel_is_full_of_words(
    name: str, size: float, monkeypatch: pytest.MonkeyPatch, folder: Path
) -> None:
    """What a picture of the lectures is drawn with; it is not drawn here."""
    made = gdviz.api.make(gdviz.load_recipe(name).updated(**({"epochs": 1} if name == "batches" else {})))
    asked = decks._wish(None, None, None, "1080p", "mp4", False)
    monkeypatch.setattr(decks.api, "render", lambda *given: None)
    seen: list[float | None] = []
    whole = gdviz.api.redrawn
    monkeypatch.setattr(
        decks.api, "redrawn", lambda run, look: seen.append(look.get("font_size", 0)) or whole(run, look)
    )
    decks._drawn(read([name])[0], made, "ru", asked, decks._template(asked), folder)
    assert seen[-1] == size


def test_a_deck_that_was_edited_is_not_lost() -> None:
    import pptx

    made = clip()
    deck(made, "a.pptx")
    assert ours(Path("a.pptx"))
    deck(made, "a.pptx")
    edited = pptx.Presentation("a.pptx")
    edited.slides[0].shapes.title.text_frame.text = "My own words"
    edited.save("a.pptx")
    assert not ours(Path("a.pptx"))
    with pytest.raises(UsageError, match="choose another name or add --force"):
        deck(made, "a.pptx")
    deck(made, "a.pptx", force=True)
    assert ours(Path("a.pptx"))


@pytest.mark.parametrize(
    ("line", "told"),
    [
        (["ravnie"], "there is no file or figure 'ravnie'; did you mean 'ravine'?"),
        (["lectur_1"], "did you mean 'lecture_1'?"),
        (["foreign.mp4"], "foreign.mp4 was not made by gdviz"),
        (["race.toml", "--template", "foreign.mp4"], "--template foreign.mp4 is no presentation"),
        (["race.toml", "--template", "none.pptx"], "there is no template 'none.pptx'"),
        (["race.toml", "--clips", "mp5"], "--clips mp5 is none of mp4, gif; did you mean 'mp4'?"),
        (["race.toml", "--out", "a.ppt"], "use one of .pptx"),
        (["race.toml", "--size", "huge"], "size = 'huge'"),
        (["race.toml", "--background", "red"], "it must be a colour"),
        (["empty"], "there is no recipe (.toml) in 'empty'"),
        (["a.svg"], "slides hold files that end in"),
        (["wrong.toml"], "wrong.toml"),
    ],
)
def test_what_cannot_be_on_slides_is_told_in_a_sentence(
    line: list[str], told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("foreign.mp4").write_bytes(b"not a film")
    Path("wrong.toml").write_text('landscape = "beale"\nstepps = 3\n', encoding="utf-8")
    Path("empty").mkdir()
    if "a.svg" in line:
        gdviz.plot("beale", "a.svg", size="320x180", steps=3, optimizer=[{"name": "gd", "lr": 0.01}])
    assert run(["deck", *line]) == 2
    said = capsys.readouterr().err
    assert told in said and said.count("\n") == 1
    assert not list(Path().glob("*.pptx"))


def test_a_missing_package_is_named(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setitem(sys.modules, "pptx", None)
    assert run(["deck", "race.toml"]) == 2
    assert capsys.readouterr().err == 'gdviz: slides need python-pptx; pip install "gdviz[slides]"\n'
