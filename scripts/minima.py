"""Local minima of landscapes to full double precision: python scripts/minima.py [NAME…] [--check].

They are found from the formula alone, then polished with fifty digits. Without --check they are printed as the fact
`minima=` of a definition; with it, those that definitions state are compared, and the exit code is 1 where one is off.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import mpmath  # type: ignore[import-untyped]
import sympy

# The folder of the repository comes first, so that what is read is this copy, installed or not.
sys.path.insert(0, str(Path(__file__).parent.parent))

from gdviz import api
from gdviz.catalogue.lookup import definitions, find
from gdviz.registry.definition import Definition
from gdviz.registry.kinds.landscape import LandscapeFacts

DIGITS = 50
FUNCTIONS = {"abs": mpmath.fabs, "sign": mpmath.sign, "floor": mpmath.floor, "maximum": max, "minimum": min}
FUNCTIONS |= {"at_least": lambda a, b: int(a >= b), "above": lambda a, b: int(a > b)}
"""gdviz's own functions of symbols; the rest are SymPy's, which knows their names in mpmath."""

MOST = 20
"""Minima that are polished and printed; of more, the lowest."""

Function = Callable[..., Any]


def formulas(definition: Definition) -> tuple[Function, list[Function]]:
    """Value and partial derivatives of a landscape in two (or its own number of) coordinates, in mpmath's numbers."""
    x = sympy.symbols(f"x:{definition.dimension or 2}", real=True)
    value = sympy.sympify(definition.function(*x, **definition.parameters))
    given = LandscapeFacts.of(definition).gradient
    gradient = given(*x, **definition.parameters) if given else [sympy.diff(value, c) for c in x]
    made = [sympy.lambdify(x, expression, modules=[FUNCTIONS, "mpmath"]) for expression in (value, *gradient)]
    return made[0], made[1:]


def polished(value: Function, gradient: Sequence[Function], place: Sequence[float]) -> tuple[float, ...]:
    """Coordinates and value, correctly rounded where the gradient has a simple zero; else the place as it came."""
    with mpmath.workdps(DIGITS):
        start = [mpmath.mpf(c) for c in place]
        try:
            if max(abs(slope(*start)) for slope in gradient) > 1e-3:
                raise ValueError("a kink")  # from there Newton's method goes anywhere
            root = mpmath.findroot(
                lambda *x: [slope(*x) for slope in gradient], start, tol=mpmath.mpf(10) ** (20 - 2 * DIGITS)
            )
            exact = [root[i] for i in range(len(place))]
        except (ValueError, ZeroDivisionError):  # also a tip or a degenerate minimum
            exact = start
        if max(abs(a - b) for a, b in zip(exact, start, strict=True)) > 1e-6 * (1 + max(map(abs, start))):
            exact = start
        # Constants such as 0.01 are rounded themselves: what is 0 but for that is written as 0.
        exact = [c if abs(c) > 1e-13 else mpmath.mpf(0) for c in exact]
        height = float(value(*exact))
        return (*(float(c) for c in exact), height if abs(height) > 1e-15 else 0.0)


def main(words: Sequence[str]) -> int:
    """Print or check; the exit code."""
    check = "--check" in words
    names = [word for word in words if word != "--check"] or list(definitions("landscape"))
    wrong = 0
    for definition in (find("landscape", name) for name in names):
        value, gradient = formulas(definition)
        lowest = api.minima(definition)[:MOST]
        found = sorted((polished(value, gradient, point[:-1]) for point in lowest), key=lambda m: m[-1])
        if not check:
            print(f"{definition.name}: minima=(\n" + "".join(f"    {point!r},\n" for point in found) + ")")
            continue
        for stated in definition.minima():
            again = polished(value, gradient, stated[:-1])
            off = max(abs(a - b) / (1e-300 + max(abs(a), 1.0)) for a, b in zip(stated, again, strict=True))
            if off > 4e-16:
                wrong += 1
                print(f"{definition.name}: {stated!r} is stated, {again!r} is right")
        if found and definition.minima() and found[0][-1] < definition.minima()[0][-1] - 1e-9:
            wrong += 1
            print(f"{definition.name}: {found[0]!r} is lower than all that is stated")
    return int(wrong > 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
