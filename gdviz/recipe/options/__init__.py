"""Options declared once: light records of which recipes' fields, the command line and what reads it are made.

A module here declares what one job can be asked for, as a class whose attributes are options, in the order in which
recipes and help list them: those of its own first, then those of the classes it is built on. An attribute that is only
annotated says where among its own one of these stands. Type checkers take such a class for the recipes that are made of
it, so a function of a job's recipes is annotated with the job's class, and one of several jobs' with a class that these
are built on.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from gdviz.recipe.recipe import Recipe

GROUPS = ("own", "page", "still", "clip", "origin")
"""Whose options they are, in the order in which help lists them: of one job, of every picture, of stills, of clips.
Those of the last group are written by gdviz and never typed."""

Words = tuple[str, ...] | Callable[[], tuple[str, ...]]


@dataclass(frozen=True)
class Option:
    """One option.

    key: what a recipe calls it, also in Python. type: its type as it is written, for what makes recipes of text. help:
    a sentence without its end, of what cannot be typed "". word: what typed options call it; flags: how it is typed,
    ("NAME",) an argument without a flag. usual: what stands for it where it is not given. choices: the words
    it may be, or what finds them; offers: the same where recipes may hold others, which are refused where they are
    used. limits: what pydantic is told of it. several: it may be given again; each: the same, and each
    value makes a file of its own, which this says; lists: its value may hold commas. kind: the definitions that it
    names. draws: it says how a run is drawn, not what is run. place: it belongs to what is descended, so another
    landscape drops it; tunes: rates that were searched depend on it. stored: it is a key of recipes;
    decides: one that holds it, of choices one of these, is of the job that declares it; recorded: gdviz writes it, so
    no command says it. group: one of GROUPS.
    """

    default: Any
    help: str = ""
    usual: str = ""
    word: str = ""
    flags: tuple[str, ...] = ()
    metavar: str | None = None
    choices: Words = ()
    offers: Words = ()
    limits: Mapping[str, Any] = field(default_factory=dict)
    several: bool = False
    each: str = ""
    lists: bool = False
    kind: str = ""
    draws: bool = False
    place: bool = False
    tunes: bool = False
    stored: bool = True
    decides: bool = False
    recorded: bool = False
    group: str = "own"
    key: str = ""
    type: str = ""

    @property
    def flag(self) -> str:
        """How errors call it: its long flag, or the word of an argument."""
        return self.flags[-1]

    @property
    def is_argument(self) -> bool:
        """Whether it is typed without a flag."""
        return not self.flag.startswith("-")

    @property
    def chosen(self) -> tuple[str, ...]:
        """What may be typed where it is one of few words, else nothing."""
        words = self.choices or self.offers
        return words() if callable(words) else words


def option(default: Any = None, help: str = "", **facts: Any) -> Any:
    """An option of the class in which it stands, named and typed by the attribute; see Option for the facts."""
    return Option(default, help, **facts)


def again(one: Any, help: str, **facts: Any) -> Any:
    """An option of the classes that one is built on, for which other words and the facts given hold here."""
    return replace(one, help=help, **facts)


def left_out() -> Any:
    """In place of an option of the classes that one is built on: this one has it not, and its default stands for it."""
    return None


@cache
def jobs() -> tuple[type[Recipe], ...]:
    """What recipes may be of: the classes of this package's modules that have an option which decides."""
    found: list[type] = []
    for one in pkgutil.iter_modules(__path__):
        module = importlib.import_module(f"gdviz.recipe.options.{one.name}")
        found += [k for k in vars(module).values() if isinstance(k, type) and k.__module__ == module.__name__]
    return tuple(kind for kind in found if any(option.decides for option in options_of(kind).values()))


@cache
def options_of(job: type) -> Mapping[str, Option]:
    """All options of a job by their keys, in order."""
    found: dict[str, Option] = {}
    for owner in job.__mro__:
        for key, kind in vars(owner).get("__annotations__", {}).items():
            if isinstance(one := getattr(job, key, None), Option) and key not in found:
                flags = one.flags or (f"--{key.replace('_', '-')}",)
                decides = one.decides and key in vars(job)
                found[key] = replace(one, key=key, type=str(kind), word=one.word or key, flags=flags, decides=decides)
    return found


@cache
def defaults_left(job: type) -> Mapping[str, Any]:
    """What stands in a job's recipes for the options that it leaves out: their defaults, by their keys."""
    found: dict[str, Any] = {}
    for owner in job.__mro__:
        for key, one in vars(owner).items():
            if isinstance(one, Option) and one.stored and getattr(job, key) is None:
                found.setdefault(key, one.default)
    return found


def typed(job: type) -> Iterator[Option]:
    """Those that can be typed, in the order of help."""
    return iter(sorted((o for o in options_of(job).values() if o.help), key=lambda one: GROUPS.index(one.group)))
