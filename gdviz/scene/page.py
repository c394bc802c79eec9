"""The whole picture as data: what compose makes and render draws."""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from gdviz.scene.keys import Key
from gdviz.scene.layers import Trails
from gdviz.scene.palette import Style
from gdviz.scene.panels import Panel
from gdviz.scene.themes import Theme
from gdviz.scene.timing import Timeline


@dataclass(frozen=True)
class Entry:
    """A row of the ledger. `values[k]` is the current loss at record k as text.

    happened: for each record what is told after the details from some step on, "" before; none at all where nothing is.
    label: what stands at the heads of its paths, "" where nothing does. row: what its row says in bold and what beside
    it, where that is not name and details because all rows share something.
    """

    name: str
    details: str
    style: Style
    values: tuple[str, ...] = ()
    happened: tuple[str, ...] = ()
    label: str = ""
    row: tuple[str, str] | None = None

    @property
    def heading(self) -> str:
        """What its row says in bold."""
        return self.name if self.row is None else self.row[0]

    @property
    def remark(self) -> str:
        """What its row says beside that."""
        return self.details if self.row is None else self.row[1]

    def told(self, record: int) -> str:
        """The remark and what has happened by a record."""
        event = self.happened[min(record, len(self.happened) - 1)] if self.happened else ""
        return "; ".join(filter(None, [self.remark, event]))

    @property
    def longest(self) -> str:
        """The remark with the longest that ever happens."""
        return self.told(max(range(len(self.happened)), key=lambda k: len(self.happened[k]), default=0))


@dataclass(frozen=True)
class Head:
    """What stands to the left of a row of a grid: a title, and entries, which then are not in the ledger."""

    title: str
    entries: tuple[int, ...] = ()


@dataclass(frozen=True)
class Reading:
    """What a page says at most in one of the languages: title, counter with what is beneath it, caption and formula."""

    title: str
    counter: str = ""
    counter_total: str = ""
    caption: str = ""
    formula: str = ""


@dataclass(frozen=True, eq=False)
class Scene:
    """A page with everything on it, at every record. All texts are final: translated, with their decimal mark.

    size: (width, height) in pixels; formula: mathtext without the dollar signs, or ""; formula_left_out: what is said
    where it has no room; counter: one text per record; counter_total: dim, beneath it; values_title: what the values of
    the entries are, dim, above them; shared: what their rows need not say, beside that; unsaid: the caption that a bare
    page lacks, for whoever shows it; legend: what the ledger says, "full", "values" (of entries with a label at their
    heads their values alone) or "off"; steps: the step number of each record; font: a file or a family name, None for
    Source Sans Pro. dpi: None on a screen, where text grows with the page; for paper the pixels of an inch, and the
    smallest text is then 6 points high whatever the page measures. font_scale multiplies every text.

    grid: (rows, columns) of equal cells that the panels fill row by row, whatever their areas; the last cells may stay
    empty. None where panels stand by their areas. heads: one for each row of the grid, or none at all; their entries
    come after those of the ledger. readings: the page in every language, all of which find room, so that its parts
    stand at the same places in each; none where there is but one.
    """

    size: tuple[int, int]
    theme: Theme
    panels: tuple[Panel, ...]
    entries: tuple[Entry, ...]
    title: str = ""
    formula: str = ""
    caption: str = ""
    counter: tuple[str, ...] = ()
    counter_total: str = ""
    steps: NDArray[np.int64] | None = None  # int64[record]
    timeline: Timeline | None = None
    font: str | None = None
    font_scale: float = 1.0
    dpi: float | None = None
    grid: tuple[int, int] | None = None
    heads: tuple[Head, ...] = ()
    values_title: str = ""
    formula_left_out: str = ""
    readings: tuple[Reading, ...] = ()
    shared: str = ""
    unsaid: str = ""
    legend: str = "full"
    key: Key | None = None

    def __post_init__(self) -> None:
        """Refuse a page whose parts do not belong together."""
        records = {len(track.points) for layer in self.trails() for track in layer.tracks}
        records |= {len(told) for entry in self.entries for told in (entry.values, entry.happened) if told}
        if self.counter:
            records.add(len(self.counter))
        if self.steps is not None:
            records.add(len(self.steps))
        if len(records) > 1:
            raise ValueError(
                f"tracks, values, counter and steps must have one number of records, not {sorted(records)}"
            )
        for layer in self.trails():
            for track in layer.tracks:
                if not 0 <= track.entry < len(self.entries):
                    raise ValueError(f"a track belongs to entry {track.entry}, but there are {len(self.entries)}")
        if self.grid is not None and not (min(self.grid) >= 1 and self.grid[0] * self.grid[1] >= len(self.placed)):
            raise ValueError(f"a grid of {self.grid[0]} × {self.grid[1]} cells cannot hold {len(self.placed)} panels")
        if self.heads and len(self.heads) != (self.grid or (0, 0))[0]:
            raise ValueError(f"{len(self.heads)} heads do not fit the rows of the grid {self.grid}")
        headed = sorted(entry for head in self.heads for entry in head.entries)
        if headed != list(range(len(self.entries) - len(headed), len(self.entries))):
            raise ValueError("the entries of heads must be the last ones, each in one head")
        if min(self.size) < 16:
            raise ValueError(f"a page needs at least 16 × 16 pixels, not {self.size[0]} × {self.size[1]}")

    @property
    def placed(self) -> tuple[Panel, ...]:
        """The panels that have a place of their own on the page: all but those inside the main one."""
        return tuple(panel for panel in self.panels if not panel.inlaid)

    @property
    def listed(self) -> tuple[Entry, ...]:
        """The entries of the ledger as it tells them: those that stand in no head."""
        if self.legend == "off":
            return ()
        found = self.entries[: len(self.entries) - sum(len(head.entries) for head in self.heads)]
        if self.legend == "values":
            found = tuple(replace(one, row=("", "")) if one.label else one for one in found)
        return found

    def standing(self, record: int) -> Scene:
        """The scene as a still of a record: its ledger has no room for values of others."""
        entries = (replace(one, values=len(one.values) * one.values[record : record + 1]) for one in self.entries)
        return replace(self, entries=tuple(entries))

    def bared(self, title: bool, caption: bool) -> Scene:
        """With panels and ledger alone, and of title and caption those that were typed; the other caption is unsaid."""
        return replace(
            self,
            title=self.title if title else "",
            caption=self.caption if caption else "",
            unsaid="" if caption else self.caption,
            formula="",
            counter=(),
            counter_total="",
            readings=(),
        )

    def trails(self) -> tuple[Trails, ...]:
        """Every layer that moves, in the order of the panels."""
        return tuple(layer for panel in self.panels for layer in panel.layers if isinstance(layer, Trails))

    @property
    def pictured(self) -> bool:
        """Whether there are images in it that change with the record."""
        return any(layer.pictured for panel in self.panels for layer in panel.layers)

    @property
    def records(self) -> int:
        """How many records the scene spans, at least one."""
        for layer in self.trails():
            for track in layer.tracks:
                return len(track.points)
        return max((len(entry.values) for entry in self.entries), default=0) or len(self.counter) or 1

    @property
    def clock(self) -> Timeline:
        """The timeline; a scene without one shows its last record in a single frame."""
        return self.timeline or Timeline(1, Fraction(30), np.array([self.records - 1]))
