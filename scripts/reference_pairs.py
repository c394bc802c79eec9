"""Record what JAX makes of activations and losses, for the tests of their values and slopes.

    python scripts/reference_pairs.py            writes tests/references/pairs.json

Every activation and loss is asked for its fact `oracle`, an expression of jax or optax of the same names. Its value and
jax.grad of it are taken in float64, at points that lie on no kink, once with the default options and once with every
number in the text changed. Needs jax and optax (the extra `reference`).
"""

from __future__ import annotations

import ast
import importlib.metadata
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from gdviz.catalogue.lookup import definitions
from gdviz.registry.definition import Definition
from gdviz.registry.facts import OptionFacts

FILE = Path(__file__).resolve().parents[1] / "tests" / "references" / "pairs.json"
SIZES = (1e-3, 0.1, 0.45, 0.9, 1.8, 3.3, 6.0, 11.0, 19.0, 42.0, 1000.0)
Z = [sign * size for size in SIZES for sign in (-1.0, 1.0)]
"""Of activations, and predictions of losses of one."""
ALL = [[size * share for share in (0.3, -1.0, 0.7, 0.1)] for size in SIZES]
"""Predictions of losses of all outputs."""


def cases(definition: Definition) -> Iterator[tuple[str, dict[str, float]]]:
    """Text of the oracle and the options: the defaults, and every number in the text changed."""
    for text in OptionFacts.of(definition).oracle.values():
        yield text, {}
        asked = sorted(
            {n.id for n in ast.walk(ast.parse(text)) if isinstance(n, ast.Name)} & set(definition.parameters)
        )
        if asked:
            yield text, {name: definition.parameters[name] * 1.7 for name in asked}


def points(definition: Definition) -> list[tuple[Any, float]]:
    """Predictions and targets (0 where there is none): numbers, or the classes 0 and 1, or those of four outputs."""
    if not definition.targets:
        return [(z, 0.0) for z in Z]
    if definition.variadic:
        return [(z, float(y)) for z in ALL for y in range(len(z))]
    return [(z, y) for z in Z for y in (0.0, 1.0)]


def recorded(definition: Definition, text: str, options: dict[str, float]) -> dict[str, Any]:
    """Value and slope of JAX at every point."""
    import jax
    import optax

    jax.config.update("jax_enable_x64", True)
    given = {**definition.parameters, **options}
    prediction = "p" if definition.targets and not definition.variadic else "z"

    def oracle(z: Any, y: float) -> Any:
        target = int(y) if definition.variadic else y
        return eval(text, {"jax": jax, "optax": optax, **given, prediction: z, "y": target})

    found = [jax.value_and_grad(oracle)(jax.numpy.asarray(z), y) for z, y in points(definition)]
    return {
        "kind": definition.kind,
        "name": definition.name,
        "oracle": text,
        "options": options,
        "z": [z for z, _ in points(definition)],
        "y": [y for _, y in points(definition)],
        "value": [float(value) for value, _ in found],
        "slope": [slope.tolist() for _, slope in found],
    }


def main() -> None:
    """Write one file of all."""
    runs = [
        json.dumps(recorded(definition, text, options))
        for kind in ("activation", "loss")
        for definition in definitions(kind).values()
        for text, options in cases(definition)
    ]
    versions = json.dumps({name: importlib.metadata.version(name) for name in ("jax", "optax")})
    rows = ",\n  ".join(runs)
    FILE.write_text(f'{{\n "versions": {versions},\n "runs": [\n  {rows}\n ]\n}}\n', encoding="utf-8", newline="\n")
    print(f"tests/references/pairs.json: {len(runs)} runs")


if __name__ == "__main__":
    main()
