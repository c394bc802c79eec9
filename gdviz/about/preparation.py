"""Kernels looked at and compiled on purpose: what `gdviz explain` and `gdviz warmup` do."""

from __future__ import annotations

import importlib
import pkgutil
import time
from collections.abc import Callable, Iterable
from functools import partial
from typing import Any

from gdviz import raster
from gdviz.backends.table import BACKENDS
from gdviz.catalogue.lookup import definitions, find
from gdviz.emit.expression import EmissionError
from gdviz.errors import UsageError, nearest, short
from gdviz.formula import total
from gdviz.formula.typed import parse
from gdviz.plans.plan import Plan
from gdviz.plans.setting import make, settle
from gdviz.recipe.options.race import Race
from gdviz.recipe.recipe import checked
from gdviz.registry.defining import describe
from gdviz.registry.definition import Definition
from gdviz.registry.kinds import KINDS
from gdviz.registry.names import is_formula, library_of
from gdviz.runs.simulation import rerun
from gdviz.words.entries import parse_optimizers, parse_transforms
from gdviz.words.schedules import parse_schedules

Progress = Callable[[int, int, str], None]

COMPILED = {"landscape": 0, "optimizer": 1, "transform": -1, "schedule": -1}
"""Kinds of definitions of which kernels are made, and the place of theirs among the texts of a plan."""


def kernel_text(name: str, dim: int | None = None, dtype: str = "float64") -> str:
    """The module that is compiled for a landscape or formula, an optimizer or a transform, written as after -o.

    Raises UsageError for an unknown name and for a definition of which no kernel can be made.
    """
    from gdviz.backends.texts import texts

    if library_of(name) is not None:
        raise UsageError(f"{name} is run by its own package; kernels are made of gdviz's definitions only")
    definition = _any(name if is_formula(name) else name.partition(":")[0])
    if "base" in definition.inputs and "f" not in definition.inputs:
        raise UsageError(f"{definition.name} becomes a table of numbers before the run; there is no kernel of it")
    if definition.kind not in COMPILED:
        plural = KINDS[definition.kind].plural
        raise UsageError(f"{definition.name} is among the {plural}, of which no kernels are made; name an optimizer")
    try:
        return texts(_plan(definition, name, dim, dtype))[COMPILED[definition.kind]]
    except EmissionError as error:
        raise UsageError(f"no kernel can be made of {definition.name}: {error}") from None


def warm_up(names: Iterable[str] = (), dtype: str = "float64", progress: Progress | None = None) -> float:
    """Compile the kernels of these definitions, by default of all, and those that draw; answers the seconds it took."""
    begin = time.perf_counter()
    every = [d for kind in ("landscape", "optimizer") for d in definitions(kind).values()]
    named = [_any(name) for name in names]
    wanted = [d for d in named if d.kind in COMPILED] if named else every
    modules = sorted(info.name for info in pkgutil.iter_modules(raster.__path__))
    jobs: list[Callable[[], object]] = [partial(importlib.import_module, f"{raster.__name__}.{m}") for m in modules]
    plans = [_plan(definition, definition.name, None, dtype) for definition in wanted]
    rows = [row for row in BACKENDS.values() if row.compiles and row.ready()]
    jobs += [partial(rerun, plan, row.name, 1) for plan in plans for row in rows if row.takes(plan)]
    for done, job in enumerate(jobs, start=1):
        job()
        if progress is not None:
            progress(done, len(jobs), "compiling")
    return time.perf_counter() - begin


def _plan(definition: Definition, typed: str, dim: int | None, dtype: str) -> Plan:
    """One step of a definition, with plain gradient descent or a plain bowl where it is neither."""
    bowl = definition if definition.has_coordinates else describe("landscape", _bowl)
    stated = READ[definition.kind](typed) if definition.kind in READ else {}
    point = [(0.5,) * (bowl.dimension or dim or 2)]
    recipe = checked(Race, {"optimizer": [{"name": "gd"}], "dtype": dtype, "steps": 1, "start": point, **stated})
    setting = settle(recipe, bowl)
    entry = setting.recipe.optimizer[0]
    return make(setting, entry, find("optimizer", entry.name))


def _optimizer(typed: str) -> dict[str, Any]:
    entry = parse_optimizers(typed)[0].flat()
    return {"optimizer": [{**entry, "lr": 0.1} if "lr" in entry else entry]}  # it may say auto


READ: dict[str, Callable[[str], dict[str, Any]]] = {
    "optimizer": _optimizer,
    "transform": lambda typed: {"transform": [entry.flat() for entry in parse_transforms(typed)]},
    "schedule": lambda typed: {"schedule": [parse_schedules(f"lr={typed}").flat()]},
}
"""What a recipe holds of a definition that is typed with its options, by kind."""


def _bowl(*x: Any) -> Any:
    """Half the squared distance to the origin, in any dimension."""
    return total(tuple(c * c for c in x)) / 2


def _any(name: str) -> Definition:
    if is_formula(name):
        return parse(name)
    for kind in KINDS:
        try:
            return find(kind, name)
        except UsageError:
            continue
    known = [word for kind in KINDS for d in definitions(kind).values() for word in (d.name, *d.aliases)]
    raise UsageError(f"nothing is called '{short(name)}'{nearest(name, known) or '; `gdviz list` shows all names'}")
