"""numba-cuda, which takes the place of numba.cuda where it is installed; maintained, and no longer developed."""

from __future__ import annotations

from gdviz.backends.cuda.api.interface import Api


class API(Api):
    """The package, loaded; tried with 0.30.4."""

    name = "numba-cuda"
    root = "numba.cuda"
    surface = "numba.cuda"
