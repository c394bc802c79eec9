"""Record what libraries do, so that the tests can hold gdviz's step rules against them without installing them.

    python scripts/references.py            writes tests/references/*.json

Every optimizer is asked for its fact `oracle`: texts that make the library's optimizer, by preset. Each is fed with the
same gradients, float64[200, 3], and losses, float64[200], once with the preset's hyperparameters, once with every
number in the text changed, and once for each of its flags turned. Points of the steps KEPT are written. Needs torch,
optax and pytorch_optimizer (the extra `reference`); takes a minute.
"""

from __future__ import annotations

import ast
import importlib
import importlib.metadata
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
LIBRARIES = {
    "torch": ("torch",),
    "optax": ("optax", "jax"),
    "pytorch_optimizer": ("pytorch_optimizer", "torch"),
}
STEPS = 200
KEPT = (*range(8), *range(8, STEPS + 1, 8))
"""Steps whose points are written: what went wrong in between shows in them, and the files stay small."""
Options = dict[str, float | str | bool]
Rows = list[list[float]]


def gradients() -> Rows:
    """Made-up gradients float64[STEPS, 3]: magnitudes from 1e-6 to 100, mostly zeros, and a small slow wave.

    The zeros include the first gradient, the wave is of the size of the libraries' ε, so that its place shows.
    """
    import numpy as np

    rows: Rows = []
    for first in range(0, STEPS, 50):
        draw = np.random.default_rng(413 + first)
        steps = np.arange(first, first + 50)
        wild = draw.choice([-1.0, 1.0], 50) * 10.0 ** draw.uniform(-6, 2, 50)
        rare = np.where(draw.uniform(size=50) < 0.3, draw.normal(size=50), 0.0)
        rare[0] = 0.0
        wave = 1e-4 * np.sin(steps / 6 + 1) + 1e-5 * draw.normal(size=50)
        rows += [[float(value) for value in row] for row in np.stack([wild, rare, wave], axis=1)]
    return rows


def losses() -> list[float]:
    """Made-up losses float64[STEPS] for rules that ask for them: they fall from 10 to 0.1, with noise."""
    import numpy as np

    noise = np.random.default_rng(414).uniform(0.5, 1.5, STEPS)
    return [float(value) for value in noise * np.geomspace(10, 0.1, STEPS)]


def cases(definition: Definition) -> Iterator[tuple[str, str, Options]]:
    """Preset, text of the oracle and the options to set on top of the preset, for all runs worth recording."""
    for preset, text in OptionFacts.of(definition).oracle.items():
        known = {**definition.parameters, **definition.switches, **definition.presets.get(preset, {})}
        asked = sorted({node.id for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Name)} & set(known))
        moved: Options = {name: _moved(float(known[name])) for name in asked if name in definition.parameters}
        yield preset, text, {}
        yield preset, text, moved
        for name in asked:
            if isinstance(known[name], bool):
                yield preset, text, {**moved, name: not known[name]}


def _moved(number: float) -> float:
    """Another legal value of a hyperparameter: an ε becomes large enough to matter, what is off is turned on."""
    if number == 0:
        return 0.3
    return number * 1000 if number < 1e-3 else number * 0.9


def library(text: str) -> str:
    """The library an oracle's text belongs to."""
    return text.split(".", 1)[0]


def follow(
    definition: Definition, preset: str, text: str, options: Mapping[str, Any], fed: Rows, values: list[float]
) -> Rows:
    """Points float64[STEPS + 1, 3] of the library's optimizer from 0 under the gradients `fed` and losses `values`."""
    given = {**definition.parameters, **definition.switches, **definition.presets.get(preset, {}), **options}
    return (_follow_optax if library(text) == "optax" else _follow_torch)(text, given, fed, values)


