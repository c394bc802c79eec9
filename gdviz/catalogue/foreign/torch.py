"""Optimizers of torch.optim: a tensor in the dtype of the run takes the steps, gradients are gdviz's."""

from __future__ import annotations

import inspect
from collections.abc import Generator, Mapping
from typing import Any

import numpy as np

from gdviz.catalogue.foreign.options import chosen, definition_of, first_sentence, missing, options_of, reason
from gdviz.errors import UsageError
from gdviz.registry.definition import Definition


def factories(name: str) -> dict[str, Any]:
    """The optimizer classes that the installed torch has. Raises UsageError, for `name`, where there is none."""
    try:
        import torch
    except ImportError:
        raise missing("torch", name, "PyTorch") from None

    base = torch.optim.Optimizer
    return {
        word: item
        for word, item in sorted(vars(torch.optim).items())
        if isinstance(item, type) and issubclass(item, base) and item is not base
    }


def find(name: str) -> Definition:
    """The optimizer class of that name as a definition. Raises UsageError."""
    known = factories(name)
    import torch

    word = chosen(f"torch:{name}", name.removeprefix("optim."), known)
    factory, where = known[word], f"torch:{word}"
    options = options_of(where, factory, own=("params",))

    def make(p: Any, given: Mapping[str, Any]) -> tuple[Any, Any]:
        """The parameter and its optimizer; one for matrices alone gets the point as a row."""
        arguments = options.arguments(where, given)
        last: Exception | None = None
        for shaped in (p, p.reshape(1, -1)):
            leaf = shaped.clone().detach().requires_grad_(True)
            try:
                return leaf, factory([leaf], **arguments)
            except Exception as error:
                last = last or error
        raise UsageError(f"{where} refuses, {reason(last or ValueError())}")

    def rule(x: Any, calls: Any, **given: Any) -> Generator[Any, None, None]:
        p, optimizer = make(torch.from_numpy(np.array(x)), given)

        def closure() -> Any:
            value, slope = calls.both(p.detach().numpy().reshape(-1))
            p.grad = torch.from_numpy(np.array(slope)).reshape(p.shape)
            return torch.tensor(float(value), dtype=p.dtype)

        while True:
            try:
                optimizer.step(closure)
            except (RuntimeError, ValueError, TypeError) as error:
                raise UsageError(f"{where} refuses, {reason(error)}") from error
            yield p.detach().numpy().reshape(-1).copy()

    def check(given: Mapping[str, Any]) -> None:
        trial = {**given, "lr": 0.1} if isinstance(given.get("lr"), str) else given
        make(torch.zeros(2), trial)

    closure_needed = inspect.signature(factory.step).parameters["closure"].default is inspect.Parameter.empty
    return definition_of(
        where,
        f"torch {torch.__version__.partition('+')[0]}",
        rule,
        options,
        summary=first_sentence(factory.__doc__),
        source=f"Paszke et al. 2019, PyTorch, torch.optim.{word}, arXiv:1912.01703",
        inputs=("x", "calls"),
        natural=closure_needed,  # what searches along a line by itself
        check=check,
    )
