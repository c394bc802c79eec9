"""The one decorator of every pixel kernel."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from gdviz.compiling import compiled


def kernel(signature: Any) -> Callable[[Callable[..., Any]], Any]:
    """Compile a function for one signature; the compiled form is kept in gdviz's cache folder."""
    return partial(compiled, signature)
