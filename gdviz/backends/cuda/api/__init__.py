"""Packages that compile for CUDA, behind one interface; which of them is used is found at run time."""

from __future__ import annotations

import importlib
import importlib.util
import os
import threading
from typing import TYPE_CHECKING

from gdviz.backends.cuda import sentences
from gdviz.backends.cuda.api.driver import driver_version
from gdviz.backends.cuda.sentences import NoDevice
from gdviz.errors import remark

if TYPE_CHECKING:
    from gdviz.backends.cuda.api.interface import Api

MODULES = {"numba_cuda_mlir": "mlir", "numba_cuda": "numba_cuda", "numba": "builtin"}
"""Module of gdviz.backends.cuda.api by the package that it is for, the one to be taken first."""

EXTRA = ("numba_cuda_mlir", "numba_cuda")
"""Those that are installed on purpose; Numba's own is there always, is deprecated and needs a toolkit of the system."""

_lock = threading.Lock()
_found: tuple[int, Api] | None = None
_told = False


def installed() -> tuple[str, ...]:
    """Packages that are there on purpose, in the order in which they are taken; loads none of them."""
    return tuple(name for name in EXTRA if importlib.util.find_spec(name) is not None)


def simulated() -> bool:
    """Whether Numba's simulator stands in for a device, as NUMBA_ENABLE_CUDASIM=1 asks for."""
    return os.environ.get("NUMBA_ENABLE_CUDASIM", "0") not in ("", "0")


def found() -> Api:
    """The package that compiles and launches, with a device that it can use; the same in all threads of a process.

    Raises NoDevice where there is none, its driver is too old for what is installed, or the process was forked from one
    that had used a device.
    """
    global _found
    with _lock:
        if _found is not None:
            if _found[0] != os.getpid() and not _found[1].simulated:
                raise sentences.forked()
            return _found[1]
        api = _searched()
        _found = os.getpid(), api
        return api


def _searched() -> Api:
    if simulated():
        return _made("simulator")
    driver = driver_version()
    names = installed()
    if driver is None:
        raise sentences.no_package(None)
    api = _made(MODULES[names[0]] if names else "builtin")
    if api.toolkit is None:
        raise sentences.no_package(driver)
    api.check(driver)
    return api


def ready() -> bool:
    """Whether a device can be used by what was installed for that. Where it was installed in vain, why is said once."""
    global _told
    if simulated() or not installed() or driver_version() is None:
        return False
    try:
        found()
    except NoDevice as error:
        if not _told:
            _told = True
            remark(str(error))
        return False
    return True


def compiler() -> Api | None:
    """A package that compiles for CUDA with or without a device, None where there is none; for looking at kernels, not
    for running them."""
    if simulated():
        return None
    names = installed()
    api = _made(MODULES[names[0]] if names else "builtin")
    return api if api.toolkit is not None else None


def _made(name: str) -> Api:
    try:
        api: Api = importlib.import_module(f"{__name__}.{name}").API()
    except Exception as error:  # a package in pieces fails in ways of its own
        package = next((package for package, module in MODULES.items() if module == name), name)
        raise sentences.unusable(package, error) from None
    return api
