"""What is asked of all pictures of a gallery."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

from gdviz.encode import CLIPS
from gdviz.errors import UsageError
from gdviz.gallery.entry import Entry
from gdviz.lang import languages as known_languages
from gdviz.recipe.page import Settings
from gdviz.recipe.sizes import page_size
from gdviz.scene.themes import THEMES


@dataclasses.dataclass(frozen=True)
class Wish:
    """What a build asks of all pictures: languages and themes, the size, and whether in draft quality."""

    languages: tuple[str, ...]
    themes: tuple[str, ...]
    size: str
    draft: bool = False

    def look_of(self, entry: Entry) -> dict[str, str]:
        """What of it the pictures of an entry depend on, as causes tell it: a cell of a contact sheet has a size of its
        own, and a draft is another where something moves."""
        size = {} if entry.is_cell else {"size": self.size}
        moves = any(f".{ending}" in CLIPS for ending in entry.formats)
        return {**size, **({"draft": "yes" if self.draft else "no"} if moves else {})}

    @property
    def pictures(self) -> list[tuple[str, str]]:
        """Language and theme of each picture of an entry."""
        return [(lang, theme) for lang in self.languages for theme in self.themes]

    def pictures_of(self, entry: Entry) -> list[tuple[str, str]]:
        """Those of an entry; what has no words is made once for all languages."""
        return self.pictures[: len(self.themes)] if entry.is_cell else self.pictures


def wish(
    settings: Settings,
    languages: Sequence[str] = (),
    themes: Sequence[str] = (),
    size: str | None = None,
    draft: bool = False,
) -> Wish:
    """What is asked for, and where nothing is, what the gallery says. Raises UsageError for what there is not."""
    asked = tuple(dict.fromkeys(languages or settings.languages)), tuple(dict.fromkeys(themes or settings.themes))
    for given, known, what in ((asked[0], known_languages(), "language"), (asked[1], tuple(THEMES), "theme")):
        for one in given:
            if one not in known:
                raise UsageError(f"there is no {what} '{one}'; there are {', '.join(known)}")
    chosen = size or settings.size
    try:
        page_size(chosen)
    except ValueError as error:
        raise UsageError(f"the size of the gallery: {error}") from None
    return Wish(*asked, chosen, draft)
