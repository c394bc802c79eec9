"""Methods of scipy.optimize.minimize: run to their end, each iterate a step with the evaluations it took."""

from __future__ import annotations

import inspect
import re
import warnings
from collections.abc import Generator
from types import MappingProxyType
from typing import Any

import numpy as np

from gdviz.catalogue.foreign.options import Options, chosen, definition_of, first_sentence, missing, read, reason
from gdviz.errors import UsageError
from gdviz.registry.definition import Definition

DEFAULT = "default"
"""Stands for a value that SciPy chooses."""


EVALUATIONS = 100
"""A run's steps times this is the default of `maxiter`, which counts evaluations in some methods and iterations in
others; the last step ends both."""


class _Enough(Exception):
    """Raised inside a method when all steps of the run are made."""


def factories(name: str) -> dict[str, Any]:
    """The methods that the installed minimize names. Raises UsageError, for `name`, where there is none."""
    try:
        import scipy  # noqa: F401
        from scipy.optimize import minimize
    except ImportError:
        raise missing("scipy", name, "SciPy") from None

    return dict.fromkeys(re.findall(r"'([A-Za-z-]+)' *:ref:", minimize.__doc__ or ""))


def find(name: str) -> Definition:
    """The method of that name as a definition. Raises UsageError."""
    known = factories(name)
    import scipy
    from scipy.optimize import minimize, show_options

    word = chosen(f"scipy:{name}", name.removeprefix("optimize."), known)
    where = f"scipy:{word}"
    document = show_options("minimize", word, disp=False)
    options = _options(document, set(inspect.signature(minimize).parameters))

    def rule(x: Any, calls: Any, steps: int, **given: Any) -> Generator[Any, None, bool]:
        typed = {key: read(value) if isinstance(value, str) else value for key, value in given.items()}
        wanted = {key: value for key, value in typed.items() if value != DEFAULT}
        if "maxiter" in options.switches:
            wanted.setdefault("maxiter", EVALUATIONS * int(steps))
        points: list[Any] = []
        costs: list[int] = []

        def callback(point: Any, *_: Any) -> None:
            points.append(np.array(point))
            costs.append(calls.taken())
            if len(points) > steps:  # one more than asked: only then is it known whether the last was the end
                raise _Enough

        done = True
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")  # of derivatives that a method does not ask for, among others
            try:
                result = minimize(
                    lambda point: float(calls.value(point)),
                    np.array(x, np.float64),
                    method=word,
                    jac=lambda point: np.array(calls.gradient(point), np.float64),
                    hess=lambda point: np.array(calls.hessian(point), np.float64),
                    callback=callback,
                    options=wanted,
                )
                done = bool(result.success)
                if not np.array_equal((points or [x])[-1], result.x):
                    callback(result.x)
            except _Enough:
                done = False
            except np.linalg.LinAlgError:  # a Hessian that the method cannot use
                done = False
            except Exception as error:
                if not points:
                    raise UsageError(f"{where} refuses, {reason(error)}") from error
                done = False
        if costs:
            costs[-1] += calls.taken()
        for point, cost in zip(points, costs, strict=True):
            calls.spend(cost)
            yield point
        return done

    return definition_of(
        where,
        f"scipy {scipy.__version__}",
        rule,
        options,
        summary=first_sentence(document),
        source=f"Virtanen et al. 2020, SciPy 1.0: fundamental algorithms for scientific computing in Python, "
        f"scipy.optimize.minimize {word}, doi:10.1038/s41592-019-0686-2",
        inputs=("x", "calls", "steps"),
    )


def _options(document: str, own: set[str]) -> Options:
    """What the documentation of a method lists, as `maxiter, maxfev : int`, without minimize's own arguments."""
    sections = re.findall(r"(?:Options|Parameters)\n\s*-+\n(.*?)(?=\n\s*\w+\n\s*-+\n|\Z)", document, re.DOTALL)
    rows = re.findall(r"^\s*([\w, ]+?) ?: \S", "\n".join(sections), re.MULTILINE)
    names = [name.strip() for row in rows for name in row.split(",")]
    known = {name: DEFAULT for name in names if name.isidentifier() and name not in own}
    return Options(MappingProxyType({}), MappingProxyType(known), frozenset(known), frozenset(), "", True)
