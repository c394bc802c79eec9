"""Record what pytorch_optimizer's rules with a Hessian diagonal do where every estimate of it is exact.

    python scripts/curvatures.py            writes tests/references/curvatures.json

On a separable landscape z ⊙ H z is the diagonal of H for every z of ±1, so that the library's random estimates are the
exact diagonal that gdviz takes. Needs torch and pytorch_optimizer.
"""

from __future__ import annotations

import importlib
import json
from pathlib import Path
from typing import Any

FILE = Path(__file__).resolve().parents[1] / "tests" / "references" / "curvatures.json"
START = [2.0, 1.5]
STEPS = 60

RULES = {
    "adahessian": (
        {"lr": 0.15, "beta1": 0.9, "beta2": 0.99, "eps": 1e-4},
        "AdaHessian([p], lr=lr, betas=(beta1, beta2), eps=eps, hessian_distribution='rademacher')",
    ),
    # The library cuts m / h at p = γ where the paper cuts m / (γ h) at 1: its rate is the paper's divided by γ.
    "sophia": (
        {"lr": 0.01, "beta1": 0.9, "beta2": 0.95, "gamma": 0.05, "interval": 7, "eps": 1e-12},
        "SophiaH([p], lr=lr / gamma, betas=(beta1, beta2), p=gamma, update_period=interval, eps=eps, "
        "hessian_distribution='rademacher')",
    ),
}
"""Options of gdviz's definition, and the text of the library's optimizer."""


def follow(text: str, given: dict[str, Any]) -> list[list[float]]:
    """Points float64[STEPS + 1, 2] of the library's optimizer on x⁴/4 + x² + 3 cos y + y²."""
    import torch

    library = importlib.import_module("pytorch_optimizer")
    torch.set_default_dtype(torch.float64)
    p = torch.nn.Parameter(torch.tensor(START))
    optimizer = eval(text, {**vars(library), "p": p, **given})
    points = [START]
    for _ in range(STEPS):
        optimizer.zero_grad()
        loss = p[0] ** 4 / 4 + p[0] ** 2 + 3 * torch.cos(p[1]) + p[1] ** 2
        loss.backward(create_graph=True)
        optimizer.step()
        points.append(p.detach().tolist())
    return points


def main() -> None:
    """Write the file."""
    runs = []
    for name, (options, text) in RULES.items():
        head = json.dumps({"rule": name, "oracle": text, "options": options})
        rows = ",\n".join(f"    {json.dumps(point)}" for point in follow(text, options))
        runs.append(f'  {head[:-1]}, "x": [\n{rows}\n  ]}}')
    FILE.write_text("[\n" + ",\n".join(runs) + "\n]\n", encoding="utf-8")


if __name__ == "__main__":
    main()
