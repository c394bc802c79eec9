"""Record what optax's backtracking search does on Rosenbrock's function, beginning anew at its largest rate.

    python scripts/backtracking.py          writes tests/references/backtracking.json

Its criterion is Armijo's, and with an infinite increase of the rate every step tries the same rates as gdviz's rule.
Needs jax and optax.
"""

from __future__ import annotations

import json
import math
from pathlib import Path

FILE = Path(__file__).resolve().parents[1] / "tests" / "references" / "backtracking.json"
START = [-1.2, 1.0]
STEPS = 40
OPTIONS = (
    {"lr": 1.0, "decrease": 1e-4, "shrink": 0.5},
    {"lr": 0.5, "decrease": 0.3, "shrink": 0.7},
)


def follow(lr: float, decrease: float, shrink: float) -> list[list[float]]:
    """Points float64[STEPS + 1, 2] of gradient descent with the library's search."""
    import jax
    import optax

    jax.config.update("jax_enable_x64", True)

    def loss(p: jax.Array) -> jax.Array:
        return (1 - p[0]) ** 2 + 100 * (p[1] - p[0] ** 2) ** 2

    search = optax.scale_by_backtracking_linesearch(
        max_backtracking_steps=30,
        slope_rtol=decrease,
        decrease_factor=shrink,
        increase_factor=math.inf,
        max_learning_rate=lr,
    )
    optimizer = optax.chain(optax.sgd(1.0), search)
    p = jax.numpy.array(START)
    state = optimizer.init(p)
    points = [START]
    for _ in range(STEPS):
        value, grad = jax.value_and_grad(loss)(p)
        step, state = optimizer.update(grad, state, p, value=value, grad=grad, value_fn=loss)
        p = optax.apply_updates(p, step)
        points.append(p.tolist())
    return points


def main() -> None:
    """Write the file."""
    runs = []
    for options in OPTIONS:
        rows = ",\n".join(f"    {json.dumps(point)}" for point in follow(**options))
        runs.append(f'  {{"options": {json.dumps(options)}, "x": [\n{rows}\n  ]}}')
    FILE.write_text("[\n" + ",\n".join(runs) + "\n]\n", encoding="utf-8")


if __name__ == "__main__":
    main()
