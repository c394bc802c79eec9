"""Random formulas from a grammar over everything that typed formulas know, and what is wrong with how one is taken."""

from __future__ import annotations

import ast
import contextlib
import io
import random
import re
import warnings
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any
from unittest import mock

import numpy as np

from gdviz import formula
from gdviz.emit.objective import objective_text
from gdviz.errors import UsageError
from gdviz.formula.notation import SPELLINGS
from gdviz.formula.typed import _OPERATORS, constants_in, parse
from gdviz.objectives.landscape import derive

CONSTANTS = {"a": 2.5, "lambda": 0.5}
POINTS = np.array([[0.7, -1.3, 2.1, -0.2, 0.0, 1.1], [0.4, 1.9, -0.8, -2.2, 0.0, -0.9]])


def drawn(seed: int, depths: Sequence[int] = (1, 1, 1, 2, 2, 3)) -> str:
    """A formula as somebody might type it, nested to one of these depths."""
    chance = random.Random(seed)
    text = _sum(chance, chance.choice(depths))
    return chance.choice(("f(x, y) = ", "z = ")) + text if chance.random() < 0.05 else text


def _sum(chance: random.Random, depth: int) -> str:
    terms = [_product(chance, depth) for _ in range(chance.choice((1, 1, 2, 2, 3)))]
    return terms[0] + "".join(chance.choice((" + ", " - ", "+", " − ")) + term for term in terms[1:])


def _product(chance: random.Random, depth: int) -> str:
    sign = "-" if chance.random() < 0.1 else ""
    factors = [_power(chance, depth) for _ in range(chance.choice((1, 1, 1, 2, 2, 3)))]
    text, divided = sign + factors[0], False
    for factor in factors[1:]:
        # A product without a sign behind a quotient or before a number is refused; few shall be.
        joined = chance.random() < 0.1 or not (divided or factor[0].isdigit())
        mark = chance.choice(("*", "*", "·", " / ", "/", " " if joined else "*"))
        divided = "/" in mark
        text += mark + factor
    return text


def _power(chance: random.Random, depth: int) -> str:
    base = _atom(chance, depth)
    if chance.random() < 0.65:
        return base
    exponents = (
        "^2",
        "**2",
        "²",
        "³",
        "^3",
        "^-1",
        "^0.5",
        "^(1/3)",
        "^(2/3)",
        "^4",
        "^1.5",
        "⁻²",
        "^(-1/2)",
        "^x",
        "^a",
    )
    return base + chance.choice(exponents)


def _atom(chance: random.Random, depth: int) -> str:
    kind = chance.random()
    if depth <= 0 or kind < 0.3:
        if chance.random() < 0.7:
            return chance.choice("xy")
        return chance.choice(("a", "lambda", "pi", "e", "2", "0.1", "3", "0.5", "4e1", "π", "7", "0"))
    if kind < 0.4:
        return f"({_sum(chance, depth - 1)})"
    if kind < 0.47:
        return f"|{_sum(chance, depth - 1)}|"
    if kind < 0.52:
        return f"√({_sum(chance, depth - 1)})"
    if kind < 0.55:
        return f"{chance.choice(('2', '0.5', 'a'))}{chance.choice(('x', 'y', '(x + y)'))}"
    name = chance.choice([*formula.FUNCTIONS, *SPELLINGS])
    count = {"where": 4, "max": 2, "min": 2, "atan2": 2}.get(SPELLINGS.get(name, name), 1)
    inner = [_sum(chance, depth - 1) for _ in range(count)]
    if name == "where":
        return f"where({inner[0]} {chance.choice(('<', '<=', '>', '>='))} {inner[1]}, {inner[2]}, {inner[3]})"
    return f"{name}({', '.join(inner)})"


def faults(text: str, heading: bool = True) -> Iterator[str]:
    """What is wrong with how gdviz takes a formula; nothing where it works or is refused in a sentence.

    `heading` sets its heading too, which takes as long as the rest.
    """
    try:
        used = constants_in(text, CONSTANTS)
        definition = parse(text, used)
        derived = derive(definition)
    except UsageError as error:
        if "\n" in str(error) or len(str(error)) > 300 or "Error" in str(error):
            yield f"is refused in more than a sentence: {error}"
        return
    x = POINTS[: len(derived.variables)]
    value = np.broadcast_to(derived.value(*x), x.shape[1])
    both, slopes = derived.value_and_gradient(*x)
    gradient = np.array([np.broadcast_to(slope, x.shape[1]) for slope in slopes])
    derived.hessian(*x)
    derived.kink_distances(*x)
    objective_text(derived)
    yield from _heading(derived.latex) if heading else ()
    with np.errstate(all="ignore"):
        direct, moved = (np.broadcast_to(definition.function(*p, **used), x.shape[1]) for p in (x, x * (1 + 1e-13)))
        loose = 1e-7 * (1 + np.abs(direct)) + 1e3 * np.abs(moved - direct)
        off = np.maximum(np.abs(value - direct), np.abs(both - direct))
        signed = "tan2" in text and re.search(
            r"(?<![\d.])0(?![\d.])", text
        )  # the angle of (−1, −0) is −π, of (−1, 0) π
        inside = (np.abs(x).min(axis=0) > 0) & (
            not signed
        )  # at 0 quotients such as x/x are a matter of how they are written
        decided = ~_undecided(lambda *p: definition.function(*p, **used), x)
        wrong = inside & decided & np.isfinite(direct) & np.isfinite(moved) & ~(off <= loose)
        for place in np.flatnonzero(wrong).tolist():
            if _overflows(derived, x[:, place]):  # of a number that passes through ∞, writings differ: (−∞)^(−1/2)
                continue
            yield f"is {direct[place]} at {x[:, place].tolist()}, but derived as {value[place]}"
            break
        yield from _slopes(_held(lambda *p: definition.function(*p, **used), x), derived, x, gradient, decided)


