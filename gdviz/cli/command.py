"""What every command shares: --plugin, -h, a plain word for arguments too many, and the formats in its help."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import click


def _load(ctx: click.Context, parameter: click.Parameter, paths: tuple[str, ...]) -> None:
    if paths:
        from gdviz.catalogue.plugins import load_plugin

        for path in paths:
            load_plugin(path)


# Eager, so that the definitions are there before any other option is looked at or completed.
plugin_option = click.option(
    "--plugin",
    metavar="FILE",
    multiple=True,
    is_eager=True,
    expose_value=False,
    callback=_load,
    help="A Python file of further definitions; may be given again. See `gdviz new`.",
)


def _films() -> str:
    from gdviz.encode import FORMATS

    return _listed([ending for ending, format in FORMATS.items() if format.film], "and")


def _pages() -> str:
    from gdviz.encode import FORMATS

    return _listed([ending for ending, format in FORMATS.items() if format.page], "and")


def _stills() -> str:
    from gdviz.encode import STILLS

    return _listed(STILLS, "and")


def _kind() -> str:
    from gdviz.registry.kinds import KINDS

    return _listed(KINDS, "or")


def _kinds() -> str:
    from gdviz.registry.kinds import KINDS

    return _listed([kind.plural for kind in KINDS.values()], "or")


def _listed(words: Iterable[str], joint: str) -> str:
    *others, last = words
    return f"{', '.join(others)} {joint} {last}" if others else last


def _kept() -> str:
    return (
        "An --out that ends in .zarr is a store, in which chunks are kept as they are done: the same command goes on "
        "where it was stopped, and gdviz study show draws from it. The others are pictures, {stills}. The default are "
        "both in this folder, NAME.zarr and NAME.png; a store needs pip install 'gdviz[study]', and without it the "
        "picture is made alone. The last line printed is the absolute path."
    )


TOLD: Mapping[str, Callable[[], str]] = {
    "{kept}": _kept,
    "{films}": _films,
    "{pages}": _pages,
    "{stills}": _stills,
    "{kind}": _kind,
    "{kinds}": _kinds,
}
"""What words of help stand for: where studies go, endings of films and of stills, kinds of definitions, one and many.
"""


SETTINGS: Mapping[str, Any] = {"help_option_names": ["-h", "--help"], "max_content_width": 100}
"""How help is asked for, and how wide it is at most."""


class Group(click.Group):
    """A command of commands, which help lists in the order in which they are declared."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"context_settings": dict(SETTINGS), **kwargs})

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(self.commands)


class Command(click.Command):
    """A command that explains arguments too many: most come from a shell that split a list at its commas."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"context_settings": {**SETTINGS, "allow_extra_args": True}, **kwargs})
        plugin_option(self)  # appended as if it stood in the decorator list

    def format_help_text(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the help, in which the words of TOLD stand for what tables hold."""
        for word, found in TOLD.items():
            if word in (self.help or ""):
                self.help = str(self.help).replace(word, found())
        super().format_help_text(ctx, formatter)

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        typed = list(args)
        if not ctx.resilient_parsing:
            _check_repeated(self, ctx, typed)
        rest = super().parse_args(ctx, args)
        if rest and not ctx.resilient_parsing:
            from gdviz.cli.mistakes import argument_too_many

            raise click.UsageError(argument_too_many(rest[0], typed), ctx)
        return rest


def _check_repeated(command: click.Command, ctx: click.Context, typed: list[str]) -> None:
    """Raise UsageError for an option typed twice of which the first value would be forgotten without a word."""
    _, _, order = command.make_parser(ctx).parse_args(list(typed))
    single = [item for item in order if isinstance(item, click.Option) and not (item.multiple or item.is_flag)]
    if again := next((item for item in single if single.count(item) > 1), None):
        raise click.UsageError(f"{again.opts[-1]} is given twice and takes one value; drop one of them", ctx)


def command(**attributes: Any) -> Any:
    """`@command()` in place of `@click.command()`."""
    return click.command(cls=Command, **attributes)
