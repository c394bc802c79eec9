"""What is asked of a package that compiles for CUDA. All there are descend from Numba's, so most is written once."""

from __future__ import annotations

import contextlib
import importlib
import importlib.metadata
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from gdviz.backends import kernels
from gdviz.backends.cuda import sentences
from gdviz.cache import compiled_here
from gdviz.compiling import sealing

OUT_OF_MEMORY, TIMED_OUT = "CUDA_ERROR_OUT_OF_MEMORY", "CUDA_ERROR_LAUNCH_TIMEOUT"
"""Names of the driver's errors: no room; a display's watchdog ended the kernel."""

FAULTS = ("CudaAPIError", "CudaDriverError", "CUDAError")
"""Classes of errors that packages raise of what the driver answers."""

LEAST = (7, 0)
"""Compute capability from which on compilers of CUDA 13 write code, those of 12 soon; older devices are refused."""

LOCAL, LOCAL_SHARE = 2**19, 0.5
"""Bytes of its own that a thread has at most, on every device, and what share of a device's memory is left to that: it
is set aside for as many threads as the device can hold, however few there are."""

RESIDENT = 2048
"""Threads that a multiprocessor holds at most; packages have names of their own for what a device says of that."""

SHOWN = (9, 0)
"""Compute capability that kernels are looked at for without a device."""


class Device(NamedTuple):
    """number: among those shown; name: its maker's; capability: what it can, as (9, 0); memory: bytes, all and free;
    watchdog: whether the system ends kernels that take long, since it draws a screen."""

    number: int
    name: str
    capability: tuple[int, int]
    memory: int
    free: int
    watchdog: bool


class Type(NamedTuple):
    """Of an argument of a kernel: a number of this dtype, or an array of it with so many axes, C-contiguous."""

    dtype: str
    ndim: int


Kernel = Callable[[int, int, Any, Sequence[Any]], None]
"""Launches a compiled kernel: blocks, threads of each, stream, arguments. Answers before it is done."""


