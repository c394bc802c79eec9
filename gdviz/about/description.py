"""A definition in words and formulas, as `gdviz show` prints it."""

from __future__ import annotations

import ast
import inspect
import math
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from gdviz.errors import UsageError, nearest
from gdviz.registry.definition import Definition, range_told
from gdviz.registry.kinds import KINDS
from gdviz.registry.kinds.landscape import LandscapeFacts

if TYPE_CHECKING:
    from gdviz.analyse import Line, Stationary

LISTED = 20
"""Stationary points that are printed; of more, the lowest."""

STATED = 3
"""Minima stated by the definition that are printed before the table that finds all of them."""

Domain = Sequence[tuple[float, float]]


def lines(
    definition: Definition,
    constants: Mapping[str, float] | None = None,
    domain: Domain | None = None,
    dim: int | None = None,
) -> list[str]:
    """Title, what it does, formula and derivatives or step rule, facts, options with their defaults, source.

    Of a landscape also its stationary points: `constants` differ from its own, `domain` is searched, `dim` is the
    number of coordinates of a family. Raises UsageError where one of these does not fit.
    """
    known = definition.parameters if definition.has_coordinates else {}
    for name in constants or ():
        if name not in known:
            hint = nearest(name, known) or f"; it has: {', '.join(known) or 'none'}"
            raise UsageError(f"{definition.name} has no constant '{name}'{hint}")
    if definition.has_coordinates:
        body = _landscape(definition, constants or {}, *_size(definition, domain, dim))
    else:
        body = _optimizer(definition)
    document = (inspect.getdoc(definition.function) or "").split("\n")
    summary = definition.summary
    return [
        f"{definition.title} ({definition.kind} {definition.name})",
        *(line if line.strip() else "" for line in document if summary),
        "",
        *body,
        *([f"from {definition.package}"] if definition.package else []),
        *([f"also called {', '.join(definition.aliases)}"] if definition.aliases else []),
        f"source: {definition.source or 'not stated'}",
    ]


def _size(definition: Definition, domain: Domain | None, dim: int | None) -> tuple[int, Domain]:
    """Number of coordinates and the box that is searched."""
    size = definition.size(dim or (len(domain) if domain else None))
    if dim not in (None, size):
        raise UsageError(f"{definition.name} has {size} coordinates, not {dim}; drop --dim {dim}")
    if domain is not None and len(domain) != size:
        example = ",".join(["-2:2", "-1:3", "-2:2"][:size])
        raise UsageError(f"the domain has {len(domain)} ranges for {size} coordinates; type --domain {example}")
    return size, domain or definition.domain(size) or ((-3.0, 3.0),) * size


def _landscape(definition: Definition, constants: Mapping[str, float], size: int, domain: Domain) -> Iterator[str]:
    """The formula and its derivatives with the constants by name, the facts in data units, what an analysis finds."""
    from gdviz.formula import derivation, printing

    variables = definition.variables or derivation.coordinates(size)
    found = derivation.symbolic(definition, variables)
    yield f"f({', '.join(variables)}) = {printing.plain(found.value)}"
    yield f"LaTeX: {derivation.derive(definition, size).symbolic}"
    for name, slope in zip(variables, found.gradient, strict=True):
        yield f"∂f/∂{name} = {printing.plain(slope)}"
    for i, first in enumerate(variables):
        for j, second in enumerate(variables[: i + 1]):
            below = f"∂{first}²" if i == j else f"∂{second}∂{first}"
            yield f"∂²f/{below} = {printing.plain(found.hessian[j][i])}"
    yield ""
    for name, default in definition.parameters.items():
        changed = f", here {constants[name]:g}" if constants.get(name, default) != default else ""
        yield f"constant {name} = {default:g}{changed}, changed by --set {name}={default:g}"
    steps = LandscapeFacts.of(definition).steps
    yield "domain " + ", ".join(f"{low:g} to {high:g}" for low, high in domain)
    if start := definition.start(size):
        yield f"start {_point(start)}" + (f", {steps} step{'s' * (steps != 1)}" if steps is not None else "")
    own = all(value == definition.parameters[name] for name, value in constants.items())
    stated = definition.minima(size) if own else ()
    for *point, lowest in stated[:STATED]:
        yield f"minimum {_point(point)}, value {lowest:g}, as the definition states"
    if (more := len(stated) - STATED) > 0:
        yield f"and {more} more {'minima' if more > 1 else 'minimum'} that it states"
    yield ""
    yield from _analysis(definition, constants, variables, domain)