def _held(function: Callable[..., Any], x: Any) -> Callable[..., Any]:
    """The function with all steps in it as they are at x.

    Their slope is 0, but differences see how many a steep argument climbs: floor(1000*x) has a slope of 1000 to them.
    """
    kept: list[Any] = []
    steps = {name: formula.FUNCTIONS[name] for name in ("floor", "sign")}

    def keeping(name: str) -> Callable[[Any], Any]:
        def kept_step(value: Any) -> Any:
            kept.append(steps[name](value))
            return kept[-1]

        return kept_step

    with mock.patch.dict(formula.FUNCTIONS, {name: keeping(name) for name in steps}):
        function(*x.astype(np.longdouble))

    def held(*p: Any) -> Any:
        known = iter(kept)
        with mock.patch.dict(formula.FUNCTIONS, dict.fromkeys(steps, lambda _: next(known))):
            return function(*p)

    return held


def _undecided(function: Callable[..., Any], x: Any) -> Any:
    """bool[point]: where a condition compares what is no number, which a derived text may not know: 0·√x is 0."""
    found = np.zeros(x.shape[1], bool)

    def noting(compare: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
        def noted(left: Any, right: Any) -> Any:
            np.logical_or(found, np.isnan(left) | np.isnan(right), out=found)
            return compare(left, right)

        return noted

    with mock.patch.dict(_OPERATORS, {kind: noting(_OPERATORS[kind]) for kind in (ast.Lt, ast.LtE, ast.Gt, ast.GtE)}):
        function(*x)
    return found


def _overflows(derived: Any, point: Any) -> bool:
    """Whether a number on the way to the gradient is beyond float64, so that extended precision says something else."""

    def checked(function: Callable[..., Any]) -> Callable[..., Any]:
        def call(*values: Any) -> Any:
            answer = function(*values)
            if np.isinf(answer).any():
                raise FloatingPointError
            return answer

        return call

    namespace: dict[str, Any] = {name: checked(function) for name, function in formula.DERIVED.items()}
    exec(derived.text, namespace)
    try:
        with np.errstate(over="raise"):
            namespace["value_and_gradient"](*map(np.float64, point), *derived.definition.parameters.values())
    except FloatingPointError:
        return True
    return False


def _slopes(function: Callable[..., Any], derived: Any, x: Any, slopes: Any, decided: Any) -> Iterator[str]:
    """Differences of two widths, in extended precision, that agree with each other must agree with the gradient.

    Not so on a kink: differences give the mean of both sides there, the gradient that of one; nor where it is not
    `decided`, bool[point], which branch is meant.
    """
    kinked = ~decided
    for distance in derived.kink_distances(*x):
        kinked |= np.abs(distance) < 1e-12
    for i in range(len(x)):
        found = []
        for arm in (1e-5, 3e-6):
            wide = x.astype(np.longdouble)
            ends = [function(*(c + side * arm * (k == i) for k, c in enumerate(wide))) for side in (1, -1)]
            found.append(np.broadcast_to(np.subtract(*ends) / (2 * arm), x.shape[1]))
        noise = 1e-12 * np.abs(np.broadcast_to(function(*wide), x.shape[1]))  # what of a large value is rounded away
        rough = 1e-3 * (1 + np.abs(found[0])) + noise
        sure = np.isfinite(found[0]) & (np.abs(found[0] - found[1]) < 1e-5 * (1 + np.abs(found[0])))
        wrong = sure & np.isfinite(slopes[i]) & (np.abs(slopes[i] - found[0]) > rough) & (np.abs(x).min(axis=0) > 0)
        for place in np.flatnonzero(wrong).tolist():
            if kinked[place] or _overflows(derived, x[:, place]):
                continue
            yield f"has slope {slopes[i][place]} at {x[:, place].tolist()}, but differences say {found[0][place]}"


def _heading(latex: str) -> Iterator[str]:
    from matplotlib.mathtext import MathTextParser

    try:
        MathTextParser("path").parse(f"${latex}$")
    except ValueError:
        yield f"has a heading that mathtext cannot set: {latex}"


def picture(text: str, folder: Path) -> Iterator[str]:
    """What is wrong with a picture of a formula by the command line."""
    from gdviz.cli.program import run

    used: list[str] = []
    with contextlib.suppress(UsageError):
        used = [word for name, value in constants_in(text, CONSTANTS).items() for word in ("--set", f"{name}={value}")]
    words = ["plot", f"--formula={text}", *used, "-o", "gd:lr=0.01", "--steps", "20", "--size", "320x240", "--force"]
    told = io.StringIO()
    with contextlib.redirect_stderr(told), contextlib.redirect_stdout(io.StringIO()), warnings.catch_warnings():
        warnings.simplefilter("error")
        code = run([*words, "--out", str(folder / "a.png")])
    said = told.getvalue()
    if code not in (0, 2) or "fault inside" in said or said.count("\n") > 2:
        yield f"ends with {code}: {said.strip()}"
