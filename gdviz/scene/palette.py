"""Who wears which colour, dash and marker."""

from __future__ import annotations

import colorsys
from collections.abc import Sequence
from dataclasses import dataclass

from gdviz.scene.themes import Theme

# Lengths in line widths, on and off in turn; drawn with round caps, which lengthen each dash by one width. () is solid.
DASHES: dict[str, tuple[float, ...]] = {
    "solid": (),
    "dashed": (3.6, 2.9),
    "dotted": (0.01, 2.4),
    "dashdot": (4.5, 2.6, 0.01, 2.6),
    "long": (7.4, 3.0),
    "dashdotdot": (5.0, 2.4, 0.01, 2.4, 0.01, 2.4),
    "short": (1.6, 2.6),
    "longdot": (7.4, 2.6, 0.01, 2.6),
    "longshort": (7.4, 2.8, 1.6, 2.8),
    "dotpairs": (0.01, 1.7, 0.01, 3.3),
    "dashdashdot": (3.6, 2.6, 3.6, 2.6, 0.01, 2.6),
}

MARKERS: tuple[str, ...] = ("circle", "square", "diamond", "triangle", "plus", "cross", "down", "hexagon")


@dataclass(frozen=True)
class Style:
    """How one entry is drawn in every panel: a colour "#rrggbb", a name of DASHES and a name of MARKERS."""

    color: str
    dash: str = "solid"
    marker: str = "circle"

    def __post_init__(self) -> None:
        """Refuse names that no drawer knows."""
        if self.dash not in DASHES:
            raise ValueError(f"dash {self.dash!r} is not known; use one of {', '.join(DASHES)}")
        if self.marker not in MARKERS:
            raise ValueError(f"marker {self.marker!r} is not known; use one of {', '.join(MARKERS)}")
        digits = self.color[1:]
        if (
            len(self.color) != 7
            or self.color[0] != "#"
            or any(digit not in "0123456789abcdefABCDEF" for digit in digits)
        ):
            raise ValueError(f"color {self.color!r} is not of the form #rrggbb")

    def dashes(self, width: float) -> tuple[float, ...]:
        """On and off in turn of a line of this width, in the width's unit."""
        return tuple(part * width for part in DASHES[self.dash])


# The dash and the marker of each slot; its colour is the theme's. The first eight are those of the optimizers that are
# drawn most. Two slots that share one of the two differ in colour for every sight, and on paper in grey.
SLOTS: tuple[tuple[str, str], ...] = (
    ("solid", "hexagon"),
    ("long", "down"),
    ("solid", "circle"),
    ("dashdot", "triangle"),
    ("dashed", "square"),
    ("dotted", "diamond"),
    ("longdot", "plus"),
    ("dashdotdot", "cross"),
    ("longshort", "down"),
    ("dotpairs", "square"),
    ("short", "cross"),
    ("dashdashdot", "triangle"),
)


def _shade(color: str, dark: bool, turn: int) -> str:
    """The same hue, lighter and darker in turn: what a repeated optimizer wears."""
    red, green, blue = (int(color[at : at + 2], 16) / 255 for at in (1, 3, 5))
    hue, light, saturation = colorsys.rgb_to_hls(red, green, blue)
    shift = (0.0, 0.16, -0.13, 0.30, -0.19)[turn % 5]
    light = min(max(light - shift if dark else light + shift, 0.16), 0.86)
    return "#" + "".join(f"{round(255 * part):02x}" for part in colorsys.hls_to_rgb(hue, light, saturation))


def legible(color: str, ground: str, ink: str, least: float = 4.5) -> str:
    """The colour, mixed with ink as far as its contrast to the ground needs to be `least`. Source: WCAG 2.2."""
    mix = color
    for share in range(1, 21):
        if contrast(mix, ground) >= least:
            break
        mix = mixed(color, ink, share / 20)
    return mix


def mixed(color: str, other: str, share: float) -> str:
    """A colour with a share of another in it."""
    parts = zip(_parts(color), _parts(other), strict=True)
    return "#" + "".join(f"{round(a + (b - a) * share):02x}" for a, b in parts)


def contrast(a: str, b: str) -> float:
    """The contrast of two colours, 1…21. Source: WCAG 2.2."""
    low, high = sorted(_luminance(color) for color in (a, b))
    return (high + 0.05) / (low + 0.05)


def _luminance(color: str) -> float:
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in (p / 255 for p in _parts(color))]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _parts(color: str) -> tuple[int, ...]:
    return tuple(int(color[at : at + 2], 16) for at in (1, 3, 5))


def styles(slots: Sequence[int | None], families: Sequence[str], theme: Theme) -> list[Style]:
    """The style of each entry, in scene order.

    slots: an entry's own slot (0…11) or None; families: what counts as the same optimizer. The first entry of a family
    with a slot always wears it. The slots that are left go to the first entries of other families, then to repeats,
    each in scene order. When none is left a repeat keeps its family's hue and varies lightness, dash and marker. Up to
    twelve entries no two share a slot.
    """
    worn: dict[int, int] = {}  # entry → slot
    home: dict[str, int] = {}  # family → slot of its first entry
    free = list(range(len(SLOTS)))
    canonical = [number for number, slot in enumerate(slots) if slot is not None]
    others = [number for number, slot in enumerate(slots) if slot is None]
    for number in canonical:
        slot = (slots[number] or 0) % len(SLOTS)
        if families[number] not in home and slot in free:
            free.remove(slot)
            home[families[number]] = worn[number] = slot
    for number in [*canonical, *others]:
        if families[number] not in home:
            home[families[number]] = worn[number] = free.pop(0) if free else len(home) % len(SLOTS)
    for number in range(len(slots)):
        if number not in worn and free:
            worn[number] = free.pop(0)
    names = list(DASHES)
    looks = {SLOTS[slot] for slot in worn.values()}
    dressed: dict[int, int] = {}  # slot → how many wear its hue
    result = []
    for number, family in enumerate(families):
        slot = worn.get(number, home[family])
        dash, marker = SLOTS[slot]
        turn = dressed.get(slot, 0)
        dressed[slot] = turn + 1
        if turn:
            dash = names[(names.index(dash) + turn) % len(names)]
            first = MARKERS.index(marker)
            around = [MARKERS[(first + step) % len(MARKERS)] for step in range(len(MARKERS))]
            marker = next((name for name in around if (dash, name) not in looks), marker)
            looks.add((dash, marker))
        result.append(Style(_shade(theme.colors[slot], theme.dark, turn), dash, marker))
    return result
