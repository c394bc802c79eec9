"""The write side of definitions: what a definition file imports to define one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gdviz.registry.vocabulary import BELOW_1

if TYPE_CHECKING:
    from gdviz.registry.defining import define, origin, scalar

__all__ = ["BELOW_1", "define", "origin", "scalar"]


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module 'gdviz.registry' has no attribute '{name}'")
    from gdviz.registry import defining  # the facts of kinds take milliseconds to make, and help needs none

    return getattr(defining, name)
