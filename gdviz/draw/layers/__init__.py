"""One module per kind of layers, with what it is in pixels as `DRAWN`; a new file in this folder is a new kind."""

from __future__ import annotations

import importlib
import pkgutil
from typing import Any

from gdviz.draw.layer import Drawn, Site

KINDS: dict[type, type[Drawn[Any]]] = {
    kind.draws: kind
    for info in sorted(pkgutil.iter_modules(__path__), key=lambda info: info.name)
    for kind in [importlib.import_module(f"{__name__}.{info.name}").DRAWN]
}
"""What draws the layers of a type of `gdviz.scene.layers`."""


def drawn(site: Site) -> list[Drawn[Any]]:
    """The layers of a panel, lowest first."""
    return [KINDS[type(layer)](layer, site) for layer in site.place.panel.layers]
