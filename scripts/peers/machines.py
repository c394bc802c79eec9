"""What runs the peers in CUDA C: a device, through its driver alone, or the host, by twins of the same functions."""

from __future__ import annotations

import ctypes
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from toolchain import Missing, device_code, host_library  # isort: skip


class Call(NamedTuple):
    """A kernel and what it is handed: pointers to `given` and `made`, the number of runs, then `numbers`.

    source, options: where it is and how that is compiled; threads: of a block; lanes: threads that work on one run.
    """

    source: str
    kernel: str
    threads: int
    lanes: int
    given: Sequence[NDArray[Any]]
    made: Sequence[NDArray[Any]]
    runs: int
    numbers: Sequence[Any]
    options: Sequence[str] = ()


class Machine(Protocol):
    """Where calls run."""

    def run(self, call: Call) -> float:
        """Fill what is made, and the seconds that the kernel took alone."""


class Structure(ctypes.Structure):
    """Numbers that a kernel takes as one."""


def structure(real: type, values: Sequence[float]) -> Structure:
    """Numbers of one precision as a structure of C."""
    kind = ctypes.c_float if real is np.float32 else ctypes.c_double
    made = type("Numbers", (Structure,), {"_fields_": [("all", kind * len(values))]})()
    made.all[:] = [float(real(value)) for value in values]
    return made


def as_c(value: Any) -> Any:
    """A number as C takes it."""
    kinds = {np.int32: ctypes.c_int, np.uint32: ctypes.c_uint, np.float32: ctypes.c_float, np.float64: ctypes.c_double}
    return value if isinstance(value, ctypes.Structure) else kinds[type(value)](value.item())


class Host:
    """This machine's processor, on one thread: for tests, not for speed."""

    def __init__(self) -> None:
        self.libraries: dict[tuple[str, ...], ctypes.CDLL] = {}

    def run(self, call: Call) -> float:
        """See Machine."""
        key = (call.source, *call.options)
        if key not in self.libraries:
            with tempfile.TemporaryDirectory() as folder:  # what is loaded stays
                self.libraries[key] = ctypes.CDLL(str(host_library(call.source, Path(folder), call.options)))
        arrays = [ctypes.c_void_p(array.ctypes.data) for array in (*call.given, *call.made)]
        function = getattr(self.libraries[key], call.kernel)
        function.restype = None
        begin = time.perf_counter()
        function(*arrays, ctypes.c_longlong(call.runs), *map(as_c, call.numbers))
        return time.perf_counter() - begin


