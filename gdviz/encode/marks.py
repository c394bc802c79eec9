"""How a recipe is told from any other text in formats that have only free comments."""

from __future__ import annotations

MARK = "# made by gdviz from this recipe"  # a TOML comment, so that the whole text can be pasted into a file
LONGEST = 1 << 20  # bytes; a recipe has 10 to 20 kB, and a longer text is not read


def marked(recipe: str) -> str:
    """The text to put into a comment."""
    return f"{MARK}\n{recipe}"


def unmarked(text: str) -> str:
    """The recipe inside a comment that holds the mark."""
    return text[text.index(MARK) + len(MARK) :].removeprefix("\r").removeprefix("\n")
