"""`gdviz recipe`: what made this file."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING, Any

import click

from gdviz.cli import console
from gdviz.cli.command import command as gdviz_command
from gdviz.cli.wishes import PLAIN

if TYPE_CHECKING:
    from gdviz.api import Recipe


@gdviz_command()
@click.argument("file", type=str)
def command(file: str) -> None:
    """Print what made FILE: its recipe and the command.

    FILE is a film, a picture or a .toml. The output is TOML and can itself be kept as a recipe.
    """
    from gdviz import api

    recipe = api.load_recipe(file)
    console.say(f"# {words(recipe)}")
    for name in recipe.plugins:
        console.say(f"# made with the plugin {name}: add --plugin {name}")
    console.say()
    console.say(recipe.text().rstrip("\n"))


def words(recipe: Recipe) -> str:
    """The command line that describes a recipe; options at their defaults are left out."""
    fields = type(recipe).model_fields
    said = ["gdviz", "plot" if recipe.at is not None else "animate"]
    said += [recipe.landscape] if recipe.landscape else ["--formula", recipe.formula or ""]
    said += [word for name, value in recipe.constants.items() for word in ("--set", f"{name}={_number(value)}")]
    said += [word for entry in recipe.optimizer for word in ("-o", _entry(entry.flat()))]
    said += [word for point in recipe.start or () for word in ("--start", ",".join(map(_number, point)))]
    for name in PLAIN:
        value = getattr(recipe, name)
        if value is None or value == fields[name].default or (name, value) == ("backend", "python"):
            continue
        option = f"--{name.replace('_', '-')}"
        said += [option] if value is True else [option, value if isinstance(value, str) else _number(value)]
    if recipe.panel != fields["panel"].default:
        said += [word for panel in recipe.panel for word in ("--panel", panel)]
    if recipe.domain is not None:
        said += ["--domain", ",".join(f"{_number(low)}:{_number(high)}" for low, high in recipe.domain)]
    if recipe.levels is not None:
        said += ["--levels", recipe.levels if isinstance(recipe.levels, str) else ",".join(map(_number, recipe.levels))]
    return shlex.join(said)


def _entry(flat: dict[str, Any]) -> str:
    def written(value: Any) -> str:
        return value if isinstance(value, str) else str(value).lower() if isinstance(value, bool) else _number(value)

    pairs = [f"{key}={written(value)}" for key, value in flat.items() if key != "name"]
    return ":".join([flat["name"], ",".join(pairs)]) if pairs else flat["name"]


def _number(value: float) -> str:
    return repr(value).removesuffix(".0")
