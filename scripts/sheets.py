"""Contact sheets of twelve scenes in every language, theme and size, for the eyes of whoever changes pictures.

    python scripts/sheets.py FOLDER                 twelve sheets, and each picture at its full size in FOLDER/full
    python scripts/sheets.py FOLDER --only split    those scenes whose names hold a word
    python scripts/sheets.py FOLDER --sizes 1080p   those sizes

A sheet has a row for each language and theme and a column for each size. Nothing is judged here; `tests/test_craft.py`
holds what can be measured.
"""

from __future__ import annotations

import argparse
import itertools
import shlex
import time
from pathlib import Path

import imageio.v3 as imageio
import numpy as np
from numpy.typing import NDArray

from gdviz import api
from gdviz.artefacts import scene_of
from gdviz.cli.program import program
from gdviz.draw.render import picture
from gdviz.jobs import JOBS, read
from gdviz.recipe.options.race import Race
from gdviz.recipe.recipe import Recipe

ROOT = Path(__file__).resolve().parent.parent
LANGUAGES, THEMES = ("en", "ru", "kk"), ("light", "dark", "print")
SIZES = ("1080p", "square", "vertical", "84mmx60mm")
LECTURES = ROOT / "gallery" / "lectures"
HEIGHT, GAP = 270, 8
"""Height of a small picture, and what lies between two, pixels."""

SCENES = {
    "beale": "plot beale",
    "eight": "plot rosenbrock -o gd,momentum,nesterov,adagrad,rmsprop,adadelta,adam,adamw",
    "twelve": "plot himmelblau -o gd,momentum,nesterov,adagrad,rmsprop,adadelta,adam,adamw,nadam,lion,amsgrad,adamax",
    "line": 'plot "x^4-3*x^2+x" --start 2 -o gd,momentum,adam',
    "variants": "plot long_valley -o momentum:mu=0.5 -o momentum:mu=0.9 -o momentum:mu=0.975 --panel loss --panel step",
    "split": "plot rosenbrock --split optimizer",
    "starts": "plot rastrigin --start=1,3 --start=-3,2 --start=4,-4 --start=-2,-3",
    "diverged": "plot rosenbrock -o gd:lr=0.01,adam:lr=0.1 --panel none",
    "undefined": 'plot "sqrt(4-x^2-y^2)+0.3*x" --start 1,1 -o gd:lr=0.1,adam:lr=0.1',
    "signal": "signal adam --signal rectangles",
    "anatomy": "momentum_and_nesterov",
    "chart": "schedule_shapes",
}
"""Commands of gdviz, or names of lectures."""


def recipe_of(words: str) -> Recipe:
    """What a command asks for, or a recipe of the gallery."""
    first, *rest = shlex.split(words)
    if not rest:
        return api.load_recipe(next(LECTURES.rglob(f"{first}.toml")))
    command = program.get_command(None, first)  # type: ignore[arg-type]
    asked = next((job for job in JOBS if job.__name__.lower() == first), Race)
    return read(command.make_context(first, rest).params, None, asked)  # type: ignore[union-attr]


def thumbnail(pixels: NDArray[np.uint8], height: int) -> NDArray[np.uint8]:
    """A picture made small by the mean of its squares."""
    factor = max(1, round(pixels.shape[0] / height))
    rows, columns = (side // factor * factor for side in pixels.shape[:2])
    cells = pixels[:rows, :columns].reshape(rows // factor, factor, columns // factor, factor, 3)
    return cells.mean(axis=(1, 3)).round().astype(np.uint8)


def sheet(rows: list[list[NDArray[np.uint8]]]) -> NDArray[np.uint8]:
    """Small pictures side by side on grey."""
    widths = [max(row[n].shape[1] for row in rows) for n in range(len(rows[0]))]
    heights = [max(one.shape[0] for one in row) for row in rows]
    page = np.full((sum(heights) + GAP * (len(rows) + 1), sum(widths) + GAP * (len(widths) + 1), 3), 128, np.uint8)
    y = GAP
    for row, height in zip(rows, heights, strict=True):
        x = GAP
        for one, wide in zip(row, widths, strict=True):
            page[y : y + one.shape[0], x : x + one.shape[1]] = one
            x += wide + GAP
        y += height + GAP
    return page


def main() -> None:
    """Draw what the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--only", default="")
    parser.add_argument("--sizes", nargs="+", default=list(SIZES))
    asked = parser.parse_args()
    full = asked.folder / "full"
    full.mkdir(parents=True, exist_ok=True)
    for name, words in SCENES.items():
        if asked.only not in name:
            continue
        began = time.perf_counter()
        made = api.make(recipe_of(words))
        rows = []
        for lang, theme in itertools.product(LANGUAGES, THEMES):
            row = []
            for size in asked.sizes:
                scene = scene_of(api.redrawn(made, {"lang": lang, "theme": theme, "size": size}))
                pixels = picture(scene, scene.records - 1)
                imageio.imwrite(full / f"{name}-{lang}-{theme}-{size}.png", pixels)
                row.append(thumbnail(pixels, HEIGHT))
            rows.append(row)
        imageio.imwrite(asked.folder / f"{name}.png", sheet(rows))
        print(f"{name}: {len(rows) * len(rows[0])} pictures in {time.perf_counter() - began:.0f} s", flush=True)


if __name__ == "__main__":
    main()
