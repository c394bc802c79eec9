"""Templates of presentations: which of their layouts are for what, and where on these there is room."""

from __future__ import annotations

import dataclasses
import math
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any, NamedTuple

from gdviz.errors import UsageError
from gdviz.scene.themes import Theme

WIDE = (12192000, 6858000)
"""English metric units of a slide of 16:9, 914400 an inch: the size that PowerPoint begins with."""

POINT = 12700
"""English metric units of a point."""

LETTER, LINE = 0.52, 1.22
"""Width of a letter on average, and pitch of lines, by the size of letters: those of Calibri in Russian and Kazakh."""

TITLE = (0.04, 0.03, 0.92, 0.115)
BODY = (0.04, 0.155, 0.92, 0.815)
"""Left, top, width and height of titles and contents by the slide's, where no template says it: most is the clip's."""

HEADING, OPENING = 3000, 4400
"""Letters of titles there, and of those of lectures, in hundredths of a point."""

NS = {
    "a": "http://schemas.openxmlformats.org/drawingml/2006/main",
    "p": "http://schemas.openxmlformats.org/presentationml/2006/main",
}


class Box(NamedTuple):
    """A rectangle in English metric units."""

    left: int
    top: int
    width: int
    height: int

    def around(self, aspect: float) -> Box:
        """The largest one in its middle whose width is `aspect` times its height."""
        width = min(self.width, round(self.height * aspect))
        height = min(self.height, round(self.width / aspect))
        return Box(self.left + (self.width - width) // 2, self.top + (self.height - height) // 2, width, height)


@dataclasses.dataclass(frozen=True)
class Template:
    """An open presentation without slides, and the layouts of title slides, of parts and of pictures.

    ground: "#rrggbb" of the slides of pictures, None where that is no single colour.
    """

    presentation: Any
    opening: Any
    part: Any
    picture: Any
    ground: str | None

    @property
    def width(self) -> int:
        """Of a slide, in English metric units."""
        return int(self.presentation.slide_width)


def package() -> Any:
    """The package that writes presentations. Raises UsageError where it is missing."""
    try:
        import pptx
    except ImportError:
        raise UsageError('slides need python-pptx; pip install "gdviz[slides]"') from None
    return pptx


def open_template(path: str | Path | None, theme: Theme) -> Template:
    """The template in a file, without the slides that it shows; without one, plain slides of 16:9 in a theme's colours.

    Raises UsageError for what is no presentation, or has no layout with a title.
    """
    pptx = package()
    if path is None:
        presentation = pptx.Presentation()
        _restyle(presentation, theme)
    else:
        presentation = _opened(pptx, Path(path))
        _empty(presentation)
    layouts = list(presentation.slide_layouts)
    pictures = [one for one in layouts if _has(one, "title") and len(_bodies(one)) <= 1 and not _has(one, "pic")]
    if not pictures:
        raise UsageError(f"the template {Path(str(path)).name} has no layout with a title; give another one")
    picture = max(pictures, key=lambda one: _area(_bodies(one)))
    opening = next((one for one in layouts if _has(one, "ctrTitle")), picture)
    parts = [one for one in layouts if _has(one, "title") and [_kind(body) for body in _bodies(one)] == ["body"]]
    return Template(presentation, opening, next(iter(parts), opening), picture, _ground(picture))


def room(holder: Any) -> Box:
    """Where a placeholder is."""
    return Box(int(holder.left), int(holder.top), int(holder.width), int(holder.height))


def letters(holder: Any, text: str, most: float) -> float:
    """Points of letters with which a text has room in a placeholder, at most `most`."""
    box = room(holder)
    wide, high = (box.width - 2 * 91440) / POINT, (box.height - 2 * 45720) / POINT
    size = most
    while size > 10 and lines(text, wide, size) * LINE * size > max(high, LINE * size):
        size -= 1
    return size


def lines(text: str, wide: float, size: float) -> int:
    """About how many lines a text takes, `wide` points long, of letters of a size."""
    return sum(max(1, math.ceil(len(one) * LETTER * size / wide)) for one in text.split("\n"))


def size_of(holder: Any, usual: float) -> float:
    """Points of letters in a slide's placeholder, as its layout and master say it, else `usual`."""
    layout = holder.part.slide_layout
    index, kind = holder.placeholder_format.idx, _kind(holder)
    titled = kind in ("title", "ctrTitle")
    places = [one._element for one in layout.placeholders if one.placeholder_format.idx == index]
    masters = [one._element for one in layout.slide_master.placeholders if (_kind(one) == "title") == titled]
    style = layout.slide_master._element.findall(f"p:txStyles/p:{'titleStyle' if titled else 'bodyStyle'}", NS)
    for place in (*places, *masters[:1], *style):
        found = place.find(".//a:lvl1pPr/a:defRPr[@sz]", NS)
        if found is not None:
            return int(found.get("sz")) / 100
    return usual


def _opened(pptx: Any, path: Path) -> Any:
    from zipfile import BadZipFile

    from lxml.etree import XMLSyntaxError

    if not path.is_file():
        raise UsageError(f"there is no template '{path}'; give a presentation (.pptx)")
    try:
        presentation = pptx.Presentation(str(path))
        list(presentation.slide_layouts)
    except (BadZipFile, XMLSyntaxError, KeyError, ValueError, pptx.exc.PythonPptxError):
        saved = "; save it as a presentation (.pptx) first" if path.suffix.lower() in (".potx", ".ppt", ".odp") else ""
        raise UsageError(f"--template {path.name} is no presentation in PowerPoint's format{saved}") from None
    return presentation


def _empty(presentation: Any) -> None:
    """Take the slides out that a template shows."""
    listed = presentation.slides._sldIdLst
    for one in list(listed):
        presentation.part.drop_rel(one.rId)
        listed.remove(one)


def _kind(holder: Any) -> str:
    """What a placeholder is for: "obj" what holds anything, "body" words, "vert" words that run downwards."""
    mark = holder._element.find(".//p:nvPr/p:ph", NS)
    if mark is None:
        return ""
    return "vert" if mark.get("orient") == "vert" else str(mark.get("type", "obj"))


def _has(layout: Any, kind: str) -> bool:
    return any(_kind(one) == kind for one in layout.placeholders)


def _bodies(layout: Any) -> list[Any]:
    """Placeholders of a layout that hold its contents, not those along its edges."""
    edges = ("title", "ctrTitle", "subTitle", "dt", "ftr", "sldNum", "hdr")
    return [one for one in layout.placeholders if _kind(one) not in edges]


def _area(holders: Iterable[Any]) -> int:
    return max((int(one.width or 0) * int(one.height or 0) for one in holders if _kind(one) != "vert"), default=0)


def _theme(master: Any) -> Any:
    """The part with the colours of a master."""
    from pptx.opc.constants import RELATIONSHIP_TYPE

    return master.part.part_related_by(RELATIONSHIP_TYPE.THEME)


def _ground(layout: Any) -> str | None:
    """The colour of slides of a layout, where it is a single one: its own, else its master's."""
    from lxml import etree

    master = layout.slide_master
    places = (place.find("p:cSld/p:bg", NS) for place in (layout._element, master._element))
    ground = next((one for one in places if one is not None), None)
    if ground is None:
        return None
    plain = ground.find("p:bgPr/a:solidFill", NS)
    named = ground.find("p:bgRef", NS)
    holder = plain if plain is not None else named if named is not None and named.get("idx") == "1001" else None
    color = holder[0] if holder is not None and len(holder) else None
    if color is None or len(color):  # a gradient, a picture, or a colour that is changed
        return None
    word = str(color.get("val"))
    if color.tag.endswith("schemeClr"):
        word = str(master._element.find("p:clrMap", NS).get(word, word))
        found = etree.fromstring(_theme(master).blob).find(f".//a:clrScheme/a:{word}", NS)
        word = "" if found is None else str(found[0].get("lastClr") or found[0].get("val"))
    return f"#{word.lower()}" if re.fullmatch("[0-9A-Fa-f]{6}", word) else None


def _restyle(presentation: Any, theme: Theme) -> None:
    """Make the package's own slides, which are 4:3, wide, mostly for contents, and of a theme's colours."""
    from lxml import etree

    wider = WIDE[0] / presentation.slide_width
    presentation.slide_width, presentation.slide_height = WIDE
    master = presentation.slide_master
    for sheet in (master, *presentation.slide_layouts):
        for holder in sheet._element.iterfind(".//p:spPr/a:xfrm", NS):
            for place, side in ((holder.find("a:off", NS), "x"), (holder.find("a:ext", NS), "cx")):
                place.set(side, str(round(int(place.get(side)) * wider)))
    for holder in master.placeholders:
        box = {"title": TITLE, "body": BODY}.get(_kind(holder))
        if box is not None:
            scale = (*WIDE, *WIDE)
            holder.left, holder.top, holder.width, holder.height = (
                round(share * side) for share, side in zip(box, scale, strict=True)
            )
    title = master._element.find("p:txStyles/p:titleStyle/a:lvl1pPr", NS)
    title.set("algn", "l")
    title.find("a:defRPr", NS).set("sz", str(HEADING))
    for layout in presentation.slide_layouts:
        for style in layout._element.iterfind(".//a:defRPr[@cap]", NS):
            del style.attrib["cap"]  # titles as they are written
    for holder in (one for layout in presentation.slide_layouts for one in layout.placeholders):
        if _kind(holder) == "ctrTitle":
            level = etree.SubElement(holder._element.find("p:txBody/a:lstStyle", NS), f"{{{NS['a']}}}lvl1pPr")
            level.set("algn", "ctr")  # as what stands below it
            etree.SubElement(level, f"{{{NS['a']}}}defRPr").set("sz", str(OPENING))
    part = _theme(master)
    colors = etree.fromstring(part.blob)
    for word, color in (("dk1", theme.ink), ("lt1", theme.page)):
        place = colors.find(f".//a:clrScheme/a:{word}", NS)
        place.clear()
        etree.SubElement(place, f"{{{NS['a']}}}srgbClr").set("val", color[1:].upper())
    part._blob = etree.tostring(colors, xml_declaration=True, encoding="UTF-8", standalone=True)
