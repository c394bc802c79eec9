"""What a factory's signature says about its options, and how their values are typed.

A value is typed as a number, `true` or `false`, `none`, a word, or several of these with '/' between them: `0.9/0.999`
is the tuple (0.9, 0.999). Shells leave '/' alone; ';' does the same inside quotes.
"""

from __future__ import annotations

import dataclasses
import inspect
import math
import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from gdviz.errors import UsageError, nearest
from gdviz.registry.definition import Definition
from gdviz.registry.kinds.optimizer import ForeignFacts
from gdviz.registry.names import normal

SYMBOLS = {"betas": "β", "b1": "β₁", "b2": "β₂", "momentum": "μ", "weight_decay": "λ", "alpha": "α"}
"""How legends write options that only foreign optimizers call so."""

RATES = ("lr", "learning_rate")
"""What factories call the rate."""


@dataclasses.dataclass(frozen=True)
class Options:
    """Options of one factory under their own names, except that its rate is `lr`.

    parameters: those whose default is a number, NaN where there is none; switches: the others, with their default as it
    is typed; free: switches that take any text; whole: parameters that are whole numbers; rate: the factory's own name
    of `lr`, or ""; natural: whether the factory leaves the rate open.
    """

    parameters: Mapping[str, float]
    switches: Mapping[str, str | bool]
    free: frozenset[str]
    whole: frozenset[str]
    rate: str
    natural: bool

    def arguments(self, where: str, given: Mapping[str, Any]) -> dict[str, Any]:
        """Keyword arguments for the factory: what differs from its defaults, and a rate that is stated."""
        result: dict[str, Any] = {}
        for name, value in given.items():
            if name in self.parameters:
                if name != "lr" and value == self.parameters[name]:
                    continue
                if math.isnan(value):
                    if name == "lr" and self.natural:
                        continue
                    said = "lr=0.1 or lr=auto" if name == "lr" else f"{name}=NUMBER"
                    raise UsageError(f"{where} states no {name} of its own; type {where}:{said}")
                result[self.rate if name == "lr" else name] = int(value) if name in self.whole else float(value)
            elif value != self.switches[name]:
                result[name] = self._typed(where, name, value)
        return result

    def _typed(self, where: str, name: str, value: Any) -> Any:
        made, default = read(value) if isinstance(value, str) else value, read(str(self.switches[name]))
        if isinstance(default, tuple) and not (isinstance(made, tuple) and len(made) == len(default)):
            raise UsageError(
                f"{where}: {name} is {value}; it must be {len(default)} values, as in {name}={self.switches[name]}"
            )
        return made


def options_of(where: str, factory: Any, own: tuple[str, ...] = ()) -> Options:
    """The options of a factory, without its arguments `own`.

    Raises UsageError where it needs something that cannot be typed, such as another optimizer.
    """
    parameters: dict[str, float] = {}
    switches: dict[str, str | bool] = {}
    free, whole = set(), set()
    rate, natural = "", False
    for item in inspect.signature(factory).parameters.values():
        if item.name in own or item.kind in (item.VAR_POSITIONAL, item.VAR_KEYWORD):
            continue
        default = item.default
        if item.name in RATES:
            rate, natural = item.name, default is None
            parameters["lr"] = float(default) if isinstance(default, (int, float)) else math.nan
        elif default is item.empty:
            if not re.search(r"\b(int|float|ArrayLike|number)\b", str(item.annotation)):
                raise UsageError(f"{where} needs {item.name}, which cannot be typed; choose another optimizer")
            parameters[item.name] = math.nan
        elif isinstance(default, bool):
            switches[item.name] = default
        elif isinstance(default, (int, float)):
            parameters[item.name] = float(default)
        elif default is None or isinstance(default, (str, tuple)):
            switches[item.name] = written(default)
            free.add(item.name)
        if _is_whole(item) and item.name in parameters:
            whole.add(item.name)
    return Options(
        MappingProxyType(parameters), MappingProxyType(switches), frozenset(free), frozenset(whole), rate, natural
    )


def _is_whole(item: inspect.Parameter) -> bool:
    if item.annotation in (int, "int"):
        return True
    unspecific = item.annotation not in (float, "float")
    return unspecific and isinstance(item.default, int) and not isinstance(item.default, bool)


def read(text: str) -> Any:
    """The value of a typed option."""
    parts = re.split("[/;]", text.strip().strip("()[]"))
    if len(parts) > 1:
        return tuple(read(part) for part in parts if part.strip())
    word = parts[0].strip()
    constants = {"none": None, "true": True, "false": False, "yes": True, "no": False}
    if word.lower() in constants:
        return constants[word.lower()]
    try:
        return int(word)
    except ValueError:
        pass
    try:
        return float(word)
    except ValueError:
        return word


def written(value: Any) -> str:
    """A value as it is typed."""
    if isinstance(value, (tuple, list)):
        return "/".join(written(item) for item in value)
    return str(value).lower() if value is None or isinstance(value, bool) else str(value)


def chosen(where: str, name: str, known: Mapping[str, Any]) -> str:
    """The one of the known names that is meant. Raises UsageError with the nearest."""
    spelled = {normal(word): word for word in known}
    if (found := spelled.get(normal(name))) is None:
        library = where.partition(":")[0]
        listed = ", ".join(list(known)[:6])
        raise UsageError(
            f"there is no optimizer '{name}' in {library}{nearest(name, known) or f'; it has {listed}, …'}"
        )
    return found


def missing(library: str, name: str, title: str) -> UsageError:
    """What is said where a package is not installed."""
    return UsageError(f"{library}:{name} needs {title}, which is not installed; type: pip install 'gdviz[{library}]'")


def definition_of(
    name: str, package: str, rule: Any, options: Options, *, summary: str, source: str, inputs: tuple[str, ...],
    natural: bool = False, check: Any = None,
) -> Definition:  # fmt: skip
    """A host rule without registry entry; `package` is what it comes from and its version, `torch 2.13.0`."""
    rule.__name__ = rule.__qualname__ = name
    rule.__doc__ = summary
    rule.definition_text = package
    facts = ForeignFacts(
        title=name,
        package=package,
        source=source,
        symbols=SYMBOLS,
        natural=natural or options.natural,
        spelled={options.rate: "lr"} if options.rate not in ("", "lr") else {},
        free=options.free,
        whole=options.whole,
        check=check,
    )
    return Definition(
        kind="optimizer",
        name=name,
        function=rule,
        facts=facts,
        variables=(),
        variadic=False,
        inputs=inputs,
        state=(),
        shapes=MappingProxyType({}),
        scalars=frozenset(),
        parameters=options.parameters,
        switches=options.switches,
    )


def first_sentence(document: str | None) -> str:
    """The summary of a docstring, on one line; markup such as reStructuredText's roles is taken off."""
    text = " ".join((document or "").strip().split("\n\n")[0].split())
    text = re.sub(r":\w+:`([^`]*)`", r"\1", text).replace("`", "")
    return text if text.endswith(".") or not text else f"{text}."


def reason(error: BaseException) -> str:
    """Why a package refuses, in one line."""
    lines = str(error).strip().splitlines()
    return f"{type(error).__name__}: {lines[0] if lines else 'no reason given'}".rstrip(".")
