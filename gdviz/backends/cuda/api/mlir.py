"""numba-cuda-mlir: what gdviz[cuda12] and gdviz[cuda13] install."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from contextlib import contextmanager

from gdviz.backends.cuda.api.interface import Api


class API(Api):
    """The package, loaded; tried with 0.6.0."""

    name = "numba-cuda-mlir"
    root = "numba_cuda_mlir.numba_cuda"
    surface = "numba_cuda_mlir.cuda"
    device_functions = "from numba_cuda_mlir.cuda import libdevice"

    def written(self, text: str) -> str:
        """Without `!=`: of floats it compiles to what holds of ordered numbers alone, so that NaN != NaN is False."""
        return ast.unparse(_Unequal().visit(ast.parse(text))) + "\n"

    @contextmanager
    def pretended(self, capability: tuple[int, int]) -> Iterator[None]:
        """See Api; it asks the device once and keeps the answer."""
        from numba_cuda_mlir import tools

        kept = tools._cached_cc
        tools._cached_cc = capability
        try:
            yield
        finally:
            tools._cached_cc = kept


class _Unequal(ast.NodeTransformer):
    def visit_Compare(self, node: ast.Compare) -> ast.expr:
        self.generic_visit(node)
        if len(node.ops) == 1 and isinstance(node.ops[0], ast.NotEq):
            equal = ast.Compare(node.left, [ast.Eq()], node.comparators)
            return ast.UnaryOp(ast.Not(), equal)
        return node
