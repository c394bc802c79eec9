"""Studies in chunks: computed by threads and parts, kept, killed, resumed, refused and exported."""

from __future__ import annotations

import os
import signal
import threading
from typing import Any

import numpy as np
import pytest

from gdviz.errors import Terminated, UsageError
from gdviz.studies.chunks import Layout, layout_of
from gdviz.studies.execution import study
from tests.toy_study import Toy, expected, recipe_of


def equal(found: Any, wanted: Any) -> None:
    for name, values in wanted.items():
        assert found[name].dtype == values.dtype
        np.testing.assert_array_equal(np.asarray(found[name]), values, err_msg=name)


@pytest.mark.parametrize("chunk", [None, 1, 4, 100])
@pytest.mark.parametrize("threads", [1, 2, 64])
def test_neither_threads_nor_chunks_change_a_bit(threads: int, chunk: int | None) -> None:
    toy = Toy(recipe_of(chunk=chunk, reliability="no"))
    told: list[tuple[int, int, str]] = []
    made = study(toy, threads=threads, progress=lambda *words: told.append(words))
    equal(made.arrays, expected(toy))
    assert made.complete and made.known.all() and made.reliability is None
    assert (made.arrays["total"] == expected(toy)["counts"].sum(axis=(1, 2))).all()
    assert [done for done, *_ in told] == list(range(1, len(layout_of(toy)) + 1))


def test_chunks_hold_every_cell_once() -> None:
    layout = Layout(2, (10, 23), (4, 5))
    held = np.zeros((2, 10, 23), int)
    for chunk in layout:
        held[chunk.place] += 1
        assert layout.chunk(chunk.number) == chunk
    assert (held == 1).all()
    assert sorted(number for k in range(1, 8) for number in layout.part((k, 7))) == list(range(len(layout)))


@pytest.mark.parametrize(
    ("size", "runs", "chunks", "sides"),
    [
        ((512, 512), 1, 16, (128, 256)),
        ((1, 1), 1, 2, (1, 1)),
        ((1000, 1000), 1, 32, (250, 250)),
        ((8, 8), 10**9, 128, (1, 1)),
    ],
)
def test_chunks_that_nobody_asked_for(size: tuple[int, int], runs: int, chunks: int, sides: tuple[int, int]) -> None:
    toy = Toy(recipe_of(chunk=None), size)
    toy.runs = runs
    layout = layout_of(toy)
    assert (len(layout), layout.sides) == (chunks, sides)


def test_parts_know_what_is_missing() -> None:
    toy = Toy(recipe_of(reliability="no"))
    parts = [study(toy, part=(k, 3), threads=1) for k in (1, 2, 3)]
    assert sum(part.known for part in parts).max() == 1
    assert all(part.known.any() and not part.complete for part in parts)
    assert sum(part.done[0] for part in parts) == parts[0].done[1] == len(layout_of(toy))


def test_a_failing_cell_is_told() -> None:
    class Failing(Toy):
        def evaluate(self, *words: Any, **ways: Any) -> Any:
            raise UsageError("no such cell")

    with pytest.raises(UsageError, match="no such cell"):
        study(Failing())
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("chunks")]


def test_who_asks_to_end_waits_for_a_chunk() -> None:
    class Asking(Toy):
        def evaluate(self, *words: Any, **ways: Any) -> Any:
            if not self.asked:
                os.kill(os.getpid(), signal.SIGTERM)
            return super().evaluate(*words, **ways)

    before, toy = signal.getsignal(signal.SIGTERM), Asking(seconds=0.01)
    with pytest.raises(Terminated, match="ended"):
        study(toy, threads=1)
    assert 0 < toy.asked < 100
    assert signal.getsignal(signal.SIGTERM) is before


def test_threads_beside_the_main_one_compute_too() -> None:
    made: list[Any] = []
    thread = threading.Thread(target=lambda: made.append(study(Toy(recipe_of(reliability="no")))))
    thread.start()
    thread.join()
    equal(made[0].arrays, expected(Toy()))
