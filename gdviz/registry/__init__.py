"""The write side of definitions: what a definition file imports to define one."""

from gdviz.registry.defining import define, origin, scalar
from gdviz.registry.vocabulary import BELOW_1

__all__ = ["BELOW_1", "define", "origin", "scalar"]
