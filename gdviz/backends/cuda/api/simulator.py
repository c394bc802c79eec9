"""Numba's simulator of CUDA, which runs kernels as Python: it tells whether they are right, not whether they compile.

NUMBA_ENABLE_CUDASIM=1 asks for it, before Numba is loaded.
"""

from __future__ import annotations

import ast
import importlib
import threading
from collections.abc import Sequence
from functools import cached_property
from typing import Any

from gdviz.backends.cuda.api.interface import LOCAL, Api, Device, Kernel, Type

ROOM = 2**30
"""Bytes that the device is said to have: the simulator has no end of them."""


class API(Api):
    """The simulator, loaded."""

    name = "numba"
    root = "numba.cuda"
    surface = "numba.cuda"
    simulated = True
    block = 8  # a thread of Python each

    def __init__(self) -> None:
        self.cuda: Any = importlib.import_module("numba.cuda")
        self._alone = threading.Lock()

    @cached_property
    def toolkit(self) -> int | None:
        """None."""
        return None

    def header(self, dtype: str) -> str:
        """See Api; numbers are NumPy's."""
        return (
            f'"""Made by gdviz for the simulator of numba {self.version}; changes here are lost."""\n\n'
            "import math\n\nimport numpy as np\nfrom numba import cuda\n\n"
            f"F = np.{dtype}\nI = np.{dtype.replace('float', 'int')}\nU = np.uint64\n"
            "sqrt = np.sqrt\nfloor = np.floor\nfinite = np.isfinite\nmul = np.multiply\n"
            "NAN = F(math.nan)\nINF = F(math.inf)\n\n\n"
            "def bits(x):\n    return x.view(I)\n\n\ndef from_bits(i):\n    return i.view(F)\n\n\n"
            "def dev(function):\n    return function\n\n\n"
        )

    def written(self, text: str) -> str:
        """Without warnings at what overflows: its threads take no settings of the one that launches."""
        tree = ast.parse(text)
        for node in tree.body:
            if isinstance(node, ast.FunctionDef):
                quiet = ast.parse("np.errstate(all='ignore')", mode="eval").body
                node.body = [ast.With([ast.withitem(quiet)], node.body)]
        return ast.unparse(ast.fix_missing_locations(tree)) + "\n"

    def compiled(self, text: str, name: str, dtype: str, arguments: Sequence[Type], what: str) -> Kernel:
        """See Api; nothing is compiled."""
        made = self.cuda.jit(self.function(text, name, dtype))

        def launch(blocks: int, threads: int, stream: Any, given: Sequence[Any]) -> None:
            with self._alone:  # it runs one kernel at a time
                made[blocks, threads, stream](*given)

        return launch

    def check(self, driver: tuple[int, int]) -> None:
        """There is always one."""

    def devices(self) -> tuple[Device, ...]:
        """One."""
        return (Device(0, "simulator", tuple(self.cuda.gpus[0].compute_capability), ROOM, ROOM, False),)

    @cached_property
    def local(self) -> int:
        """As much as any device has."""
        return LOCAL

    def enter(self) -> None:
        """Any thread may."""

    def watched(self) -> bool:
        """Never."""
        return False

    def free(self) -> int:
        """Always as much."""
        return ROOM
