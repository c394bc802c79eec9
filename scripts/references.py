"""Record what torch and optax do, so that the tests can hold gdviz's step rules against them without installing them.

    python scripts/references.py            writes tests/references/*.json

Every optimizer is asked for its fact `oracle`: texts that make the library's optimizer, by preset. Each is fed with the
same gradients, float64[50, 3], once with the preset's hyperparameters, once with every number in the text changed, and
once for each of its flags turned. Needs torch and optax (the extra `reference`); takes some seconds.
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

from gdviz.registry import Definition, definitions

FOLDER = Path(__file__).resolve().parents[1] / "tests" / "references"
LIBRARIES = {"torch": ("torch",), "optax": ("optax", "jax")}
Options = dict[str, float | str | bool]
Rows = list[list[float]]


def gradients() -> Rows:
    """Made-up gradients float64[50, 3]: magnitudes from 1e-6 to 100, mostly zeros, and a small slow wave.

    The zeros include the first gradient, the wave is of the size of the libraries' ε, so that its place shows.
    """
    import numpy as np

    draw = np.random.default_rng(413)
    steps = np.arange(50)
    wild = draw.choice([-1.0, 1.0], 50) * 10.0 ** draw.uniform(-6, 2, 50)
    rare = np.where(draw.uniform(size=50) < 0.3, draw.normal(size=50), 0.0)
    rare[0] = 0.0
    wave = 1e-4 * np.sin(steps / 6 + 1) + 1e-5 * draw.normal(size=50)
    return [[float(value) for value in row] for row in np.stack([wild, rare, wave], axis=1)]


def cases(definition: Definition) -> Iterator[tuple[str, str, Options]]:
    """Preset, text of the oracle and the options to set on top of the preset, for all runs worth recording."""
    for preset, text in definition.facts.get("oracle", {}).items():
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


def follow(definition: Definition, preset: str, text: str, options: Mapping[str, Any], fed: Rows) -> Rows:
    """Points float64[51, 3] of the library's optimizer from 0 under the gradients `fed`."""
    given = {**definition.parameters, **definition.switches, **definition.presets.get(preset, {}), **options}
    return {"torch": _follow_torch, "optax": _follow_optax}[library(text)](text, given, fed)


def _follow_torch(text: str, given: Mapping[str, Any], fed: Rows) -> Rows:
    import torch

    p = torch.zeros(len(fed[0]), dtype=torch.float64, requires_grad=True)
    optimizer = eval(text, {"torch": torch, "p": p, **given})
    points = [p.detach().tolist()]
    for row in fed:
        p.grad = torch.tensor(row, dtype=torch.float64)
        optimizer.step()
        points.append(p.detach().tolist())
    return points


def _follow_optax(text: str, given: Mapping[str, Any], fed: Rows) -> Rows:
    import jax
    import optax

    jax.config.update("jax_enable_x64", True)
    import jax.numpy as jnp

    p = jnp.zeros(len(fed[0]), dtype=jnp.float64)
    optimizer = eval(text, {"optax": optax, **given})
    state = optimizer.init(p)
    points = [p.tolist()]
    for row in fed:
        updates, state = optimizer.update(jnp.asarray(row, dtype=jnp.float64), state, p)
        p = optax.apply_updates(p, updates)
        points.append(p.tolist())
    return points


def document(definition: Definition, fed: Rows) -> str | None:
    """JSON text of all runs of one optimizer, one point per line; None where it has no oracle."""
    runs = []
    for preset, text, options in cases(definition):
        points = follow(definition, preset, text, options, fed)
        if not all(math.isfinite(value) for row in points for value in row):
            raise ArithmeticError(f"{definition.name}: {text} with {options} left the numbers")
        head = json.dumps({"preset": preset, "oracle": text, "options": options}, ensure_ascii=False)
        rows = ",\n".join(f"    {json.dumps(row)}" for row in points)
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
    for name, definition in definitions("optimizer").items():
        if (text := document(definition, fed)) is not None:
            (FOLDER / f"{name}.json").write_text(text, encoding="utf-8", newline="\n")
            print(f"tests/references/{name}.json: {sum(1 for _ in cases(definition))} runs")


if __name__ == "__main__":
    main()
