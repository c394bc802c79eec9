"""The laws every definition keeps, tried on one definition: what `gdviz check` prints.

Each kind has a module of its name with a function `laws(definition)` that yields verdicts. A law that does not apply
(no minimum is stated, the rule cannot be fed gradients) is left out.
"""

from __future__ import annotations

import importlib

import numpy as np

from gdviz.about.laws.verdict import Verdict
from gdviz.errors import GdvizError
from gdviz.registry.definition import Definition

__all__ = ["Verdict", "examine"]


def examine(definition: Definition) -> list[Verdict]:
    """Try every law of the definition's kind."""
    laws = importlib.import_module(f"gdviz.about.laws.{definition.kind}").laws
    verdicts: list[Verdict] = []
    try:
        with np.errstate(all="ignore"):
            verdicts.extend(laws(definition))
    except GdvizError as error:
        verdicts.append(Verdict("can be run", False, str(error)))
    except Exception as error:  # whatever a plugin's function raises is a verdict on it
        verdicts.append(Verdict("can be run", False, f"{type(error).__name__}: {error}"))
    return verdicts
