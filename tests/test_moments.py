"""One moment in every frame of a clip: what is said of a run is true of the points that are drawn."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
import samples

import gdviz
from gdviz.compose.race import compose
from gdviz.compose.words import exactness
from gdviz.draw.render import Renderer
from gdviz.lang import texts


@pytest.mark.parametrize(
    ("landscape", "optimizers", "steps"),
    [
        ("rosenbrock", ["newton"], 8),  # fewer steps than frames, each of them a long way
        ("rosenbrock", ["newton", "gd:lr=0.001"], 500),  # more steps than frames
        ("quadratic_1d", ["gd:lr=0.9"], 12),
    ],
)
def test_numbers_and_heads_of_every_frame_are_of_the_same_step(
    landscape: str, optimizers: list[str], steps: int
) -> None:
    run = gdviz.simulate(landscape, optimizers, steps=steps)
    small = run.recipe.updated(size="640x400", seconds=2.0, fps=24.0)
    scene = compose(dataclasses.replace(run, recipe=small))
    renderer, words = Renderer(scene), texts("en")
    for i in range(scene.clock.frames):
        renderer.frame(i)
        counter, *values = [text.text for text, _ in renderer._figures]
        step = int(counter.removeprefix("step "))
        for value, losses in zip(values, run.f[:, 0], strict=True):
            loss = float(losses[step])
            assert value == words.number(loss, exactness(run.medians))
        for number, canvas in enumerate(renderer._canvases):
            stage = canvas.stage
            heads = {look[1:3] for panel, _, look in renderer._drawn if panel == number and isinstance(look, tuple)}
            for trail in stage.trails:
                x, y = stage.place.pixels(trail.track.points[step : step + 1])[0].tolist()
                assert (x, y) in heads or not trail.inside[step], f"frame {i}: a head is not at step {step}"
            assert canvas.record == step, f"frame {i}: paths and dots do not end at step {step}"


@pytest.mark.parametrize("told", [("",) * 5 + ("left",) * 6, ("", "one of two") + ("two of two",) * 9])
def test_what_has_happened_is_told_from_its_record_on(told: tuple[str, ...]) -> None:
    """After the details that always stand there: a frame differs from one of the same page without it."""
    scene = samples.race("en", "light", (1280, 720), steps=10, frames=11)
    first, *others = scene.entries

    def film(happened: tuple[str, ...]) -> Renderer:
        entries = (dataclasses.replace(first, happened=happened), *others)
        return Renderer(dataclasses.replace(scene, entries=entries))

    with_it, without = film(told), film(("",) * 10 + told[-1:])
    assert with_it.scene.entries[0].told(10) == f"{first.details}; {told[-1]}"
    for frame, k in enumerate(scene.clock.record.tolist()):
        same = np.array_equal(with_it.frame(frame), without.frame(frame))
        assert same == (not told[k] or k == 10), f"record {k}"
