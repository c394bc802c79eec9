"""gdviz: simulate optimizers on loss landscapes and show what they do.

    run = gdviz.simulate("beale", ["gd:lr=0.02", "adam:lr=0.1"])
    gdviz.animate(run, "race.mp4")

Names are loaded on first use, so that `import gdviz` costs next to nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gdviz.version import __version__ as __version__

__all__ = [
    "Cut",
    "DefinitionError",
    "FormulaError",
    "GdvizError",
    "GdvizWarning",
    "OutputError",
    "Recipe",
    "RecipeError",
    "Response",
    "Study",
    "Trained",
    "Trajectories",
    "UsageError",
    "animate",
    "deck",
    "define",
    "frames",
    "load_recipe",
    "open_study",
    "optimizer",
    "plot",
    "respond",
    "simulate",
    "slice",
    "study",
    "train",
]

if TYPE_CHECKING:
    from gdviz.api import (
        Cut,
        Recipe,
        Response,
        Study,
        Trained,
        Trajectories,
        animate,
        frames,
        load_recipe,
        open_study,
        optimizer,
        plot,
        respond,
        simulate,
        slice,
        study,
        train,
    )
    from gdviz.errors import (
        DefinitionError,
        FormulaError,
        GdvizError,
        GdvizWarning,
        OutputError,
        RecipeError,
        UsageError,
    )
    from gdviz.gallery.decks import deck
    from gdviz.registry.defining import define


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module 'gdviz' has no attribute '{name}'")
    import importlib

    errors = name.endswith(("Error", "Warning"))
    homes = {"deck": "gdviz.gallery.decks", "define": "gdviz.registry.defining"}
    return getattr(importlib.import_module("gdviz.errors" if errors else homes.get(name, "gdviz.api")), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
