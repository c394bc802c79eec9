"""What a study came to: its table, and what whoever asked for it should know."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from gdviz.recipe.options.descent import Descent
from gdviz.studies.optimum import MOST
from gdviz.studies.results import Part, Row, table
from gdviz.studies.statistics import in_percent
from gdviz.studies.study import Study

SHOWN = 5
"""Minima that a row of the table tells, those with the largest shares."""


def ledger(recipe: Descent, study: Study) -> list[tuple[str, ...]]:
    """One row per optimizer: what it came to, and how far that can be trusted."""
    rows = table(study)
    columns = [[said(row[key], row) if key in row else "" for row in rows] for key, said in CELLS.items()]
    columns += [[_trusted(row, study) for row in rows]]
    shown = [column for column in columns if any(column)]
    return [(row["optimizer"], *told) for row, *told in zip(rows, *shown, strict=True)]


def _trusted(row: Row, study: Study) -> str:
    """Which share of the labels changes, of all cells and of those at boundaries."""
    if "ulp" not in row:
        return ""
    names = {"ulp": "an ulp", "dtype": "float32" if study.recipe.dtype == "float64" else "float64", "resolution": "×2"}
    known = [key for key in names if not math.isnan(row[key])]
    edges = [percent(row[f"boundary_{key}"]) for key in known if not math.isnan(row[f"boundary_{key}"])]
    told = [" / ".join(percent(row[key]) for key in known), *([f"at boundaries {' / '.join(edges)}"] if edges else [])]
    return f"labels changed by {' / '.join(names[key] for key in known)}: {', '.join(told)}" if known else ""


def _best(best: dict[str, Any], row: Row) -> str:
    """Where the best cell is and what its runs come to; of several the median."""
    if not best:
        return f"most runs diverge in every cell{' that is computed' * (row['computed'] < 1)}"
    place = ", ".join(f"{name}={value if isinstance(value, str) else _number(value)}" for name, value in best.items())
    within, several = row["median_steps"], not math.isnan(row["success"].low)
    arrive = "half of its runs arrive" if several else "arrives"
    steps = f"{arrive} within {within:g} step{'s' * (within != 1)}, " if math.isfinite(within) else ""
    return f"best {place}: {steps}{'median ' * several}final loss {row['final']:.3g}"


def _number(value: float) -> str:
    """To four digits, a whole one in full."""
    return f"{value:.0f}" if value == round(value) and abs(value) < 1e9 else f"{value:.4g}"


def _shares(word: str) -> Callable[[dict[str, Part], Row], str]:
    """The largest shares, and how many more there are; word: of what, and by what."""

    def said(parts: dict[str, Part], row: Row) -> str:
        told = sorted(parts.items(), key=lambda one: -one[1].share)
        rest = [f"{len(told) - SHOWN} more"] if len(told) > SHOWN else []
        shares = [*(f"{name} {percent(one.share)}" for name, one in told[:SHOWN]), *rest]
        return f"{word.format(_computed(row))}: {', '.join(shares)}" if told else ""

    return said


def _stretches(ends: list[tuple[float, float]], row: Row) -> str:
    """Of one axis, whose name the best cell has; where there is none, every cell diverges, which is told."""
    return ", ".join(f"diverges from {name}={low:.4g} to {high:.4g}" for name in row["best"] for low, high in ends)


def _entropy(entropy: float, row: Row) -> str:
    at = "" if math.isnan(row["boundary_entropy"]) else f", at boundaries {row['boundary_entropy']:.3g}"
    return "" if math.isnan(entropy) else f"basin entropy {entropy:.3g}{at}"


def _final(found: dict[int, float] | float, row: Row) -> str:
    """Of many runs the median and the middle nine tenths; that of a best cell is told with it."""
    if not isinstance(found, dict):
        return ""
    return f"median final loss {found[50]:.3g}, 90 % of the runs from {found[5]:.3g} to {found[95]:.3g}"


def _escape(found: dict[int, float], row: Row) -> str:
    """By which step the first, half and nearly all of those that began at a minimum had left it."""
    steps = (f"by step {found[share]:g}" if found[share] < math.inf else "never" for share in (5, 50, 95))
    told = (f"{share} {step}" for share, step in zip(("5 %", "half", "95 %"), steps, strict=True))
    return f"leave the minimum where they begin: {', '.join(told)}"


def _share(word: str) -> Callable[[Part, Row], str]:
    """A share with its limits, and of what it is one, where {} is for those that are computed; nothing of none."""

    def said(one: Part, row: Row) -> str:
        limits = "" if math.isnan(one.low) else f" ({percent(one.low)} to {percent(one.high)})"
        return "" if math.isnan(one.share) else f"{percent(one.share)}{limits} {word.format(_computed(row))}"

    return said


def _computed(row: Row) -> str:
    """What stands before a word for all cells where they are not all computed."""
    return "computed " * (row["computed"] < 1)


def _success(one: Part, row: Row) -> str:
    """Of starts, or of the runs of the best cell, where there are several."""
    if "areas" in row:
        return _share("of the {}starts end at a lowest minimum")(one, row)
    return "" if math.isnan(one.low) else _share("of its runs arrive")(one, row)


CELLS: Mapping[str, Callable[[Any, Row], str]] = {
    "computed": lambda share, row: f"{percent(share)} computed" if share < 1 else "",
    "runs": lambda runs, row: f"{runs} run{'s' * (runs != 1)}",
    "best": _best,
    "success": _success,
    "trained": _share("of the {}networks learn"),
    "final": _final,
    "areas": _shares("{}starts by minimum"),
    "ends": _shares("runs by end"),
    "escape": _escape,
    "lost": lambda one, row: _share("of the {}starts diverge or are undefined")(one, row) if one.share else "",
    "diverged": lambda share, row: f"{percent(share)} of the {_computed(row)}cells diverge" if share else "",
    "diverges": _stretches,
    "entropy": _entropy,
}
"""How what a row of the table holds is told, in this order."""


def percent(share: float) -> str:
    """A share of 1 in percent, to three digits."""
    return f"{in_percent(share, 3):.12g} %"


def notes(recipe: Descent, study: Study) -> list[str]:
    """What is missing, and where a map says less than it shows."""
    return [*_missing(study), *_empty(study), *_doubtful(study)]


def _missing(study: Study) -> Iterator[str]:
    if not study.complete:
        done, of = study.done
        where = f" in {study.store}; gdviz study status tells the command for the others" if study.store else ""
        yield f"{done} of {of} chunks are computed{where}"


def _empty(study: Study) -> Iterator[str]:
    """That nothing succeeds anywhere, in which case a map of steps would be empty."""
    if study.complete and "median_steps" in study.arrays and not (study.arrays["success"] > 0).any():
        if (study.arrays["diverged"] > MOST).all():
            yield "most runs diverge in every cell; smaller rates may show a difference"
        else:
            yield "no run succeeds in any cell; a larger --target or more --steps may show a difference"


DOUBTFUL = 0.01
"""Share of labels that change with the precision from which on a map is said to depend on it."""


def _doubtful(study: Study) -> Iterator[str]:
    if not study.reliability:
        return
    worst = max(one.all.dtype for one in study.reliability)
    if worst > DOUBTFUL:
        yield f"{percent(worst)} of the labels are others in another precision: single cells prove nothing there"
