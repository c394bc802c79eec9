"""A definition in words and formulas, as `gdviz show` prints it."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Iterator

from gdviz.registry import Definition


def lines(definition: Definition) -> list[str]:
    """Title, what it does, formula and derivatives or step rule, facts, options with their defaults, source."""
    document = (inspect.getdoc(definition.function) or "").split("\n")
    return [
        f"{definition.title} ({definition.kind} {definition.name})",
        *(line if line.strip() else "" for line in document),
        "",
        *(_landscape(definition) if definition.kind == "landscape" else _optimizer(definition)),
        *([f"also called {', '.join(definition.aliases)}"] if definition.aliases else []),
        f"source: {definition.source or 'not stated'}",
    ]


def _landscape(definition: Definition) -> Iterator[str]:
    """The formula and its derivatives with the constants by name, and the facts in data units."""
    import sympy

    from gdviz.formula import derivation

    variables = definition.variables or derivation.coordinates(2)
    x = [sympy.Symbol(name, real=True) for name in variables]
    constants = {name: sympy.Symbol(name, real=True) for name in definition.parameters}
    value = sympy.sympify(definition.function(*x, **constants))
    given = definition.facts.get("gradient")
    gradient = given(*x, **constants) if given else [sympy.diff(value, symbol) for symbol in x]
    yield f"f({', '.join(variables)}) = {sympy.sstr(value)}"
    for name, slope in zip(variables, gradient, strict=True):
        yield f"∂f/∂{name} = {sympy.sstr(sympy.sympify(slope))}"
    yield ""
    for name, default in definition.parameters.items():
        yield f"constant {name} = {default:g}, changed by --set {name}={default:g}"
    facts = definition.facts
    if domain := facts.get("domain"):
        yield "domain " + ", ".join(f"{low:g} to {high:g}" for low, high in domain)
    if start := facts.get("start"):
        yield f"start {_point(start)}" + (f", {facts['steps']} steps" if "steps" in facts else "")
    for *point, lowest in facts.get("minima", ()):
        yield f"minimum {_point(point)}, value {lowest:g}"


def _optimizer(definition: Definition) -> Iterator[str]:
    """The rule as it is written, then every option with its symbol, default and allowed values."""
    for line in _body(definition.text):
        yield f"  {line}"
    yield ""
    for name, default in definition.parameters.items():
        symbol = definition.symbol(name)
        yield f"{name} = {default:g}" + (f"   ({symbol})" if symbol != name else "")
    for name, choice in definition.switches.items():
        others = " or ".join(str(value).lower() for value in definition.choices[name])
        yield f"{name} = {str(choice).lower()}   ({others})"
    for name, values in definition.presets.items():
        said = ", ".join(f"{key}={str(value).lower()}" for key, value in values.items())
        yield f"preset {name}: {said or 'the defaults'}"


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
