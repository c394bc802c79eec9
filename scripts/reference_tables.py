"""Record what torch and optax make of gradients and rates, for the tests of transforms and schedules.

    python scripts/reference_tables.py            writes tests/references/transforms.json and schedules.json

Every transform is asked for its fact `oracle`: texts, by preset, that are either something of optax that changes
updates or something of torch that changes p.grad (or p: then p is moved by one step, from a gradient of 0 where the
transform moves x beside the step). Every schedule's oracle is a scheduler of torch, a function of optax, or something
of optax that scales updates by a loss; it is followed for a thousand steps, of which some are kept. Needs torch and
optax (the extra `reference`).
"""

from __future__ import annotations

import ast
import json
import math
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from gdviz.catalogue.lookup import definitions
from gdviz.registry.definition import Definition
from gdviz.registry.facts import OptionFacts

FOLDER = Path(__file__).resolve().parents[1] / "tests" / "references"
RATE = 0.1
"""Learning rate of transforms that ask for it."""

Rows = list[list[float]]
Options = dict[str, float | str | bool]


def points() -> tuple[Rows, Rows]:
    """Gradients and points, float64[20, 3] each: long and short ones, and one that is 0."""
    import numpy as np

    draw = np.random.default_rng(413)
    lengths = 10.0 ** draw.uniform(-3, 2, (20, 1))
    g = draw.normal(size=(20, 3)) * lengths
    g[7] = 0.0
    return g.tolist(), draw.normal(size=(20, 3)).tolist()


def cases(definition: Definition) -> Iterator[tuple[str, str, Options]]:
    """Preset, text of the oracle and options on top of the preset: none, and every number in the text changed."""
    for preset, text in OptionFacts.of(definition).oracle.items():
        known = {**definition.parameters, **definition.presets.get(preset, {})}
        names = {node.id for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Name)}
        yield preset, text, {}
        if asked := sorted(names & set(definition.parameters)):
            yield preset, text, {name: float(known[name]) * 1.7 for name in asked}


def changed(definition: Definition, preset: str, text: str, options: Mapping[str, Any]) -> Rows:
    """What the library makes of each gradient, or the moves where the transform answers these: float64[20, 3]."""
    given = {**definition.parameters, **definition.presets.get(preset, {}), **options, "lr": RATE}
    follow = {"torch": _torch, "optax": _optax}[text.split(".", 1)[0]]
    moves = "g" not in definition.inputs
    return [follow(text, given, [0.0] * 3 if moves else g, x, moves) for g, x in zip(*points(), strict=True)]


def _torch(text: str, given: Mapping[str, Any], g: list[float], x: list[float], moves: bool) -> list[float]:
    import torch

    before = torch.tensor(x, dtype=torch.float64)
    p = before.clone().requires_grad_()
    p.grad = torch.tensor(g, dtype=torch.float64)
    made = eval(text, {"torch": torch, "p": p, **given})
    if not isinstance(made, torch.optim.Optimizer):
        return list(p.grad.tolist())
    made.step()
    return list((p.detach() - before if moves else before - p.detach()).tolist())


def _optax(text: str, given: Mapping[str, Any], g: list[float], x: list[float], moves: bool) -> list[float]:
    import jax
    import optax

    jax.config.update("jax_enable_x64", True)
    import jax.numpy as jnp

    p = jnp.array([x])  # one row: some of optax leaves plain vectors alone
    made = eval(text, {"optax": optax, **given})
    updates, _ = made.update(jnp.array([g]), made.init(p), p)
    return list(updates[0].tolist())


def transforms() -> str:
    """JSON text of all cases of all transforms, one row of numbers per line."""
    runs = []
    for definition in definitions("transform").values():
        for preset, text, options in cases(definition):
            head = {"transform": definition.name, "preset": preset, "oracle": text, "options": options}
            rows = ",\n".join(f"   {json.dumps(row)}" for row in changed(definition, preset, text, options))
            runs.append(f' {json.dumps(head)[:-1]}, "changed": [\n{rows}\n ]}}')
    return "[\n" + ",\n".join(runs) + "\n]\n"


