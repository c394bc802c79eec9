"""Optimizers of optax and optax.contrib: the update is compiled by jax once for all runs, gradients are gdviz's.

64-bit numbers are switched on around each call and nowhere else, so that a user's jax stays as it is.
"""

from __future__ import annotations

import functools
import inspect
import math
import warnings
from collections.abc import Callable, Generator, Mapping
from typing import Any

import numpy as np

from gdviz.catalogue.foreign.options import Options, chosen, definition_of, first_sentence, missing, options_of, reason
from gdviz.errors import UsageError
from gdviz.registry.definition import Definition

TRANSFORM = "scale_by_"
"""How optax begins the names of transformations that know no sign: what they give points uphill."""


def factories(name: str) -> dict[str, Any]:
    """The factories of optimizers that the installed optax has. Raises UsageError, for `name`, where there is none."""
    try:
        import optax
        import optax.contrib
    except ImportError:
        raise missing("optax", name, "Optax") from None

    return {
        word: item
        for module in (optax.contrib, optax)  # a name that left contrib is taken from optax
        for word, item in sorted(vars(module).items())
        if not word.startswith((TRANSFORM, "_"))
        and (inspect.isfunction(item) or isinstance(item, functools.partial))
        and _has_rate(item)
    }


def find(name: str) -> Definition:
    """The optimizer of that name as a definition. Raises UsageError."""
    known = factories(name)
    import optax

    word = chosen(f"optax:{name}", name.removeprefix("contrib."), known)
    factory, where = known[word], f"optax:{word}"
    options = options_of(where, factory)

    def rule(x: Any, calls: Any, **given: Any) -> Generator[Any, None, None]:
        begin, step = _compiled(where, factory, options, tuple(given.items()), x.dtype.name, len(x))
        try:
            x, state = x, begin(x)
            while True:
                value, slope = calls.both(x)
                x, state = step(calls, x, value, slope, state)
                yield _shown(x, state)
        except UsageError:
            raise
        except Exception as error:
            raise UsageError(f"{where} refuses, {reason(error)}") from error

    def check(given: Mapping[str, Any]) -> None:
        _try(where, factory, options, given)

    return definition_of(
        where,
        f"optax {optax.__version__}",
        rule,
        options,
        summary=first_sentence(getattr(factory, "func", factory).__doc__),
        source=f"DeepMind et al. 2020, The DeepMind JAX Ecosystem, optax.{word}, http://github.com/google-deepmind",
        inputs=("x", "calls"),
        natural=inspect.signature(factory).parameters[options.rate].default is not inspect.Parameter.empty
        if options.rate
        else True,  # optax asks for the rate wherever it is a matter of choice
        check=check,
    )


def _shown(x: Any, state: Any) -> Any:
    """The point that is meant to be used: gradients of schedule-free rules are taken elsewhere."""
    import optax.contrib

    if not isinstance(state, optax.contrib.ScheduleFreeState):
        return x
    with _x64():
        return np.array(optax.contrib.schedule_free_eval_params(state, x))


def _has_rate(factory: Any) -> bool:
    return any(name.endswith("learning_rate") for name in inspect.signature(factory).parameters)


def _try(where: str, factory: Any, options: Options, given: Mapping[str, Any]) -> None:
    """Call a factory once, for what it refuses; numbers that are still open are tried with one that suits."""
    tried = {
        name: _trial(options, name) if value == "auto" or _is_open(value) else value for name, value in given.items()
    }
    arguments = options.arguments(where, tried)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            factory(**arguments)
    except Exception as error:
        raise UsageError(f"{where} refuses, {reason(error)}") from error


def _trial(options: Options, name: str) -> float:
    if options.natural and name == "lr":
        return math.nan
    return 1.0 if name in options.whole else 0.1


def _is_open(value: Any) -> bool:
    return isinstance(value, float) and math.isnan(value)


class _Holder:
    """The landscape of the run that is on: compiled code outlives it."""

    calls: Any = None


