"""Damaged recipes: python scripts/mutations.py [COUNT] [--seed N] [--draw].

Every recipe of the gallery is changed at random places as files get damaged by hand or by programs: other types, huge
numbers, wrong names, nan and inf, missing and further keys, nested junk. Each must run or be refused in one sentence.
Without --draw it is simulated for a few steps, with it drawn as well. The exit code is 1 where one is neither; such are
printed. The same seed makes the same recipes; `tests/test_mutations.py` tries some of them.
"""

from __future__ import annotations

import argparse
import copy
import random
import sys
import tempfile
import tomllib
import warnings
from collections import Counter
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import tomli_w

# The folder of the repository comes first, so that what is read is this copy, installed or not.
sys.path.insert(0, str(Path(__file__).parent.parent))

from gdviz import GdvizError, api

ROOT = Path(__file__).parent.parent

STEPS = 4
"""Steps that a damaged recipe runs: what is wrong with it shows at once."""

LONGEST = 700
"""Letters of a sentence that is still read."""

WORDS = (
    "",
    " ",
    "x",
    "nope",
    "auto",
    "adam",
    "lr",
    "log",
    "en",
    "🦊",
    "қате",
    "a\nb",
    "1e999",
    "x" * 20_000,
    "__class__",
)
JUNK: tuple[Any, ...] = (
    *(0, -1, 1, 3, 64, 10**9, 2**63, -(2**63), 10**30, 0.0, -0.0, 0.5, -2.5, 3.9, 1e-300, 1e12, 1e300),
    *(float("nan"), float("inf"), float("-inf"), True, False, date(2024, 2, 29)),
    *(*WORDS, [], {}, [[]], [{}], [[[[]]]], {"name": {}}, [0, "x", True], {"a": {"b": {"c": [1, {"d": [[]]}]}}}),
    *([1.0], [1.0, 2.0], [1.0, 2.0, 3.0], [[1.0, 2.0]], [[2.0, 1.0], [1.0, 2.0]], [float("nan"), 1.0], [[]] * 30),
)
WISHES: dict[str, tuple[Any, ...]] = {
    "landscape": ("beale", "quadratic_1d", "rastrigin", "saddle", "styblinski_tang"),
    "formula": ("x^2 + y^2", "x^4 - x", "log(x) + y^2", "sqrt(x)", "1/x + 1/y", "x", "2", "y*exp(-x)", "a*x^2"),
    "start": ([[0.0, 0.0]], [[1.0]], [[1.0, 2.0, 3.0]], [[1e300, 1.0]], [[2.0, 2.0], [-1.0, 0.5]]),
    "domain": ([[0.0, 1.0]], [[-1.0, 1.0], [0.0, 1000.0]], [[0.0, 1e300], [0.0, 1e-300]]),
    "window": ([[0.0, 1.0]], [[0.5, 0.6], [0.1, 0.3]], [[1.0, 1.0], [0.0, 1.0]]),
    "view": ("contour", "line", "loss"),
    "panel": (["none"], ["loss:log"], ["rate", "step", "gradient"], ["state:v"], ["lr", "beta1"], ["loss:cubic"]),
    "fair": ("lr", "tuned", "evals"),
    "split": ("optimizer", "start"),
    "levels": ("log", "quantile", [0.0], [1.0, 1.0], [1e300, -1e300]),
    "arrows": ([{"name": "gradient", "at": "grid"}], [{"name": "clip_norm", "limit": 0.1, "at": "path"}]),
    "schedule": ([{"parameter": "lr", "chain": [{"name": "plateau"}]}],
                 [{"parameter": "beta1", "chain": [{"name": "step", "steps": -3}, {"name": "cosine"}]}]),
    "optimizer": ([{"name": "newton"}], [{"name": "cma_es", "population": 3.9}], [{"name": "lbfgs", "memory": 1e12}],
                  [{"name": "adam", "lr": "auto"}, {"name": "adam", "lr": 1e300}]),
    "transform": ([{"name": "gaussian", "sigma": 1e300}], [{"name": "decoupled"}]),
    "chart": ({"curve": [{"formula": "1/x"}], "log": "xy"}, {"curve": [{"formula": "x^y"}]}),
    "signal": ([{"name": "spikes"}], [{"formula": "1/i"}], [{"values": [1.0, 2.0]}]),
    "dim": (1, 2, 3, 20),
    "anatomy": (1, 3, 99),
    "at": (0, 2, 99),
    "tol": (1e-3, 1e300),
    "every": (2, 10**6),
    "dtype": ("float32",),
    "labels": (["none"], ["start", "minimum", "levels"]),
    "size": ("6.75in", "160x120", "1080"),
    "title": ("", {"en": "one", "xx": "two"}, "$x^2"),
    "constants": ({"a": 2.0}, {"b": -1e300}, {"x": 1.0}),
    "original": (True,),
}  # fmt: skip
"""What may rightly be asked for, though perhaps not of every recipe."""

PLACES = {"landscape", "formula", "chart", "signal"}
"""A recipe has one of these."""


