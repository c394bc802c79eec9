"""How kernels are launched: cut into chunks and into steps, short of memory, interrupted, by many threads."""

from __future__ import annotations

import threading
import warnings
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from gdviz.backends.cuda import api, launch, pieces, sentences, slots
from gdviz.backends.cuda.records import Argument, FlatKernel
from gdviz.errors import GdvizWarning

# Every step halves a and adds the rate; how often a was above 2 is counted.
TEXT = """
def descend(rate, nothing, start, x, number, above, a_kept, above_kept, first, count, begin, end):
    i = cuda.grid(1)
    if i >= count:
        return
    a = start[0, i]
    n = I(0)
    if begin > 0:
        a = a_kept[0, i]
        n = above_kept[0, i]
    for t in range(begin, end):
        a = mul(a, F(0.5)) + rate[0]
        if a > F(2.0):
            n += I(1)
    a_kept[0, i] = a
    above_kept[0, i] = n
    x[0, i] = a
    x[1, i] = start[1, i] + nothing[0, 0]
    if n > I(0):
        above[i] = n
    number[i] = first + np.int64(i)
"""
TOY = FlatKernel(
    "a toy",
    "float64",
    TEXT,
    (
        Argument("rate", "float64", 1, "in"),
        Argument("nothing", "float64", 2, "in"),
        Argument("start", "float64", 2, "run"),
        Argument("x", "float64", 2, "out", (2,)),
        Argument("number", "int64", 1, "out"),
        Argument("above", "int64", 1, "out", (), -1),
    ),
    (1, 1, 0),
)
RUNS, STEPS = 101, 9


def values(runs: int) -> dict[str, NDArray[Any]]:
    starts = np.stack([np.linspace(-9, 9, runs), np.arange(runs, dtype=float)], axis=1)
    return {"rate": np.array([0.75]), "nothing": np.empty((0, 0)), "start": starts.T}


def expected(runs: int, steps: int = STEPS, dtype: str = "float64") -> dict[str, NDArray[Any]]:
    start = values(runs)["start"].astype(dtype)
    a, n = start[0].copy(), np.full(runs, 0)
    for _ in range(steps):
        a = a * np.dtype(dtype).type(0.5) + np.dtype(dtype).type(0.75)
        n += a > 2
    return {"x": np.stack([a, start[1]], axis=1), "number": np.arange(runs), "above": np.where(n > 0, n, -1)}


def ran(runs: int = RUNS, steps: int = STEPS, progress: Callable[[int, int], None] | None = None) -> None:
    made = launch.execute(api.found(), TOY, values(runs), runs, steps, progress)
    wanted = expected(runs, steps)
    assert made.keys() == wanted.keys()
    for name, array in wanted.items():
        assert made[name].flags.c_contiguous
        np.testing.assert_array_equal(made[name], array, err_msg=name)


@pytest.fixture(autouse=True)
def nothing_is_left() -> Iterator[None]:
    yield
    pool = slots.POOL
    assert pool._seats._value == slots.SLOTS
    assert pool._held == sum(slot.size for slot in pool._idle)


def test_one_launch() -> None:
    ran()


@pytest.mark.parametrize("runs", [1, 2, 8, 9])
def test_few_runs(runs: int) -> None:
    ran(runs)


def test_no_runs_and_no_steps() -> None:
    ran(runs=0)
    ran(steps=0)


@pytest.mark.parametrize(("most", "begin"), [(7, 2**26), (64, 50), (100, 1), (33, 300)])
def test_neither_chunks_nor_launches_change_a_bit(monkeypatch: pytest.MonkeyPatch, most: int, begin: int) -> None:
    monkeypatch.setattr(launch, "RUNS", most)
    monkeypatch.setattr(pieces, "BEGIN", begin)
    told: list[tuple[int, int]] = []
    ran(progress=lambda done, of: told.append((done, of)))
    assert told == sorted(told) and told[-1] == (RUNS, RUNS) and {of for _, of in told} == {RUNS}


def test_what_keeps_nothing_is_launched_once(monkeypatch: pytest.MonkeyPatch) -> None:
    text = TEXT.replace("a_kept, above_kept, ", "").replace("a_kept[0, i]", "a").replace("above_kept[0, i]", "n")
    kernel = TOY._replace(text=text, saved=(0, 0, 0))
    monkeypatch.setattr(pieces, "BEGIN", 1)
    made = launch.execute(api.found(), kernel, values(RUNS), RUNS, STEPS)
    np.testing.assert_array_equal(made["x"], expected(RUNS)["x"])


def scarce(monkeypatch: pytest.MonkeyPatch, most: int) -> list[int]:
    """A device that has room for so many bytes at a time, whatever it says; what was asked of it."""
    asked: list[int] = []
    found = api.found()
    room = found.room

    def given(size: int) -> Any:
        asked.append(size)
        if size > most:
            raise sentences.no_memory()
        return room(size)

    monkeypatch.setattr(slots, "POOL", fresh := slots.Pool())
    monkeypatch.setattr(launch, "POOL", fresh)
    monkeypatch.setattr(launch, "_told", set())
    monkeypatch.setattr(found, "room", given)
    return asked


def test_a_device_short_of_memory_makes_smaller_chunks_and_says_so_once(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = slots.layout_of(TOY, {"start": (2,)}, RUNS).size
    asked = scarce(monkeypatch, whole // 2 + slots.ALIGNED * 8)
    with pytest.warns(GdvizWarning, match="memory is short, so that runs are made 50 at a time") as said:
        ran()
    assert len(said) == 1 and max(asked) == whole
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        ran()


def test_a_device_without_room_for_the_fewest_runs_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    scarce(monkeypatch, 100)
    with pytest.warns(GdvizWarning), pytest.raises(sentences.MemoryShort, match=r"no memory left for this; .* cpu"):
        ran()  # something is free, and still not to be had
    monkeypatch.setattr(api.found(), "free", lambda: 100)
    with pytest.raises(sentences.MemoryShort, match=r"the fewest runs at a time need .* use --backend cpu"):
        ran()


def test_an_interrupt_ends_it_and_leaves_the_device_to_others(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(launch, "RUNS", 10)

    def interrupted(done: int, of: int) -> None:
        if done >= 20:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        ran(progress=interrupted)
    ran()


def test_a_fault_of_the_device_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    class CudaAPIError(Exception):
        pass

    def wait(self: slots.Slot) -> None:
        raise CudaAPIError("[700] Call to cuStreamSynchronize results in CUDA_ERROR_ILLEGAL_ADDRESS")

    with monkeypatch.context() as patch:
        patch.setattr(slots.Slot, "wait", wait)
        with pytest.raises(sentences.DeviceError, match=r"failed at a kernel of a toy .*CUDA_ERROR_ILLEGAL_ADDRESS"):
            ran()
    ran()


def test_threads_share_a_device(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(launch, "RUNS", 20)
    failed: list[BaseException] = []

    def work() -> None:
        try:
            for runs in (40, 57, 101):
                ran(runs)
        except BaseException as error:
            failed.append(error)

    threads = [threading.Thread(target=work) for _ in range(2 * slots.SLOTS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failed
