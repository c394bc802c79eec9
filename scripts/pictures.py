"""The pictures that tests hold: python scripts/pictures.py [NAME…] draws them again and says which changed by how much.

A picture is a recipe, tests/pictures/NAME.toml, and what gdviz drew of it when somebody looked at it, NAME.png beside
it. Look at those that changed before they are committed.
"""

from __future__ import annotations

import io
import sys
from pathlib import Path

# The folder of the repository comes first, so that the pictures are those of this copy, installed or not.
sys.path.insert(0, str(Path(__file__).parent.parent))

import imageio.v3 as iio
import numpy as np
from numpy.typing import NDArray

import gdviz

FOLDER = Path(__file__).parent.parent / "tests" / "pictures"
RECIPES = sorted(FOLDER.glob("*.toml"))

FAINT = 24
"""Of 255 a channel may differ by so much: libraries of other versions round the edges of letters otherwise."""

FEW = 0.001
"""Share of the pixels that may differ by more."""


def drawn(recipe: Path) -> NDArray[np.uint8]:
    """What gdviz draws of a recipe now, uint8[H, W, 3]."""
    file = io.BytesIO()
    gdviz.plot(gdviz.load_recipe(recipe), file, format="png")
    return iio.imread(file.getvalue(), extension=".png")[..., :3]


def kept(recipe: Path) -> NDArray[np.uint8] | None:
    """What it drew when it was looked at, None where there is nothing yet."""
    file = recipe.with_suffix(".png")
    return iio.imread(file)[..., :3] if file.exists() else None


def off(ours: NDArray[np.uint8], theirs: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """The pixels that differ by more than FAINT, bool[H, W]; all of them where the sizes do."""
    if ours.shape != theirs.shape:
        return np.ones(ours.shape[:2], bool)
    return np.abs(ours.astype(int) - theirs).max(axis=2) > FAINT


def side_by_side(ours: NDArray[np.uint8], theirs: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """What was kept, what is drawn now, and the latter in grey with red where it is off; uint8[H, W', 3]."""
    marked = np.repeat(255 - (255 - ours.mean(axis=2, keepdims=True)) / 3, 3, axis=2).astype(np.uint8)
    marked[off(ours, theirs)] = (220, 0, 0)
    if ours.shape != theirs.shape:
        return np.hstack([ours, marked])
    return np.hstack([theirs, ours, marked])


def main(names: list[str]) -> int:
    """Draw the pictures of these names, or all, again; exit code 2 where there is none of a name."""
    if unknown := set(names) - {recipe.stem for recipe in RECIPES}:
        print(f"there is no {min(unknown)}.toml in {FOLDER}", file=sys.stderr)
        return 2
    for recipe in RECIPES:
        if names and recipe.stem not in names:
            continue
        now, before = drawn(recipe), kept(recipe)
        if before is not None and np.array_equal(now, before):
            continue
        told = "new" if before is None else f"{off(now, before).mean():.2%} of its pixels"
        print(f"{recipe.stem}: {told}")
        iio.imwrite(recipe.with_suffix(".png"), now, optimize=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
