"""`gdviz new`: a commented plugin to start from."""

from __future__ import annotations

import keyword
import re
from pathlib import Path

import click

from gdviz.catalogue.lookup import definitions
from gdviz.cli import completion, console
from gdviz.cli.command import command as gdviz_command
from gdviz.cli.kinds import kind_of
from gdviz.errors import OutputError, UsageError
from gdviz.registry.names import normal

OPTIMIZER = '''"""An optimizer of my own.

Look at it:   gdviz animate beale --plugin "{file}" -o {name} -o adam
Examine it:   gdviz check "{file}"
"""

from gdviz.formula import sqrt
from gdviz.registry import define


# Facts about the rule: `gdviz cite` prints the source; a preset is a named setting, typed as {name}:preset=careful.
@define("optimizer", title="{title}", source="{title}, unpublished", presets={{"careful": {{"lr": 0.001}}}})
def {name}(x, g, v, t, lr=0.1, beta=0.9, eps=1e-8, correct=True):
    """Steps of the gradient divided by its recent size."""
    # The names in the signature are its contract:
    #   x, g        the current point and the gradient there; also there on request: f (the loss), t (1, 2, 3, …), x0
    #   v           any other name without a default is state: it starts at 0; its new value is returned after x
    #   lr, beta    numbers with a default are hyperparameters: -o {name}:lr=0.05,beta=0.99
    #   correct     True/False or "text" defaults are switches, the only things an `if` may ask about
    # Write plain arithmetic and functions of gdviz.formula (sqrt, exp, sign, where, dot, norm, …): x and g may be
    # single numbers or arrays of a million trajectories.
    v = beta * v + (1 - beta) * g * g
    size = sqrt(v / (1 - beta**t)) if correct else sqrt(v)
    return x - lr * g / (size + eps), v
'''

LANDSCAPE = '''"""A landscape of my own.

Look at it:   gdviz animate {name} --plugin "{file}"
Examine it:   gdviz check "{file}"
"""

from gdviz.formula import cos
from gdviz.registry import define


# Facts about the formula: the box to draw, where runs start, every known minimum as (x, y, value there), a telling
# number of steps, and where the formula comes from (printed by `gdviz cite`).
@define(
    "landscape",
    title="{title}",
    domain=((-3.0, 3.0), (-3.0, 3.0)),
    start=(-2.5, 2.0),
    minima=((0.0, 0.0, 0.0),),
    steps=200,
    source="{title}, unpublished",
)
def {name}(x, y, height=1.0):
    """A bowl with ripples along x."""
    # Arguments without a default are coordinates (one, two or more); those with a default are constants that
    # --set height=2 changes. Only the value is written: gradient and Hessian are derived from it, so use the functions
    # of gdviz.formula (sqrt, sin, cos, exp, log, tanh, abs, sign, max, min, where, floor), not those of math or NumPy.
    return x**2 / 4 + y**2 + height * (1 - cos(3 * x))
'''

TRANSFORM = '''"""A gradient transform of my own.

Look at it:   gdviz animate beale --plugin "{file}" --transform {name}:scale=0.5
Examine it:   gdviz check "{file}"
"""

from gdviz.formula import abs, sign
from gdviz.registry import define


@define("transform", title="{title}", source="{title}, unpublished")
def {name}(g, normal, scale=0.1):
    """Noise that grows with the gradient but never turns its sign."""
    # g is the gradient of one coordinate; also there on request: t (1, 2, 3, …), steps, and one random number per
    # coordinate, trajectory and step: normal (mean 0, variance 1) or uniform (between 0 and 1). The same --seed gives
    # the same numbers. Return the changed gradient; numbers with a default are options: --transform {name}:scale=0.5
    return sign(g) * abs(g + scale * g * normal)
'''

SCHEDULE = '''"""A schedule of my own.

Look at it:   gdviz animate beale -o adam --plugin "{file}" --schedule lr={name} --panel lr
Examine it:   gdviz check "{file}"
"""

from gdviz.formula import cos, pi
from gdviz.registry import define


@define(
    "schedule",
    title="{title}",
    no_oracle="unpublished; there is nothing to compare it with",
    source="{title}, unpublished",
)
def {name}(base, t, steps, waves=3.0):
    """Falls to nothing in waves."""
    # base is the hyperparameter's own value, t the step (1, 2, 3, …) and steps how long the schedule lasts; t and base
    # may be arrays, so use the functions of gdviz.formula. Return the value of step t. Numbers with a default are
    # options: --schedule lr={name}:waves=5. A schedule that asks for f, the loss of step t, may keep state, as rules
    # of optimizers do.
    return base * (1 - (t - 1) / steps) * (0.6 + 0.4 * cos(2 * pi * waves * (t - 1) / steps))
'''

SIGNAL = '''"""A gradient signal of my own.

Look at it:   gdviz signal adam --plugin "{file}" --signal {name}
Examine it:   gdviz check "{file}"
"""

from gdviz.formula import exp, sin
from gdviz.registry import define


# `range` is what the values stay within.
@define("signal", title="{title}", range=(-1.0, 1.0), source="{title}, unpublished")
def {name}(i, period=40.0, decay=100.0):
    """A wave that dies out."""
    # i are the numbers of the points, 0, 1, 2, …; numbers with a default are constants: --signal {name}:period=20. The
    # value is the gradient at each point. A signal that also asks for uniform, one random number between 0 and 1 for
    # each point, says draws=(413, 0) beside its range: the seed, and how many numbers come before its own.
    return sin(6.2832 * i / period) * exp(-i / decay)
'''

TEMPLATES = {
    "landscape": LANDSCAPE,
    "optimizer": OPTIMIZER,
    "transform": TRANSFORM,
    "schedule": SCHEDULE,
    "signal": SIGNAL,
}


@gdviz_command()
@click.argument("kind", metavar="KIND", shell_complete=completion.kinds)
@click.argument("file", type=str)
@click.option("--force", is_flag=True, help="Replace FILE if it exists.")
def command(kind: str, file: str, force: bool) -> None:
    """Write a commented plugin to FILE, ready to run and to change.

    KIND is optimizer, landscape, transform, schedule or signal; the definition is named after the file.
    """
    kind = kind_of(kind)
    path = Path(file).expanduser().absolute()
    if path.suffix != ".py":
        raise OutputError(f"'{file}' is no Python file; write `gdviz new {kind} {Path(file).stem}.py`")
    name = _name(path, kind)
    text = TEMPLATES[kind].format(
        name=name, title=name.replace("_", " ").capitalize(), file=path.name.replace("\\", "").replace('"', "")
    )
    try:
        with path.open("w" if force else "x", encoding="utf-8", newline="\n") as target:
            target.write(text)
    except FileExistsError:
        raise OutputError(f"'{file}' exists; choose another name or add --force") from None
    except OSError as error:
        raise OutputError(
            f"'{file}' cannot be written: {error.strerror}; choose a folder that exists and is yours"
        ) from None
    console.say(str(path))


def _name(path: Path, kind: str) -> str:
    name = normal(re.sub(r"\W+", "_", path.stem)).strip("_")
    if not name.isidentifier() or keyword.iskeyword(name):
        raise UsageError(f"'{path.name}' gives the {kind} no usable name; call the file something like my_{kind}.py")
    if name in {normal(known) for d in definitions(kind).values() for known in (d.name, *d.aliases)}:
        raise UsageError(f"the {kind} '{name}' exists already; call the file something like my_{name}.py")
    return name
