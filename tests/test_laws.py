"""`gdviz check` passes what is right and names what is broken."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from rules import marked, sample_of_rules

from gdviz import formula
from gdviz.about.laws import examine
from gdviz.catalogue.lookup import definitions
from gdviz.registry.defining import describe
from gdviz.registry.definition import Definition


def broken(definition: Definition) -> set[str]:
    return {verdict.law for verdict in examine(definition) if not verdict.holds}


@pytest.mark.parametrize("kind", ["landscape", "signal", "activation", "loss", "initialiser", "model"])
def test_everything_registered_keeps_the_laws(kind: str) -> None:
    for definition in definitions(kind).values():
        assert not broken(definition), definition.name


OPTIMIZERS = definitions("optimizer")


@pytest.mark.parametrize("name", marked(OPTIMIZERS, sample_of_rules(OPTIMIZERS)))
def test_every_optimizer_keeps_the_laws(name: str) -> None:
    """A second each, and the same is asked of all of them in test_optimizers.py."""
    assert not broken(OPTIMIZERS[name])


def square(x: Any, y: Any) -> Any:
    return x**2 + y**2


def pole(x: Any, y: Any) -> Any:
    return formula.log(x) + y**2


@pytest.mark.parametrize(
    ("function", "facts", "law"),
    [
        (pole, {}, "finite on its domain"),
        (square, {"gradient": lambda x, y: (2 * x, 3 * y)}, "gradient agrees with differences"),
        (square, {"minima": ((0.0, 0.0, 0.5),)}, "value at the minimum (0, 0)"),
        (square, {"minima": ((0.1, 0.0, 0.01),)}, "gradient at the minimum (0.1, 0)"),
        (square, {"minima": ((0.1, 0.0, 0.01),)}, "nothing lower beside (0.1, 0)"),
        (square, {"minima": ((1.5, 1.5, 4.5),)}, "no random point below the minima"),
        (square, {"start": (9.0, 0.0)}, "the start lies in the domain"),
    ],
)
def test_a_faulty_landscape_is_named(function: Callable[..., Any], facts: dict[str, Any], law: str) -> None:
    domain = {"domain": ((-2.0, 2.0), (-2.0, 2.0))}
    assert law in broken(describe("landscape", function, **domain, **facts))


def steep(z: Any) -> Any:
    return formula.exp(z)


def wrong(z: Any) -> Any:
    return z


def far(p: Any, y: Any) -> Any:
    return -formula.abs(p - y)


@pytest.mark.parametrize(
    ("kind", "function", "facts", "law"),
    [
        ("activation", steep, {}, "finite far out"),
        ("activation", wrong, {"gradient": lambda z: (2.0,)}, "slope agrees with differences"),
        ("loss", far, {"tasks": ("regression",)}, "falls towards the target"),
        ("loss", far, {"tasks": ("binary",)}, "falls towards the target"),
    ],
)
def test_a_faulty_activation_or_loss_is_named(
    kind: str, function: Callable[..., Any], facts: dict[str, Any], law: str
) -> None:
    assert law in broken(describe(kind, function, **facts))


def uphill(x: Any, g: Any, lr: float = 0.1) -> Any:
    return x + lr * g


def unguarded(x: Any, g: Any, lr: float = 0.1) -> Any:
    return x - lr * g / formula.norm(g)


def mixing(x: Any, g: Any, lr: float = 0.1) -> Any:
    return x - lr * (g - 1e-3 * np.sum(np.atleast_1d(g), axis=-1, keepdims=True))


@pytest.mark.parametrize(
    ("function", "law"),
    [
        (uphill, "gets down a bowl"),
        (unguarded, "finite when the gradient is 0"),
        (mixing, "each trajectory alone as among others"),
    ],
)
def test_a_faulty_optimizer_is_named(function: Callable[..., Any], law: str) -> None:
    assert law in broken(describe("optimizer", function))
