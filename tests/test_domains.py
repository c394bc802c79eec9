"""A typed domain holds for every coordinate: start, guard, window, rates, and where minima are looked for."""

from __future__ import annotations

import dataclasses
import shlex

import numpy as np
import pytest

import gdviz
from gdviz import api
from gdviz.catalogue.lookup import definitions
from gdviz.compose.race import compose
from gdviz.errors import UsageError
from gdviz.jobs import command_of, read
from gdviz.plans.setting import settle
from gdviz.recipe.options.race import Race
from gdviz.recipe.recipe import Recipe
from gdviz.runs.tuning import random_starts
from gdviz.scene import Marks


def recipe_of(formula, domain, **options):
    return Recipe(formula=formula, domain=domain, **{"steps": 20, "optimizer": [{"name": "gd", "lr": 0.1}], **options})


def marks_of(run):
    panel = compose(run).panels[0]
    return panel, {layer.kind: layer.points for layer in panel.layers if isinstance(layer, Marks)}


@pytest.mark.parametrize(
    ("formula", "domain"),
    [
        ("x^2+y^2", ((-10.0, 10.0), (-1.0, 1.0))),
        ("x^2+1e-8*y^2", ((0.0, 1.0), (0.0, 2000.0))),
        ("sin(x)+y^2", ((2.0, 3.0), (-40.0, -20.0))),
        ("1e-12*(x^2+y^2)", ((-3.0, 3.0), (-1.0, 1.0))),
        ("x^2+y^2", ((-1e-9, 1e-9), (-3e-9, 3e-9))),
    ],
)
def test_a_formula_starts_in_its_domain(formula, domain):
    run = api.run(recipe_of(formula, domain))
    assert run.setting.domain == domain
    low, high = np.array(domain).T
    assert ((low < run.x[0, 0, 0]) & (run.x[0, 0, 0] < high)).all()
    panel, marks = marks_of(run)
    assert (panel.x.low, panel.x.high, panel.y.low, panel.y.high) == tuple(np.ravel(domain))
    assert np.array_equal(marks["start"], run.x[0, :, 0])


@pytest.mark.parametrize(
    ("formula", "domain", "start"),
    [
        ("x^2+y^2", ((-1.0, 1.0), (-5000.0, 5000.0)), (0.5, 4000.0)),
        ("x^2/1e8+y^2", ((-1e5, 1e5), (-0.01, 0.01)), (9e4, 0.008)),
    ],
)
def test_each_coordinate_is_guarded_by_its_own_range(formula, domain, start):
    run = api.run(recipe_of(formula, domain, start=[start]))
    assert run.status[0, 0] != "diverged" and run.stopped_at[0, 0] == 20
    low, high = np.array(domain).T
    assert (run.plans[0].reach >= 500 * (high - low)).all()


def test_minima_are_looked_for_in_every_coordinates_own_range():
    # of the two wells in y the lower one lies outside: before, it made the one in view a higher minimum
    wells = "x^2/100+(y^2-1)^2+0.3*y"
    _, marks = marks_of(api.run(recipe_of(wells, ((-10.0, 10.0), (0.0, 2.0)))))
    assert len(marks["minimum"]) == 1 and len(marks["local"]) == 0
    assert marks["minimum"][0] == pytest.approx((0.0, 0.96), abs=0.01)
    # and where a coordinate has the longer range, all of it is searched
    _, marks = marks_of(api.run(recipe_of("x^2+(y-40)^2", ((-1.0, 1.0), (0.0, 50.0)))))
    assert marks["minimum"].tolist() == [[0.0, 40.0]]
    # a finished run that is drawn in another part is searched there
    run = api.run(recipe_of(wells, ((-10.0, 10.0), (-2.0, 2.0))))
    elsewhere = dataclasses.replace(run, recipe=run.recipe.updated(domain=((-10.0, 10.0), (0.0, 2.0))))
    assert len(marks_of(elsewhere)[1]["minimum"]) == 1 and len(marks_of(elsewhere)[1]["local"]) == 0


def bowl(x, y):
    return x * x + 1e-6 * (y - 500) ** 2


def bowl_of_three(x, y, z):
    return x * x + 1e-6 * (y - 500) ** 2 + z * z


@pytest.mark.parametrize(
    ("landscape", "domain", "start"),
    [
        (bowl, [(0, 1), (0, 2000)], None),
        (bowl_of_three, [(0, 1), (0, 2000), (-5, 5)], (0.5, 100.0, 4.0)),
        ("rosenbrock", [(-100, 100), (-1, 9)], None),
    ],
)
def test_functions_and_names_have_unequal_ranges_too(landscape, domain, start):
    run = gdviz.simulate(landscape, ["gd:lr=1e-7"], domain=domain, start=start, fair=None, steps=3)
    assert run.setting.domain == tuple((float(low), float(high)) for low, high in domain)
    points = random_starts(run.setting)
    low, high = np.array(domain).T
    assert ((points >= low) & (points <= high)).all() and (np.ptp(points, axis=0) > 0.8 * (high - low)).all()
    assert (run.plans[0].reach >= 500 * (high - low)).all()
    assert compose(run).panels


