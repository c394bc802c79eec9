"""The version of gdviz, as recipes and artefacts record it."""

__version__ = "0.1.0"
