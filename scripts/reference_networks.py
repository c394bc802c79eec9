"""Record what JAX makes of networks: losses and gradients of every model, loss and activation, and a training.

    python scripts/reference_networks.py            writes tests/references/networks.json

Networks are written here by their formulas alone, their activations and losses are those of jax.nn and optax; weights
and samples are made up. In the training 200 steps of all samples lead from the same weights. Needs jax and optax.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import optax

FILE = Path(__file__).resolve().parents[1] / "tests" / "references" / "networks.json"
SAMPLES, WEIGHTS, STEPS, RATE = 6, 40, 200, 0.05

ACTIVATIONS: dict[str, Callable[[Any], Any]] = {
    "gelu": lambda z: jax.nn.gelu(z, approximate=True),
    "identity": lambda z: z,
    "leaky_relu": jax.nn.leaky_relu,
    "relu": jax.nn.relu,
    "sigmoid": jax.nn.sigmoid,
    "sine": jnp.sin,
    "softplus": jax.nn.softplus,
    "tanh": jnp.tanh,
}
NUMBERS: dict[str, Callable[[Any, Any], Any]] = {
    "absolute": lambda p, y: jnp.abs(p - y),
    "huber": optax.huber_loss,
    "squared": optax.squared_error,
    "squared_plus_7": lambda p, y: optax.squared_error(p, y) + 7,
}
TWO: dict[str, Callable[[Any, Any], Any]] = {
    "binary_cross_entropy": optax.sigmoid_binary_cross_entropy,
    "hinge": lambda p, y: optax.hinge_loss(p, 2 * y - 1),
}
MANY: dict[str, Callable[[Any, Any], Any]] = {"cross_entropy": optax.softmax_cross_entropy_with_integer_labels}
HIDDEN = {"mlp:3,2": (3, 2), "shallow:width=2": (2,), "deep:width=1": (1,) * 7}


def network(sizes: tuple[int, ...], activation: Callable[[Any], Any], field: bool) -> Callable[[Any, Any], Any]:
    """Outputs of samples by weights in one vector: layer after layer, its matrix row by row, then its biases."""

    def outputs(w: Any, x: Any) -> Any:
        first = 0
        for number, (a, b) in enumerate(itertools.pairwise(sizes)):
            x = x @ w[first : first + a * b].reshape(a, b)
            first += a * b
            last = number == len(sizes) - 2
            if field:
                x = x / jnp.sqrt(a)
                x = x / jnp.sqrt(a) if last else activation(x * jnp.sqrt(2))
                continue
            x = x + w[first : first + b]
            first += b
            x = x if last else activation(x)
        return x

    return outputs


def size(sizes: tuple[int, ...], biased: bool) -> int:
    """Number of parameters."""
    return sum(a * b + b * biased for a, b in itertools.pairwise(sizes))


def main() -> None:
    """Write the file."""
    jax.config.update("jax_enable_x64", True)
    rng = np.random.default_rng(11)
    X, W = rng.normal(size=(SAMPLES, 2)), rng.normal(size=WEIGHTS)
    targets = {"numbers": rng.normal(size=SAMPLES), "two": rng.integers(0, 2, SAMPLES), "many": np.arange(SAMPLES) % 3}
    groups = {"numbers": NUMBERS, "two": TWO, "many": MANY}
    powers = np.concatenate([X**k for k in (1, 2, 3)], axis=1)
    models: list[tuple[str, Any, tuple[int, ...], tuple[str, ...], bool]] = [
        ("linear", X, (), ("numbers",), False),
        ("polynomial", powers, (), ("numbers",), False),
        ("logistic", X, (), ("two",), False),
        ("softmax", X, (), ("many",), False),
        ("mean_field:width=2", X, (2,), ("numbers",), True),
        *((name, X, widths, tuple(groups), False) for name, widths in HIDDEN.items()),
    ]
    cases: dict[str, Any] = {}
    for model, seen, widths, tasks, field in models:
        for task in tasks:
            sizes = (seen.shape[1], *widths, 3 if task == "many" else 1)
            w, y = jnp.asarray(W[: size(sizes, not field)]), jnp.asarray(targets[task])
            for loss, cost in groups[task].items():
                for activation, function in ACTIVATIONS.items() if widths else [("tanh", jnp.tanh)]:
                    made = network(sizes, function, field)

                    def mean(w: Any, made: Any = made, seen: Any = seen, y: Any = y, cost: Any = cost) -> Any:
                        z = made(w, jnp.asarray(seen))
                        return jnp.mean(cost(z if z.shape[1] > 1 else z[:, 0], y))

                    value, slope = jax.value_and_grad(mean)(w)
                    cases[f"{model} {loss} {activation}"] = [float(value), *map(float, slope)]
    made = network((2, 3, 2, 1), jnp.tanh, False)
    trained: dict[str, list[float]] = {}
    for name, rule in (("gd", optax.sgd(RATE)), ("adam", optax.adam(RATE))):
        w = jnp.asarray(W[: size((2, 3, 2, 1), True)])
        state, y = rule.init(w), jnp.asarray(targets["two"])
        slope = jax.jit(jax.grad(lambda w: jnp.mean(optax.sigmoid_binary_cross_entropy(made(w, X)[:, 0], y))))  # noqa: B023
        for _ in range(STEPS):
            change, state = rule.update(slope(w), state, w)
            w = optax.apply_updates(w, change)
        trained[name] = list(map(float, w))
    told = {"X": X.tolist(), "weights": W.tolist(), "targets": {k: y.tolist() for k, y in targets.items()}}
    rows = [f'  "{key}": {json.dumps(value)}' for key, value in told.items()]
    rows.append(f'  "trained": {json.dumps({"rate": RATE, "steps": STEPS, "ends": trained})}')
    inner = ",\n".join(f'    "{key}": {json.dumps(value)}' for key, value in cases.items())
    rows.append(f'  "cases": {{\n{inner}\n  }}')
    FILE.write_text("{\n" + ",\n".join(rows) + "\n}\n", encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
