"""The command line: words in, calls of gdviz.api, sentences out. The only part that knows click."""

from gdviz.cli.program import main

__all__ = ["main"]
