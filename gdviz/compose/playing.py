"""What a page that plays says of runs besides their scenes: words, names, and the numbers under a pointer."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from gdviz.draw.mathematics import plain
from gdviz.lang import Texts
from gdviz.runs.descents import Descents
from gdviz.scene import DASHES, Scene
from gdviz.scene.palette import legible

Floats = NDArray[np.float64]


def playing(run: Descents, scene: Scene, words: Texts, slopes: Floats) -> dict[str, Any]:
    """What a page is told of runs.

    slopes: the length of the gradient of the whole loss at every record, float64[optimizer, run, record]. Numbers are
    told of every run and, behind the last of several, of the middle of all.
    """
    losses = run.f.astype(np.float64)
    if (runs := losses.shape[1]) > 1:
        losses = np.concatenate([losses, run.medians[:, None]], axis=1)
        with np.errstate(invalid="ignore"):
            middle = np.median(np.where(np.isnan(slopes), np.inf, slopes), axis=1, keepdims=True)
        slopes = np.concatenate([slopes, np.where(np.isinf(middle), np.nan, middle)], axis=1)
    slopes = np.where(np.isnan(losses), np.nan, slopes)
    theme, clock = scene.theme, scene.clock
    counter = scene.counter or tuple(words.text("counter", k=int(t)) for t in run.t)
    return {
        "page": {
            "lang": words.code,
            "scheme": "dark" if theme.dark else "light",
            "colors": f"--page:{theme.page};--ink:{theme.ink};--dim:{theme.dim}",
            "said": ". ".join(plain(text) for text in (scene.title, scene.unsaid or scene.caption) if text),
            "play": words.text("page_play"),
            "position": words.text("page_position"),
            "speed": words.text("page_speed"),
            "optimizers": words.text("page_optimizers"),
            "noscript": words.text("page_noscript"),
            "old": words.text("page_outdated"),
        },
        "words": {
            "play": words.text("page_play"),
            "pause": words.text("page_pause"),
            "loss": words.text("loss"),
            "slope": words.text("gradient_norm"),
            "middle": plain(scene.values_title),
            "decimal": words.decimal_mark,
            "counter": list(counter),
        },
        "entries": [
            {
                "name": plain(entry.heading or entry.name),
                "said": plain(": ".join(filter(None, [entry.name, entry.details]))),
                "color": entry.style.color,
                "text": legible(entry.style.color, theme.page, theme.ink),
                "dashes": list(DASHES[entry.style.dash]),
                "marker": entry.style.marker,
            }
            for entry in scene.entries
        ],
        "run": {
            "steps": run.t.tolist(),
            "runs": runs,
            "loss": _short(losses),
            "slope": _short(slopes),
        },
        "clock": {
            "fps": float(clock.fps),
            "counts": np.bincount(clock.record, minlength=scene.records).astype(np.uint32),
            "stands": list(clock.stands),
            "stops": list(clock.stops) if run.recipe.stops else [],
        },
    }


def _short(values: Floats) -> NDArray[np.float32]:
    """In seven digits, of which a page shows four; what is larger than float32 holds is infinite there."""
    with np.errstate(over="ignore"):
        return values.astype(np.float32).ravel()
