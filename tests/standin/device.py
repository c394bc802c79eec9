"""A device that is none: the driver of `driver.c`, whose kernels are run by `ptx.py`, for all that lies between.

As a plugin, `pytest -p standin.device`, with the library of driver.c as libcuda.so.1 in LD_LIBRARY_PATH, files run what
an installed package really makes: its compiler, its arrays, streams and launches. Fused operations are taken apart, so
that answers have the processor's bits, unless DRIVER_FUSED=1 asks for a device's.
"""

from __future__ import annotations

import ctypes
import os
import threading
import traceback
from collections.abc import Sequence
from typing import Any

from ptx import Program

from gdviz.backends.cuda import api
from gdviz.backends.cuda.api.interface import Kernel, Type

LIBRARY = ctypes.CDLL("libcuda.so.1")
RUN = ctypes.CFUNCTYPE(None, ctypes.c_uint, ctypes.c_uint, ctypes.POINTER(ctypes.c_void_p))
NUMBERS = {"u64": ctypes.c_uint64, "u32": ctypes.c_uint32, "f64": ctypes.c_double, "f32": ctypes.c_float}
NUMBERS |= {"b64": ctypes.c_uint64, "b32": ctypes.c_uint32, "s64": ctypes.c_int64, "s32": ctypes.c_int32}

Program.fused = os.environ.get("DRIVER_FUSED") == "1"
_programs: dict[Any, Program] = {}
_asked = threading.local()
"""What the thread launches next."""


def _run(blocks: int, threads: int, params: Any) -> None:
    """All threads of a launch, one after the other."""
    try:
        program = _asked.program
        given = [NUMBERS[kind].from_address(params[i]).value for i, (kind, _) in enumerate(program.params)]
        for block in range(blocks):
            for thread in range(threads):
                program.thread(_memory, (*given, _size.value), thread, threads, block)
    except BaseException:  # there is nobody to raise it to
        traceback.print_exc()
        os._exit(70)


_hook, _size = RUN(_run), ctypes.c_size_t()
LIBRARY.stand_in.restype = ctypes.c_void_p
_first = LIBRARY.stand_in(_hook, ctypes.byref(_size))
_memory = (ctypes.c_char * (_size.value + 2**20)).from_address(
    _first
)  # behind the device's: what threads have of their own


def _compiled(text: str, name: str, dtype: str, arguments: Sequence[Type], what: str) -> Kernel:
    """As Api.compiled, and noted as assembly."""
    kernel = _made(text, name, dtype, arguments, what)
    key = text, name, dtype, tuple(arguments)
    if key not in _programs:
        _programs[key] = Program(_found.ptx(text, name, dtype, arguments))

    def launch(blocks: int, threads: int, stream: Any, given: Sequence[Any]) -> None:
        _asked.program = _programs[key]
        kernel(blocks, threads, stream, given)

    return launch


_found = api.found()
_made = _found.compiled
_found.compiled = _compiled  # type: ignore[method-assign]
