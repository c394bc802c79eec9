"""Networks by their hidden layers, one small function each, grouped by kind; every module of this package is imported
by itself."""

from gdviz.registry.defining import load_package

load_package(__name__, __path__)
