"""Click's errors as one sentence: what is wrong, and what to type instead."""

from __future__ import annotations

import re
from collections.abc import Sequence

import click

from gdviz.catalogue.lookup import definitions, is_known
from gdviz.errors import nearest
from gdviz.recipe.options import jobs, options_of
from gdviz.recipe.options import typed as typed_options
from gdviz.recipe.options.look import Look
from gdviz.registry.names import normal
from gdviz.registry.vocabulary import OTHER_WORDS
from gdviz.studies.table import KINDS

LISTS = {flag for job in jobs() for option in options_of(job).values() if option.lists for flag in option.flags}
"""Options whose value may hold commas."""


WORDS = {
    **dict.fromkeys(("iterations", "iters", "iter", "n_iter", "max_iter", "epochs", "n_steps", "num_steps"), "--steps"),
    **dict.fromkeys(("output", "outfile", "save", "filename", "file", "o"), "--out"),
    **dict.fromkeys(("resolution", "figsize", "width", "height", "dpi"), "--size"),
    **dict.fromkeys(("x0", "init", "initial", "from", "start_point"), "--start"),
    **dict.fromkeys(("xlim", "ylim", "bounds", "limits", "extent"), "--domain"),
    **dict.fromkeys(("duration", "length"), "--seconds"),
    **dict.fromkeys(("optim", "method", "algorithm"), "--optimizer"),
    **dict.fromkeys(("function", "func", "expression", "equation"), "--formula"),
    **dict.fromkeys(("language", "locale"), "--lang"),
    **dict.fromkeys(("random_state", "random_seed"), "--seed"),
    **dict.fromkeys(("precision", "float"), "--dtype"),
}
"""What other tools call options of ours."""

ABSENT = {
    **dict.fromkeys(("loop", "loops", "repeat", "no_loop"), "; a GIF loops endlessly, an MP4 as its player says"),
    **dict.fromkeys(("3d", "surface", "elev", "azim"), "; landscapes are drawn from above (--view contour), a function "
    "of one coordinate as its curve (--view line)"),
    **dict.fromkeys(("format", "codec"), "; the ending of --out chooses the format, as in --out race.gif"),
}  # fmt: skip
"""What other tools have and gdviz has not, with what there is."""

VIEWS = {
    "--view": "; contour draws it from above, line draws one of a single coordinate as a curve, loss the loss alone"
}
"""What the choices of an option are, where none of them looks like what was typed."""


def sentence(error: click.ClickException, arguments: Sequence[str]) -> str:
    """What to print for an error that click raised while it read `arguments`."""
    ctx = error.ctx if isinstance(error, click.UsageError) else None
    # Click's parser does not say which command it was reading; the first word is one, if it is no option.
    first = [word for word in arguments[:1] if not word.startswith("-")]
    path = ctx.command_path if ctx else " ".join(["gdviz", *first])
    match error:
        case click.NoSuchCommand():
            known = ctx.command.list_commands(ctx) if ctx and isinstance(ctx.command, click.Group) else []
            hint = nearest(error.command_name, known) or f"; see {path} --help"
            asked = " ".join([*path.split()[1:], error.command_name]) if ctx and ctx.parent else error.command_name
            return f"there is no command '{asked}'{hint}"
        case click.NoSuchOption():
            typed = next((word for word in arguments if _holds(word, error.option_name)), error.option_name)
            if re.match(r"-[.\d]", typed) and (split := _split_list(typed, list(arguments))):
                return split
            known = [o for p in (ctx.command.params if ctx else []) for o in p.opts if o.startswith("--")]
            if _is_formula(typed):
                named = ctx is None or "--formula" in known
                cure = f'write --formula="{typed}"' if named else f'put -- before it, as in {path} -- "{typed}"'
                return f"'{typed}' was read as an option because it starts with '-': {cure}"
            hint = _meant(error.option_name, known) or nearest(error.option_name, known) or f"; see {path} --help"
            return f"{path} has no option '{error.option_name}'{hint}"
        case click.BadOptionUsage():
            return f"{error.option_name} needs a value after it; see {path} --help"
        case click.MissingParameter():
            name = error.param.make_metavar(ctx) if error.param and ctx else "an argument"
            if isinstance(error.param, click.Option):
                name = f"{error.param.opts[-1]} {name}"
            return f"{path} needs {name}; see {path} --help"
        case click.BadParameter():
            option = error.param.opts[-1] if error.param else ""
            if isinstance(error.param, click.Argument) and ctx:
                option = error.param.make_metavar(ctx)
            found = re.search(r"'([^']*)'", error.message)
            choices = error.param.type.choices if error.param and isinstance(error.param.type, click.Choice) else ()
            if choices and found:
                hint = nearest(found[1], map(str, choices)) or VIEWS.get(option, "")
                return f"{option}: '{found[1]}' is not one of {', '.join(map(str, choices))}{hint}"
            if found and error.param and error.param.type is click.INT:
                return f"{option}: '{found[1]}' is no whole number"
            if found and re.fullmatch(r"-?\d+,\d+", found[1]):
                return f"{option}: '{found[1]}' has a decimal comma; write {found[1].replace(',', '.')}"
            return f"{option}: {_flat(error.message)}"
    return _flat(error.format_message())


