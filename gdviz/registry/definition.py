"""One definition, of whatever kind: its function, and all that follows from it."""

from __future__ import annotations

import ast
import dataclasses
import inspect
import math
import textwrap
from collections.abc import Callable, Iterable, Mapping
from functools import cached_property
from typing import Any

from gdviz.errors import UsageError, nearest
from gdviz.registry import sources
from gdviz.registry.facts import Facts, OptionFacts, StateFacts, SymbolFacts
from gdviz.registry.kinds import KINDS
from gdviz.registry.kinds.landscape import LandscapeFacts, Places
from gdviz.registry.kinds.optimizer import ForeignFacts, OptimizerFacts
from gdviz.registry.vocabulary import AT_START, BELOW_1, INDICES, SYMBOLS


@dataclasses.dataclass(frozen=True, eq=False)
class Definition:
    """One definition: its function and all that follows from it.

    `variables` are those of a formula in order (of a landscape its coordinates; what `variadic` stands for is not
    among them), `inputs` what an optimizer asks its
    driver for, `state` its state in order, `scalars` those of them that are one number per run, `shapes` the axes of
    those annotated with some ("memory,dim": hyperparameters, numbers, or dim), `parameters` constants or
    hyperparameters with their defaults, `switches` the options that are folded in before a run.
    """

    kind: str
    name: str
    function: Callable[..., Any]
    facts: Facts
    variables: tuple[str, ...]
    variadic: bool
    inputs: tuple[str, ...]
    state: tuple[str, ...]
    scalars: frozenset[str]
    shapes: Mapping[str, tuple[str, ...]]
    parameters: Mapping[str, float]
    switches: Mapping[str, str | bool]

    def __deepcopy__(self, memo: Any) -> Definition:
        """Itself: nothing in it changes."""
        return self

    @property
    def title(self) -> str:
        """The name as a person writes it; translations are the language files' matter."""
        return str(self.facts.title or self.name.replace("_", " ").capitalize())

    @property
    def summary(self) -> str:
        """First line of the function's docstring."""
        return (inspect.getdoc(self.function) or "").strip().split("\n")[0]

    @property
    def source(self) -> str:
        """Paper or book the definition comes from."""
        return self.facts.source

    @property
    def aliases(self) -> tuple[str, ...]:
        """Other names people know it by."""
        return tuple(self.facts.aliases)

    @property
    def presets(self) -> Mapping[str, Mapping[str, float | str | bool]]:
        """Named sets of hyperparameters and switches: a library's or a lecture's convention."""
        return OptionFacts.of(self).presets

    @property
    def has_coordinates(self) -> bool:
        """Whether it is a formula of coordinates: a landscape."""
        return KINDS[self.kind].has_coordinates

    @property
    def is_formula(self) -> bool:
        """Whether only its value is written, from which derivatives follow."""
        return KINDS[self.kind].is_formula

    @property
    def targets(self) -> frozenset[str]:
        """Variables that it is not derived by."""
        return KINDS[self.kind].targets

    @property
    def dimension(self) -> int | None:
        """Number of coordinates of a landscape; None for a family of any dimension."""
        return None if self.variadic else len(self.variables)

    def size(self, dimension: int | None = None) -> int:
        """Number of coordinates: a landscape's own; of a family `dimension`, else that of its stated places, else 2."""
        facts = LandscapeFacts.of(self)
        places = (facts.domain, facts.start)
        return self.dimension or dimension or next((len(p) for p in places if p and not callable(p)), 2)

    def domain(self, dimension: int | None = None) -> tuple[tuple[float, float], ...]:
        """Low and high end of every coordinate, data units; empty where none is stated."""
        return tuple(
            (float(low), float(high)) for low, high in _entries(LandscapeFacts.of(self).domain, self.size(dimension))
        )

    def start(self, dimension: int | None = None) -> tuple[float, ...]:
        """Where runs start unless told otherwise, data units; empty where none is stated."""
        return tuple(float(c) for c in _entries(LandscapeFacts.of(self).start, self.size(dimension)))

    def minima(self, dimension: int | None = None) -> tuple[tuple[float, ...], ...]:
        """Coordinates and value of every minimum that is stated for so many coordinates, lowest first."""
        stated, size = LandscapeFacts.of(self).minima or (), self.size(dimension)
        places = stated(size) if callable(stated) else stated
        return tuple(tuple(map(float, place)) for place in places if len(place) == size + 1)

    def symbol(self, parameter: str) -> str:
        """How legends write a hyperparameter; that of a layer, `lr.2`, has its number as an index."""
        name, _, layer = parameter.partition(".")
        return (SymbolFacts.of(self).symbols.get(name) or SYMBOLS.get(name, name)) + layer.translate(INDICES)

    def differing(self, options: Mapping[str, Any]) -> dict[str, Any]:
        """Those of its options that have another value than by default."""
        usual = {**self.parameters, **self.switches}
        return {key: value for key, value in options.items() if value != usual[key]}

    def limits(self, parameter: str) -> tuple[float, float]:
        """Least and largest value of a parameter, both allowed. A landscape's constants have those it states only."""
        usual = KINDS[self.kind].limits.get(parameter, (-math.inf, math.inf))
        low, high = self.facts.limits.get(parameter, usual)
        return float(low), float(high)

    def check_together(self, options: Mapping[str, Any]) -> None:
        """Raise UsageError for options that the fact `refused=` says have no sense together.

        It maps what is wrong and what to do about it to a condition on the options that it asks for by name.
        """
        for reason, holds in StateFacts.of(self).refused.items():
            asked = {name: options[name] for name in inspect.signature(holds).parameters}
            if holds(**asked):
                said = [f"{name} = {value:g}" if isinstance(value, float) else f"{name} = {value}"
                        for name, value in asked.items()]  # fmt: skip
                raise UsageError(f"{self.name}: with {' and '.join(said)} {reason}")

    @property
    def stabilizers(self) -> frozenset[str]:
        """Hyperparameters that only keep a divisor from 0: ε, and those that the fact `stabilizers=` names."""
        named = {*KINDS[self.kind].stabilizers, *OptimizerFacts.of(self).stabilizers}
        return frozenset(named & set(self.parameters))

    def stabilized(self, options: Mapping[str, Any], tiny: float) -> dict[str, Any]:
        """Options as a run computes with them: the dtype's smallest normal number in place of a stabilizer's 0.

        No other number notices it, but 0 / 0 becomes 0: a coordinate without a gradient stays where it is.
        """
        return {k: v + tiny * (v == 0) if k in self.stabilizers else v for k, v in options.items()}

    def check_limits(self, parameter: str, value: float) -> None:
        """Raise UsageError for a value of a parameter, or one that it takes during a run, beyond its limits."""
        low, high = self.limits(parameter)
        if not low <= value <= high:
            raise UsageError(f"{self.name}: {parameter} is {value:g}; it must be {range_told(low, high)}")

    def check_constants(self, names: Iterable[str]) -> None:
        """Raise UsageError for the first of these names that is none of its constants."""
        if (name := next((name for name in sorted(names) if name not in self.parameters), None)) is not None:
            hint = nearest(name, self.parameters) or f"; it has: {', '.join(self.parameters) or 'none'}"
            raise UsageError(f"{self.name} has no constant '{name}'{hint}")

    def counts(self, parameter: str) -> bool:
        """Whether a parameter counts something."""
        return parameter in (KINDS[self.kind].whole if self.facts.whole is None else self.facts.whole)

    def check_whole(self, parameter: str, value: float) -> None:
        """Raise UsageError for a value of a parameter that counts something and is no whole number."""
        if not value.is_integer() and self.counts(parameter):
            raise UsageError(f"{self.name}: {parameter} is {value:g}; it must be a whole number")

    @cached_property
    def text(self) -> str:
        """Source text of the function; its bytecode where there is no text, as for functions typed into a shell."""
        if typed := getattr(self.function, "definition_text", None):
            return str(typed)
        try:
            return sources.text_of(self.function)
        except (OSError, TypeError):
            code = getattr(self.function, "__code__", None)
            return (
                f"{code.co_code!r} {code.co_consts!r} {code.co_names!r}" if code else sources.object_text(self.function)
            )

    @property
    def package(self) -> str:
        """Of a foreign definition, what it comes from and its version, as in `torch 2.13.0`; else empty."""
        return ForeignFacts.of(self).package

    @property
    def searches_rate(self) -> bool:
        """Whether `lr` is searched on the command line where nobody states it.

        Rules that call the landscape back and have a rate of 1 (Newton, line searches) keep it: it is natural. So do
        those that say `natural=True`, because they find the length of their steps themselves.
        """
        own = self.rule != "vector" and self.parameters.get("lr", 1.0) == 1.0
        stated = OptimizerFacts.of(self).natural
        return "lr" in self.parameters and not (own if stated is None else stated)

    def spelled(self, options: Mapping[str, Any]) -> dict[str, Any]:
        """Options under the names of this definition: what another package calls `learning_rate` is `lr`.

        Raises UsageError where one is given under both names.
        """
        own = ForeignFacts.of(self).spelled
        for other, name in own.items():
            if {other, name} <= options.keys():
                raise UsageError(f"{self.name}: {other} and {name} are the same option; give one of them")
        return {own.get(key, key): value for key, value in options.items()}

    @cached_property
    def digest(self) -> str:
        """Hash of the text and of all that it depends on, or a package and its version.

        Recipes record it, so that a change is noticed. What it depends on are helpers and constants that the function
        and those among the facts read, and what closures hold. The prefix says so: hashes without one, of earlier
        versions, are of the text alone.
        """
        if self.package:
            return f"package:{self.package}"
        stated = sorted(field.name for field in dataclasses.fields(self.facts))
        given = (fact for name in stated if inspect.isfunction(fact := getattr(self.facts, name)))
        held = "" if hasattr(self.function, "definition_text") else sources.held(self.function)
        told = "\n".join((self.text + held, *map(sources.told, given)))
        return f"closure:{sources.sha256(told.encode())[:16]}"

    @property
    def init(self) -> Mapping[str, float | str]:
        """Where state begins that does not begin at 0; see StateFacts."""
        return StateFacts.of(self).init

    @property
    def at(self) -> Callable[..., Any] | None:
        """Where an optimizer takes value and gradient, if not at x."""
        return OptimizerFacts.of(self).at

    @property
    def shown(self) -> Callable[..., Any] | None:
        """What of an optimizer is recorded, if not x."""
        return OptimizerFacts.of(self).shown

    @property
    def anchored(self) -> frozenset[str]:
        """State that begins as the point where a run starts: `init={"z": "x0"}`."""
        return frozenset(name for name, start in self.init.items() if start == AT_START)

    @cached_property
    def rule(self) -> str:
        """Kind of an optimizer: "vector" (straight-line), "program" (calls back, loops or branches) or "host"."""
        if inspect.isgeneratorfunction(self.function):
            return "host"
        if {"value", "gradient", "hessian"} & set(self.inputs) or self.shapes:
            return "program"
        branches = (
            node
            for node in ast.walk(self._tree)
            if isinstance(node, (ast.For, ast.While))
            or (isinstance(node, (ast.If, ast.IfExp)) and not self._asks_switches(node.test))
        )
        return "program" if next(branches, None) is not None else "vector"

    @cached_property
    def needs_arrays(self) -> bool:
        """Whether a program rule takes its coordinates by number, so that it cannot be tried with plain numbers."""
        nodes = [*ast.walk(self._tree)]
        indexed = any(isinstance(node, ast.Subscript) for node in nodes)
        return bool(self.shapes) or (self.rule == "program" and indexed)

    @cached_property
    def returns(self) -> tuple[int, ...]:
        """How many values each `return` of the function lists; 1 for one that lists none."""
        found = [node.value for node in ast.walk(self._tree) if isinstance(node, ast.Return)]
        return tuple(len(value.elts) if isinstance(value, ast.Tuple) else 1 for value in found)

    @cached_property
    def is_answered(self) -> bool:
        """Whether a host rule wants the value at the points that it yields: `f = yield x` instead of `yield x`."""
        if "calls" in self.inputs:
            return False
        yields = [node for node in ast.walk(self._tree) if isinstance(node, ast.Yield)]
        alone = [n.value for n in ast.walk(self._tree) if isinstance(n, ast.Expr) and isinstance(n.value, ast.Yield)]
        return len(alone) < len(yields) or not yields

    @cached_property
    def choices(self) -> Mapping[str, tuple[str | bool, ...]]:
        """Allowed values of every switch: its default and what the function, `at=` and `shown=` compare it with."""
        free = ForeignFacts.of(self).free  # these take any text
        found: dict[str, dict[str | bool, None]] = {
            name: {value: None} for name, value in self.switches.items() if name not in free
        }
        for name, value in self.switches.items():
            if isinstance(value, bool):
                found[name] = {value: None, not value: None}
        parts = filter(None, (self.at, self.shown))
        trees = [self._tree, *(_tree_of(textwrap.dedent(inspect.getsource(part))) for part in parts)]
        for node in (node for tree in trees for node in ast.walk(tree)):
            if isinstance(node, ast.Compare) and isinstance(node.left, ast.Name) and node.left.id in found:
                for other in node.comparators:
                    for constant in ast.walk(other):
                        if isinstance(constant, ast.Constant) and isinstance(constant.value, str):
                            found[node.left.id][constant.value] = None
        return {name: tuple(values) for name, values in found.items()}

    @cached_property
    def _tree(self) -> ast.AST:
        return sources.tree_of(self.function) or _tree_of(self.text)

    def _asks_switches(self, test: ast.expr) -> bool:
        names = {node.id for node in ast.walk(test) if isinstance(node, ast.Name)}
        return bool(names) and names <= set(self.switches)


def _entries(stated: Places | None, size: int) -> tuple[Any, ...]:
    """An entry for each coordinate; those of a family repeat themselves in more coordinates."""
    entries = stated(size) if callable(stated) else stated
    return tuple(entries[i % len(entries)] for i in range(size)) if entries else ()


def _tree_of(text: str) -> ast.AST:
    try:
        return ast.parse(text)
    except (SyntaxError, ValueError):  # no source text: a typed formula, or bytecode in its place
        return ast.Module(body=[], type_ignores=[])


def range_told(low: float, high: float) -> str:
    """Limits in words: "0 or more", "1 or less", "from 0 to 1", "from 0 to below 1"; empty without any."""
    if math.isinf(high):
        return "" if math.isinf(low) else f"{low:g} or more"
    top = "below 1" if high == BELOW_1 else f"{high:g}"
    return f"{high:g} or less" if math.isinf(low) else f"from {low:g} to {top}"
