"""`gdviz deck`: recipes, figures and finished files into presentations, one in each language."""

from __future__ import annotations

import dataclasses
import tempfile
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

from gdviz import api, jobs
from gdviz.artefacts import STILL, Written, scene_of
from gdviz.catalogue.lookup import find
from gdviz.draw.mathematics import plain
from gdviz.encode import FORMATS, atomic, check_target, frames
from gdviz.errors import UsageError, nearest
from gdviz.gallery.sayings import said
from gdviz.gallery.slides import ENDING, Illustration, Slides, free, ours
from gdviz.gallery.sources import Heading, Source, read
from gdviz.gallery.template import Template, open_template, package
from gdviz.lang import texts
from gdviz.recipe.options import options_of
from gdviz.recipe.page import words_of
from gdviz.recipe.recipe import validate
from gdviz.recipe.sizes import page_size
from gdviz.scene.layers import Paragraphs
from gdviz.scene.paper import on_paper, suited
from gdviz.scene.themes import THEMES

Progress = Callable[[int, int, str], None]

SIZE = "1080p"
"""Pixels of a whole slide."""

LARGER = 1.25
"""How much larger letters are drawn: beside title and caption a picture is some 0.7 as high as a page of its own."""

FILMS = tuple(
    ending[1:]
    for ending, one in sorted(FORMATS.items(), key=lambda row: not row[1].mime.startswith("video"))
    if one.film and one.slides
)
"""What clips on slides may be, films before pictures that move."""


@dataclasses.dataclass(frozen=True)
class Wish:
    """How slides look: theme and ground "#rrggbb" of what is drawn, None where recipes say them; size of a whole slide;
    clips: one of FILMS."""

    template: str | None
    theme: str | None
    ground: str | None
    size: str
    clips: str
    draft: bool


def deck(
    sources: str | Path | Iterable[str | Path],
    out: str | Path,
    *,
    lang: str | None = None,
    template: str | Path | None = None,
    theme: str | None = None,
    background: str | None = None,
    size: str = SIZE,
    clips: str = FILMS[0],
    draft: bool = False,
    force: bool = False,
    progress: Progress | None = None,
) -> Path:
    """Write a presentation (.pptx) and answer its path, absolute.

    sources: of the slides in order, files made by gdviz, which are taken byte for byte, recipes, figures of the
    lectures by their names, and decks, as in "lecture_1". lang: of what is drawn and written, by default that of each
    recipe; template: a presentation whose layouts are used; theme, background: of what is drawn, by default so that
    it stands on the template's own ground; size: pixels of a whole slide; clips: "mp4", or "gif" for programs that
    drop films; draft: faster and coarser; force: replace a file that gdviz did not make, or that was edited since.

    Raises UsageError, OutputError.
    """
    several = [sources] if isinstance(sources, (str, Path)) else list(sources)
    (written,) = decks(
        several,
        {lang: out},
        template=template,
        theme=theme,
        background=background,
        size=size,
        clips=clips,
        draft=draft,
        force=force,
        progress=progress,
    )
    return written.path


def decks(
    sources: Sequence[str | Path],
    outs: dict[str | None, str | Path],
    *,
    template: str | Path | None,
    theme: str | None,
    background: str | None,
    size: str,
    clips: str,
    draft: bool,
    force: bool,
    progress: Progress | None = None,
) -> list[Written]:
    """Write the slides of what is named as presentations, one in each language of `outs`. The rest is as in `deck`."""
    package()
    for out in outs.values():
        check_target(out, force or ours(Path(out)), (ENDING,))
    asked = _wish(template, theme, background, size, clips, draft)
    slides = read(sources)
    pictures = _pictures(slides)
    with tempfile.TemporaryDirectory(prefix="gdviz-") as folder:
        shown = _template(asked)
        made: dict[tuple[int, str | None], Illustration] = {}
        for number, source in enumerate(pictures):
            if progress is not None:
                progress(number, len(pictures), "slides")
            place = Path(folder) / f"{number}"
            place.mkdir()
            for lang, one in _illustrated(source, tuple(outs), asked, shown, place):
                made[number, lang] = one
        if progress is not None:
            progress(len(pictures), len(pictures), "slides")
        found = []
        for lang, out in outs.items():
            pages = Slides(_template(asked), lang or "en")
            for slide in slides:
                if isinstance(slide, Heading):
                    title, below = (words_of(words, lang or "en") for words in (slide.title, slide.below))
                    pages.head(title, below, slide.opens)
                else:
                    pages.show(made[pictures.index(slide), lang])
            with atomic(out, replace=force or ours(Path(out))) as target:
                Path(target).write_bytes(pages.data())
            found.append(Written(target.path, target.note))
    return found


def _pictures(slides: Iterable[Heading | Source]) -> list[Source]:
    """The sources among slides, each once."""
    found: list[Source] = []
    for one in slides:
        if isinstance(one, Source) and one not in found:
            found.append(one)
    return found


