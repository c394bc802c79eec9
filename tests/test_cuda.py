"""The cuda backend without a device: what it says, how work is cut, and, in Numba's simulator, how it is launched."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from gdviz.backends.cuda import api, sentences, slots
from gdviz.backends.cuda.pieces import GROWTH, Pieces
from gdviz.backends.cuda.records import Argument, FlatKernel
from gdviz.errors import GdvizWarning, UsageError

SIMULATED = sorted((Path(__file__).parent / "simulated").glob("[a-z]*.py"))


@pytest.mark.parametrize("path", SIMULATED, ids=lambda path: path.stem)
def test_simulated(path: Path) -> None:
    command = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", os.fspath(path)]
    done = subprocess.run(
        command, env={**os.environ, "NUMBA_ENABLE_CUDASIM": "1"}, capture_output=True, text=True, timeout=300
    )
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """Another machine: the version of CUDA that its driver knows, and the packages that it has."""

    def made(driver: tuple[int, int] | None, *packages: str) -> None:
        monkeypatch.delenv("NUMBA_ENABLE_CUDASIM", raising=False)
        monkeypatch.setattr(api, "_found", None)
        monkeypatch.setattr(api, "driver_version", lambda: driver)
        monkeypatch.setattr(api, "installed", lambda: packages)

    yield made


def test_a_machine_without_a_driver(machine: Any) -> None:
    machine(None)
    with pytest.raises(
        sentences.NoDevice, match=r"needs an NVIDIA driver, and this machine has none; use --backend cpu"
    ):
        api.found()


@pytest.mark.parametrize(
    ("driver", "said"),
    [
        ((12, 4), r'python -m pip install "gdviz\[cuda12\]"; or use --backend cpu'),
        ((13, 1), r'python -m pip install "gdviz\[cuda13\]"; or use --backend cpu'),
        ((11, 8), r"knows CUDA 11.8, and gdviz needs one of CUDA 12 at least; update the driver"),
    ],
)
def test_a_machine_without_a_compiler(
    machine: Any, monkeypatch: pytest.MonkeyPatch, driver: tuple[int, int], said: str
) -> None:
    machine(driver)
    monkeypatch.setattr(api, "_made", lambda name: Found(None))
    with pytest.raises(sentences.NoDevice, match=said):
        api.found()


class Found:
    """A package that is there."""

    simulated = False

    def __init__(self, toolkit: int | None = 13) -> None:
        self.toolkit = toolkit

    def check(self, driver: tuple[int, int]) -> None:
        from gdviz.backends.cuda.api.interface import Api

        Api.check(self, driver)  # type: ignore[arg-type]

    def told(self, error: BaseException) -> None:
        return None

    class cuda:
        gpus: tuple[Any, ...] = ()


def test_a_driver_too_old_for_the_extra(machine: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    machine((12, 8), "numba_cuda_mlir")
    monkeypatch.setattr(api, "_made", lambda name: Found())
    with pytest.raises(sentences.NoDevice, match=r'too old for gdviz\[cuda13\] .* type .*"gdviz\[cuda12\]"'):
        api.found()


def test_devices_that_are_none_or_too_old(machine: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    machine((13, 0), "numba_cuda_mlir")
    monkeypatch.setattr(api, "_made", lambda name: Found())
    with pytest.raises(sentences.NoDevice, match="shows no GPU; look at CUDA_VISIBLE_DEVICES"):
        api.found()

    class Old:
        name = b"GeForce GTX 1080"
        compute_capability = (6, 1)

    monkeypatch.setattr(Found.cuda, "gpus", (Old(),))
    with pytest.raises(sentences.NoDevice, match=r"GeForce GTX 1080 has compute capability 6\.1, .* begin at 7\.0"):
        api.found()


def test_a_package_in_pieces(machine: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    machine((13, 0), "numba_cuda_mlir")

    def broken(name: str) -> Any:
        raise ImportError("libLLVM.so: cannot open shared object file")

    monkeypatch.setattr(api.importlib, "import_module", broken)
    with pytest.raises(sentences.NoDevice, match=r"numba_cuda_mlir cannot be loaded .*libLLVM.*install it again"):
        api.found()


def test_a_forked_process_is_told(machine: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    machine((13, 0), "numba_cuda_mlir")
    monkeypatch.setattr(api, "_found", (os.getpid() + 1, Found()))
    with pytest.raises(sentences.NoDevice, match="forked from one that had used the GPU; start processes with spawn"):
        api.found()


def test_a_device_is_looked_for_only_where_it_was_installed_for(machine: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """And why it cannot be used is said once, not at every run."""

    def never(name: str) -> Any:
        raise AssertionError(name)

    monkeypatch.setattr(api, "_made", never)
    machine((13, 0))
    assert not api.ready()
    machine(None, "numba_cuda_mlir")
    assert not api.ready()
    machine((12, 4), "numba_cuda_mlir")
    monkeypatch.setattr(api, "_told", False)
    monkeypatch.setattr(api, "_made", lambda name: Found())
    with pytest.warns(GdvizWarning, match="too old for") as said:
        assert not api.ready() and not api.ready()
    assert len(said) == 1
    monkeypatch.setattr(Found.cuda, "gpus", (New(),))
    machine((13, 0), "numba_cuda_mlir")
    assert api.ready()


class New:
    name = "H200"
    compute_capability = (9, 0)


def test_every_failure_is_a_sentence() -> None:
    error = RuntimeError("Failed in mlir mode pipeline (step: mlir frontend)\nUnknown attribute\n\nFile x.py, line 3")
    said = [
        sentences.no_package(None),
        *(sentences.no_package(driver) for driver in ((11, 0), (12, 0), (13, 2))),
        sentences.old_driver((12, 2), 13),
        sentences.no_driver("Error at driver init: \nCUDA driver library cannot be found.\n:"),
        sentences.no_device(),
        sentences.old_device("a GPU", (6, 1), (7, 0)),
        sentences.unusable("numba_cuda_mlir", error),
        sentences.forked(),
        sentences.not_compiled("optimizer adam on landscape booth", "numba-cuda-mlir", error),
        sentences.no_memory(),
        sentences.memory_short(10**7, 10**6),
        sentences.watchdog(),
        sentences.failed("a kernel of booth", error),
    ]
    for sentence in map(str, said):
        assert "--backend cpu" in sentence and "\n" not in sentence and len(sentence) < 300
        assert sentence[0].islower() and sentence[-1] not in ".:"
    for refused in said[:-4]:
        assert isinstance(refused, UsageError)  # exit code 2


def test_launches_grow_to_the_time_they_may_take() -> None:
    made = Pieces.of(watched=False, whole=False)
    assert made.next(2**20, 10**6) == 2**6 and made.next(10, 100) == 100 and made.next(2**30, 5) == 1
    made.told(2**20, 2**6, 1e-3)
    assert made.next(2**20, 10**6) == 2**6 * GROWTH
    made.told(2**20, 2**9, 2 * made.seconds)
    assert made.next(2**20, 10**6) == 2**8
    made.told(2**20, 1, 1e-6)  # a short one, as of the last steps of a chunk, takes nothing back
    assert made.next(2**20, 10**6) == 2**8
    assert Pieces.of(watched=True, whole=False).next(2**17, 10**6) == 2
    assert Pieces.of(watched=True, whole=True).next(2**17, 10**6) == 10**6


@pytest.mark.parametrize(("runs", "most"), [(1, 1), (10, 3), (100, 7), (2**20 + 1, 2**20), (5, 100)])
def test_chunks_are_all_runs_once(runs: int, most: int) -> None:
    made = list(slots.chunks(runs, most))
    assert [number for first, count in made for number in range(first, first + count)] == list(range(runs))
    sizes = {count for _, count in made}
    assert max(sizes) <= most and max(sizes) - min(sizes) <= 1


@pytest.mark.parametrize("runs", [1, 33, 1000])
def test_arrays_of_a_chunk_lie_apart_in_the_order_in_which_they_are_copied(runs: int) -> None:
    arguments = (
        Argument("data", "float64", 1, "in"),
        Argument("status", "int8", 1, "out"),
        Argument("start", "float32", 2, "run"),
        Argument("left", "int64", 1, "out", (), -1),
        Argument("x", "float32", 3, "out", (3, 2)),
    )
    layout = slots.layout_of(FlatKernel("", "float32", "", arguments, (4, 0, 1)), {"start": (2,)}, runs)
    assert layout.places.keys() == {"status", "start", "left", "x"}
    places = sorted([*layout.places.values(), *layout.kept], key=lambda place: place.first)
    ends = [place.first + place.size(runs) for place in places]
    assert all(end <= after.first for end, after in zip(ends, places[1:], strict=False)) and ends[-1] <= layout.size
    assert all(place.first % slots.ALIGNED == 0 for place in places)
    sent = {name for name, p in layout.places.items() if layout.sent[0] <= p.first < layout.sent[1]}
    back = {name for name, p in layout.places.items() if layout.back[0] <= p.first < layout.back[1]}
    assert sent == {"start", "left"} and back == {"left", "status", "x"}
    assert [place.shape for place in layout.kept] == [(4,), (1,)]
    assert min(place.first for place in layout.kept) >= layout.back[1]