STEPS, BASE = 1000, 0.1
KEPT = (*range(12), *range(12, STEPS, 23), STEPS - 2, STEPS - 1)
"""Steps, counted from 0, whose values are recorded."""


def losses() -> list[float]:
    """Made-up losses float64[1000] for schedules that watch one: falling, resting, falling, with noise at last."""
    import numpy as np

    t = np.arange(STEPS)
    noise = np.random.default_rng(413).normal(size=STEPS)
    fall = np.exp(-np.minimum(t, 120) / 40) + np.exp(-np.maximum(t - 300, 0) / 60)
    return (fall + 0.01 * noise * (t > 500) + 0.2).tolist()


def schedule_cases(definition: Definition) -> Iterator[tuple[str, str, Options]]:
    """Library, text of the oracle and options: none, every number in the text changed, every choice in it."""
    for library, text in OptionFacts.of(definition).oracle.items():
        known = {**definition.parameters, **definition.presets.get(library, {})}
        names = {node.id for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Name)}
        yield library, text, {}
        moved: Options = {name: _moved(definition, name, float(known[name])) for name in sorted(names & set(known))}
        if moved:
            yield library, text, moved
        for name in sorted(names & set(definition.switches)):
            for choice in definition.choices[name]:
                if choice != definition.switches[name]:
                    yield library, text, {name: choice}


def _moved(definition: Definition, name: str, number: float) -> float:
    """Another legal value; what is a whole number stays one where it may grow without end."""
    low, high = definition.limits(name)
    if number == 0:
        return 3.0 if high > 1 else 0.3
    return 2 * number if low <= 2 * number <= high else number / 2


def rates(definition: Definition, library: str, text: str, options: Mapping[str, Any]) -> list[float]:
    """The library's values float64[1000]."""
    given = {**definition.parameters, **definition.switches, **definition.presets.get(library, {}), **options}
    follow = {"torch": _torch_rates, "optax": _optax_rates}[library]
    return follow(text, {**given, "base": BASE, "steps": STEPS, "math": math})


def _torch_rates(text: str, given: Mapping[str, Any]) -> list[float]:
    import torch

    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=BASE)
    scheduler = eval(text, {"torch": torch, "optimizer": optimizer, **given})
    found = []
    for loss in losses():
        found.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        watches = isinstance(scheduler, torch.optim.lr_scheduler.ReduceLROnPlateau)
        scheduler.step(*([loss] if watches else []))
    return found


def _optax_rates(text: str, given: Mapping[str, Any]) -> list[float]:
    import jax
    import optax

    jax.config.update("jax_enable_x64", True)
    import jax.numpy as jnp

    made = eval(text, {"optax": optax, **given})
    if not hasattr(made, "update"):
        return [float(value) for value in jax.vmap(made)(jnp.arange(STEPS))]
    one = jnp.ones(1)
    state, update = made.init(one), jax.jit(made.update)
    found = []
    for loss in losses():
        scaled, state = update(one, state, value=loss)
        found.append(BASE * float(scaled[0]))
    return found


def schedules() -> str:
    """JSON text of all cases of all schedules, one per line."""
    runs = []
    for definition in definitions("schedule").values():
        for library, text, options in schedule_cases(definition):
            values = rates(definition, library, text, options)
            head = {"schedule": definition.name, "library": library, "oracle": text, "options": options}
            runs.append(" " + json.dumps({**head, "values": [values[step] for step in KEPT]}))
    return "[\n" + ",\n".join(runs) + "\n]\n"


if __name__ == "__main__":
    (FOLDER / "transforms.json").write_text(transforms(), encoding="utf-8", newline="\n")
    (FOLDER / "schedules.json").write_text(schedules(), encoding="utf-8", newline="\n")
