"""Names as people type them: how they are compared, and those of other packages, LIBRARY:NAME."""

from __future__ import annotations

import re

LIBRARIES = ("torch", "optax", "scipy")
"""Packages whose optimizers go by LIBRARY:NAME; see gdviz.foreign."""


def normal(name: str) -> str:
    """The form in which names are compared: case, '-', '_' and blanks do not matter."""
    return name.strip().lower().replace("-", "_").replace(" ", "_")


def library_of(name: str) -> tuple[str, str] | None:
    """Library and inner name of a foreign optimizer, `torch:AdamW` or `torch.AdamW`; None for names of gdviz."""
    library, *inner = re.split("[:.]", name.strip(), maxsplit=1)
    return (library.lower(), "".join(inner).strip()) if library.lower() in LIBRARIES else None


def split_name(text: str) -> tuple[str, str, str]:
    """What stands before and after the colon that ends a name: in `torch:AdamW:lr=0.1` it is the second."""
    head, colon, rest = text.partition(":")
    if colon and library_of(head) == (head.strip().lower(), ""):
        inner, colon, rest = rest.partition(":")
        return f"{head}:{inner}", colon, rest
    return head, colon, rest
