"""How time passes in films, as data: which record each frame shows."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest

import gdviz
from gdviz import api
from gdviz.artefacts import scene_of
from gdviz.compose import pacing
from gdviz.draw.render import Renderer, Staging
from gdviz.errors import UsageError
from gdviz.recipe.recipe import Recipe
from gdviz.scene import Axis, Panel, Scene, Timeline, Track, Trails

DIAGONAL = 1300
"""Pixels of the main panel's diagonal at 1080p, about."""


def panel(*paths: list[tuple[float, float]], **facts: object) -> Panel:
    """A round panel from 0 to 1 with these paths."""
    tracks = tuple(Track(i, np.array(path, float), **facts) for i, path in enumerate(paths))
    return Panel("main", Axis(0, 1), Axis(0, 1), (Trails(tracks),), aspect=1.0)


def film(made: Panel, records: int, **asked: object) -> Timeline:
    return pacing.film(Recipe(landscape="beale", **asked), (made,), np.arange(records))


def walk(*ends: tuple[float, float], steps: int = 20) -> list[tuple[float, float]]:
    """A path along a polygon, evenly."""
    legs = [np.linspace(a, b, steps, endpoint=False) for a, b in pairwise(ends)]
    return [*map(tuple, np.concatenate(legs)), ends[-1]]


def shown(clock: Timeline, records: int) -> np.ndarray:
    """Frames for each record."""
    return np.bincount(clock.record, minlength=records)


def test_steps_take_time_as_their_heads_go_far():
    path = walk((0.1, 0.1), (0.1, 0.2), (0.9, 0.2), steps=100)
    frames = shown(film(panel(path), 201, seconds=20.0), 201)
    assert frames[101:199].sum() > 2 * frames[1:99].sum()
    assert frames[1:99].min() > 0, "every step has a floor"
    alike = shown(film(panel(path), 201, seconds=20.0, pace="steps"), 201)
    assert np.ptp(alike[1:-1]) <= 1


def test_one_excursion_does_not_rule():
    path = walk((0.1, 0.5), (0.6, 0.5), steps=100)
    path[50] = (0.35, 1.0)
    frames = shown(film(panel(path), 101, seconds=20.0), 101)
    assert frames[48:52].sum() < 0.45 * frames[1:-1].sum()


def test_what_goes_on_outside_takes_no_time():
    far = [(x + 3.0, y) for x, y in walk((0.0, 0.5), (90.0, 0.5), steps=100)]
    near = walk((0.1, 0.1), (0.9, 0.9), steps=100)
    alone, both = (shown(film(panel(*paths), 101, seconds=20.0), 101) for paths in ([near], [near, far]))
    assert abs(alone - both).max() <= 1


def test_turns_exits_and_losses_are_slower():
    forth = walk((0.1, 0.5), (0.7, 0.5), (0.4, 0.5), steps=20)
    frames = shown(film(panel(forth), 41, seconds=20.0), 41)
    assert frames[20] > 1.2 * frames[10]
    out = walk((0.1, 0.5), (1.31, 0.5), steps=40)
    leaves = next(k for k, (x, _) in enumerate(out) if x > 1)
    frames = shown(film(panel(out), 41, seconds=20.0), 41)
    assert frames[leaves - 1 : leaves + 1].max() > 1.2 * frames[leaves - 5]
    lost = shown(film(panel(walk((0.1, 0.5), (0.7, 0.5), steps=40), status="diverged", stop=30), 41, seconds=20.0), 41)
    assert lost[30] > 1.2 * lost[20]


def test_the_film_ends_early_where_all_rest_and_shows_the_last_step():
    path = walk((0.1, 0.1), (0.9, 0.9), steps=80) + [(0.9, 0.9)] * 400
    clock = film(panel(path), len(path))
    assert pacing.SHORT <= clock.frames / clock.fps < pacing.USUAL
    assert clock.record[0] == 0 and clock.record[-1] == len(path) - 1
    moving = int(np.argmax(clock.record >= 80))
    assert moving > 0.6 * clock.frames, "what rests is run through"
    typed = film(panel(path), len(path), seconds=10.0)
    assert typed.frames == 300
    assert film(panel(path), len(path), pace="steps").frames == 300
    still = film(panel([(0.5, 0.5)] * 20), 20)
    assert still.frames == 30 * pacing.SHORT


def test_a_film_of_any_rate_lasts_as_long():
    path = walk((0.1, 0.1), (0.9, 0.9), steps=80) + [(0.9, 0.9)] * 50
    clocks = [
        pacing.film(Recipe(landscape="beale"), (panel(path),), np.arange(len(path)), Fraction(rate))
        for rate in (10, 30, 60)
    ]
    assert len({clock.frames / clock.fps for clock in clocks}) == 1


def test_log_gives_the_first_steps_the_most():
    frames = shown(film(panel(walk((0, 0), (1, 1), steps=100)), 101, seconds=20.0, pace="log"), 101)
    assert frames[1:10].sum() > frames[30:100].sum()
    assert frames[2] > frames[8] > frames[64]


