"""The driver's library, asked without any package: whether there is one, and what it knows."""

from __future__ import annotations

import ctypes
import sys

LIBRARIES = ("nvcuda.dll",) if sys.platform == "win32" else ("libcuda.so.1", "libcuda.so")


def driver_version() -> tuple[int, int] | None:
    """The version of CUDA that the driver knows, as (12, 4), None without a driver.

    Initialises nothing: a process that has asked may still be forked.
    """
    for name in LIBRARIES:
        try:
            library = ctypes.CDLL(name)
            answered = ctypes.c_int(0)
            if library.cuDriverGetVersion(ctypes.byref(answered)) != 0 or answered.value <= 0:
                continue
        except (OSError, AttributeError):
            continue
        return answered.value // 1000, answered.value % 1000 // 10
    return None
