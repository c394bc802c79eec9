"""Data sets that models are trained on; every module of this package is imported by itself."""

from gdviz.registry.defining import load_package

load_package(__name__, __path__)
