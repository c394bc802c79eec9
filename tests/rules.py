"""Step rules and plans that several tests of the compiled backend need."""

from __future__ import annotations

import builtins
import types

import numpy as np
import pytest

from gdviz.catalogue.lookup import find
from gdviz.catalogue.options import resolve_options
from gdviz.formula import dot, largest, max, norm, sqrt, total, where
from gdviz.objectives.landscape import Landscape
from gdviz.plans.plan import Plan
from gdviz.plans.setting import guard_box
from gdviz.registry.defining import describe, scalar
from gdviz.registry.definition import Definition
from gdviz.runs import response
from gdviz.words.entries import parse_optimizers


def feed(optimizer, gradients, x0=None, values=None):
    """Points of an optimizer, written as after -o or a definition, that is handed gradients; see runs.response."""
    if isinstance(optimizer, Definition):
        return response.feed(optimizer, gradients, x0, values)
    (entry,) = parse_optimizers(optimizer)
    definition = find("optimizer", entry.name)
    return response.feed(definition, gradients, x0, values, resolve_options(entry, definition))


def layerwise(x, g, m, v, t, lr=1e-2, beta1=0.9, beta2=0.999, eps=1e-6):
    """Adam scaled by the ratio of two norms."""
    m = beta1 * m + (1 - beta1) * g
    v = beta2 * v + (1 - beta2) * g * g
    u = (m / (1 - beta1**t)) / (sqrt(v / (1 - beta2**t)) + eps)
    return x - lr * where(norm(u) > 0, norm(x) / norm(u), 1.0) * u, m, v


def distance(x, g, f, x0, s, d: scalar, r: scalar, lr=1.0, c=0.5):
    """Every input, numbers of the run, all reductions; its state is called like a kernel's own variables."""
    r2 = c * r + dot(g, x0 - x)
    s = c * s + d * g
    grown = max(d, r2 / (total(s * s) + 1e-30) * 1e-3) + 1e-4 / (1 + f * f)
    return x - (lr * grown + largest(s) * 1e-6) * g / (norm(g) + 1), s, grown, r2


def powers(x, g, t, steps, lr=1e-2, p=0.5, q=3.0):
    """Powers of every kind, plain numbers of t, a change in place."""
    a = g**2 / (1 + g**4)
    a += g**3 * 1e-3
    b = (1 + g * g) ** p + (1 + x * x) ** -1.5
    return x - lr * a / 3 - lr * 0.99 ** (t / 7) * b * (t + 1) ** -p * q**-2 * (1 - t / steps) / sqrt(t)


def averaged(x, g, z, mean, t, lr=1e-2, beta=0.8, form="seen"):
    """Looks between x and z, which begins as the start, and is recorded as the mean of its points."""
    z = z - lr * g
    if form == "seen":
        x = x + 0.1 * (z - x)
    return x, z, mean + (x - mean) / t


def seen(x, z, beta):
    return beta * x + (1 - beta) * z


def mean_of(x, mean, beta, form):
    if form == "seen":
        mean = mean + 1e-3 * beta * (x - mean)
    return mean


RULES = [
    *(describe("optimizer", rule) for rule in (layerwise, distance, powers)),
    describe("optimizer", averaged, init={"z": "x0"}, at=seen, shown=mean_of),
    describe("optimizer", averaged, name="unmoved", shown=mean_of),
]


def plan(landscape="rosenbrock", optimizer="adam", *, runs=256, dim=2, steps=1000, every=250, tol=0.0, dtype="float64",
         preset=None, **options):  # fmt: skip
    """A plan with seeded starts all over the landscape's domain."""
    landscape = find("landscape", landscape) if isinstance(landscape, str) else landscape
    optimizer = find("optimizer", optimizer) if isinstance(optimizer, str) else optimizer
    dim = landscape.dimension or dim
    domain = landscape.domain(dim)
    low, high = np.array(domain).T
    centre, reach = guard_box(domain)
    return Plan(
        objective=Landscape(landscape, dim),
        optimizer=optimizer,
        options={**optimizer.parameters, **optimizer.switches, **optimizer.presets.get(preset, {}), **options},
        start=np.random.default_rng(5).uniform(low, high, (runs, dim)),
        steps=steps,
        every=every,
        tol=tol,
        seed=0,
        dtype=dtype,
        runs=np.arange(runs),
        centre=centre,
        reach=reach,
    )


def sample(landscapes):
    """Names of some landscapes: of each combination of functions that formulas are written with, and of one coordinate
    as of two, the first and every eighth after it."""
    kinds = {}
    for name, definition in landscapes.items():
        kinds.setdefault((frozenset(_words(definition.function.__code__)), definition.size()), []).append(name)
    return {name for names in kinds.values() for name in names[::8]}


def marked(values, chosen):
    """Values as parameters; those that are not chosen are left to `exhaustive`."""
    return [pytest.param(value, marks=() if value in chosen else pytest.mark.exhaustive) for value in values]


def sample_of_rules(optimizers):
    """Names of every third rule, and of each that asks for an input or calls a function that none of them does."""
    needs = {}
    for name, definition in optimizers.items():
        functions = {"step": definition.function, "at": definition.at, "shown": definition.shown}
        there = {role: function for role, function in functions.items() if function}
        called = (_words(function.__code__) for function in there.values())
        needs[name] = {*definition.inputs, *there}.union(*called)
    chosen = list(optimizers)[::3]
    for name, needed in needs.items():
        if not needed <= set().union(*(needs[other] for other in chosen)):
            chosen.append(name)
    return set(chosen)


def _words(code):
    """What a function calls by name, inside its comprehensions too; of Python's own only what has a derivative."""
    inside = (part for part in code.co_consts if isinstance(part, types.CodeType))
    known = set(dir(builtins)) - {"abs", "max", "min"}
    return (set(code.co_names) - known).union(*(_words(part) for part in inside))


def assert_same(ours, theirs):
    """Two answers of a plan, bit for bit; only a NaN's payload does not count."""
    for name in ("x", "f"):
        a, b = getattr(ours, name), getattr(theirs, name)
        assert a.dtype == b.dtype
        np.testing.assert_array_equal(a, b)
        assert (np.signbit(a) == np.signbit(b))[~np.isnan(a)].all()
    for name in ("status", "stopped_at", "left_at", "evals"):
        np.testing.assert_array_equal(getattr(ours, name), getattr(theirs, name))