def _wish(
    template: str | Path | None, theme: str | None, background: str | None, size: str, clips: str, draft: bool
) -> Wish:
    """What is asked of all slides, checked. Raises UsageError."""
    if clips not in FILMS:
        raise UsageError(f"--clips {clips} is none of {', '.join(FILMS)}{nearest(clips, FILMS)}")
    drawn = {"theme": theme, "background": background, "size": size}
    checked = validate({key: value for key, value in drawn.items() if value is not None}, "deck")
    named = theme or (checked.theme if background is not None else None)
    file = None if template is None else str(Path(template).expanduser())
    asked = Wish(file, named, background, size, clips, draft)
    ground = background or _template(asked).ground
    return dataclasses.replace(asked, ground=ground, theme=named or (suited(ground) if ground else None))


def _template(asked: Wish) -> Template:
    """The template, opened anew; slides without one have the ground that is asked for."""
    theme = THEMES[asked.theme or next(iter(THEMES))]
    return open_template(asked.template, theme if asked.ground is None else on_paper(theme, asked.ground))


def _illustrated(
    source: Source, languages: Sequence[str | None], asked: Wish, template: Template, folder: Path
) -> Iterable[tuple[str | None, Illustration]]:
    """The picture of a source in every language; what it shows is run once."""
    if source.file is not None:
        one = _taken(source, folder)
        yield from ((lang, one) for lang in languages)
        return
    known = options_of(source.recipe.job)  # a study has no draft
    look = {"theme": asked.theme, "background": _background(asked), "draft": asked.draft, "stops": False}
    drawn = {key: value for key, value in look.items() if key in known and value is not None}
    made = api.make(source.recipe.updated(**drawn))
    for lang in languages:
        yield lang, _drawn(source, made, lang, asked, template, folder)


def _background(asked: Wish) -> str | None:
    """What recipes are told of the ground: nothing where it is the theme's own."""
    return None if asked.theme is None or asked.ground == THEMES[asked.theme].page else asked.ground


def _drawn(source: Source, made: Any, lang: str | None, asked: Wish, template: Template, folder: Path) -> Illustration:
    """A recipe drawn without its words, which are the slide's, as large as the room beside these."""
    spoken = made if lang is None else api.redrawn(made, {"lang": lang})
    words = said(source.page, spoken, spoken.recipe.lang, source.name.replace("_", " "))
    title, caption = plain(words.title), plain(words.caption)
    whole, _, _ = page_size(asked.size)
    pixels = whole / template.width
    box = free(template, caption)
    wide, high = (2 * round(side * pixels / 2) for side in (box.width, box.height))
    look = {"bare": True, "title": None, "caption": None, "size": f"{wide}x{high}"}
    told = any(isinstance(layer, Paragraphs) for panel in scene_of(spoken).placed for layer in panel.layers)
    larger = 1.0 if told else LARGER  # a panel full of words has no room for larger ones
    bare = api.redrawn(spoken, {**look, "font_size": min(larger * source.recipe.font_size, 3.0)})
    moves = jobs.of(source.recipe).films and _filmed(source)
    name = source.name if lang is None else f"{source.name}.{lang}"
    file = folder / f"{name}{'.' + asked.clips if moves else STILL}"
    poster = folder / f"{name}{STILL}" if FORMATS[file.suffix].mime.startswith("video") else None
    api.render(bare, [file, *([poster] if poster else [])])
    scene = scene_of(bare)
    size, seconds = scene.size, float(scene.clock.frames / scene.clock.fps) if moves else 0.0
    notes = api.command_of(bare.recipe, file.name)
    return Illustration(file, poster, size, seconds, title, caption, plain(words.alt), notes)


def _filmed(source: Source) -> bool:
    """Whether a recipe wishes for a clip: it says nothing of formats, or one that moves."""
    wished = source.page.formats
    return wished is None or any((one := FORMATS.get(f".{ending}")) and one.moves for ending in wished)


def _taken(source: Source, folder: Path) -> Illustration:
    """A finished file as it is, with what its recipe says."""
    assert source.file is not None
    recipe, format_ = source.recipe, FORMATS[source.file.suffix.lower()]
    count, last = 0, None
    for frame in frames(source.file):
        count, last = count + 1, frame
    assert last is not None
    poster = None
    if format_.mime.startswith("video"):
        poster = folder / f"{source.name}{STILL}"
        pixels = FORMATS[STILL].pixels
        assert pixels is not None
        pixels(poster, last, 96.0, {"gdviz": recipe.updated(at=None, stops=False).text()})
    caption = plain(recipe.said(recipe.caption)) if recipe.bare else ""  # it says it itself
    words = texts(recipe.lang)
    named = [(kind, words.name(kind, one.name) or find(kind, one.name).title) for kind, one in recipe.named()]
    shown = next((name for kind, name in named if kind != "optimizer"), source.name.replace("_", " "))
    title = plain(recipe.said(recipe.title)) or shown
    names = ", ".join(dict.fromkeys(name for _, name in named if name != title))
    alt = ". ".join(filter(None, [title.rstrip("."), names, caption]))
    size = (int(last.shape[1]), int(last.shape[0]))
    command = api.command_of(recipe, source.file.name)
    return Illustration(source.file, poster, size, count / recipe.fps, title, caption, alt, command)