class Api:
    """A package, loaded. No device is asked for anything before `check`.

    name: as it is installed. root: module under which Numba's parts lie. surface: what kernels import. toolkit: major
    version of CUDA that it compiles with, None where it has none. block: threads of a block.
    """

    name: str
    root: str
    surface: str
    simulated = False
    block = 128

    def __init__(self) -> None:
        self.cuda: Any = importlib.import_module(self.surface)
        self.types: Any = self._part("types")
        self.settings: Any = self._part("core.config")
        self.dispatchers: dict[tuple[str, str, str, tuple[Type, ...]], Any] = {}
        # Few runs fill no device, which users are not to blame for.
        self.settings.CUDA_LOW_OCCUPANCY_WARNINGS = 0

    def _part(self, name: str) -> Any:
        return importlib.import_module(f"{self.root}.{name}")

    @cached_property
    def version(self) -> str:
        """Of the package."""
        return importlib.metadata.version(self.name)

    @cached_property
    def toolkit(self) -> int | None:
        """Major version of CUDA."""
        try:
            return int(importlib.metadata.version("cuda-bindings").partition(".")[0])
        except importlib.metadata.PackageNotFoundError:
            return None

    # Text

    def header(self, dtype: str) -> str:
        """The words that a kernel's text of a dtype uses, as text: `np math cuda F I U`, and functions of one number
        that become an instruction: `sqrt floor finite bits from_bits`; `mul(a, b)` is a product that is not fused with
        a sum; NAN and INF."""
        single = dtype == "float32"
        to, back = ("float_as_int", "int_as_float") if single else ("double_as_longlong", "longlong_as_double")
        # Those of `math` answer float64 of float32 numbers in some packages, and sums of such are float64.
        exact, short = ("f", "f") if single else ("d", "")
        return (
            f'"""Made by gdviz for {self.name} {self.version}; changes here are lost."""\n\n'
            f"import math\n\nimport numpy as np\nfrom {self.surface.rpartition('.')[0]} import cuda\n"
            f"{self.device_functions}\n"
            f"F = np.{dtype}\nI = np.{dtype.replace('float', 'int')}\nU = np.uint64\n"
            f"sqrt = libdevice.{exact}sqrt_rn\nfloor = libdevice.floor{short}\nfinite = math.isfinite\n"
            f"bits = libdevice.{to}\nfrom_bits = libdevice.{back}\nmul = libdevice.{exact}mul_rn\n"
            "NAN = F(math.nan)\nINF = F(math.inf)\ndev = cuda.jit(device=True)\n"
        )

    device_functions = "from numba.cuda import libdevice"
    """Where a kernel finds the functions that stand for one instruction."""

    def written(self, text: str) -> str:
        """The text of a kernel as this compiler reads it right."""
        return text

    # Compiling

    def signature(self, arguments: Sequence[Type]) -> Any:
        """Of a kernel with these arguments."""
        return self.types.void(*map(self._type, arguments))

    def _type(self, argument: Type) -> Any:
        number = getattr(self.types, argument.dtype)
        return self.types.Array(number, argument.ndim, "C") if argument.ndim else number

    def function(self, text: str, name: str, dtype: str) -> Any:
        """A function of a text that follows the header, in a module of its own."""
        return getattr(kernels.module(self.header(dtype) + self.written(text), "cuda"), name)

    def compiled(self, text: str, name: str, dtype: str, arguments: Sequence[Type], what: str) -> Kernel:
        """A kernel, compiled for the device or loaded where that was done before. what: the definitions it is made of.

        Raises EmissionError where it does not compile.
        """
        key = text, name, dtype, tuple(arguments)
        with kernels.MAKING:
            if key not in self.dispatchers:
                try:
                    made = self._dispatcher(self.function(text, name, dtype), self.signature(arguments))
                except Exception as error:  # each compiler has classes of its own, and bugs raise any
                    raise self.told(error) or sentences.not_compiled(what, self.name, error) from error
                self.dispatchers[key] = made
            made = self.dispatchers[key]
        return lambda blocks, threads, stream, given: made[blocks, threads, stream](*given)

    def _dispatcher(self, function: Any, signature: Any) -> Any:
        """As packages do it for one signature, after which nothing compiles it for another, but with files of the cache
        that gdviz keeps: with a checksum, and no error where they cannot be written."""
        made = self.cuda.jit(function)
        with compiled_here(self.settings), contextlib.suppress(RuntimeError):  # no folder can be written
            made.enable_caching()
            files = made._cache._cache_file
            files.__class__ = sealing(files.__class__)
        made.compile(signature.args)
        made._specialized = True
        made.disable_compile()
        return made

    def ptx(
        self, text: str, name: str, dtype: str, arguments: Sequence[Type], capability: tuple[int, int] = SHOWN
    ) -> str:
        """The assembly of a kernel for a device that need not be there."""
        with kernels.MAKING, self.pretended(capability):
            function = self.function(text, name, dtype)
            ptx: str = self.cuda.compile_ptx(function, self.signature(arguments), cc=capability)[0]
        return ptx.rstrip("\0")

    @contextmanager
    def pretended(self, capability: tuple[int, int]) -> Iterator[None]:
        """While this lasts, functions that a kernel calls are compiled for this capability: their compilers ask the
        device where there may be none."""
        dispatcher = self._part("dispatcher")
        asked = dispatcher.get_current_device
        pretended = type("Pretended", (), {"compute_capability": capability})
        dispatcher.get_current_device = lambda: pretended
        try:
            yield
        finally:
            dispatcher.get_current_device = asked

    # The device

    def check(self, driver: tuple[int, int]) -> None:
        """Raise NoDevice where there is none that can be used. driver: version of CUDA that the driver knows."""
        if self.toolkit is not None and driver[0] < self.toolkit:
            raise sentences.old_driver(driver, self.toolkit)
        try:
            count = len(self.cuda.gpus)
            capability = tuple(self.cuda.gpus[0].compute_capability) if count else LEAST
        except Exception as error:
            raise self.told(error) or sentences.no_driver(str(error)) from error
        if not count:
            raise sentences.no_device()
        if capability < LEAST:
            raise sentences.old_device(_name(self.cuda.gpus[0]), capability, LEAST)

    def devices(self) -> tuple[Device, ...]:
        """All that are shown; runs are made on the first. What it uses is memory of that alone."""
        made = []
        for number, gpu in enumerate(self.cuda.gpus):
            with gpu:
                free, whole = self.cuda.current_context().get_memory_info()
            capability = tuple(gpu.compute_capability)
            made.append(Device(number, _name(gpu), capability, int(whole), int(free), bool(gpu.KERNEL_EXEC_TIMEOUT)))
        return tuple(made)

    def watched(self) -> bool:
        """Whether the system ends kernels of the device that take long."""
        return bool(self.cuda.gpus[0].KERNEL_EXEC_TIMEOUT)

    @cached_property
    def local(self) -> int:
        """Bytes that each thread may have of its own."""
        gpu = self.cuda.gpus[0]
        with gpu:
            _, whole = self.cuda.current_context().get_memory_info()
        return min(LOCAL, int(whole * LOCAL_SHARE / (gpu.MULTIPROCESSOR_COUNT * RESIDENT)))

    def enter(self) -> None:
        """Let this thread use the device, as each has to before its first call."""
        self.cuda.current_context()

    def free(self) -> int:
        """Bytes of the device's memory that may be used; what nobody holds any more is given back before."""
        context = self.cuda.current_context()
        for owner in (context, context.memory_manager):  # arrays are the latter's, streams and kernels the former's
            if (given_up := getattr(owner, "deallocations", None)) is not None:
                given_up.clear()
        return int(context.get_memory_info()[0])

    def stream(self) -> Any:
        """A queue of copies and launches, beside which others go on."""
        return self.cuda.stream()

    def room(self, size: int) -> Any:
        """So many bytes of the device, uint8[size]. Raises MemoryShort."""
        with self.errors("finding room"):
            return self.cuda.device_array(size, np.uint8)

    def pinned(self, size: int) -> NDArray[np.uint8]:
        """So many bytes of this machine that the device copies from and to while others work; where the system gives
        none of these, ordinary ones."""
        try:
            made: NDArray[np.uint8] = self.cuda.pinned_array(size, np.uint8)
        except Exception:
            return np.empty(size, np.uint8)
        return made

    def sent(self, array: NDArray[Any], stream: Any) -> Any:
        """A copy of an array on the device; done when this answers, and other streams are left alone. Raises
        MemoryShort."""
        with self.errors("copying"):
            there = self.cuda.to_device(np.ascontiguousarray(array), stream=stream)
            stream.synchronize()
        return there

    @contextmanager
    def errors(self, what: str) -> Iterator[None]:
        """While this lasts, errors of the driver are raised as gdviz's. what: is done."""
        try:
            yield
        except Exception as error:
            if _fault(error) is None:
                raise
            raise self.told(error) or sentences.failed(what, error) from error

    def told(self, error: BaseException) -> Exception | None:
        """What gdviz says of an error that means the same at all times, None for others."""
        fault = _fault(error)
        if fault == OUT_OF_MEMORY:
            return sentences.no_memory()
        if fault == TIMED_OUT:
            return sentences.watchdog()
        if type(error).__name__ == "CudaSupportError":  # a driver that is not there, or not to be loaded
            return sentences.no_driver(str(error))
        return None


def _fault(error: BaseException) -> str | None:
    """The driver's name of an error, as good as it is told, None where it is none of the driver's."""
    named = re.search(r"CUDA_ERROR_\w+", str(error))
    if named:
        return named[0]
    # A launcher in C raises what it has: RuntimeError and the driver's words.
    launching = isinstance(error, RuntimeError) and str(error).startswith("Failed to ")
    if type(error).__name__ not in FAULTS and not launching:
        return None
    return OUT_OF_MEMORY if "out of memory" in str(error) else "unknown"


def _name(gpu: Any) -> str:
    """Of a device; some packages answer bytes."""
    name = gpu.name
    return name.decode() if isinstance(name, bytes) else str(name)
