"""Search of the colours that entries wear: python scripts/palette.py light|dark [--seed N] [--rounds N].

Each slot may move inside a window of hue and lightness, so that it keeps the name that one would call it by. What is
made as large as possible is the smallest difference between two slots, in CIEDE2000, for normal sight and as it is seen
without red, green or blue cones; slots of one dash or one marker have to differ by 20 for the two common kinds. Colours
stand off the page and every tone of the field. The result goes into `gdviz/scene/themes.py`; `tests/test_palette.py`
holds what it has to keep.
"""

from __future__ import annotations

import argparse
import itertools
import sys
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

# The folder of the repository comes first, so that what is read is this copy, installed or not.
sys.path.insert(0, str(Path(__file__).parent.parent))

from gdviz.scene import SLOTS, THEMES

Floats = NDArray[np.float64]

SIGHTS = {
    "normal": np.eye(3),
    "protan": np.array(
        [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]
    ),
    "deutan": np.array(
        [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]]
    ),
    "tritan": np.array(
        [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]]
    ),
}
"""Simulated sight of linear RGB, severity 1. Source: Machado, Oliveira & Fernandes 2009, doi:10.1109/TVCG.2009.113."""

XYZ = np.array(
    [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750], [0.0193339, 0.1191920, 0.9503041]]
)
"""Linear sRGB to CIE XYZ. Source: IEC 61966-2-1."""

RGB = np.linalg.inv(XYZ)

HUES = {
    "light": (
        (26, 6, 42, 48), (242, 8, 48, 60), (282, 8, 34, 44), (150, 8, 34, 50), (60, 6, 56, 63), (350, 8, 50, 62),
        (92, 6, 44, 58), (312, 8, 18, 30), (50, 10, 22, 36), (200, 10, 34, 56), (122, 8, 50, 64), (318, 10, 54, 66),
    ),
    "dark": (
        (24, 7, 60, 70), (230, 10, 80, 90), (278, 8, 60, 72), (150, 8, 68, 84), (62, 6, 68, 78), (350, 8, 68, 82),
        (98, 6, 84, 93), (312, 8, 56, 70), (50, 10, 58, 76), (195, 10, 62, 84), (122, 8, 74, 90), (322, 12, 78, 88),
    ),
}  # fmt: skip
"""For each slot: hue and how far it may move from it, degrees in CIE LCh; least and most lightness L*."""


def linear(color: str) -> Floats:
    """float64[3]: linear RGB of "#rrggbb"."""
    parts = np.array([int(color[at : at + 2], 16) for at in (1, 3, 5)]) / 255
    return np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)


def written(light: Floats) -> str:
    """The "#rrggbb" of linear RGB."""
    parts = np.where(light <= 0.0031308, 12.92 * light, 1.055 * np.maximum(light, 0) ** (1 / 2.4) - 0.055)
    return "#" + "".join(f"{round(255 * part):02x}" for part in parts)


def lab(light: Floats) -> Floats:
    """float64[…, 3]: CIE L*a*b* under D65 of linear RGB."""
    xyz = (np.clip(light, 0.0, 1.0) @ XYZ.T) / XYZ.sum(axis=1)
    f = np.where(xyz > 216 / 24389, np.cbrt(xyz), (24389 / 27 * xyz + 16) / 116)
    return np.stack([116 * f[..., 1] - 16, 500 * (f[..., 0] - f[..., 1]), 200 * (f[..., 1] - f[..., 2])], axis=-1)


def unlab(color: Floats) -> Floats:
    """Linear RGB of CIE L*a*b*, outside 0…1 where no screen shows it."""
    y = (color[0] + 16) / 116
    f = np.array([y + color[1] / 500, y, y - color[2] / 200])
    xyz = np.where(f > 6 / 29, f**3, (116 * f - 16) * 27 / 24389)
    return np.asarray(RGB @ (xyz * XYZ.sum(axis=1)))


def difference(one: Floats, other: Floats) -> Floats:
    """float64[…]: CIEDE2000 of L*a*b* colours. Source: Sharma, Wu & Dalal 2005, doi:10.1002/col.20070."""
    mean = (np.hypot(one[..., 1], one[..., 2]) + np.hypot(other[..., 1], other[..., 2])) / 2
    g = 1.5 - 0.5 * np.sqrt(mean**7 / (mean**7 + 25.0**7))
    a, b = one[..., 1] * g, other[..., 1] * g
    c, d = np.hypot(a, one[..., 2]), np.hypot(b, other[..., 2])
    h = np.degrees(np.arctan2(one[..., 2], a)) % 360
    k = np.degrees(np.arctan2(other[..., 2], b)) % 360
    turn = (k - h + 180) % 360 - 180
    turn = np.where(c * d == 0, 0.0, turn)
    hue = np.where(c * d == 0, h + k, (h + turn / 2) % 360)
    light, chroma = (one[..., 0] + other[..., 0]) / 2, (c + d) / 2
    t = 1 - 0.17 * np.cos(np.radians(hue - 30)) + 0.24 * np.cos(np.radians(2 * hue))
    t += 0.32 * np.cos(np.radians(3 * hue + 6)) - 0.20 * np.cos(np.radians(4 * hue - 63))
    s = 1 + 0.015 * (light - 50) ** 2 / np.sqrt(20 + (light - 50) ** 2)
    first = (other[..., 0] - one[..., 0]) / s
    second = (d - c) / (1 + 0.045 * chroma)
    third = 2 * np.sqrt(c * d) * np.sin(np.radians(turn / 2)) / (1 + 0.015 * chroma * t)
    bend = -np.sin(np.radians(60 * np.exp(-(((hue - 275) / 25) ** 2))))
    bend = bend * 2 * np.sqrt(chroma**7 / (chroma**7 + 25.0**7))
    return np.asarray(np.sqrt(first**2 + second**2 + third**2 + bend * second * third))


