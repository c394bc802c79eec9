"""What shells may complete: names from the registry and, inside -o, hyperparameters and presets."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING

import click
from click.shell_completion import CompletionItem

from gdviz.errors import UsageError

if TYPE_CHECKING:
    from gdviz.registry.definition import Definition


def landscapes(ctx: click.Context, parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Names of landscapes, with their summaries where the shell shows such."""
    return _items(_definitions("landscape"), incomplete)


def any_name(ctx: click.Context, parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Names of every kind."""
    from gdviz.registry.kinds import KINDS

    return [item for kind in KINDS for item in _items(_definitions(kind), incomplete)]


def optimizers(ctx: click.Context, parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """`adam,r` to `adam,rmsprop`, `adam:b` to `adam:beta1=`, `adam:preset=t` to `adam:preset=torch`."""
    return _entries("optimizer", incomplete, ("preset", "label", "color", "dash", "marker"))


def schedules(ctx: click.Context, parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """`lr=cos` to `lr=cosine`, `lr=cosine:e` to `lr=cosine:end=`, `lr=step:steps=9 then c` to `… then cosine`."""
    target, equals, text = incomplete.partition("=")
    if not equals:
        parameters = {name for d in _definitions("optimizer") for name in d.parameters}
        return [CompletionItem(f"{name}=") for name in sorted(parameters) if name.startswith(target)]
    before, then, last = text.rpartition(" then ")
    return [
        CompletionItem(f"{target}={before}{then}{item.value}", help=item.help)
        for item in _entries("schedule", last, ("steps", "preset"))
    ]


def datasets(ctx: click.Context, parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """`moo` to `moons`, `moons:no` to `moons:noise=`."""
    return _entries("dataset", incomplete, ("seed",))


def grids(ctx: click.Context, parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """`be` to `beta1=`, `lr=` to `lr=log:` and `lr=lin:`."""
    name, equals, values = incomplete.partition("=")
    if equals:
        return [CompletionItem(f"{name}={scale}:") for scale in ("lin", "log") if scale.startswith(values)]
    found = {name for d in _definitions("optimizer") for name in d.parameters} | {"batch", "seed"}
    return [CompletionItem(f"{one}=") for one in sorted(found) if one.startswith(name)]


Completion = Callable[[click.Context, click.Parameter, str], list[CompletionItem]]

OF: Mapping[str, Completion] = {
    "dataset": datasets,
    "landscape": landscapes,
    "optimizer": optimizers,
    "schedule": schedules,
}
"""What completes an option that names definitions of a kind, where that is not `of`."""

TYPES: Mapping[str, Completion] = {"Grids": grids}
"""What completes other options, by how their type is written."""


def of(kind: str) -> Completion:
    """What completes names of a kind: `gauss` to `gaussian`, `gaussian:s` to `gaussian:sigma=`."""
    return OF.get(kind) or (lambda ctx, parameter, incomplete: _entries(kind, incomplete, ()))


def _entries(kind: str, incomplete: str, more: tuple[str, ...]) -> list[CompletionItem]:
    head, last = _split(incomplete)
    name = re.split("[:,]", incomplete)[0]
    if ":" not in incomplete:
        return _items(_definitions(kind), last, head)
    from gdviz.catalogue.lookup import find

    try:
        definition = find(kind, name)
    except UsageError:
        return []
    key, equals, value = last.partition("=")
    if not equals:
        keys = (*definition.parameters, *definition.switches, *more)
        return [CompletionItem(f"{head}{word}=") for word in keys if word.startswith(key)]
    if key == "preset":
        words = tuple(definition.presets)
    elif key == "lr":
        words = ("auto",)
    else:
        words = tuple(str(choice).lower() for choice in definition.choices.get(key, ()))
    return [CompletionItem(f"{head}{key}={word}") for word in words if word.startswith(value)]


def _split(text: str) -> tuple[str, str]:
    cut = max(text.rfind(","), text.rfind(":")) + 1
    return text[:cut], text[cut:]


def kinds(ctx: click.Context, parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """`landscapes`, `optimizers`."""
    from gdviz.registry.kinds import KINDS

    return [CompletionItem(kind.plural) for kind in KINDS.values() if kind.name.startswith(incomplete.lower())]


def _definitions(kind: str) -> Iterable[Definition]:
    from gdviz.catalogue.lookup import definitions  # not before it is asked for: help does not need it

    return definitions(kind).values()


def _items(found: Iterable[Definition], incomplete: str, head: str = "") -> list[CompletionItem]:
    return [CompletionItem(head + d.name, help=d.summary) for d in found if d.name.startswith(incomplete.lower())]
