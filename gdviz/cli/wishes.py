"""The options of the commands that make pictures, which describe a recipe: made of what jobs declare."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from gdviz.cli import completion
from gdviz.cli.versions import keep_all
from gdviz.recipe.options import Option, typed
from gdviz.recipe.options.race import Race
from gdviz.words.choices import choices

if TYPE_CHECKING:
    from gdviz.api import Recipe

Decorator = Callable[[Any], Any]

TYPES = {"int": int, "float": float}
"""What click reads, by how the type of an option is written; all else is text."""

ENVIRONMENT = {"lang": "GDVIZ_LANG"}
"""Options that a variable of the environment sets where they are not typed."""


def decorator(option: Option, *, single: bool = False) -> Decorator:
    """An option as click knows it; single: one that could make a file of each value is taken once."""
    completes = completion.of(option.kind) if option.kind else completion.TYPES.get(option.type)
    if option.is_argument:
        many: dict[str, Any] = {"nargs": -1} if option.several else {"required": False}
        return click.argument(option.word, metavar=option.metavar, shell_complete=completes, **many)
    help = f"{option.help}; given again, {option.each}" if option.each and not single else option.help
    facts: dict[str, Any] = {"help": f"{help}.  [default: {option.usual}]" if option.usual else f"{help}."}
    if option.each and not single:
        facts |= {"multiple": True, "callback": keep_all}
    if option.type == "bool":
        return click.option(*option.flags, option.word, is_flag=True, default=None, **facts)
    words = choices(option)
    return click.option(
        *option.flags,
        option.word,
        type=click.Choice(words) if words else TYPES.get(option.type.split()[0], str),
        metavar=option.metavar,
        envvar=ENVIRONMENT.get(option.key),
        shell_complete=completes,
        **{"multiple": option.several, **facts},
    )


_OUT = (
    click.option(
        "--recipe",
        "recipe_file",
        metavar="FILE",
        help="Start from a recipe, from any file made by gdviz, or from a lecture's figure by its name.",
    ),
    click.option("--save-recipe", metavar="FILE", help="Write the recipe with all that was chosen, as TOML."),
    click.option("--out", "outs", metavar="FILE", multiple=True, help="Where to; may be given again, one per format."),
    click.option("--force", is_flag=True, help="Replace files that gdviz did not make."),
    click.option("--open", "opens", is_flag=True, help="Show the first file when it is done."),
    click.option("--quiet", is_flag=True, help="Print nothing but the paths."),
    click.option("--json-progress", is_flag=True, help="Progress as JSON lines on standard error."),
)


_POSTER = click.option("--poster", metavar="FILE", help="Beside a film the still of its end, for where none plays.")


def _with(options: Iterable[Decorator], function: Callable[..., Any]) -> Callable[..., Any]:
    return functools.reduce(lambda inner, option: option(inner), reversed(list(options)), function)


def wishes(job: type, without: str = "") -> Decorator:
    """All options of a job, for a command that has not those of the group `without`, and where its files go."""
    wished = [option for option in typed(job) if option.group != without]
    poster = [_POSTER] if any(option.group == "clip" for option in wished) else []
    return functools.partial(_with, (*map(decorator, wished), *poster, *_OUT))


def looks(*jobs: type) -> Decorator:
    """Options that say how what these jobs make is drawn, and where it goes; not all words are of all jobs."""
    found: dict[str, Option] = {}
    for option in (option for job in jobs for option in typed(job) if option.draws):
        other = found.get(option.key, option)
        found[option.key] = option if other.chosen == option.chosen else replace(other, choices=(), offers=())
    return functools.partial(_with, (*map(decorator, found.values()), *_OUT[1:]))


def single(*keys: str) -> Decorator:
    """Options of pictures for a command that takes each of them once."""
    return functools.partial(_with, [decorator(o, single=True) for o in typed(Race) if o.key in keys])


def recipe_from(ctx: click.Context, asked: type[Recipe]) -> Recipe:
    """The recipe of what was typed, over that of --recipe if there is one; asked: the options of the command's job."""
    from gdviz import api, jobs
    from gdviz.words import files

    typed = dict(ctx.params)
    file = typed["recipe_file"]
    if file and ctx.get_parameter_source("lang") is ParameterSource.ENVIRONMENT:
        typed["lang"] = None  # a habit of this machine is no wish to translate this recipe
    base = api.load_recipe(file, asked) if file else None
    if base is not None:
        files.check_names(base, file)
    return jobs.read(typed, base, asked)