def seen(colors: Floats, sight: str) -> Floats:
    """float64[…, 3]: L*a*b* of linear RGB for a kind of sight."""
    return lab(colors @ SIGHTS[sight].T)


def contrast(one: Floats, other: Floats) -> Floats:
    """float64[…]: the ratio of WCAG 2.1 between linear RGB colours."""
    first, second = np.clip(one, 0, 1) @ XYZ[1], np.clip(other, 0, 1) @ XYZ[1]
    return np.asarray((np.maximum(first, second) + 0.05) / (np.minimum(first, second) + 0.05))


class Search:
    """Colours of one theme on their way."""

    def __init__(self, theme: str, seed: int) -> None:
        self.windows = np.array(HUES[theme], float)
        self.random = np.random.default_rng(seed)
        look = THEMES[theme]
        self.page = linear(look.page)
        self.field = np.array([linear(color) for color in look.field])
        self.pairs = np.array(list(itertools.combinations(range(len(SLOTS)), 2)))
        # the first eight are met most; each column: what a pair should reach at least
        first = (self.pairs < 8).all(axis=1)
        alike = np.array([any(a == b for a, b in zip(SLOTS[i], SLOTS[j], strict=True)) for i, j in self.pairs])
        self.wanted = {
            "normal": np.where(first, 26.0, 18.0),
            "protan": np.where(alike, 22.0, np.where(first, 13.0, 9.0)),
            "deutan": np.where(alike, 22.0, np.where(first, 13.0, 9.0)),
            "tritan": np.where(first, 11.0, 8.0),
        }
        self.least = 3.6 if theme == "light" else 5.0

    def color(self, slot: int, where: Floats) -> Floats:
        """Linear RGB of shares 0…1 of hue, lightness and chroma in a slot's window."""
        hue, wide, low, high = self.windows[slot]
        turned, light = np.radians(hue + (2 * where[0] - 1) * wide), low + where[1] * (high - low)
        along = np.array([0.0, np.cos(turned), np.sin(turned)])
        least, most = 0.0, 128.0
        for _ in range(7):
            middle = (least + most) / 2
            color = unlab(np.array([light, 0.0, 0.0]) + middle * along)
            least, most = (middle, most) if (color >= 0).all() and (color <= 1).all() else (least, middle)
        return unlab(np.array([light, 0.0, 0.0]) + least * (0.75 + 0.25 * where[2]) * along)

    def lack(self, colors: Floats) -> float:
        """By how much differences fall short of what is wanted, as a sum of squares of shares."""
        total = 0.0
        for sight, wanted in self.wanted.items():
            looks = seen(colors, sight)
            apart = difference(looks[self.pairs[:, 0]], looks[self.pairs[:, 1]])
            total += float((np.maximum(1 - apart / wanted, 0) ** 2).sum())
            field = seen(self.field, sight)
            off = difference(looks[:, None], field[None]).min(axis=1)
            total += float((np.maximum(1 - off / 26.0, 0) ** 2).sum())
        total += 4 * float((np.maximum(1 - contrast(colors, self.page) / self.least, 0) ** 2).sum())
        return total

    def run(self, rounds: int) -> tuple[Floats, float]:
        """Simulated annealing: one slot moves at a time, less and less."""
        where = self.random.random((len(self.windows), 3))
        colors = np.array([self.color(slot, one) for slot, one in enumerate(where)])
        least = present = self.lack(colors)
        best = colors
        for turn in range(rounds):
            heat = 1 - turn / rounds
            slot = int(self.random.integers(len(where)))
            moved = np.clip(where[slot] + self.random.normal(0, 0.03 + 0.3 * heat, 3), 0, 1)
            other = colors.copy()
            other[slot] = self.color(slot, moved)
            lack = self.lack(other)
            if lack < present or self.random.random() < np.exp((present - lack) / (0.008 * heat**2 + 1e-6)):
                where[slot], colors, present = moved, other, lack
                if lack < least:
                    least, best = lack, other
        return best, least


def main() -> None:
    """Print the colours and what they come to."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("theme", choices=list(HUES))
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--rounds", type=int, default=6000)
    asked = parser.parse_args()
    search = Search(asked.theme, asked.seed)
    colors, lack = search.run(asked.rounds)
    names = [written(color) for color in colors]
    print(f"{lack:.4f}", " ".join(names))
    exact = np.array([linear(name) for name in names])
    for sight in SIGHTS:
        looks = seen(exact, sight)
        apart = difference(looks[search.pairs[:, 0]], looks[search.pairs[:, 1]])
        order = np.argsort(apart)[:5]
        print(sight, ", ".join(f"{apart[n]:.1f} of {tuple(map(int, search.pairs[n]))}" for n in order))
    print("contrast", " ".join(f"{one:.1f}" for one in contrast(exact, search.page)))


if __name__ == "__main__":
    main()
