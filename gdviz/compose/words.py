"""Numbers, hyperparameters and switches as pictures write them."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from gdviz.lang import Texts
from gdviz.plans.plan import Plan
from gdviz.registry.definition import Definition

DECIMALS = 3
"""Of losses in a ledger, at most; a column has as many as its smallest needs for three digits, so that it is of one
exactness and its decimal marks stand below each other."""


def detail(symbol: str, value: float | str | bool, words: Texts, of: str = "") -> str:
    """An option as a ledger writes it: a hyperparameter and its value, `η = 0.1`, or what a switch is set to in words,
    `without bias correction`.

    symbol: how the definition writes it; of: the definition's name, where words depend on it. Options of a plugin, for
    which no language has words, are told by their names.
    """
    if not isinstance(value, (str, bool)):
        return f"{words.option(symbol, of) or symbol} = {words.number(value)}"
    said = words.option(f"{symbol}={str(value).lower() if isinstance(value, bool) else value}", of)
    if said is not None:
        return said
    if isinstance(value, bool):
        return symbol if value else words.text("without", name=symbol)
    return f"{symbol}: {value}"


def told(definition: Definition, options: Mapping[str, float | str | bool], words: Texts) -> str:
    """Those of a definition's options that differ from its defaults, as a ledger writes them."""
    return ", ".join(
        detail(definition.symbol(key), value, words, definition.name)
        for key, value in definition.differing(options).items()
    )


def limits(plan: Plan, words: Texts) -> str:
    """The guard of a plan as the ranges of its coordinates to two digits, `±3000`: of more than two the first two that
    differ."""
    sides = plan.centre - plan.reach, plan.centre + plan.reach
    ends = ([float(f"{end:.2g}") for end in side.tolist()] for side in sides)
    ranges = dict.fromkeys(zip(*ends, strict=True))
    said = [
        f"±{words.number(high)}" if low == -high else f"{words.number(low)}…{words.number(high)}"
        for low, high in ranges
    ]
    return " × ".join(said if len(said) <= 2 else [*said[:2], "…"])


def exactness(losses: NDArray[np.floating]) -> int:
    """How many decimals a column of losses has, whatever their shape: three digits of the smallest that is not 0."""
    sizes = np.abs(losses[np.isfinite(losses) & (losses != 0)])
    return min(max(2 - math.floor(math.log10(sizes.min())), 0), DECIMALS) if len(sizes) else DECIMALS


def decimals(low: float, high: float, count: int) -> int:
    """How many decimals tell `count` evenly spaced values from `low` to `high` apart, at most six."""
    step = abs(high - low) / max(count - 1, 1)
    return min(max(math.ceil(-math.log10(step) - 0.3), 0), 6) if step else 0


def lowered(name: str) -> str:
    """A name in the middle of a title: a capital letter stands for itself only where more of them follow."""
    return name[:1].lower() + name[1:] if name[1:2].islower() else name
