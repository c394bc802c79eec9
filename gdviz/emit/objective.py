"""A landscape as the text of tile kernels: the derived straight-line text, one loop over lanes.

    value(W, c, draw)      f at `@point`              → row `f`
    gradient(W, c, draw)   its partial derivatives    → rows `g`
    both(W, c, draw)       f and its derivatives, sharing their common parts

W: dtype[rows * L], see layout; c: dtype[constant]; draw: int64[2 + L], see gdviz.objectives.objective.Draw, which only
objectives with batches read. The operations and their order are those of the derived text, which
is what the python backend runs, so that both round alike.
"""

from __future__ import annotations

import ast
import dataclasses
from collections.abc import Iterable, Mapping

from gdviz.emit.expression import POWER, EmissionError, Kind, Level, Printer, Value, folded, judge, needed
from gdviz.emit.head import Head
from gdviz.emit.rule import RESERVED, Names
from gdviz.formula.derivation import Derived


@dataclasses.dataclass(frozen=True, eq=False)
class Straight:
    """One derived function: assignments in order and the flat tuple it returns."""

    variables: tuple[str, ...]
    constants: tuple[str, ...]
    names: Mapping[str, Value]
    assignments: tuple[tuple[str, ast.expr], ...]
    results: tuple[ast.expr, ...]


def straight(
    derived: Derived, function: str, chosen: Mapping[str, str] | None = None, taken: Iterable[str] = ()
) -> Straight:
    """Read a function of a derived text; names are made unique to it, and to some that are taken.

    `chosen` are words for some of its variables, as they stand. Raises EmissionError.
    """
    if not derived.text:
        raise EmissionError(f"{derived.definition.name} is a Python function that is called, not a formula")
    tree = ast.parse(derived.text)
    found = next(n for n in tree.body if isinstance(n, ast.FunctionDef) and n.name == function)
    arguments = tuple(argument.arg for argument in found.args.args)  # constants may be called otherwise in texts
    variables, constants = arguments[: len(derived.variables)], arguments[len(derived.variables) :]
    given = chosen or {}
    fresh = Names({*RESERVED, *given.values(), *taken})
    words = {name: given.get(name) or fresh.fresh(name) for name in arguments}
    names = {words[name]: Value(Kind.REAL, Level.COORDINATE) for name in variables}
    names |= {words[name]: Value(Kind.REAL, Level.STEP) for name in constants}
    assignments: list[tuple[str, ast.expr]] = []
    results: tuple[ast.expr, ...] = ()
    for statement in found.body:
        match statement:
            case ast.Assign(targets=[ast.Name(id=name)], value=value):
                expression = _canonical(value, words)
                words[name] = fresh.fresh(name.lstrip("_"))
                names[words[name]] = judge(expression, names)
                assignments.append((words[name], expression))
            case ast.Return(value=ast.expr() as value):
                results = tuple(_canonical(item, words) for item in _flat(value))
            case _:
                raise EmissionError(f"{derived.definition.name}: '{ast.unparse(statement)}' is not straight-line")
    return Straight(
        tuple(words[name] for name in variables),
        tuple(words[name] for name in constants),
        names,
        tuple(assignments),
        results,
    )


def _flat(node: ast.expr) -> list[ast.expr]:
    return [leaf for item in node.elts for leaf in _flat(item)] if isinstance(node, ast.Tuple) else [node]


def _canonical(node: ast.expr, words: Mapping[str, str]) -> ast.expr:
    """The expression with its own names, constants folded as Python folds them, powers called by name."""
    match node:
        case ast.Name(id=name):
            return ast.Name(words[name])
        case ast.UnaryOp(op=op, operand=operand):
            return folded(ast.UnaryOp(op, _canonical(operand, words)))
        case ast.BinOp(left=left, op=op, right=right):
            return folded(ast.BinOp(_canonical(left, words), op, _canonical(right, words)))
        case ast.Compare(left=left, ops=ops, comparators=[right]):
            return ast.Compare(_canonical(left, words), ops, [_canonical(right, words)])
        case ast.Call(func=ast.Name(id="pow"), args=args):
            return ast.Call(ast.Name(POWER), [_canonical(a, words) for a in args], [])
        case ast.Call(func=func, args=args):
            return folded(ast.Call(func, [_canonical(a, words) for a in args], []))
    return node


def objective_text(derived: Derived) -> str:
    """Emit `value`, `gradient` and `both`. Raises EmissionError where a formula cannot become a kernel."""
    dim = len(derived.variables)
    value = straight(derived, "value")
    shared = straight(derived, "value_and_gradient")
    g = {dim + d: result for d, result in enumerate(shared.results[1:])}
    return "\n\n".join(
        (
            _kernel("value", value, {2 * dim: value.results[0]}),
            _kernel("gradient", shared, g),
            _kernel("both", shared, {2 * dim: shared.results[0], **g}),
        )
    )


def _kernel(name: str, source: Straight, results: Mapping[int, ast.expr]) -> str:
    """One kernel; `results` are expressions by the row they go to."""
    names = dict(source.names)
    printer = Printer(names)
    head = Head(names, Names({*names, *RESERVED}))
    head.lines = [f"{word} = c[{i}]" for i, word in enumerate(source.constants)]
    inside: list[tuple[str, ast.expr]] = []
    for word, expression in source.assignments:
        if names[word].level is Level.COORDINATE:
            inside.append((word, head.lift(expression)))
        else:
            head.assign(word, expression)
    stores = {row: head.lift(expression) for row, expression in results.items()}
    loads = [f"{word} = W[{d} * L + j]" for d, word in enumerate(source.variables)]
    wanted = needed(stores.values(), inside)
    body = [*loads, *(f"{w} = {printer.text(v)}" for w, v in inside if w in wanted)]
    body += [f"W[{row} * L + j] = {printer.real(value)}" for row, value in stores.items()]
    whole = [*head.lines, "for j in range(L):", *(f"    {line}" for line in body)]
    return "\n".join([f"def {name}(W, c, draw):", *(f"    {line}" for line in whole)]) + "\n"
