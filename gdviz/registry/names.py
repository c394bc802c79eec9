"""Names as people type them: how they are compared, and those of other packages, LIBRARY:NAME."""

from __future__ import annotations

import re
from collections.abc import Collection

LIBRARIES = ("torch", "optax", "scipy")
"""Packages whose optimizers go by LIBRARY:NAME; see gdviz.catalogue.foreign."""


def normal(name: str) -> str:
    """The form in which names are compared: case, '-', '_' and blanks do not matter."""
    return name.strip().lower().replace("-", "_").replace(" ", "_")


def library_of(name: str) -> tuple[str, str] | None:
    """Library and inner name of a foreign optimizer, `torch:AdamW` or `torch.AdamW`; None for names of gdviz."""
    library, *inner = re.split("[:.]", name.strip(), maxsplit=1)
    return (library.lower(), "".join(inner).strip()) if library.lower() in LIBRARIES else None


RAISED = "⁰¹²³⁴⁵⁶⁷⁸⁹"
WORD = re.compile(rf"(?![{RAISED}])[^\W\d](?:(?![{RAISED}])\w)*")
"""A name inside a formula; raised digits are letters to regular expressions."""

_SIGNS = frozenset(f"*^+/%(=|√∛⌊·×⋅∙÷−<>{RAISED}")
"""What a formula holds and no name does; blanks and hyphens stand in names too."""


def is_formula(text: str, variables: Collection[str] = ("x", "y"), constants: Collection[str] = ()) -> bool:
    """Whether a text is a formula in these variables rather than a name of something, or such a name mistyped."""
    words = [word for word in WORD.findall(text.replace("π", " ")) if word not in ("pi", "e", *constants)]
    letters = {*variables, *constants}
    if _SIGNS & set(text):
        calls = re.search(r"\w\(", text) is not None
        return calls or not words or any(len(word) == 1 or set(word) <= letters for word in words)
    return bool(words) and all(set(word) <= letters for word in words)


def split_name(text: str) -> tuple[str, str, str]:
    """What stands before and after the colon that ends a name: in `torch:AdamW:lr=0.1` it is the second."""
    head, colon, rest = text.partition(":")
    if colon and library_of(head) == (head.strip().lower(), ""):
        inner, colon, rest = rest.partition(":")
        return f"{head}:{inner}", colon, rest
    return head, colon, rest