def _meant(option: str, known: Sequence[str]) -> str:
    """What to type in place of an option that there is under another word, or that belongs into the value of one."""
    word = normal(option.lstrip("-"))
    if word in ABSENT and "--view" in known:
        return ABSENT[word]
    if (kind := _kind_with(option, known)) or _films(option, known):
        return f"; it belongs to gdviz study {kind}" if kind else "; a study is a picture that stands still"
    if WORDS.get(word) in known:
        return f"; did you mean '{WORDS[word]}'?"
    optimizers = definitions("optimizer")
    key = OTHER_WORDS.get(word, word)
    if any(key in (*d.parameters, *d.switches) for d in optimizers.values()) and "--optimizer" in known:
        return f"; it belongs to an optimizer: type -o NAME:{key}=…, as in -o adam:lr=0.1"
    for kind, what in (("optimizer", "an optimizer"), ("transform", "a transform")):
        if is_known(kind, word) and f"--{kind}" in known:
            return f"; {word} is the name of {what}: type --{kind} {word}"
    return ""


def _kind_with(option: str, known: Sequence[str]) -> str:
    """The first kind of study with an option that another one, which has these, has not."""
    others = KINDS.items() if "--dry-run" in known else ()
    return next((word for word, kind in others if any(option in one.flags for one in typed_options(kind))), "")


def _films(option: str, known: Sequence[str]) -> bool:
    """Whether an option is of films, and the command, which has these, of studies."""
    return "--dry-run" in known and any(option in one.flags for one in typed_options(Look) if one.group == "clip")


def argument_too_many(extra: str, typed: list[str]) -> str:
    """What to print when `extra` is more than the command takes."""
    if "then" in typed and "--schedule" in typed:
        return f"'{extra}' is one argument too many; put the schedule in quotes, --schedule \"lr=… then …\""
    return _split_list(extra, typed) or f"'{extra}' is one argument too many; put texts with blanks in quotes"


def _split_list(extra: str, typed: list[str]) -> str | None:
    """The sentence for a word that follows the value of an option that takes lists: some shells split at commas."""
    place = len(typed) - 1 - typed[::-1].index(extra) if extra in typed else 0
    options = [i for i, word in enumerate(typed[:place]) if re.match(r"--?[a-z]", word)]
    if not options or typed[options[-1]] not in LISTS or options[-1] + 1 == place:
        return None
    option, words = typed[options[-1]], typed[options[-1] + 1 : place + 1]
    return (
        f"'{extra}' came as a word of its own, as when PowerShell splits a list at its commas: "
        f'put the list in quotes, {option} "{",".join(words)}"'
    )


def _holds(word: str, option: str) -> bool:
    """Whether click found `option` in this word: click reads `-x**2` letter by letter."""
    if option.startswith("--"):
        return word.split("=")[0] == option
    return word.startswith("-") and not word.startswith("--") and option[1:] in word


def _is_formula(word: str) -> bool:
    return bool(re.search(r"[xy(]", word)) and bool(re.search(r"[*^+/(²³]|\d", word)) and "=" not in word


def _flat(message: str) -> str:
    text = " ".join(message.split()).removesuffix(".")
    return text[:1].lower() + text[1:]
