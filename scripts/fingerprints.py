"""Whether two versions of gdviz make the same things: SHA-256 of what it draws, computes and says.

    python scripts/fingerprints.py before.json              write them
    python scripts/fingerprints.py --against before.json    compare; exit code 1 and a line for each that differs
    python scripts/fingerprints.py --quick …                those that take a minute

Only the command line and the names that `import gdviz` offers are used, so one copy of this file runs on both
versions: it measures the `gdviz` that Python finds, with --tree FOLDER the one in that folder.
"""

from __future__ import annotations

import argparse
import contextlib
import functools
import hashlib
import io
import itertools
import json
import random
import re
import sys
import tempfile
import traceback
import warnings
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
LANGUAGES = ("en", "ru", "kk")
SMALL = "480x270"
CLIPS = 12
PLANS = 60
SHOWN = 30
METADATA = re.compile(rb"<metadata>.*?</metadata>", re.DOTALL)

Job = tuple[str, Callable[[Path], bytes]]
"""What is made, and a function that makes it in an empty folder and answers the bytes that count."""


def spoken(*words: str) -> tuple[int, str, str]:
    """Exit code of a command and what it prints on both streams."""
    from gdviz.cli import main

    out, err, code = io.StringIO(), io.StringIO(), 0
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            main(list(words))
        except SystemExit as end:
            code = end.code if isinstance(end.code, int) else 1
    return code, out.getvalue(), err.getvalue()


def said(words: Sequence[str], folder: Path) -> bytes:
    """The same as bytes."""
    return "\n".join(map(str, spoken(*words))).encode()


def names(kind: str) -> list[str]:
    """Names of all definitions of a kind, as the command line lists them."""
    return [entry["name"] for entry in json.loads(spoken("list", kind, "--json")[1])]


def drawn(recipe: Path, lang: str, ending: str) -> Callable[[Path], bytes]:
    """A recipe's still: pixels of a PNG, or an SVG without its metadata."""

    def make(folder: Path) -> bytes:
        import imageio.v3 as iio

        import gdviz

        (path,) = gdviz.plot(gdviz.load_recipe(recipe), folder / f"still{ending}", size=SMALL, lang=lang)
        return iio.imread(path)[..., :3].tobytes() if ending == ".png" else METADATA.sub(b"", path.read_bytes())

    return make


def filmed(recipe: Path, ending: str) -> Callable[[Path], bytes]:
    """Decoded frames of a recipe's clip."""

    def make(folder: Path) -> bytes:
        import av

        import gdviz

        (path,) = gdviz.animate(gdviz.load_recipe(recipe), folder / f"clip{ending}", size=SMALL, fps=10, seconds=1.5)
        with av.open(str(path)) as clip:
            return b"".join(frame.to_ndarray(format="rgb24").tobytes() for frame in clip.decode(video=0))

    return make


def simulated(plan: dict[str, Any]) -> Callable[[Path], bytes]:
    """Positions and losses of a run on every backend that has its rule, each with its name."""

    def make(folder: Path) -> bytes:
        import gdviz

        found = []
        for backend in ("python", "cpu"):
            try:
                run = gdviz.simulate(backend=backend, **plan)
            except gdviz.GdvizError as error:
                found.append(f"{backend}: {error}".encode())
            else:
                found += [backend.encode(), run.x.tobytes(), run.f.tobytes(), run.stopped_at.tobytes()]
        return b"".join(found)

    return make


