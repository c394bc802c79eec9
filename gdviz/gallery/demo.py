"""The main job on real input: what `gdviz demo` makes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from gdviz import api
from gdviz.errors import OutputError

RACE = """
landscape = "basins_and_walls"
levels = "linear"
optimizer = [
    { name = "nesterov", preset = "lasagne", lr = 0.01, mu = 0.9 },
    { name = "rmsprop", preset = "lasagne", lr = 0.25 },
    { name = "adadelta", preset = "lasagne", lr = 100.0 },
    { name = "adagrad", preset = "lasagne", lr = 1.0 },
    { name = "adam", preset = "lasagne", lr = 0.25 },
]
"""

RATES = """
landscape = "quadratic_1d"
seconds = 8.0
optimizer = [
    { name = "gd", lr = 0.01 },
    { name = "gd", lr = 0.1 },
    { name = "gd", lr = 0.5 },
    { name = "gd", lr = 0.9 },
    { name = "gd", lr = 1.05 },
]
"""

VALLEY = """
landscape = "rosenbrock"
optimizer = [
    { name = "gd", lr = "auto" },
    { name = "momentum", lr = "auto" },
    { name = "rmsprop", lr = "auto" },
    { name = "adam", lr = "auto" },
]
"""

GIF = {"size": "960x540", "fps": 20.0}
"""A GIF of a whole race stays below the few megabytes that mail and slides like."""


def demo(
    folder: str | Path,
    *,
    lang: str = "en",
    theme: str = "light",
    force: bool = False,
    progress: Callable[[int, int, str], None] | None = None,
) -> Iterator[api.Written]:
    """Make the demonstration files in a folder, which is made if needed, and yield each when it is whole.

    A race of five optimizers over basins and walls as MP4, GIF, PNG and SVG, five learning rates on a parabola and a
    race through Rosenbrock's valley. Raises OutputError where the folder cannot be used.
    """
    place = Path(folder)
    try:
        place.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(f"the folder {folder} cannot be made: {error.strerror}; choose another one") from error
    look = {"lang": lang, "theme": theme}
    jobs: tuple[tuple[str, dict[str, Any], tuple[str, ...]], ...] = (
        (RACE, {}, ("basins_and_walls.mp4", "basins_and_walls.png", "basins_and_walls.svg")),
        (RACE, GIF, ("basins_and_walls.gif",)),
        (RATES, {}, ("learning_rates.mp4",)),
        (VALLEY, {}, ("rosenbrock.mp4",)),
    )
    for _, _, names in jobs:
        api.check_outputs([place / name for name in names], force)
    for text, changes, names in jobs:
        recipe = api.parse_recipe(text, "demo").updated(**look, **changes)
        yield from api.render(api.run(recipe), [place / name for name in names], force=force, progress=progress)
