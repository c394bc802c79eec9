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
import time
from pathlib import Path

import imageio.v3 as imageio
import numpy as np
from numpy.typing import NDArray

from gdviz import api

ROOT = Path(__file__).resolve().parent.parent
LANGUAGES, THEMES = ("en", "ru", "kk"), ("light", "dark", "print")
SIZES = ("1080p", "square", "vertical", "84mmx60mm")
LECTURES = ROOT / "gallery" / "lectures"
HEIGHT, GAP = 270, 8
"""Height of a small picture, and what lies between two, pixels."""

SCENES = {
    "beale": 'landscape = "beale"',
    "eight": 'landscape = "rosenbrock"\noptimizer = [{}]',
    "twelve": 'landscape = "himmelblau"\noptimizer = [{}]',
    "line": 'formula = "x^4-3*x^2+x"\nstart = [[2.0]]',
    "variants": 'landscape = "long_valley"\npanel = ["loss", "step"]\noptimizer = [{}]',
    "split": 'landscape = "rosenbrock"\nsplit = "optimizer"',
    "starts": 'landscape = "rastrigin"\nstart = [[1.0, 3.0], [-3.0, 2.0], [4.0, -4.0], [-2.0, -3.0]]',
    "diverged": 'landscape = "rosenbrock"\npanel = ["none"]\noptimizer = [{}]',
    "undefined": 'formula = "sqrt(4-x^2-y^2)+0.3*x"\nstart = [[1.0, 1.0]]\noptimizer = [{}]',
    "signal": "signals_adam",
    "anatomy": "momentum_and_nesterov",
    "chart": "schedule_shapes",
}
"""Recipes, or names of lectures; {} stands for the optimizers below."""

EIGHT = ("gd", "momentum", "nesterov", "adagrad", "rmsprop", "adadelta", "adam", "adamw")
OPTIMIZERS: dict[str, list[dict[str, object]]] = {
    "eight": [{"name": name} for name in EIGHT],
    "twelve": [{"name": name} for name in (*EIGHT, "nadam", "lion", "amsgrad", "adamax")],
    "variants": [{"name": "momentum", "mu": mu} for mu in (0.5, 0.9, 0.975)],
    "diverged": [{"name": "gd", "lr": 0.01}, {"name": "adam", "lr": 0.1}],
    "undefined": [{"name": "gd", "lr": 0.1}, {"name": "adam", "lr": 0.1}],
}


def recipe_of(name: str) -> api.Recipe:
    """A scene's recipe."""
    words = SCENES[name]
    if "=" not in words:
        return api.load_recipe(next(LECTURES.rglob(f"{words}.toml")))
    rows = ["{" + ", ".join(f"{k} = {v!r}" for k, v in row.items()) + "}" for row in OPTIMIZERS.get(name, ())]
    return api.parse_recipe(words.replace("{}", ", ".join(rows)), name)


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
    for name in SCENES:
        if asked.only not in name:
            continue
        began = time.perf_counter()
        made = api.make(recipe_of(name))
        rows = []
        for lang, theme in itertools.product(LANGUAGES, THEMES):
            row = []
            for size in asked.sizes:
                out = full / f"{name}-{lang}-{theme}-{size}.png"
                api.render(api.redrawn(made, {"lang": lang, "theme": theme, "size": size}), [out], force=True)
                row.append(thumbnail(imageio.imread(out)[..., :3], HEIGHT))
            rows.append(row)
        imageio.imwrite(asked.folder / f"{name}.png", sheet(rows))
        print(f"{name}: {len(rows) * len(rows[0])} pictures in {time.perf_counter() - began:.0f} s", flush=True)


if __name__ == "__main__":
    main()
