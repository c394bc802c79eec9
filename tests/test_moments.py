"""One moment in every frame of a clip: what is said of a run is true of the points that are drawn."""

from __future__ import annotations

import dataclasses

import pytest

import gdviz
from gdviz.compose import compose
from gdviz.lang import texts
from gdviz.render import Renderer


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
            assert value == words.number(loss, 3 if abs(loss) < 1000 else 1)
        for number, canvas in enumerate(renderer._canvases):
            stage = canvas.stage
            heads = {look[1:3] for panel, _, look in renderer._drawn if panel == number and isinstance(look, tuple)}
            for trail in stage.trails:
                x, y = stage.place.pixels(trail.track.points[step : step + 1])[0].tolist()
                assert (x, y) in heads or not trail.inside[step], f"frame {i}: a head is not at step {step}"
            assert canvas.record == step, f"frame {i}: paths and dots do not end at step {step}"