def plans() -> Iterator[tuple[str, dict[str, Any]]]:
    """Seeded runs over every optimizer, transform and schedule there is."""
    draw = random.Random(0)
    places = ["rosenbrock", "beale", "himmelblau", "rastrigin", "ackley", "quadratic", "booth", "three_hump_camel"]
    transforms, schedules = itertools.cycle([None, *names("transforms")]), itertools.cycle([None, *names("schedules")])
    optimizers = names("optimizers")
    optimizers += [draw.choice(optimizers) for _ in range(PLANS - len(optimizers))]
    for i, optimizer in enumerate(optimizers):
        plan: dict[str, Any] = {"landscape": draw.choice(places), "optimizers": [optimizer], "steps": 40, "seed": i}
        plan["start"] = [[round(draw.uniform(-2, 2), 3), round(draw.uniform(-2, 2), 3)] for _ in range(3)]
        plan["dtype"] = draw.choice(["float64", "float64", "float32"])
        if change := next(transforms):
            plan["transforms"] = [change]
        if schedule := next(schedules):
            plan["schedules"] = [f"lr={schedule}"]
        yield f"run {i} {optimizer}", plan


def helps() -> Iterator[Job]:
    """`--help` of gdviz and of every command."""
    import gdviz.cli

    commands = sorted(path.stem for path in (Path(gdviz.cli.__file__).parent / "commands").glob("[!_]*.py"))
    for command in ("", *commands):
        yield f"help {command or 'gdviz'}", functools.partial(said, [*command.split(), "--help"])


def jobs(quick: bool) -> Iterator[Job]:
    """Everything that is hashed; of the long groups every tenth, of stills every 19th, where it is to be quick."""
    step = 10 if quick else 1
    yield from helps()
    recipes = sorted(
        file for file in (ROOT / "gallery").rglob("*.toml") if file.parent.name not in ("decks", "gallery")
    )
    stills = itertools.product(recipes, LANGUAGES, (".png", ".svg"))
    odd = 2 * step - 1  # every tenth would be a PNG: endings come in turn
    for recipe, lang, ending in itertools.islice(stills, 0, None, odd):
        yield f"still {recipe.stem} {lang} {ending}", drawn(recipe, lang, ending)
    films = [recipe for recipe in recipes if "chart" not in recipe.read_text(encoding="utf-8")]
    for i, recipe in enumerate(films[:: len(films) // CLIPS][: 2 if quick else CLIPS]):
        ending = ".gif" if i % 3 == 2 else ".mp4"
        yield f"clip {recipe.stem} {ending}", filmed(recipe, ending)
    for name, plan in itertools.islice(plans(), 0, None, step):
        yield name, simulated(plan)
    shown = [*names("landscapes")[::8], *names("optimizers")[::6], *names("transforms")[::4], *names("schedules")[::6]]
    for name in itertools.islice(shown, 0, SHOWN, step):
        yield f"show {name}", functools.partial(said, ["show", name])


def measure(quick: bool) -> dict[str, str]:
    """Name of everything to its hash, or to the error it ended in."""
    found: dict[str, str] = {}
    for name, make in jobs(quick):
        with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
            warnings.simplefilter("ignore")
            try:
                found[name] = hashlib.sha256(make(Path(folder))).hexdigest()
            except Exception as error:
                traceback.print_exc()
                found[name] = f"{type(error).__name__}: {error}"
    return found


def main() -> int:
    """Write the hashes or compare them."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", nargs="?", type=Path, help="where the hashes go, as JSON")
    parser.add_argument("--against", type=Path, metavar="FILE", help="hashes to compare with")
    parser.add_argument("--quick", action="store_true", help="every tenth only")
    parser.add_argument("--tree", type=Path, default=ROOT, metavar="FOLDER", help="the repository that is measured")
    arguments = parser.parse_args()
    if arguments.file is None and arguments.against is None:
        parser.error("name a file to write, or --against FILE")
    sys.path.insert(0, str(arguments.tree.resolve()))
    found = measure(arguments.quick)
    if arguments.file is not None:
        arguments.file.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    if arguments.against is None:
        return 0
    before = json.loads(arguments.against.read_text(encoding="utf-8"))
    asked = found if arguments.quick else {**before, **found}
    differing = [name for name in asked if before.get(name) != found.get(name)]
    print("\n".join(f"differs: {name}" for name in differing) or f"all {len(found)} are the same")
    return 1 if differing else 0


if __name__ == "__main__":
    sys.exit(main())
