"""The options of the commands that make pictures, which describe a recipe."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from gdviz.cli import completion
from gdviz.cli.versions import keep_all

if TYPE_CHECKING:
    from gdviz.api import Recipe

_THEME = functools.partial(click.option, "--theme", type=click.Choice(["light", "dark", "print"]))
_LANG = functools.partial(click.option, "--lang", envvar="GDVIZ_LANG", type=click.Choice(["en", "ru", "kk"]))
THEME = _THEME(help="Colours.  [default: light]")
LANG = _LANG(help="Language.  [default: GDVIZ_LANG or en]")

_LOOK = (
    click.option(
        "--size",
        metavar="SIZE",
        help="720p, 1080p, 4k, square, vertical, WxH, 84mmx60mm, or a width alone such as 6.75in.  [default: 1080p]",
    ),
    _THEME(multiple=True, callback=keep_all, help="Colours; given again, a file of each.  [default: light]"),
    _LANG(multiple=True, callback=keep_all, help="Language; given again, a file in each.  [default: GDVIZ_LANG or en]"),
    click.option("--title", metavar="TEXT", help="Title in place of the landscape's name."),
    click.option("--caption", metavar="TEXT", help="A line below."),
    click.option("--font", metavar="NAME|FILE", help="Font in place of DejaVu Sans."),
    click.option("--font-size", type=float, metavar="FACTOR", help="Larger or smaller letters, 0.5 to 3."),
)
_SET = click.option("--set", "constants", metavar="NAME=VALUE", multiple=True, help="A constant; may be given again.")
_RUN = (
    click.argument("landscape", required=False, metavar="[LANDSCAPE|FORMULA]", shell_complete=completion.landscapes),
    click.option("--formula", metavar="TEXT", help="A formula in x and y in place of LANDSCAPE; ^ means power."),
    _SET,
    click.option(
        *("-o", "--optimizer", "optimizers"),
        metavar="NAME[:KEY=VALUE…]",
        multiple=True,
        shell_complete=completion.optimizers,
        help="An optimizer, as in -o adam:lr=0.1,beta1=0.8 or -o adam,gd; may be given again. Keys: its options, "
        "preset, label, color, dash, marker; lr=auto searches the rate.  [default: gd, momentum, rmsprop, adam]",
    ),
    click.option(
        *("--transform", "transforms"),
        metavar="NAME[:KEY=VALUE…]",
        multiple=True,
        shell_complete=completion.transforms,
        help="What changes the gradient before the optimizer sees it, in the order typed, as in gaussian:sigma=0.5 or "
        "clip_norm:limit=1; `gdviz list transforms` shows all.",
    ),
    click.option("--dim", type=int, metavar="N", help="Coordinates of a family, up to 20.  [default: 2]"),
    click.option(
        "--schedule",
        "schedules",
        metavar="[OPT.]PARAM=NAME[:KEY=VALUE…]",
        multiple=True,
        shell_complete=completion.schedules,
        help="How a hyperparameter changes with the step, as in lr=cosine, adam.lr=step:every=50 or "
        '"lr=linear_warmup:steps=20 then cosine"; may be given again. `gdviz list schedules` shows all.',
    ),
    click.option("--start", metavar="X,Y", multiple=True, help="Where to start; may be given again."),
    click.option("--steps", type=int, metavar="N", help="Number of steps.  [default: the landscape's]"),
    click.option(
        "--fair",
        type=click.Choice(["lr", "tuned", "evals"]),
        help="lr: all get the same rate; tuned: each the best from 64 random starts; evals: --steps counts "
        "evaluations, the same for all.",
    ),
    click.option("--every", type=int, metavar="K", help="Record and show each K-th step only."),
    click.option("--tol", type=float, metavar="T", help="Stop a run when its gradient's norm is below T."),
    click.option("--seed", type=int, metavar="N", help="Seed of everything random."),
    click.option("--dtype", type=click.Choice(["float64", "float32"]), help="Precision.  [default: float64]"),
    click.option(
        "--backend",
        type=click.Choice(["auto", "python", "cpu"]),
        help="What computes; the results are the same.  [default: auto, by the amount of work]",
    ),
    click.option("--threads", type=int, metavar="N", help="Threads of the compiled backend.  [default: all cores]"),
    click.option("--view", type=click.Choice(["contour", "line", "loss"]), help="How the landscape is drawn."),
    click.option(
        *("--panel", "panels"),
        metavar="NAME",
        multiple=True,
        help="What is drawn beside it, against the step: loss (or loss:log, loss:linear), gradient, step (its "
        "length), rate (effective, of each coordinate), state:NAME, a hyperparameter such as lr, or none; may be given "
        "again.  [default: loss]",
    ),
    click.option("--split", type=click.Choice(["optimizer", "start"]), help="A small picture for each of these."),
    click.option("--anatomy", type=int, metavar="STEP", help="Take this step apart: arrows for what made it."),
    click.option(
        "--arrows",
        metavar="NAME[:KEY=VALUE…]",
        multiple=True,
        help="Arrows of the gradient, of descent, or of what a transform makes of the gradient, as in descent:at=path; "
        "at: start, path or grid; may be given again.",
    ),
    click.option(
        *("--label", "labels"),
        type=click.Choice(["start", "minimum", "levels", "none"]),
        multiple=True,
        help="What has words beside it; may be given again.  [default: start]",
    ),
    click.option("--domain", metavar="X0:X1,Y0:Y1", help="The part of the landscape that is looked at."),
    click.option("--window", metavar="X0:X1,Y0:Y1", help="The part that is drawn, where that is not all of --domain."),
    click.option("--levels", metavar="WORD|A,B,…", help="Level lines: log, quantile, linear or heights."),
    *_LOOK,
)
_FED = (
    click.argument("methods", metavar="[METHOD[:KEY=VALUE…]]…", nargs=-1, shell_complete=completion.optimizers),
    click.option(
        *("-o", "--optimizer", "optimizers"),
        metavar="NAME[:KEY=VALUE…]",
        multiple=True,
        shell_complete=completion.optimizers,
        help="A curve, as in -o adam:beta1=0.25; all that are given stand in one picture.",
    ),
    click.option(
        *("--signal", "signals"),
        metavar="NAME|FORMULA|FILE",
        multiple=True,
        shell_complete=completion.signals,
        help="A signal, a formula in i such as sin(i/10), or FILE.csv:COLUMN; may be given again.  [default: all six]",
    ),
    _SET,
    click.option("--steps", type=int, metavar="N", help="Number of points.  [default: 300, or the file's]"),
    click.option(
        "--original",
        is_flag=True,
        default=None,
        help="Read between two points as the lecture's script did: the lower one plus a share of the upper one.",
    ),
    *_LOOK,
)
_DRAWN = (
    click.argument("formulas", metavar="[FORMULA]…", nargs=-1),
    click.option("--name", "names", metavar="TEXT", multiple=True, help="What a curve is called, one for each."),
    click.option("--range", metavar="A:B", help="The values of x.  [default: -3:3]"),
    click.option("--log", type=click.Choice(["x", "y", "xy"]), help="Which axes are logarithmic."),
    click.option("--x", metavar="TEXT", help="What stands at the horizontal axis, as in bytes.  [default: x]"),
    click.option("--y", metavar="TEXT", help="What stands above the vertical axis."),
    _SET,
    *_LOOK,
)
_OUT = (
    click.option("--recipe", "recipe_file", metavar="FILE", help="Start from a recipe or from any file made by gdviz."),
    click.option("--save-recipe", metavar="FILE", help="Write the recipe with all that was chosen, as TOML."),
    click.option("--out", "outs", metavar="FILE", multiple=True, help="Where to; may be given again, one per format."),
    click.option("--force", is_flag=True, help="Replace files that gdviz did not make."),
    click.option("--open", "opens", is_flag=True, help="Show the first file when it is done."),
    click.option("--quiet", is_flag=True, help="Print nothing but the paths."),
    click.option("--json-progress", is_flag=True, help="Progress as JSON lines on standard error."),
)
_CLIP = (
    click.option("--fps", type=float, metavar="N", help="Frames a second.  [default: 30]"),
    click.option("--seconds", type=float, metavar="S", help="Length.  [default: 10]"),
    click.option("--draft", is_flag=True, default=None, help="Faster and coarser."),
)
_STILL = (
    click.option(
        "--at",
        type=int,
        metavar="STEP",
        multiple=True,
        callback=keep_all,
        help="The step that is shown; given again, a file of each.  [default: the last]",
    ),
)


def _with(options: tuple[Callable[..., Any], ...], function: Callable[..., Any]) -> Callable[..., Any]:
    return functools.reduce(lambda inner, option: option(inner), reversed(options), function)


clip_options = functools.partial(_with, (*_RUN, *_CLIP, *_OUT))
still_options = functools.partial(_with, (*_RUN, *_STILL, *_OUT))
chart_options = functools.partial(_with, (*_DRAWN, *_CLIP, *_OUT))
signal_options = functools.partial(_with, (*_FED, *_STILL, *_CLIP, *_OUT))


def recipe_from(ctx: click.Context, read: Callable[[Mapping[str, Any], Recipe], Recipe]) -> Recipe:
    """The recipe that `read` makes of the typed options, over that of --recipe if there is one."""
    from gdviz import api
    from gdviz.words import reading as words

    typed = dict(ctx.params)
    file = typed["recipe_file"]
    if file and ctx.get_parameter_source("lang") is ParameterSource.ENVIRONMENT:
        typed["lang"] = None  # a habit of this machine is no wish to translate this recipe
    base = api.load_recipe(file) if file else api.Recipe()
    if file:
        words.check_names(base, file)
    return read(typed, base)