def _analysis(
    definition: Definition, constants: Mapping[str, float], variables: Sequence[str], domain: Domain
) -> Iterator[str]:
    """A table of the stationary points in the domain, and what is left out of it."""
    from gdviz.analyse import survey

    whole = survey(definition, constants, domain)
    found = whole.points
    if not found:
        yield f"no {'isolated ' if whole.lines else ''}stationary point found in the domain"
    else:
        measured = ("value", "Hessian's eigenvalues", "conditioning", "largest stable rate")
        heads = ("stationary point", *variables, *measured)
        rows = [heads, *(_row(point) for point in found[:LISTED])]
        widths = [max(len(row[i]) for row in rows) for i in range(len(heads))]
        for row in rows:
            yield "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
    if len(found) > LISTED:
        kinds = [point.kind for point in found[LISTED:]]
        counts = ", ".join(_count(kinds.count(kind), kind) for kind in dict.fromkeys(kinds))
        yield f"and {len(kinds)} more, none lower: {counts}"
    yield from map(_line, whole.lines[:LISTED])
    if (more := len(whole.lines) - LISTED) > 0:
        yield f"and {more} more line{'s' if more > 1 else ''}, none lower"
    if any(point.kink for point in found) or any(line.kink for line in whole.lines):
        yield "At a kink the gradient jumps: there, no constant rate lets gradient descent settle."
    yield from (f"Not complete: {gap}." for gap in whole.gaps)


def _line(line: Line) -> str:
    """A line of stationary points in a sentence."""
    kind = {"minimum": "minima", "maximum": "maxima"}.get(line.kind, "degenerate points")
    first, last = (_point([float(f"{c:.4g}") + 0.0 for c in end]) for end in (line.x[0], line.x[-1]))
    way = f"closed, through {first}" if line.closed else f"from {first} to {last}"
    return f"line of {kind}{' at a kink' if line.kink else ''}, {way}, value {line.value:.6g}"


def _row(point: Stationary) -> tuple[str, ...]:
    kind = f"{point.kind} at a kink" if point.kink else point.kind
    if point.kind == "degenerate" and point.lowest:
        kind = "degenerate, lowest"
    numbers = (f"{point.conditioning:.4g}", f"{point.largest_rate:.4g}") if point.conditioning else ("", "")
    eigenvalues = ", ".join(f"{value:.4g}" for value in point.eigenvalues)
    return (kind, *(f"{c:.6g}" for c in point.x), f"{point.value:.6g}", eigenvalues, *numbers)


def _count(number: int, kind: str) -> str:
    plurals = {"minimum": "minima", "maximum": "maxima", "saddle": "saddles"}
    return f"{number} {kind if number == 1 else plurals.get(kind, kind)}"


def _optimizer(definition: Definition) -> Iterator[str]:
    """The rule as it is written, then every option with its symbol, default and allowed values."""
    if body := _body(definition.text):
        yield from (f"  {line}" for line in body)
        yield ""
    for name, default in definition.parameters.items():
        symbol = definition.symbol(name)
        said = ", ".join(filter(None, (symbol if symbol != name else "", range_told(*definition.limits(name)))))
        number = "open" if math.isnan(default) else f"{default:g}"
        yield f"{name} = {number}" + (f"   ({said})" if said else "")
    for name, choice in definition.switches.items():
        others = " or ".join(str(value).lower() for value in definition.choices.get(name, ()))
        yield f"{name} = {str(choice).lower()}" + (f"   ({others})" if others else "")
    for name, values in definition.presets.items():
        said = ", ".join(f"{key}={str(value).lower()}" for key, value in values.items())
        yield f"preset {name}: {said or 'the defaults'}"
    if definition.is_formula and not definition.variadic:
        yield from _slopes(definition)
    yield from KINDS[definition.kind].told(definition)


def _slopes(definition: Definition) -> Iterator[str]:
    """LaTeX of a formula without coordinates, and its derivatives."""
    from gdviz.formula import derivation, printing

    variables = derivation.variables_of(definition, 1)
    found = derivation.symbolic(definition, variables)
    yield f"LaTeX: {derivation.derive(definition).symbolic}"
    for name, slope in zip((name for name in variables if name not in definition.targets), found.gradient, strict=True):
        yield f"∂/∂{name} = {printing.plain(slope)}"


def _body(text: str) -> list[str]:
    """The statements of a function without its decorators, signature and docstring."""
    try:
        tree = ast.parse(text)
    except SyntaxError:
        return []
    function = next((node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)), None)
    if function is None:
        return []
    body = function.body[1:] if ast.get_docstring(function) else function.body
    if not body:
        return []
    rows = text.split("\n")[body[0].lineno - 1 : function.end_lineno]
    return [row[body[0].col_offset :] for row in rows]


def _point(point: tuple[float, ...] | list[float]) -> str:
    return f"({', '.join(f'{coordinate:g}' for coordinate in point)})"
