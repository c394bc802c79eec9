"""Functions lowered statement by statement, each once for the shapes of its arguments and what of them is known.

Arrays that a function answers are handed to it to be filled; those that it computes lie in arrays of its own, whose
lengths are constants. A name keeps one array: `p = jump` copies, which differs from what Python does only where one of
both is changed in place, and that is refused.
"""

from __future__ import annotations

import ast
from collections.abc import Sequence

from gdviz.emit.lowering.frames import WRITTEN, Frame, Result, Wider, base_of
from gdviz.emit.lowering.values import (
    LONG,
    TRUTH,
    Array,
    Bundle,
    Fresh,
    Function,
    Known,
    Lazy,
    Parted,
    Scalar,
    Value,
    cast,
    joined,
    kind_of,
    names_of,
    sizes,
)
from gdviz.emit.operators import leaves


class Body(Frame):
    """A function on its way to text, statement by statement."""

    def block(self, body: Sequence[ast.stmt]) -> None:
        """Lower statements in order."""
        for statement in body:
            self._statement(statement)
            if isinstance(statement, (ast.Return, ast.Break, ast.Continue)):
                return

    def inside(self, body: Sequence[ast.stmt]) -> list[str]:
        """Lines of statements one step further in."""
        before, self.lines = self.lines, []
        self.block(body)
        found, self.lines = self.lines, before
        return [f"    {line}" for line in found] or ["    pass"]

    def _statement(self, statement: ast.stmt) -> None:
        match statement:
            case ast.Expr(value=ast.Constant()) | ast.Pass():
                pass
            case ast.Expr(value=value):
                self.value(value)
            case ast.Assign(targets=[ast.Tuple(elts=targets)], value=value):
                self._assign_all(targets, value)
            case ast.Assign(targets=[target], value=value):
                self._assign_all([target], ast.Tuple([value], ast.Load()))
            case ast.AugAssign(target=target, op=op, value=value):
                self._augment(target, op, value)
            case ast.If(test=test, body=yes, orelse=no):
                self._if(self.value(test), yes, no)
            case ast.For(
                target=target, iter=ast.Call(func=func, args=[ast.IfExp() as turns]), body=body, orelse=[]
            ) if isinstance(turns.orelse, ast.Constant) and turns.orelse.value == 0:
                some = ast.For(target, ast.Call(func, [turns.body], []), body, [])
                self._if(self.value(turns.test), [some], [])
            case ast.For(
                target=ast.Name(id=name), iter=ast.Call(func=ast.Name(id="range"), args=args), body=body, orelse=[]
            ):
                self._for(name, self.values(args), body)
            case ast.While(test=test, body=body, orelse=[]):
                asked, lines = self.beside(test)
                if isinstance(asked, Known) and not asked.value:
                    return
                self.lines.append("while True:")
                self.lines += [f"    {line}" for line in lines]
                if not isinstance(asked, Known):
                    self.lines += [f"    if not {cast(asked, TRUTH)}:", "        break"]
                self.lines += self.inside(body)
            case ast.Break():
                self.lines.append("break")
            case ast.Continue():
                self.lines.append("continue")
            case ast.Return(value=value):
                self._return(value)
            case _:
                told = ast.unparse(statement).splitlines()[0]
                raise self.fault(f"'{told}' is not part of a program's language")

    def _if(self, test: Value, yes: Sequence[ast.stmt], no: Sequence[ast.stmt]) -> None:
        if isinstance(test, Known):
            self.block(yes if test.value else no)
            return
        kind = kind_of(test)
        self.lines.append(f"if {cast(test, kind)}:")
        self.lines += self.inside(yes)
        if no:
            self.lines.append("else:")
            self.lines += self.inside(no)

    def _for(self, name: str, ends: Sequence[Value], body: Sequence[ast.stmt]) -> None:
        known = [end.value for end in ends if isinstance(end, Known)]
        if len(known) == len(ends):
            turns = range(*known)
            if len(turns) == 0:
                return
            if (len(turns) <= WRITTEN or self._looks_up(name, body)) and not leaves(body):
                for at in turns:
                    self.env[name] = Known(at)
                    self.block(body)
                return
        self.env[name] = Scalar(name, LONG)
        texts = [str(end.value) if isinstance(end, Known) else cast(end, LONG) for end in ends]
        self.lines.append(f"for {name} in range({', '.join(texts)}):")
        self.lines += self.inside(body)

    def _looks_up(self, name: str, body: Sequence[ast.stmt]) -> bool:
        """Whether statements ask known numbers by a name."""
        for node in (n for statement in body for n in ast.walk(statement) if isinstance(n, ast.Subscript)):
            base = self.env.get(node.value.id) if isinstance(node.value, ast.Name) else None
            asks = any(isinstance(n, ast.Name) and n.id == name for n in ast.walk(node.slice))
            if (asks and isinstance(base, Known)) or (isinstance(base, Parted) and base.is_told):
                return True
        return False

    def _assign_all(self, targets: Sequence[ast.expr], value: ast.expr) -> None:
        """Assign to one or more targets, all values being taken first."""
        alone = isinstance(value, ast.Tuple) and len(value.elts) == len(targets)
        if alone and len(targets) == 1 and isinstance(value, ast.Tuple):
            (node,) = value.elts
            self._assign(targets[0], self._called_for(node, targets), isinstance(node, ast.Call))
            return
        if alone and isinstance(value, ast.Tuple) and not any(isinstance(e, ast.Starred) for e in value.elts):
            found = self.values(value.elts)
        else:
            found = self.members(self._called_for(value, targets))
        if len(found) != len(targets):
            raise self.fault(f"'{ast.unparse(value)}' has another length than its targets")
        names = {base_of(target) for target in targets}
        found = [self._apart(v, names) if alone and len(targets) > 1 else v for v in found]
        for target, one in zip(targets, found, strict=True):
            self._assign(target, one)

    def _apart(self, value: Value, names: set[str]) -> Value:
        """A value that does not change where some names are assigned anew."""
        if not names_of(value) & names:
            return value
        return self.kept(value.text, value.kind) if isinstance(value, Scalar) else self.aside(value)

    def _called_for(self, node: ast.expr, targets: Sequence[ast.expr]) -> Value:
        """A value; arrays that a call answers go straight to where they are wanted."""
        function = self.value(node.func) if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) else None
        if not (isinstance(node, ast.Call) and isinstance(function, Known) and isinstance(function.value, Function)):
            return self.value(node)
        outs: list[Array | None] = []
        for target in targets:
            where = self.env.get(target.id) if isinstance(target, ast.Name) else None
            if isinstance(target, ast.Subscript):
                where = self.part(self.value(target.value), target.slice)
            outs.append(where if isinstance(where, Array) else None)
        return self.call(function.value, self.values(node.args), outs)

    def _assign(self, target: ast.expr, value: Value, is_called: bool = False) -> None:
        """`is_called`: the value is what a call answers, which nobody else asks for."""
        if isinstance(target, ast.Subscript):
            where = self.part(self.value(target.value), target.slice)
            if isinstance(where, Scalar):
                self.changes |= {where.text.partition("[")[0]} & {*self.parameters}
            if isinstance(where, Array):
                self.fill(where, value)
            elif isinstance(where, Scalar):
                self.lines.append(f"{where.text} = {cast(value, where.kind)}")
            else:
                raise self.fault(f"'{ast.unparse(target)}' is known and cannot be assigned")
            return
        if not isinstance(target, ast.Name):
            raise self.fault(f"'{ast.unparse(target)}' is nothing that can be assigned")
        name = target.id
        if name == "_":
            return
        if isinstance(value, (Array, Lazy, Fresh)):
            self._assign_array(name, value)
        elif isinstance(value, Parted):
            self.env[name] = value
        elif isinstance(value, Bundle):
            self.env[name] = Bundle(tuple(self._frozen(name, part) for part in value.values))
        elif isinstance(value, Known) and (self.assigned[name] == 1 or not isinstance(value.value, (int, float))):
            self.env[name] = value
        else:
            kind = self._kind(name, kind_of(value))
            self.env[name] = Scalar(name, kind)
            text = cast(value, kind)
            if is_called and text in self.temporary and self.lines and self.lines[-1].startswith(f"{text} = "):
                text = self.lines.pop().partition(" = ")[2]
            self.lines.append(f"{name} = {text}")

    def _assign_array(self, name: str, value: Value) -> None:
        there = self.env.get(name)
        if isinstance(value, Array):
            if value == there:
                return
            given = value.name in self.parameters and value.name not in self.assigned and self._is_lasting(value)
            if self.assigned[name] == 1 and (given or value.name in self.temporary):
                self.env[name] = value  # what it is the name of never becomes another array
                return
            if name in self.stored_in or value.name in self.stored_in:
                raise self.fault(
                    f"'{name}' is another name of an array that is changed in place, where {name} = 1.0 * … copies it"
                )
        if isinstance(there, Array):
            self.fill(there, value)
            return
        self.env[name] = self.array(name, name, value)

    def _is_lasting(self, value: Array) -> bool:
        """Whether an array is the same part of what has the name for as long as its own name holds."""
        return names_of(value) - {value.name} <= self.turns | (set(self.parameters) - set(self.assigned))

    def _frozen(self, name: str, part: Value) -> Value:
        """A member of a tuple, which keeps what it is when variables change."""
        if isinstance(part, Scalar) and part.text not in self.temporary:
            return self.kept(part.text, part.kind)
        return self.array(None, self.names.fresh(name), part) if isinstance(part, (Lazy, Fresh)) else part

    def _augment(self, target: ast.expr, op: ast.operator, value: ast.expr) -> None:
        before = ast.parse(ast.unparse(target), mode="eval").body
        found = self.value(ast.BinOp(before, op, value))
        self._assign(target, found)

    def _return(self, value: ast.expr | None) -> None:
        if value is None:
            self._answer((), False)
            self.lines.append("return")
            return
        found = self.value(value)
        alone = not isinstance(found, Bundle)
        values: list[Value] = list(found.values) if isinstance(found, Bundle) else [found]
        results = tuple(
            v if isinstance(v, Known) and v.value is None else (kind_of(v), sizes(getattr(v, "shape", ())))
            for v in values
        )
        self._answer(results, alone)
        assert self.results is not None
        targets: dict[int, Array] = {}
        for i, one in enumerate(values):
            if isinstance(one, (Array, Lazy, Fresh)):
                there = (
                    self.env[str(self.into[i])]
                    if self.taker(i)
                    else Array.named(f"out_{i}", one.kind, sizes(one.shape))
                )
                assert isinstance(there, Array)
                targets[i] = there
        written = {target.name for i, target in targets.items() if target != values[i]}
        numbers = []
        for i, (one, result) in enumerate(zip(values, self.results, strict=True)):
            if i in targets:
                values[i] = self._apart(one, written - {targets[i].name})
            elif not isinstance(result, Known):
                number = self._apart(Scalar(cast(one, result[0]), result[0]), written)
                numbers.append(cast(number, result[0]))
        for i, target in targets.items():
            self.fill(target, values[i])
        self.lines.append(f"return {', '.join(numbers)}".rstrip())

    def _answer(self, results: tuple[Result, ...], alone: bool) -> None:
        """Note what is answered; every return has to answer the same."""
        if self.results is None:
            kinds = [self.presets.get(f"return {i}", "") for i in range(len(results))]
            self.results = tuple(
                r if isinstance(r, Known) or not k else (k, r[1]) for r, k in zip(results, kinds, strict=True)
            )
            self.alone = alone
        for i, (ours, theirs) in enumerate(zip(self.results, results, strict=False)):
            if isinstance(ours, Known) or isinstance(theirs, Known):
                continue
            if joined(ours[0], theirs[0]) != ours[0] and not ours[1]:
                raise Wider(f"return {i}", joined(ours[0], theirs[0]))
            if ours[1] != theirs[1]:
                raise self.fault("it answers arrays of different shapes")
        if len(results) != len(self.results):
            raise self.fault("it answers more in one place than in another")
