"""What a device is and whether its compiler can be trusted, as `gdviz doctor` tells it."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from gdviz import vmath
from gdviz.backends.cuda import api, sentences
from gdviz.backends.cuda.api.driver import driver_version
from gdviz.backends.cuda.api.interface import Api, Device
from gdviz.backends.cuda.launch import execute
from gdviz.backends.cuda.records import Argument, FlatKernel
from gdviz.backends.cuda.sentences import NoDevice
from gdviz.vmath import random

KNOWN = (
    ((0, 0, 0, 0, 0, 0), (0x6627E8D5, 0xE169C58D, 0xBC57AC4C, 0x9B00DBD8)),
    ((0xFFFFFFFF,) * 6, (0x408F276D, 0x41C83B0E, 0xA20BC7C6, 0x6D5451FD)),
    (
        (0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344, 0xA4093822, 0x299F31D0),
        (0xD16CFE09, 0x94FDCCEB, 0x5001E420, 0x24126EA1),
    ),
)
"""Counter and key, and the words that Philox4x32-10 answers to them: kat_vectors of Random123."""

PHILOX = """
def descend(given, words, first, count, begin, end):
    i = cuda.grid(1)
    if i >= count:
        return
    a, b, c, d = philox(given[0, i], given[1, i], given[2, i], given[3, i], given[4, i], given[5, i])
    words[0, i] = a
    words[1, i] = b
    words[2, i] = c
    words[3, i] = d
"""


class Survey(NamedTuple):
    """Of this machine. driver: version of CUDA that its driver knows; extra: that of gdviz which fits it; package,
    version and toolkit: what compiles, and for which CUDA; devices: all that can be used; reason: why there is none."""

    driver: tuple[int, int] | None
    extra: str | None
    package: str | None = None
    version: str | None = None
    toolkit: int | None = None
    devices: tuple[Device, ...] = ()
    reason: str | None = None


def survey() -> Survey:
    """What this machine has."""
    driver = driver_version()
    extra = sentences.extra_of(driver)
    try:
        found = api.found()
        devices = found.devices()
    except NoDevice as error:
        return Survey(driver, extra, reason=str(error))
    return Survey(driver, extra, found.name, found.version, found.toolkit, devices)


def philox_kernel() -> FlatKernel:
    """Philox alone, of a counter and a key for each run."""
    text = vmath.selected(random.text("float64"), ["philox"]) + PHILOX
    arguments = (Argument("given", "uint64", 2, "run"), Argument("words", "uint64", 2, "out", (4,)))
    return FlatKernel("Philox", "float64", text, arguments)


def draws_right(on: Api) -> bool:
    """Whether a device answers the known words, and to many further counters those that NumPy does."""
    many = 16 if on.simulated else 2**16
    counters = np.random.default_rng(0).integers(0, 2**32, (6, many), np.uint64)
    counters[:, : len(KNOWN)] = np.array([given for given, _ in KNOWN], np.uint64).T
    words = execute(on, philox_kernel(), {"given": counters}, many, 1)["words"]
    known = np.array([answer for _, answer in KNOWN], np.uint64)
    expected = np.stack(random.namespace("float64")["philox"](*counters), axis=1)
    return bool((words[: len(KNOWN)] == known).all() and (words == expected).all())