def test_two_ranges_of_more_coordinates_leave_the_others_as_they_are():
    run = gdviz.simulate("rosenbrock", ["gd:lr=1e-7"], dim=3, domain=[(-100, 100), (-1, 9)], steps=2)
    assert run.setting.domain == ((-100.0, 100.0), (-1.0, 9.0), definitions("landscape")["rosenbrock"].domain(3)[2])
    run = gdviz.simulate(bowl_of_three, ["gd:lr=1e-7"], domain=[(0, 1), (0, 9)], start=(1.0, 1.0, 1.0), steps=2)
    assert run.setting.domain == ((0.0, 1.0), (0.0, 9.0), (0.0, 1.0))
    with pytest.raises(UsageError, match=r"1 range; rosenbrock has 3 coordinates, of which 2 are drawn"):
        settle(Recipe(landscape="rosenbrock", dim=3, domain=((0.0, 1.0),)))
    with pytest.raises(UsageError, match=r"4 ranges; rosenbrock has 3 coordinates"):
        settle(Recipe(landscape="rosenbrock", dim=3, domain=((0.0, 1.0),) * 4))


@pytest.mark.parametrize("landscape", ["beale", "rastrigin"])
def test_a_closer_look_changes_no_rate(landscape):
    whole = gdviz.simulate(landscape, ["gd:lr=auto", "adam:lr=auto"], steps=40)
    closer = gdviz.simulate(landscape, ["gd:lr=auto", "adam:lr=auto"], steps=40, domain=[(0.5, 0.6), (0.1, 0.3)])
    assert [e.options["lr"] for e in closer.recipe.optimizer] == [e.options["lr"] for e in whole.recipe.optimizer]


CLOSE = [(0.5, 0.75), (-0.5, 0.5)]


@pytest.mark.parametrize(
    ("landscape", "optimizers", "options"),
    [
        ("x^2+3*y^2", ["gd:lr=0.4", "adam:lr=0.1"], {"domain": [(-4, 4), (-2, 2)], "steps": 60}),  # gd diverges
        ("x^2+3*y^2", ["gd:lr=0.4"], {"steps": 60}),
        ("beale", ["gd", "momentum"], {"fair": "tuned", "steps": 12}),  # from random starts in the domain
    ],
)
def test_a_picture_of_another_domain_carries_the_run_and_the_view(tmp_path, landscape, optimizers, options):
    run = gdviz.simulate(landscape, optimizers, **options)
    first, second = tmp_path / "a.svg", tmp_path / "b.svg"
    gdviz.plot(run, first, domain=CLOSE, size="320x240")
    carried = api.load_recipe(first)
    again = api.run(carried)
    assert np.array_equal(again.x, run.x, equal_nan=True) and np.array_equal(again.f, run.f, equal_nan=True)
    assert (again.status == run.status).all() and (again.stopped_at == run.stopped_at).all()
    assert [plan.reach.tolist() for plan in again.plans] == [plan.reach.tolist() for plan in run.plans]
    gdviz.plot(again, second)
    assert second.read_bytes() == first.read_bytes()
    axes = compose(again).panels[0]
    assert ((axes.x.low, axes.x.high), (axes.y.low, axes.y.high)) == tuple(CLOSE)
    command = shlex.split(command_of(carried, "a.svg"))
    assert command[command.index("--window") + 1] == "0.5:0.75,-0.5:0.5"
    assert ("--domain" in command) == ("domain" in options)


@pytest.mark.parametrize("domain", [[(0, 1), (0, 2)], [(-5, -1), (3, 4)]])
def test_a_recipe_of_another_domain_is_drawn_whole(domain):
    """Of a recipe, unlike of a run, another domain is what guard and starts follow as well."""
    base = recipe_of("x^2+y^2", None, window=tuple(CLOSE))
    text = ",".join(f"{low}:{high}" for low, high in domain)
    for changed in (base.updated(domain=domain), read({"domain": text}, base, Race)):
        assert changed.window is None and settle(changed).domain == tuple(map(tuple, domain))
    both = read({"domain": text, "window": "0:0.5,0:0.25"}, base, Race)
    assert both.window == ((0.0, 0.5), (0.0, 0.25)) and settle(both).domain == tuple(map(tuple, domain))
    assert read({"formula": "x^2+2*y^2"}, base, Race).window is None


def test_windows_that_do_not_fit_are_told_as_windows():
    with pytest.raises(UsageError, match=r"the window has 1 range; .* so type --window -2:2,-1:3"):
        api.run(recipe_of("x^2+y^2", None, window=((0.0, 1.0),)))
    with pytest.raises(UsageError, match=r"window: each range must rise, as in -2:2, but 1:0 does not"):
        read({"window": "1:0,0:1"}, recipe_of("x^2+y^2", None), Race)
    with pytest.raises(UsageError, match=r"--window 0:1:2: type low:high"):
        read({"window": "0:1:2"}, recipe_of("x^2+y^2", None), Race)