def sources() -> dict[str, dict[str, Any]]:
    """The gallery's recipes by their place, as TOML tables."""
    files = sorted(file for file in (ROOT / "gallery").rglob("*.toml") if file.parent.name not in ("decks", "gallery"))
    return {file.relative_to(ROOT).as_posix(): tomllib.loads(file.read_text(encoding="utf-8")) for file in files}


def mutants(count: int, seed: int) -> Iterator[tuple[str, str]]:
    """`count` damaged recipes: which one each was, and its text in TOML."""
    whole = sources()
    names = sorted(whole)
    for number in range(count):
        rng = random.Random(f"{seed} {number}")
        name = names[number % len(names)]
        recipe = copy.deepcopy(whole[name])
        for _ in range(rng.choice((1, 1, 1, 2, 3))):
            _damage(recipe, rng)
        yield name, tomli_w.dumps(recipe)


def _damage(recipe: dict[str, Any], rng: random.Random) -> None:
    """One change at one place."""
    inner, key = rng.choice(list(_places(recipe)) or [(recipe, "landscape")])
    kind = rng.choice(
        ("wish", "wish", "wish", "junk", "junk", "number", "word", "drop", "more", "rename", "repeat", "wrap")
    )
    value = inner[key] if key in inner or isinstance(inner, list) else None
    if kind == "wish":
        wish = rng.choice(sorted(WISHES))
        recipe[wish] = copy.deepcopy(rng.choice(WISHES[wish]))
        if wish in PLACES:
            for other in PLACES - {wish}:
                recipe.pop(other, None)
    elif kind == "drop":
        del inner[key]
    elif kind == "more":
        table = inner if isinstance(inner, dict) else recipe
        fields = [*api.Recipe.model_fields, "options", "name", "lr", "betas", "nope", "Å", "steps "]
        table[rng.choice(fields)] = copy.deepcopy(rng.choice(JUNK))
    elif kind == "rename" and isinstance(inner, dict):
        inner[rng.choice((key + "s", key[:-1] or "x", key.upper(), key[::-1]))] = inner.pop(key)
    elif kind == "repeat" and isinstance(value, list) and value:
        inner[key] = [copy.deepcopy(rng.choice(value)) for _ in range(rng.choice((2, 3, 40)))]
    elif kind == "wrap":
        inner[key] = rng.choice(([value], {"value": value}, [[value, value]], str(value)))
    elif kind == "number" and isinstance(value, (int, float)) and not isinstance(value, bool):
        scale = rng.choice((-1, 0, 1e-9, 0.1, 1.5, 2, 10, 1000, 1e9, 1e300))
        inner[key] = round(value * scale) if isinstance(value, int) and abs(scale) < 1e12 else float(value) * scale
    elif kind == "word" and isinstance(value, str) and value:
        letters = list(value)
        rng.shuffle(letters)
        inner[key] = rng.choice((value[:-1], value + value[-1], value.upper(), "".join(letters), f" {value} "))
    else:
        inner[key] = copy.deepcopy(rng.choice(JUNK))


def _places(value: Any) -> Iterator[tuple[Any, Any]]:
    """Every table or list with a key in it, at any depth."""
    keys = value if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ()
    for key in keys:
        yield value, key
        yield from _places(value[key])


def outcome(text: str, draw: bool = False) -> str:
    """What comes of a recipe: "works", or the sentence that refuses it.

    Raises AssertionError for a sentence that is none, and whatever else goes wrong.
    """
    try:
        recipe = api.parse_recipe(text, "mine.toml")
        api.definitions_of(recipe)
        small = {"backend": "python", "size": "320x240", "seconds": 0.1, "threads": 1}
        steps = getattr(recipe, "steps", None)  # which a chart has not
        if steps is None or steps > STEPS:
            small["steps"] = STEPS
        if hasattr(recipe, "epochs"):  # which steps take the place of
            small |= {"epochs": None, "runs": min(getattr(recipe, "runs", 1), 3)}
        made = api.make(recipe.updated(**small))
        if draw:
            with tempfile.TemporaryDirectory() as folder:
                api.render(made, [f"{folder}/a.png"])
    except GdvizError as error:
        sentence = str(error)
        assert sentence.strip() and "\n" not in sentence and len(sentence) <= LONGEST, f"no sentence: {sentence[:2000]}"
        return sentence
    return "works"


def main() -> int:
    reader = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    reader.add_argument("count", type=int, nargs="?", default=2000)
    reader.add_argument("--seed", type=int, default=0)
    reader.add_argument("--draw", action="store_true")
    asked = reader.parse_args()
    warnings.simplefilter("error")
    faults, found = 0, Counter[str]()
    for number, (name, text) in enumerate(mutants(asked.count, asked.seed)):
        try:
            said = outcome(text, asked.draw)
        except Exception as error:
            faults += 1
            print(f"--- {number}, of {name}: {type(error).__name__}: {error}\n{text[:3000]}", flush=True)
            continue
        found["works" if said == "works" else "refused"] += 1
    print(f"{asked.count} recipes: {found['works']} work, {found['refused']} are refused, {faults} are neither")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
