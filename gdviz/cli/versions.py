"""Options that may be typed again: each of their values makes a file of its own, all of them from one run."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import click

from gdviz.recipe.options import options_of
from gdviz.recipe.options.look import Look

REPEATED = tuple(key for key, option in reversed([*options_of(Look).items()]) if option.each)
"""These options, in the order in which the files' names say their values."""

TYPED = f"{__name__}.typed"
"""Where a context keeps what was typed for each of them."""


def keep_all(ctx: click.Context, parameter: click.Parameter, values: tuple[Any, ...]) -> Any:
    """Keep what was typed for a repeated option; the recipe itself gets the first, or the largest, value.

    The largest because a run that shows step 50 shows step 10 as well.
    """
    if len(set(values)) < len(values):
        raise click.UsageError(f"{parameter.opts[-1]} has one value twice; drop one of them", ctx)
    ctx.meta.setdefault(TYPED, {})[parameter.name] = values
    return (max(values) if isinstance(values[0], int) else values[0]) if values else None


def versions(ctx: click.Context, path: str, clip: bool = False) -> Iterator[tuple[dict[str, Any], str]]:
    """For each file that `path` stands for: what its recipe has of its own, and its name, NAME.LANG.THEME.STEP.

    clip: whether it is a film, which shows all steps.
    """
    typed: dict[str, tuple[Any, ...]] = ctx.meta.get(TYPED, {})
    names = [name for name in REPEATED if len(typed.get(name, ())) > 1 and not (clip and name == "at")]
    if not names:
        yield {}, path
        return
    file = Path(path)
    for values in itertools.product(*(typed[name] for name in names)):
        word = "".join(f".{value}" for value in values)
        yield dict(zip(names, values, strict=True)), str(file.with_name(f"{file.stem}{word}{file.suffix}"))


def all_versions(ctx: click.Context, paths: Iterable[str], clips: Iterable[str]) -> list[tuple[dict[str, Any], str]]:
    """The versions of several files; clips: endings of films."""
    known = tuple(clips)
    return [one for path in paths for one in versions(ctx, path, Path(path).suffix.lower() in known)]
