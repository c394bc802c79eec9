"""Stationary points are found from the formula alone, named rightly, and minima at kinks are not lost."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import pytest
from rules import marked, sample

from gdviz.analyse import lowest, minima, stationary, survey
from gdviz.catalogue.lookup import definitions, find
from gdviz.errors import UsageError
from gdviz.formula.typed import parse
from gdviz.objectives.landscape import Landscape
from gdviz.registry.defining import describe
from gdviz.registry.definition import Definition
from gdviz.registry.kinds.landscape import LandscapeFacts

LANDSCAPES = definitions("landscape")
LECTURES = {
    "wobbly": [
        ("minimum", (-0.1724, -0.9063), 0.9155),
        ("minimum", (0.8961, 3.0665), 5.1010),
        ("saddle", (0.3096, 1.6324), 6.9140),
        ("saddle", (-1.7748, -2.5086), 12.7414),
        ("maximum", (-1.1899, -2.1541), 14.0712),
    ],
    "basins_and_walls": [
        ("minimum", (0.0, 0.0), 0.0),
        *(
            ("minimum", (side * x, 0.0), f)
            for x, f in ((0.7615, 0.2991), (1.5220, 1.1959), (2.2804, 2.6892), (3.0340, 4.7766))
            for side in (-1, 1)
        ),
        *(("saddle", (side * x, 0.0), None) for x in (0.4054, 1.2167, 2.0300, 2.8479) for side in (-1, 1)),
    ],
    "giant_plateau": [("minimum", (0.0, 0.0), 0.0)],
    "two_minimums": [
        ("minimum", (0.0, 0.0), 1.0),
        ("minimum", (-2.5, -2.5), 3.5),
        ("saddle", (-1.4637, -1.4637), 3.9003),
    ],
    "beale": [("minimum", (3.0, 0.5), 0.0)],
    "long_valley": [("minimum", (0.0, 20**0.5), 0.0), ("minimum", (0.0, -(20**0.5)), 0.0), ("saddle", (0.0, 0.0), 1.0)],
    "saddle": [("saddle", (0.0, 0.0), 0.0)],
    "quadratic_1d": [("minimum", (-2.0,), 1.0)],
    "quadratic_2d": [("minimum", (3.0, -2.0), 0.0)],
}
"""What lectures quote; two of the points lie just outside the box that is drawn."""


def bare(definition: Definition) -> Definition:
    """The definition with nothing left but its formula, and the gradient where it gives its own."""
    return dataclasses.replace(definition, facts=LandscapeFacts(gradient=definition.facts.gradient))


@pytest.mark.parametrize("name", LECTURES)
def test_points_that_lectures_quote_are_found_from_the_formula_alone(name: str) -> None:
    definition = find("landscape", name)
    box = [(low - 0.1, high + 0.1) for low, high in definition.domain()]
    found = stationary(bare(definition), domain=box)
    for kind, place, value in LECTURES[name]:
        near = [p for p in found if p.kind == kind and np.abs(np.array(p.x) - place).max() < 1.1e-4]
        assert len(near) == 1, (kind, place)
        assert value is None or near[0].value == pytest.approx(value, abs=6e-5)
    if name not in ("beale",):
        assert len(found) == len(LECTURES[name])


@pytest.mark.parametrize("name", marked(LANDSCAPES, sorted(sample(LANDSCAPES))[::4]))
def test_stated_minima_are_found(name: str) -> None:
    definition = find("landscape", name)
    stated = definition.minima()
    found = minima(bare(definition), definition.parameters, definition.domain())
    span = np.ptp(np.array(definition.domain()), axis=1)
    for minimum in stated:
        assert (np.abs(found[:, :-1] - minimum[:-1]) <= 1e-6 * span).all(axis=1).any(), minimum
    if stated:
        assert found[0, -1] >= stated[0][-1] - 1e-9 * (1 + abs(stated[0][-1])), "there is lower ground"


@pytest.mark.exhaustive
@pytest.mark.parametrize("name", [name for name, d in definitions("landscape").items() if d.size() <= 2])
def test_smooth_points_that_are_listed_are_stationary(name: str) -> None:
    """Their gradient is 0 beside what it is a thousandth of the box away."""
    definition = find("landscape", name)
    low, high = np.array(definition.domain(), dtype=float).T
    x = np.array([point.x for point in stationary(definition) if not point.kink]).reshape(-1, len(low)).T
    span, gradient = (high - low)[:, None], Landscape(definition, len(low)).gradient
    if x.size:
        with np.errstate(all="ignore"):
            around = np.fmax(*(np.abs(gradient(x + side * 1e-3 * span)) for side in (1, -1))).max(axis=0)
            assert ((np.abs(gradient(x)) * span).max(axis=0) <= 1e-6 * around * span.max()).all()


@pytest.mark.parametrize(
    ("text", "place", "value"),
    [
        ("abs(x) + abs(y)", (0, 0), 0),
        ("abs(x - y) + abs(x + y - 1)", (0.5, 0.5), 0),
        ("abs(x^2 + y^2 - 1) + x", (-1, 0), -1),
        ("max(abs(x - 0.3), (y - 0.7)^2)", (0.3, 0.7), 0),
        ("where(x > 0, x^2, -x) + y^2", (0, 0), 0),
        ("sqrt(x^2 + y^2)", (0, 0), 0),
        ("abs(y - x^2) + (1 - x)^2", (1, 1), 0),
        ("abs(x) + (y - 1)^2 + sin(x)/2", (0, 1), 0),
    ],
)
def test_minima_at_kinks_are_found(text: str, place: tuple[float, float], value: float) -> None:
    (point,) = [p for p in stationary(parse(text)) if p.lowest]
    assert point.kink and point.kind == "minimum" and point.eigenvalues == ()
    assert point.conditioning is None and point.largest_rate is None
    assert point.x == pytest.approx(place, abs=1e-9) and point.value == pytest.approx(value, abs=1e-9)


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("x^4 + y^4", ["degenerate"]),
        ("x^3 - 3*x*y^2", ["degenerate"]),
        ("abs(x)^3 + y^2", ["degenerate"]),
        ("x + y", []),
        ("exp(-x) + y^2", []),
        ("floor(x)^2 + floor(y)^2", []),
        ("cos(x) + 0*y", []),
        ("1/x + x", ["maximum", "minimum"]),
        ("-exp(-1000*((x - 1)^2 + y^2))", ["minimum"]),
        ("sin(x)*sin(y)", ["minimum", "minimum", "saddle", "maximum", "maximum"]),
    ],
)
def test_kinds_are_named(text: str, kinds: list[str]) -> None:
    found = survey(parse(text))
    assert [p.kind for p in found.points] == kinds
    assert bool(found.lines) == (text == "cos(x) + 0*y")


def test_lowest_is_asked_of_degenerate_points_too() -> None:
    assert [p.lowest for p in stationary(parse("x^4 + y^2"))] == [True]
    assert [p.lowest for p in stationary(parse("x^3 + y^2"))] == [False]
    assert minima(parse("x^3 + y^2")).shape == (0, 3)
    assert minima(parse("a*(x - 1)^2", {"a": 2.0})).tolist() == [[1.0, 0.0]]


def test_conditioning_and_largest_rate() -> None:
    (point,) = stationary(find("landscape", "ravine"), {"kappa": 100.0})
    assert point.eigenvalues == (1.0, 100.0)
    assert point.conditioning == 100 and point.largest_rate == 0.02


def test_constants_and_the_box_count() -> None:
    definition = parse("(x^2 - a)^2", {"a": 1.0})
    assert [p.x for p in stationary(definition) if p.lowest] == [(-1.0,), (1.0,)]
    assert [p.x for p in stationary(definition, {"a": 4.0}, [(0.0, 3.0)]) if p.lowest] == [(2.0,)]


def test_more_than_two_coordinates() -> None:
    def well(*x: Any) -> Any:
        return sum((c**2 - 1) ** 2 for c in x)

    found = stationary(describe("landscape", well), domain=[(-2.0, 2.0)] * 3)
    kinds = [p.kind for p in found]
    assert [kinds.count(kind) for kind in ("minimum", "saddle", "maximum")] == [8, 18, 1]


def test_the_description_lists_the_lowest_and_counts_the_rest() -> None:
    from gdviz.about.description import lines

    text = "\n".join(lines(find("landscape", "rastrigin")))
    assert "and 421 more, none lower: 101 minima, 220 saddles, 100 maxima" in text
    text = "\n".join(lines(find("landscape", "ravine"), {"kappa": 4.0}))
    assert "constant kappa = 25, here 4" in text and "∂²f/∂y² = kappa" in text
    assert [line.split() for line in text.split("\n") if line.startswith("minimum")] == [
        ["minimum", "0", "0", "0", "1,", "4", "4", "0.5"]
    ]
    assert "no stationary point found" in "\n".join(lines(parse("x + y")))
    with pytest.raises(UsageError, match=r"no constant 'kapa'.*kappa"):
        lines(find("landscape", "ravine"), {"kapa": 4.0})
    with pytest.raises(UsageError, match="1 ranges for 2"):
        lines(find("landscape", "ravine"), domain=[(0.0, 1.0)])
    with pytest.raises(UsageError, match="not 3"):
        lines(find("landscape", "ravine"), dim=3)


@pytest.mark.parametrize("name", marked(LANDSCAPES, sorted(sample(LANDSCAPES))))
def test_the_lowest_minimum_is_found_without_a_survey(name: str) -> None:
    definition = LANDSCAPES[name]
    stated = definition.minima(definition.size())
    found = lowest(bare(definition), {}, definition.domain())
    if stated:
        start = Landscape(definition).value(np.array(definition.start())[:, None])
        assert found == pytest.approx(stated[0][-1], abs=1e-4 * abs(start[0] - stated[0][-1]))


def test_what_only_falls_has_no_lowest_minimum_and_a_ring_has_one() -> None:
    box = ((-2.0, 2.0), (-2.0, 2.0))
    assert lowest(find("landscape", "saddle"), {}, box) is None
    assert lowest(parse("(x^2 + y^2 - a)^2 + a", {"a": 1.5}), {"a": 1.5}, box) == pytest.approx(1.5, abs=1e-12)
    assert lowest(parse("|x - a| + 2*|y + a/3|", {"a": 0.7}), {"a": 0.7}, box) == pytest.approx(0.0, abs=1e-9)
