"""What jobs can be asked for that read a user's own numbers."""

from __future__ import annotations

from gdviz.recipe.options import option


class Rows:
    """Whether recipes, and so the pictures that carry them, hold these numbers."""

    embed: bool = option(
        False,
        "Put the numbers of files into the recipe and so into pictures, which otherwise hold a path and a hash of them",
    )
