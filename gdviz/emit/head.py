"""The head of a tile kernel: what is the same for all lanes, computed once a step, before the loop over them."""

from __future__ import annotations

import ast
import copy
from typing import Any

from gdviz.emit.expression import Level, Printer, Value, called, judge
from gdviz.emit.rule import Names


class Head:
    """Collects the lines before the loop; `names` (kind and level of every variable) grows with what is lifted."""

    def __init__(self, names: dict[str, Value], fresh: Names) -> None:
        self.names = names
        self.fresh = fresh
        self.lines: list[str] = []
        self.lifted: dict[str, str] = {}
        self.calls: dict[str, list[str]] = {}
        """Calls that stand for a variable, chosen by their first argument."""

    def lift(self, node: ast.expr) -> ast.expr:
        """The expression with every part that is the same for all lanes replaced by a variable of the head."""
        result: ast.expr = _Lifting(self).visit(copy.deepcopy(node))
        return result

    def kept(self, node: ast.expr, value: Value) -> ast.Name:
        """The variable that holds an expression."""
        text = Printer(self.names).text(node)
        if text not in self.lifted:
            word = self.lifted[text] = self.fresh.fresh("k")
            self.names[word] = value
            self.lines.append(f"{word} = {text}")
        return ast.Name(self.lifted[text])

    def assign(self, name: str, node: ast.expr) -> None:
        """A variable of the rule that belongs before the loop."""
        text = Printer(self.names).text(self.lift(node))
        self.lines.append(f"{name} = {text}")


class _Lifting(ast.NodeTransformer):
    def __init__(self, head: Head) -> None:
        self.head = head

    def visit(self, node: ast.AST) -> Any:
        if not isinstance(node, ast.expr):
            return node
        if (name := called(node)) in self.head.calls:
            return ast.Name(self.head.calls[name][node.args[0].value])  # type: ignore[attr-defined,index]
        value = judge(node, self.head.names)
        if isinstance(node, ast.Call):  # its function is a name, but no variable
            node.args = [self.visit(a) for a in node.args]
        else:
            self.generic_visit(node)
        if value.level is not Level.STEP or isinstance(node, (ast.Name, ast.Constant)):
            return node
        return self.head.kept(node, value)
