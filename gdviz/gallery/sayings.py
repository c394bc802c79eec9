"""What is said beside a picture: its title, its caption, and for those who do not see it what it shows."""

from __future__ import annotations

import dataclasses
from typing import Any

from gdviz.artefacts import scene_of
from gdviz.recipe.page import Page, words_of


@dataclasses.dataclass(frozen=True)
class Said:
    """Title, caption and alternative text of a picture; remarks: what the picture says below itself, where its page has
    a caption of its own."""

    title: str
    caption: str
    alt: str
    remarks: str


def said(page: Page, made: Any, lang: str, name: str) -> Said:
    """What its page says of what was made, else what its picture says; name: what stands for a missing title."""
    scene = scene_of(made)
    title = words_of(page.title, lang) or scene.title or name
    own = scene.caption or scene.unsaid
    caption = words_of(page.caption, lang) or own
    shown = ", ".join(dict.fromkeys(one.name for one in scene.entries))
    titles = dict.fromkeys(one.rstrip(".") for one in (title, scene.title))
    alt = words_of(page.alt, lang) or ". ".join(filter(None, [*titles, shown, caption]))
    return Said(title, caption, alt, "" if own in caption else own)
