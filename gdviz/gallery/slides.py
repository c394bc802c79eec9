"""Presentations: words in a template's places, clips with posters that play by themselves, notes; the same bytes each
time."""

from __future__ import annotations

import dataclasses
import hashlib
import io
import re
import zipfile
from pathlib import Path
from typing import Any

from gdviz.encode import FORMATS
from gdviz.gallery.template import LINE, NS, POINT, Box, Template, letters, lines, room, size_of
from gdviz.gallery.timing import timing
from gdviz.lang import texts

ENDING = ".pptx"

CAPTION = 18.0
"""Points of the letters of captions, where a template's are not smaller."""

GAP = 0.012
"""Between a picture and its caption, by the slide's width."""

CORE = "docProps/core.xml"
MARK = "gdviz:"
"""Before the hash of all else, in the properties of a presentation that nobody has edited since it was made."""

BLANK = MARK + 64 * "0"
DATED = ("created", "modified", "lastPrinted")


@dataclasses.dataclass(frozen=True)
class Illustration:
    """A picture or a film as a slide shows it.

    poster: the still of a film; size: in pixels; seconds: that a film takes; alt: what it shows, for those who do not
    see it; notes: what the speaker sees.
    """

    file: Path
    poster: Path | None
    size: tuple[int, int]
    seconds: float
    title: str
    caption: str
    alt: str
    notes: str


def free(template: Template, caption: str) -> Box:
    """Where a picture has room above its caption."""
    body = _body(template.picture)
    if body is None:
        return _below_title(template)
    box = room(body)
    return box._replace(height=box.height - _strip(template, box, caption))


class Slides:
    """A presentation that is being made, in one language."""

    def __init__(self, template: Template, lang: str) -> None:
        self.template, self.lang = template, texts(lang).region  # spelling checkers ask for it
        self.titles: list[str] = []

    def head(self, title: str, below: str, opens: bool) -> None:
        """Add a slide of words: that of a lecture, or of a part of it."""
        slide = self._slide(self.template.opening if opens else self.template.part, title)
        others = [one for one in slide.placeholders if one.placeholder_format.idx != 0]
        if below and others:
            self._write(others[0], below, size_of(others[0], 24.0))
        for empty in others[1 if below else 0 :]:
            empty._element.getparent().remove(empty._element)

    def show(self, picture: Illustration) -> None:
        """Add a slide of a picture."""
        slide = self._slide(self.template.picture, picture.title)
        self._caption(slide, picture.caption)
        box = free(self.template, picture.caption).around(picture.size[0] / picture.size[1])
        if FORMATS[picture.file.suffix.lower()].mime.startswith("video"):
            shape = slide.shapes.add_movie(
                str(picture.file), *box, str(picture.poster), FORMATS[picture.file.suffix.lower()].mime
            )
            self._play(slide, shape, picture.seconds)
        else:
            shape = slide.shapes.add_picture(str(picture.file), *box)
        about = shape._element.find(".//p:cNvPr", NS)
        about.set("name", picture.file.name)
        about.set("descr", picture.alt)
        slide.notes_slide.notes_text_frame.text = picture.notes

    def data(self) -> bytes:
        """The whole file: without dates and names of people, parts stored in one way."""
        from lxml import etree

        presentation = self.template.presentation
        properties = presentation.core_properties
        properties.title = next(iter(self.titles), "")
        properties.identifier, properties.language = BLANK, self.lang
        properties.author = properties.last_modified_by = properties.comments = properties.keywords = ""
        properties.revision = 1
        for one in list(properties._element):
            if etree.QName(one).localname in DATED:
                properties._element.remove(one)
        stream = io.BytesIO()
        presentation.save(stream)
        return _sealed(stream)

    def _slide(self, layout: Any, title: str) -> Any:
        slide = self.template.presentation.slides.add_slide(layout)
        self.titles.append(title)
        if slide.shapes.title is not None:
            self._write(slide.shapes.title, title, size_of(slide.shapes.title, 40.0))
        return slide

    def _write(self, holder: Any, text: str, size: float) -> None:
        """Put a text where a placeholder is, in its own letters, or smaller ones where these have no room."""
        frame = holder.text_frame
        frame.text = text
        fitting = letters(holder, text, size)
        for run in (run for paragraph in frame.paragraphs for run in paragraph.runs):
            run._r.get_or_add_rPr().set("lang", self.lang)
            if fitting < size:
                run._r.get_or_add_rPr().set("sz", str(round(100 * fitting)))

    def _caption(self, slide: Any, text: str) -> None:
        """Put a caption where the contents of a slide are, at their foot, as words without a bullet."""
        from lxml import etree
        from pptx.util import Emu

        box = room(whole) if (whole := _body(self.template.picture)) is not None else _below_title(self.template)
        body = _body(slide)
        if body is not None and not text:
            body._element.getparent().remove(body._element)
        if not text:
            return
        high = _strip(self.template, box, text)
        if body is None:
            box = box._replace(height=box.height + high)
            body = slide.shapes.add_textbox(*map(Emu, box))
            body.text_frame.word_wrap = True
        body.left, body.top, body.width, body.height = box.left, box.top + box.height - high, box.width, high
        body.text_frame.text = text
        size = _letters(self.template)
        for paragraph in body.text_frame.paragraphs:
            about = paragraph._p.get_or_add_pPr()
            about.set("marL", "0")
            about.set("indent", "0")
            etree.SubElement(about, f"{{{NS['a']}}}buNone")
            for run in paragraph.runs:
                run._r.get_or_add_rPr().set("lang", self.lang)
                run._r.get_or_add_rPr().set("sz", str(round(100 * size)))

    def _play(self, slide: Any, shape: Any, seconds: float) -> None:
        from pptx.oxml import parse_xml

        old = slide._element.find("p:timing", NS)
        old.getparent().replace(old, parse_xml(timing(shape.shape_id, seconds)))


