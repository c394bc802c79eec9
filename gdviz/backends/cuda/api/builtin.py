"""Numba's own numba.cuda, which is deprecated and compiles with a toolkit that the system has."""

from __future__ import annotations

import importlib
from functools import cached_property
from typing import Any

from gdviz.backends.cuda.api.interface import Api


class API(Api):
    """As it is in Numba 0.68."""

    name = "numba"
    root = "numba.cuda"
    surface = "numba.cuda"

    def _part(self, name: str) -> Any:
        # What all of Numba shares lies elsewhere.
        elsewhere = {"types": "numba.types", "core.config": "numba.core.config"}
        return importlib.import_module(elsewhere.get(name, f"{self.root}.{name}"))

    @cached_property
    def toolkit(self) -> int | None:
        """That of the system, of which Numba tells no more than that there is one; it takes those of CUDA 11 and 12."""
        try:
            self._part("cudadrv.nvvm").NVVM()
        except Exception:  # it looks for libraries in ways of its own
            return None
        return 12