def _follow_torch(text: str, given: Mapping[str, Any], fed: Rows, values: list[float]) -> Rows:
    import torch

    module = importlib.import_module(library(text))
    # Some keep their own numbers in the default dtype.
    torch.set_default_dtype(torch.float64)
    # One row of a matrix: layer-wise methods leave vectors, which are biases, alone.
    p = torch.zeros(1, len(fed[0]), requires_grad=True)
    optimizer = eval(text, {library(text): module, "p": p, **given})
    points = [p.detach()[0].tolist()]
    for row in fed:
        p.grad = torch.tensor([row])
        optimizer.step()
        points.append(_answer_of_torch(optimizer, p))
    return points


def _answer_of_torch(optimizer: Any, p: Any) -> list[float]:
    """What the optimizer has found, which is not p where it averages."""
    if (mean := optimizer.state[p].get("ax")) is not None:
        found: list[float] = mean[0].tolist()
    elif hasattr(optimizer, "eval"):
        optimizer.eval()
        found = p.detach()[0].tolist()
        optimizer.train()
    else:
        found = p.detach()[0].tolist()
    return found


def _follow_optax(text: str, given: Mapping[str, Any], fed: Rows, values: list[float]) -> Rows:
    import jax
    import optax

    jax.config.update("jax_enable_x64", True)
    import jax.numpy as jnp

    p = jnp.zeros(len(fed[0]), dtype=jnp.float64)
    optimizer = optax.with_extra_args_support(eval(text, {"optax": optax, **given}))
    update = jax.jit(optimizer.update)
    state = optimizer.init(p)
    averages = isinstance(state, optax.contrib.ScheduleFreeState)
    points = [p.tolist()]
    for row, value in zip(fed, values, strict=True):
        updates, state = update(jnp.asarray(row, dtype=jnp.float64), state, p, value=jnp.float64(value))
        p = optax.apply_updates(p, updates)
        points.append((optax.contrib.schedule_free_eval_params(state, p) if averages else p).tolist())
    return points


def document(definition: Definition, fed: Rows, values: list[float]) -> str | None:
    """JSON text of all runs of one optimizer, one point per line; None where it has no oracle."""
    runs = []
    for preset, text, options in cases(definition):
        points = follow(definition, preset, text, options, fed, values)
        if not all(math.isfinite(value) for row in points for value in row):
            raise ArithmeticError(f"{definition.name}: {text} with {options} left the numbers")
        head = json.dumps({"preset": preset, "oracle": text, "options": options}, ensure_ascii=False)
        rows = ",\n".join(f"    {json.dumps(points[step])}" for step in KEPT)
        runs.append(f'  {head[:-1]}, "x": [\n{rows}\n  ]}}')
    if not runs:
        return None
    used = sorted({name for _, text, _ in cases(definition) for name in LIBRARIES[library(text)]})
    versions = json.dumps({name: importlib.metadata.version(name) for name in used})
    return (
        f'{{\n "optimizer": "{definition.name}",\n "versions": {versions},\n "runs": [\n'
        + ",\n".join(runs)
        + "\n ]\n}\n"
    )


def main() -> None:
    """Write one file per optimizer and the gradients they were fed with."""
    for names in LIBRARIES.values():
        for name in names:
            try:
                importlib.import_module(name)
            except ImportError:
                sys.exit(f"{name} is not installed here; type: pip install 'gdviz[reference]'")
    FOLDER.mkdir(parents=True, exist_ok=True)
    fed = gradients()
    rows = ",\n".join(f" {json.dumps(row)}" for row in fed)
    (FOLDER / "gradients.json").write_text(f"[\n{rows}\n]\n", encoding="utf-8", newline="\n")
    values = losses()
    rows = ",\n".join(f" {value}" for value in values)
    (FOLDER / "losses.json").write_text(f"[\n{rows}\n]\n", encoding="utf-8", newline="\n")
    for name, definition in definitions("optimizer").items():
        if (text := document(definition, fed, values)) is not None:
            (FOLDER / f"{name}.json").write_text(text, encoding="utf-8", newline="\n")
            print(f"tests/references/{name}.json: {sum(1 for _ in cases(definition))} runs")


if __name__ == "__main__":
    main()
