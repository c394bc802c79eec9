"""What is said where the cuda backend cannot do what was asked, each in one sentence that says what to type instead."""

from __future__ import annotations

from gdviz.emit.expression import EmissionError
from gdviz.errors import GdvizError, UsageError

INSTEAD = "use --backend cpu"


class NoDevice(UsageError):
    """No processor of NVIDIA's can be used: there is none, or what it needs is missing or too old."""


class DeviceError(GdvizError):
    """The device failed at its work."""


class MemoryShort(DeviceError):
    """The device has no room for what was asked."""


def extra_of(driver: tuple[int, int] | None) -> str | None:
    """The extra of gdviz that fits a driver by the version of CUDA that it knows, None where none does."""
    if driver is None or driver < (12, 0):
        return None
    return "cuda12" if driver < (13, 0) else "cuda13"


def _install(extra: str) -> str:
    return f'python -m pip install "gdviz[{extra}]"'


def no_package(driver: tuple[int, int] | None) -> NoDevice:
    """Nothing is installed that compiles for CUDA. driver: version of CUDA that it knows, where there is one."""
    if driver is None:
        return NoDevice(f"the cuda backend needs an NVIDIA driver, and this machine has none; {INSTEAD}")
    extra = extra_of(driver)
    if extra is None:
        return old_driver(driver)
    return NoDevice(f"the cuda backend needs a compiler that is not installed: {_install(extra)}; or {INSTEAD}")


def old_driver(driver: tuple[int, int], toolkit: int | None = None) -> NoDevice:
    """The driver is older than what is installed. toolkit: the major version of CUDA that was installed for."""
    has = f"the NVIDIA driver knows CUDA {driver[0]}.{driver[1]}"
    extra = extra_of(driver)
    if extra is None:
        return NoDevice(f"{has}, and gdviz needs one of CUDA 12 at least; update the driver, or {INSTEAD}")
    return NoDevice(f"{has}, too old for gdviz[cuda{toolkit}] that is installed; type {_install(extra)}, or {INSTEAD}")


def no_driver(reason: str) -> NoDevice:
    """The driver does not answer, for a reason of its own."""
    return NoDevice(f"no NVIDIA GPU can be used here ({_brief(reason)}); {INSTEAD}")


def no_device() -> NoDevice:
    """There is a driver, and no device, or none that is shown."""
    return NoDevice(f"the NVIDIA driver shows no GPU; look at CUDA_VISIBLE_DEVICES, or {INSTEAD}")


def old_device(name: str, capability: tuple[int, int], least: tuple[int, int]) -> NoDevice:
    """The device is older than compilers know."""
    return NoDevice(
        f"{name} has compute capability {capability[0]}.{capability[1]}, and compilers for CUDA begin at "
        f"{least[0]}.{least[1]}; {INSTEAD}"
    )


def unusable(package: str, error: BaseException) -> NoDevice:
    """A package that compiles for CUDA is there and cannot be loaded."""
    return NoDevice(f"{package} cannot be loaded ({_brief(str(error))}); install it again, or {INSTEAD}")


def forked() -> NoDevice:
    """The process was forked from one that had used a device, which no driver survives."""
    return NoDevice(f"this process was forked from one that had used the GPU; start processes with spawn, or {INSTEAD}")


def not_compiled(what: str, package: str, error: BaseException) -> EmissionError:
    """A kernel does not compile. what: the definitions that it is made from."""
    return EmissionError(f"no CUDA kernel can be compiled of {what} by {package} ({_brief(str(error))}); {INSTEAD}")


def too_large(what: str, own: int, room: int) -> EmissionError:
    """A run needs more memory of its own than a thread of the device has. own, room: bytes."""
    return EmissionError(
        f"{what} keeps {own / 2**10:.0f} KiB for every run, and a thread of this GPU has room for {room / 2**10:.0f}; "
        f"{INSTEAD}"
    )


def no_memory() -> MemoryShort:
    """The device has no room for what a kernel asks for itself, or for the first few runs."""
    return MemoryShort(f"the GPU has no memory left for this; close what else uses it, or {INSTEAD}")


def memory_short(needed: int, free: int) -> MemoryShort:
    """Not even a few runs fit."""
    return MemoryShort(
        f"the GPU has {free / 1e6:.0f} MB free, and the fewest runs at a time need {needed / 1e6:.0f} MB; close what "
        f"else uses it, ask for fewer records, or {INSTEAD}"
    )


def fewer(runs: int) -> str:
    """Said once where chunks had to be made smaller."""
    return f"the GPU's memory is short, so that runs are made {runs} at a time"


def watchdog() -> DeviceError:
    """The system ended a kernel that held the display for too long."""
    return DeviceError(
        "the system's watchdog ended a kernel on the GPU that draws the screen, although launches are short; use a GPU "
        f"without a display, or {INSTEAD}"
    )


def failed(what: str, error: BaseException) -> DeviceError:
    """The device gave up at a kernel; afterwards this process cannot use it any more."""
    return DeviceError(f"the GPU failed at {what} ({_brief(str(error))}); start again, or {INSTEAD}")


def chosen(device: str) -> str:
    """Said where nobody chose, and the runs are made on a device."""
    return f"the runs are made on the GPU ({device}), whose last digits may differ from those of --backend cpu"


def _brief(reason: str) -> str:
    """The line of an error that says most: the first that neither announces others nor points into a source."""
    lines = [line.strip() for line in reason.strip().splitlines() if line.strip(" :.")]
    idle = ("File ", "^", "<source", "During", "Failed in ")
    told = [line for line in lines if not line.endswith(":") and not line.startswith(idle)]
    return (told or lines or ["no reason given"])[0].strip(" :.")[:160]