def test_holds_are_those_typed():
    path = walk((0.1, 0.1), (0.9, 0.9), steps=30)
    frames = shown(film(panel(path), 31, seconds=10.0, hold=(2.0, 3.0), pace="steps"), 31)
    assert abs(frames[0] - frames[1] - 60) <= 1 and abs(frames[-1] - frames[1] - 90) <= 1
    none = film(panel(path), 31, hold=(0.0, 0.0))
    usual = film(panel(path), 31)
    assert none.frames < usual.frames, "where no length is typed the holds are beside the steps"
    with pytest.raises(UsageError, match="--hold 3,3 leaves no time"):
        gdviz.animate(Recipe(landscape="beale", seconds=5.0, hold=(3.0, 3.0)))


def test_stops_are_the_first_steps_the_bend_and_the_end():
    path = walk((0.1, 0.1), (0.1, 0.8), (0.9, 0.8), steps=40)
    assert film(panel(path), 81).stops == (0, 1, 2, 5, 10, 40, 80)
    assert film(panel(walk((0.1, 0.1), (0.9, 0.9), steps=6)), 7).stops == (0, 1, 2, 5, 6)
    every_third = pacing.film(Recipe(landscape="beale"), (panel(path),), 3 * np.arange(81))
    assert every_third.stops == (0, 40, 80), "a stop is at its own step or there is none"
    assert film(panel([(0.5, 0.5)]), 1).stops == (0,)


@pytest.mark.parametrize("seconds", [0.1, 0.5, 20.0])
def test_parts_are_the_film_from_stop_to_stop(seconds: float):
    clock = film(panel(walk((0.1, 0.1), (0.1, 0.8), (0.9, 0.8), steps=40)), 81, seconds=seconds)
    parts = [np.floor(part).astype(int) for part in clock.parts]
    assert len(parts) == len(clock.stops) - 1
    for part, ends in zip(parts, pairwise(clock.stops), strict=True):
        assert (part[0], part[-1]) == ends and (np.diff(part) >= 0).all()
    whole = np.concatenate(parts)
    assert np.bincount(whole)[-1] == np.bincount(clock.record)[-1], "the hold is the last one's"
    extra = np.bincount(whole, minlength=81) - np.bincount(clock.record, minlength=81)
    assert set(np.flatnonzero(extra)) <= set(clock.stops) and 0 <= extra.min() <= extra.max() <= 2


@pytest.mark.parametrize("name", ["beale", "rastrigin", "long_valley"])
def test_default_races_are_directed(name: str):
    """Of all motion in the main panel at most 55 % lies in the first quarter, and heads move in half of the frames.

    Where so few steps move that not even the shortest film can keep the second, nearly each of them has its frame.
    """
    scene = scene_of(api.make(Recipe(landscape=name)))
    early, moving, steps = directed(scene)
    assert early <= 0.55
    assert moving >= 0.5 or moving * scene.clock.frames > 0.8 * steps


def directed(scene: Scene) -> tuple[float, float, int]:
    """The share of all motion that lies in the first quarter, that of frames in which a head moves, and such steps."""
    places = np.stack([way.where for way in pacing._ways(scene.panels)]) * DIAGONAL  # track, record, 2
    frames = np.hypot(*np.moveaxis(np.diff(places[:, scene.clock.record], axis=1), -1, 0))
    steps = np.hypot(*np.moveaxis(np.diff(places, axis=1), -1, 0)).max(axis=0)
    quarter = scene.clock.frames // 4
    return (
        float(frames[:, :quarter].sum() / frames.sum()),
        float((frames.max(axis=0) >= 0.5).mean()),
        int((steps >= 0.5).sum()),
    )


def test_arrows_of_a_step_come_one_after_another():
    run = gdviz.simulate("beale", ["momentum:lr=0.01"], steps=6)
    scene = scene_of(api.redrawn(run, {"anatomy": 3, "size": "320x240"}))
    clock, (stage, *_) = scene.clock, Staging(scene).stages
    assert clock.stands == (2,) and 2 in clock.stops
    assert (clock.record == 2).sum() >= pacing.GROWING * 30
    seen = [
        sum(item[0][0] == "vector" for item in stage.heads(2, moment) if isinstance(item[0], tuple))
        for moment in clock.moment[clock.record == 2].tolist()
    ]
    assert seen == sorted(seen) and seen[0] == 0 and seen[-1] >= 3, "the parts come in turn"
    last = {key: None for key, _ in stage.heads(2)}
    assert set(last) == {key for key, _ in stage.heads(2, clock.moment[clock.record == 2][-1])}, "as a still shows it"
    assert sum(text.text != "" for text in stage.texts(2, 2.0)) < len(stage.texts(2))
    renderer = Renderer(scene)
    growing, whole = (renderer.at(2, moment).copy() for moment in (2.3, None))
    assert not np.array_equal(growing, whole) and np.array_equal(renderer.at(2, 2.3), growing)
