"""Kernels looked at and compiled on purpose: what `gdviz explain` and `gdviz warmup` do."""

from __future__ import annotations

import importlib
import pkgutil
import time
from collections.abc import Callable, Iterable

from gdviz import formula, raster
from gdviz.emit.expression import EmissionError
from gdviz.errors import UsageError, nearest
from gdviz.recipe import parse_optimizers, parse_transforms, resolve_options
from gdviz.registry import Definition, definitions, find, kinds

Progress = Callable[[int, int, str], None]


def kernel_text(name: str, dim: int | None = None, dtype: str = "float64") -> str:
    """The module that is compiled for a landscape, an optimizer or a transform, written as after -o.

    Raises UsageError for an unknown name and for a definition of which no kernel can be made.
    """
    from gdviz.backends import cpu, kernels
    from gdviz.emit.objective import objective_text
    from gdviz.emit.program import program_text
    from gdviz.emit.step import step_text
    from gdviz.emit.transform import transforms_text

    definition = _any(name.partition(":")[0])
    size = dim or definition.dimension or 2
    try:
        if definition.kind == "landscape":
            body = objective_text(formula.derive(definition, size))
        elif definition.kind == "transform":
            options = resolve_options(parse_transforms(name)[0], definition)
            plain = step_text(find("optimizer", "gd"), {}, size)
            body = transforms_text([(definition, options)], plain.layout).body
        else:
            options = resolve_options(parse_optimizers(name)[0], definition)
            switches = {key: options[key] for key in definition.switches}
            if definition.rule == "vector":
                body = step_text(definition, switches, size).body
            else:
                body = program_text(definition, switches)
    except EmissionError as error:
        raise UsageError(f"no kernel can be made of {definition.name}: {error}") from None
    return kernels.source(f"{definition.kind} {definition.name}", dtype, cpu.width(size), body)


def warm_up(names: Iterable[str] = (), dtype: str = "float64", progress: Progress | None = None) -> float:
    """Compile the kernels of these definitions, by default of all, and those that draw; answers the seconds it took."""
    from gdviz.plan import make, settle
    from gdviz.recipe import validate
    from gdviz.simulation import rerun

    begin = time.perf_counter()
    wanted = [_any(name) for name in names] or [d for kind in ("landscape", "optimizer") for d in definitions(kind).values()]
    modules = sorted(info.name for info in pkgutil.iter_modules(raster.__path__))
    total = len(wanted) + len(modules)
    for done, module in enumerate(modules, start=1):
        importlib.import_module(f"{raster.__name__}.{module}")
        if progress is not None:
            progress(done, total, "compiling")
    for done, definition in enumerate(wanted, start=len(modules) + 1):
        landscape = definition.name if definition.kind == "landscape" else "simple_quad"
        rule = definition if definition.kind == "optimizer" else find("optimizer", "gd")
        changed = [{"name": definition.name}] if definition.kind == "transform" else []
        recipe = {"landscape": landscape, "optimizer": [{"name": rule.name}], "transform": changed}
        setting = settle(validate({**recipe, "dtype": dtype, "steps": 1}))
        if rule.rule != "host":
            rerun(make(setting, setting.recipe.optimizer[0], rule), "cpu", 1)
        if progress is not None:
            progress(done, total, "compiling")
    return time.perf_counter() - begin


def _any(name: str) -> Definition:
    for kind in kinds():
        try:
            return find(kind, name)
        except UsageError:
            continue
    known = [word for kind in kinds() for d in definitions(kind).values() for word in (d.name, *d.aliases)]
    raise UsageError(f"nothing is called '{name}'{nearest(name, known) or '; `gdviz list` shows all names'}")