def ours(path: Path) -> bool:
    """Whether a file is a presentation made by gdviz that nobody has edited since."""
    try:
        with zipfile.ZipFile(path) as file:
            return _seal(file).encode() in file.read(CORE)
    except (OSError, KeyError, ValueError, zipfile.BadZipFile):
        return False


def _body(sheet: Any) -> Any:
    """The placeholder of contents of a slide or a layout, None where there is none."""
    edges = ("title", "ctrTitle", "subTitle", "dt", "ftr", "sldNum", "hdr")
    for one in sheet.placeholders:
        mark = one._element.find(".//p:nvPr/p:ph", NS)
        if mark is not None and mark.get("type", "obj") not in edges:
            return one
    return None


def _below_title(template: Template) -> Box:
    """All below the title of a layout without contents, but for a strip for a caption."""
    title = room(next(one for one in template.picture.placeholders if one.placeholder_format.idx == 0))
    edge = min(title.left, template.width // 20)
    top = title.top + title.height
    high = int(template.presentation.slide_height) - top - edge
    return Box(edge, top, template.width - 2 * edge, round(0.86 * high))


def _letters(template: Template) -> float:
    body = _body(template.picture)
    return CAPTION if body is None else min(CAPTION, size_of(body, CAPTION))


def _strip(template: Template, box: Box, caption: str) -> int:
    """How high a caption is with the gap above it, in English metric units."""
    if not caption:
        return 0
    size = _letters(template)
    count = lines(caption, (box.width - 2 * 91440) / POINT, size)
    return round((count * LINE * size + 8) * POINT) + round(GAP * template.width)


def _seal(file: zipfile.ZipFile) -> str:
    """The mark of a file's parts but for that which holds it."""
    parts = [f"{one.filename} {one.CRC:08x}" for one in file.infolist() if one.filename != CORE]
    return MARK + hashlib.sha256("\n".join(parts).encode()).hexdigest()


def _sealed(stream: io.BytesIO) -> bytes:
    """A package's parts again, with one date for all, media as they are, and the mark."""
    made = io.BytesIO()
    with zipfile.ZipFile(stream) as old, zipfile.ZipFile(made, "w") as new:
        seal = _seal(old)
        for name in old.namelist():
            data = old.read(name)
            if name == CORE:
                data = data.replace(BLANK.encode(), seal.encode())
            part = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            part.create_system, part.external_attr = 0, 0
            part.compress_type = zipfile.ZIP_STORED if re.match("ppt/media/", name) else zipfile.ZIP_DEFLATED
            new.writestr(part, data)
    return made.getvalue()