class Device:
    """The first device of the machine. Raises Missing where there is none."""

    def __init__(self) -> None:
        try:
            self.driver = ctypes.CDLL("nvcuda.dll" if os.name == "nt" else "libcuda.so.1")
        except OSError:
            raise Missing("there is no NVIDIA driver on this machine, so no CUDA device can be measured") from None
        self.ask("cuInit", ctypes.c_uint(0))
        count, device = ctypes.c_int(), ctypes.c_int()
        self.ask("cuDeviceGetCount", ctypes.byref(count))
        if not count.value:
            raise Missing("the NVIDIA driver finds no device on this machine")
        self.ask("cuDeviceGet", ctypes.byref(device), ctypes.c_int(0))
        name = ctypes.create_string_buffer(256)
        self.ask("cuDeviceGetName", name, ctypes.c_int(256), device)
        self.name = name.value.decode()
        self.capability = self._attribute(75, device), self._attribute(76, device)
        version = ctypes.c_int()
        self.ask("cuDriverGetVersion", ctypes.byref(version))
        self.cuda = f"{version.value // 1000}.{version.value % 1000 // 10}"
        context = ctypes.c_void_p()
        self.ask("cuDevicePrimaryCtxRetain", ctypes.byref(context), device)
        self.ask("cuCtxSetCurrent", context)
        self.modules: dict[tuple[str, ...], ctypes.c_void_p] = {}
        self.functions: dict[tuple[str, ...], ctypes.c_void_p] = {}
        self.places: dict[int, tuple[int, ctypes.c_uint64]] = {}
        self.marks = [ctypes.c_void_p(), ctypes.c_void_p()]
        for mark in self.marks:
            self.ask("cuEventCreate", ctypes.byref(mark), ctypes.c_uint(0))

    def ask(self, function: str, *arguments: Any) -> None:
        """Call the driver. Raises RuntimeError, or Missing where there is no device."""
        code = getattr(self.driver, function)(*arguments)
        if code == 100:  # CUDA_ERROR_NO_DEVICE
            raise Missing("the NVIDIA driver finds no device on this machine")
        if code:
            text = ctypes.c_char_p()
            self.driver.cuGetErrorString(code, ctypes.byref(text))
            raise RuntimeError(f"{function}: {(text.value or b'unknown error').decode()}")

    def run(self, call: Call) -> float:
        """See Machine. Arrays travel from and to the memory that NumPy gave them."""
        function = self._function(call)
        arrays = [self._place(k, array) for k, array in enumerate((*call.given, *call.made))]
        for place, array in zip(arrays, call.given, strict=False):
            self.ask("cuMemcpyHtoD_v2", place, ctypes.c_void_p(array.ctypes.data), ctypes.c_size_t(array.nbytes))
        values = [*arrays, ctypes.c_longlong(call.runs), *map(as_c, call.numbers)]
        pointers = (ctypes.c_void_p * len(values))(*(ctypes.addressof(value) for value in values))
        blocks = -(-call.runs * call.lanes // call.threads)
        size = [ctypes.c_uint(n) for n in (blocks, 1, 1, call.threads, 1, 1, 0)]
        nothing = ctypes.c_void_p()
        self.ask("cuEventRecord", self.marks[0], nothing)
        self.ask("cuLaunchKernel", function, *size, nothing, pointers, nothing)
        self.ask("cuEventRecord", self.marks[1], nothing)
        self.ask("cuEventSynchronize", self.marks[1])
        for place, array in zip(arrays[len(call.given) :], call.made, strict=True):
            self.ask("cuMemcpyDtoH_v2", ctypes.c_void_p(array.ctypes.data), place, ctypes.c_size_t(array.nbytes))
        took = ctypes.c_float()
        self.ask("cuEventElapsedTime", ctypes.byref(took), *self.marks)
        return took.value / 1e3

    def _attribute(self, number: int, device: ctypes.c_int) -> int:
        value = ctypes.c_int()
        self.ask("cuDeviceGetAttribute", ctypes.byref(value), ctypes.c_int(number), device)
        return value.value

    def _function(self, call: Call) -> ctypes.c_void_p:
        key, whole = (call.source, *call.options), (call.kernel, call.source, *call.options)
        if key not in self.modules:
            self.modules[key] = ctypes.c_void_p()
            code = device_code(call.source, self.capability, call.options)
            self.ask("cuModuleLoadData", ctypes.byref(self.modules[key]), code)
        if whole not in self.functions:
            self.functions[whole] = ctypes.c_void_p()
            self.ask(
                "cuModuleGetFunction", ctypes.byref(self.functions[whole]), self.modules[key], call.kernel.encode()
            )
        return self.functions[whole]

    def _place(self, number: int, array: NDArray[Any]) -> ctypes.c_uint64:
        """Device memory for an argument, which the next call that is no larger uses again."""
        size, place = self.places.get(number, (0, ctypes.c_uint64()))
        if size < array.nbytes:
            if size:
                self.ask("cuMemFree_v2", place)
            place = ctypes.c_uint64()
            self.ask("cuMemAlloc_v2", ctypes.byref(place), ctypes.c_size_t(array.nbytes))
            self.places[number] = array.nbytes, place
        return place


def facts(device: Device) -> dict[str, str]:
    """What a device is, and the versions that figures depend on."""
    found = {
        "device": device.name,
        "capability": f"{device.capability[0]}.{device.capability[1]}",
        "cuda of the driver": device.cuda,
    }
    for name, command in (
        ("driver", ["nvidia-smi", "--query-gpu=driver_version", "--format=csv,noheader"]),
        ("nvcc", ["nvcc", "--version"]),
    ):
        if shutil.which(command[0]):
            lines = subprocess.run(command, capture_output=True, text=True, check=False).stdout.split("\n")
            told = [line for line in lines if line.strip() and (name != "nvcc" or "release" in line)]
            found[name] = told[0].rpartition("release ")[2].strip() if told else "unknown"
    return found