def _compiled(
    where: str, factory: Any, options: Options, given: tuple[tuple[str, Any], ...], dtype: str, dim: int
) -> tuple[Callable[..., Any], Callable[..., Any]]:
    """`begin(x)` → state and `step(calls, x, value, slope, state)` → x, state; the rate does not compile again."""
    arguments = options.arguments(where, dict(given))
    rate = arguments.pop(options.rate, None)
    others = tuple(sorted(arguments.items()))
    begin, step = _traced(factory, options.rate, others, dtype, dim)
    if rate is not None:
        try:
            begin(np.zeros(dim, dtype), rate)
        except Exception:  # a factory that looks at its rate's value: compiled for this one
            begin, step = _traced(factory, "", tuple(sorted({**arguments, options.rate: rate}.items())), dtype, dim)
    return lambda x: begin(x, rate), lambda calls, x, value, slope, state: step(calls, x, value, slope, state, rate)


@functools.lru_cache(maxsize=64)
def _traced(factory: Any, rate: str, arguments: tuple[tuple[str, Any], ...], dtype: str, dim: int) -> tuple[Any, Any]:
    import jax
    import optax

    holder = _Holder()
    value_of = _differentiable(holder, np.dtype(dtype), dim)

    def transformation(number: Any) -> Any:
        stated = {rate: number} if rate and number is not None else {}
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return optax.with_extra_args_support(factory(**dict(arguments), **stated))

    def start(x: Any, number: Any) -> Any:
        return transformation(number).init(x)

    def move(x: Any, value: Any, slope: Any, state: Any, number: Any) -> Any:
        def objective(point: Any, obj_fn: Any = None) -> Any:  # line searches hand on what they do not know
            return value_of(point)

        updates, state = transformation(number).update(
            slope, state, x, value=value, grad=slope, value_fn=objective, obj_fn=objective
        )
        return optax.apply_updates(x, updates), state

    start_compiled, move_compiled = jax.jit(start), jax.jit(move)

    def typed(number: float | None) -> Any:
        return None if number is None else np.dtype(dtype).type(number)

    def begin(x: Any, number: float | None) -> Any:
        with _x64():
            return start_compiled(np.asarray(x, dtype), typed(number))

    def step(calls: Any, x: Any, value: Any, slope: Any, state: Any, number: float | None) -> Any:
        holder.calls = calls
        with _x64():
            moved, state = move_compiled(x, value, slope, state, typed(number))
            return np.array(moved), state

    return begin, step


def _differentiable(holder: _Holder, dtype: Any, dim: int) -> Any:
    """The landscape as a function for jax with two derivatives: line searches and curvature ask for them."""
    import jax

    def asked(name: str, shape: tuple[int, ...]) -> Any:
        answer = jax.ShapeDtypeStruct(shape, dtype)
        return lambda x: jax.pure_callback(
            lambda point: np.asarray(getattr(holder.calls, name)(np.asarray(point)), dtype), answer, x
        )

    gradient_at, hessian_at, value_at = asked("gradient", (dim,)), asked("hessian", (dim, dim)), asked("value", ())

    @jax.custom_jvp
    def slope(x: Any) -> Any:
        return gradient_at(x)

    @slope.defjvp
    def _slope(primals: Any, tangents: Any) -> Any:
        return slope(primals[0]), hessian_at(primals[0]) @ tangents[0]

    @jax.custom_jvp
    def value(x: Any) -> Any:
        return value_at(x)

    @value.defjvp
    def _value(primals: Any, tangents: Any) -> Any:
        return value(primals[0]), slope(primals[0]) @ tangents[0]

    return value


def _x64() -> Any:
    """64-bit numbers for the calls inside, under the name that this jax has for it."""
    import jax
    import jax.experimental

    newest = getattr(jax, "enable_x64", None)
    return jax.experimental.enable_x64(True) if newest is None else newest(True)
