"""Studies in chunks: computed by threads and parts, kept, killed, resumed, refused and exported."""

from __future__ import annotations

import csv
import errno
import itertools
import os
import random
import shutil
import signal
import sys
import threading
import time
import warnings
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from gdviz.errors import GdvizWarning, OutputError, Terminated, UsageError
from gdviz.studies import execution, files, opening
from gdviz.studies.chunks import Layout, computed, layout_of
from gdviz.studies.execution import study
from gdviz.studies.export import export
from gdviz.studies.store import found, store_of
from gdviz.studies.variables import files_of
from tests.children import child
from tests.toy_study import Toy, expected, recipe_of

xarray = pytest.importorskip("xarray")
zarr = pytest.importorskip("zarr")


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


def test_the_last_chunks_are_shared_by_all_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that no thread idles while another is at its last chunk."""
    toy, shares = Toy(recipe_of(chunk=4, reliability="no"), seconds=0.002), []
    evaluate = toy.evaluate

    def spy(*args: Any, threads: int, **asked: Any) -> Any:
        shares.append(threads)
        return evaluate(*args, threads=threads, **asked)

    monkeypatch.setattr(toy, "evaluate", spy)
    study(toy, threads=3)
    assert shares[0] == 1 and shares.count(3) in (3, 4, 5) and len(shares) == 36


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


@pytest.mark.parametrize(("side", "cpu", "cuda"), [(512, 16, 16), (4096, 512, 64)])
def test_devices_are_handed_more_runs_at_once(side: int, cpu: int, cuda: int) -> None:
    counts = [len(layout_of(Toy(recipe_of(chunk=None, backend=name), (side, side)))) for name in ("cpu", "cuda")]
    assert counts == [cpu, cuda]


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
                signal.raise_signal(signal.SIGTERM)
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


def tree(store: Path) -> dict[str, bytes]:
    return {file.relative_to(store).as_posix(): file.read_bytes() for file in store.rglob("*") if file.is_file()}


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store that is done, to be copied."""
    store: Path = tmp_path_factory.mktemp("made") / "toy.zarr"
    study(Toy(), store=store, threads=1)
    return store


@pytest.fixture
def copied(made: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(made, tmp_path / "moved.zarr"))


def test_a_store_holds_what_memory_would(made: Path) -> None:
    kept, memory = study(Toy(), store=made), study(Toy())
    equal(kept.arrays, expected(Toy()))
    assert set(kept.arrays) == set(memory.arrays) == {*expected(Toy()), "total"}
    assert kept.reliability == memory.reliability is not None
    assert kept.complete and kept.known.all()
    assert len(tree(made)) == files_of(Toy(), layout_of(Toy()))


def test_xarray_opens_a_store_as_it_is(made: Path) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        opened = xarray.open_zarr(made, chunks=None).load()
    told = study(Toy(), store=made).dataset
    xarray.testing.assert_identical(opened, told.load())
    there = opened.drop_vars("done").drop_attrs()
    xarray.testing.assert_identical(there, study(Toy()).dataset.drop_attrs())
    assert opened["final"].dims == ("optimizer", "y", "lr.1")
    assert opened["optimizer"].values.tolist() == list(Toy.labels)
    np.testing.assert_array_equal(opened["lr.1"], Toy().axes[1].values)
    assert opened["lr.1"].attrs == {"long_name": "lr.1", "scale": "log", "units": "step"}
    assert opened["status"].attrs["flag_meanings"] == "ran left" and opened["status"].dtype == np.int8
    assert (opened["done"] == 1).all() and opened.attrs["target"] == 1e-3


@pytest.mark.parametrize("threads", [1, 2])
def test_the_same_study_makes_the_same_files(threads: int, made: Path, tmp_path: Path) -> None:
    store = tmp_path / "elsewhere" / "other.zarr"
    store.parent.mkdir()
    for part in (2, 1, 3):
        study(Toy(), store=store, threads=threads, part=(part, 3))
    assert tree(store) == tree(made)


def test_sixteen_parts_make_one_store(made: Path, tmp_path: Path) -> None:
    store, failed = tmp_path / "toy.zarr", []
    begin = threading.Barrier(16)

    def part(k: int) -> None:
        begin.wait()
        try:
            study(Toy(), store=store, threads=1, part=(k, 16))
        except BaseException as error:
            failed.append(error)

    threads = [threading.Thread(target=part, args=(k,)) for k in range(1, 17)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failed
    assert tree(store) == tree(made)
    assert names(tmp_path) == [store.name]


@pytest.mark.exhaustive
def test_sixteen_processes_make_one_store(made: Path, tmp_path: Path) -> None:
    store = tmp_path / "toy.zarr"
    command = [sys.executable, "-m", "tests.toy_study", str(store), "0.01"]
    started = [child([*command, f"{k}/16"]) for k in range(1, 17)]
    processes = [one.__enter__() for one in started]
    assert [process.wait(120) for process in processes] == [0] * 16
    for one in started:
        one.__exit__(None, None, None)
    assert tree(store) == tree(made)
    assert names(tmp_path) == [store.name]


KILLED = 1 if sys.platform == "win32" else -signal.SIGKILL
"""What a process answers that was."""


def kills(command: Sequence[str], wanted: int, store: Path, rng: random.Random) -> list[int]:
    """Kill so many processes that compute a store, each at some moment of its work, which ends where another has; how
    many chunks were done at each of these moments.

    They are killed in turn after some of the chunks that were left, and after some time, which may be that of what
    follows the last chunk. A process that ends before does not count; then some chunks are taken away, so that there is
    work.
    """
    found: list[int] = []
    longest, ended = 0.4, False  # 36 chunks on two threads take 0.36 s
    while len(found) < wanted:
        by_chunks = len(found) % 2 == 0
        if ended or (by_chunks and done_in(store) == 36):
            some = rng.sample(sorted((store / "done").glob("c.*")), min(30, done_in(store)))
            for file in [*some[15:], *(store / "final" / one.name for one in some[:15]), store / "total" / "zarr.json"]:
                file.unlink(missing_ok=True)
        last = rng.randrange(done_in(store), 36) if by_chunks else 36
        with child(command) as process:
            assert process.stdout is not None and process.stdout.readline()  # what is imported is no work
            begun, after = time.monotonic(), 60.0 if by_chunks else rng.random() * longest
            while process.poll() is None and time.monotonic() < begun + after and done_in(store) <= last:
                time.sleep(0.0005)
            process.kill()
            if ended := process.wait() == 0:
                longest = time.monotonic() - begun
            else:
                assert process.returncode == KILLED
                found.append(done_in(store))
    return found


def done_in(store: Path) -> int:
    """Chunks that are done; what a kill left half-written is none."""
    return sum(file.suffix != ".partial" for file in (store / "done").glob("c.*"))


@pytest.mark.parametrize("wanted", [2, pytest.param(20, marks=pytest.mark.exhaustive)])
def test_killed_at_any_moment_it_goes_on(wanted: int, made: Path, tmp_path: Path) -> None:
    store, rng = tmp_path / "toy.zarr", random.Random(wanted)
    done = kills([sys.executable, "-m", "tests.toy_study", str(store), "0.02"], wanted, store, rng)
    assert sum(0 < count < 36 for count in done) >= wanted // 4
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", GdvizWarning)  # of what was taken from it
        study(Toy(), store=store)
    assert tree(store) == tree(made)
    assert names(tmp_path) == [store.name]


def cut(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:-5])


def flip(file: Path) -> None:
    data = bytearray(file.read_bytes())
    data[len(data) // 2] ^= 4
    file.write_bytes(data)


def empty(file: Path) -> None:
    file.write_bytes(b"")


@pytest.mark.parametrize("damage", [cut, flip, empty, Path.unlink], ids=lambda one: one.__name__)
@pytest.mark.parametrize("name", ["status", "counts", "done"])
def test_damaged_chunks_are_computed_again(name: str, damage: Any, made: Path, copied: Path) -> None:
    file = "c.1.0.2" + (".0" if name == "counts" else "")
    damage(copied / name / file)
    is_told = (name, damage) != ("done", Path.unlink)
    toy = Toy(recipe_of(reliability="no"))
    with pytest.warns(GdvizWarning, match="1 damaged chunk is") if is_told else warnings.catch_warnings():
        study(toy, store=copied)
    assert toy.asked == 16
    assert tree(copied) == tree(made)


def test_what_killed_writers_leave_is_swept(made: Path, copied: Path) -> None:
    (copied / "done" / "c.0.0.0").unlink()
    for left in (
        ".zarr.json-12.partial",
        "final/c.0.0.0-ab12.partial",
        "status/c.0.0.1.0.0123.partial",
        "total/zarr.json-1.partial",
    ):
        (copied / left).write_bytes(b"half")
    (copied.parent / f".{copied.name}-77.partial").mkdir()
    (copied / "final" / "zarr.json").unlink()
    shutil.rmtree(copied / "y")
    study(Toy(), store=copied)
    assert tree(copied) == tree(made)
    assert names(copied.parent) == [copied.name]


def test_what_all_cells_come_to_is_made_where_it_is_missing(made: Path, copied: Path) -> None:
    shutil.rmtree(copied / "total")
    flip(copied / "flips_ulp" / "c.0")
    toy = Toy()
    assert study(toy, store=copied).reliability == study(Toy(), store=made).reliability
    assert toy.asked > 0
    assert tree(copied) == tree(made)
    done = Toy()
    study(done, store=copied)
    assert done.asked == 0


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"seed": 3}, "seed is 0 there and 3 here"),
        ({"backend": "cpu"}, 'backend is "python" there and "cpu" here'),
        ({"landscape": "ackley"}, 'landscape is "beale" there and "ackley" here'),
        ({"digests": {"landscape:beale": "sha256:1"}}, 'digests landscape:beale is nothing there and "sha256:1" here'),
    ],
)
def test_another_study_is_refused(changes: dict[str, Any], sentence: str, made: Path) -> None:
    before = tree(made)
    with pytest.raises(OutputError, match=sentence):
        study(Toy(recipe_of(**changes)), store=made)
    assert tree(made) == before


def test_a_study_in_which_something_else_counts_is_refused(made: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Toy, "criteria", {"target": 1e-2, "guard": "none"})
    with pytest.raises(OutputError, match=r"criterion target is 0\.001 there and 0\.01 here"):
        study(Toy(), store=made)


def test_what_other_versions_compressed_is_done(copied: Path) -> None:
    from google_crc32c import value
    from numcodecs.zstd import Zstd

    before = opening.state(copied)
    data = bytes(Zstd(level=1, checksum=True).encode(np.ones(1, np.int8)))
    file = next((copied / "done").glob("c.*"))
    assert file.read_bytes()[:-4] != data
    file.write_bytes(data + value(data).to_bytes(4, "little"))
    after = opening.state(copied)
    assert (after.done, after.damaged) == (before.done, 0)


def test_files_that_another_process_moves_are_not_counted(made: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before, rglob = opening.state(made), Path.rglob
    monkeypatch.setattr(Path, "rglob", lambda self, pattern: [*rglob(self, pattern), self / "done" / "c.0-1.partial"])
    is_file = Path.is_file
    monkeypatch.setattr(Path, "is_file", lambda self: self.suffix == ".partial" or is_file(self))
    after = opening.state(made)
    assert (after.files, after.size) == (before.files, before.size)


def test_look_chunks_and_threads_make_no_other_study(tmp_path: Path) -> None:
    made = tmp_path / "toy.zarr"
    study(Toy(recipe_of(optimizer=[{"name": "gd", "lr": 0.1}])), store=made)
    drawn = {"label": "Спуск", "color": "#123456", "dash": "dotted", "marker": "square"}
    look = {"theme": "dark", "lang": "kk", "chunk": 7, "threads": 2, "reliability": "no", "title": "Ein Titel"}
    toy = Toy(recipe_of(optimizer=[{"name": "gd", "lr": 0.1, **drawn}], **look))
    assert study(toy, store=made).complete and toy.asked == 0
    assert opening.recipe_of(made).backend == "python"


def test_what_is_no_store_is_not_touched(tmp_path: Path) -> None:
    folder, file, strange = tmp_path / "folder.zarr", tmp_path / "file.zarr", tmp_path / "strange.zarr"
    folder.mkdir()
    file.write_text("mine")
    zarr.create_group(strange)
    for path, sentence in (
        (folder, "is a folder, but no store of a study"),
        (file, "is a file, and no store of a study"),
        (strange, "is no store of a study"),
        (tmp_path / "none" / "x.zarr", "none does not exist"),
    ):
        before = tree(tmp_path)
        with pytest.raises(OutputError, match=sentence):
            study(Toy(), store=path)
        assert tree(tmp_path) == before
    with pytest.raises(OutputError, match="there is no store"):
        opening.open_study(tmp_path / "none.zarr")


@pytest.mark.parametrize(
    ("number", "sentence"),
    [(errno.ENOSPC, "the disk is full"), (errno.EROFS, "read-only file system"), (errno.EDQUOT, "quota is used up")],
)
@pytest.mark.parametrize("after", [0, 3, 60])
def test_no_room_costs_nothing_that_is_done(
    after: int, number: int, sentence: str, made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store, count = tmp_path / "toy.zarr", itertools.count()
    study(Toy(), store=store, part=(1, 36))
    replace = os.replace

    def full(*paths: Any) -> None:
        if next(count) >= after:
            raise OSError(number, os.strerror(number), str(paths[0]))
        replace(*paths)

    with monkeypatch.context() as context:
        context.setattr(files.os, "replace", full)
        with pytest.raises(OutputError, match=f"{sentence}; what is done stays there"):
            study(Toy(), store=store, threads=1)
    done = 1 + after // 4
    assert not list(tmp_path.rglob("*.partial"))
    assert len(names(store / "done")) - 1 == done
    again = Toy()
    assert study(again, store=store, part=(2, 36)).done == (max(done, 2), 36)
    assert again.asked == (16 if done == 1 else 0)
    study(again, store=store)
    assert tree(store) == tree(made)


def test_a_store_that_cannot_be_made_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*handles: Any) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(files.os, "fsync", full)
    with pytest.raises(OutputError, match="cannot be made: the disk is full"):
        study(Toy(), store=tmp_path / "toy.zarr")
    assert not names(tmp_path)


def test_another_process_may_sweep_what_is_written(made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    replace, seen = os.replace, itertools.count()

    def swept(source: Any, target: Any) -> None:
        if next(seen) % 3 == 0:
            os.unlink(source)
        replace(source, target)

    monkeypatch.setattr(files.os, "replace", swept)
    study(Toy(), store=tmp_path / "toy.zarr")
    assert tree(tmp_path / "toy.zarr") == tree(made)


def test_asked_to_end_a_store_keeps_what_was_begun(made: Path, tmp_path: Path) -> None:
    store = tmp_path / "toy.zarr"
    with child([sys.executable, "-m", "tests.toy_study", str(store), "0.05"]) as process:
        while not store.exists() or len(names(store / "done")) < 3:
            assert process.poll() is None
            time.sleep(0.005)
        process.terminate()
        error = process.stderr.read().decode()
        assert process.wait(10) == 1
    assert "Terminated: ended with " in error and "type the same again and the study goes on" in error
    assert not list(store.rglob("*.partial"))
    done = len(names(store / "done")) - 1
    assert 3 <= done < 36 and f"ended with {done} of 36 chunks done" in error
    study(Toy(), store=store)
    assert tree(store) == tree(made)


def test_chunks_that_nobody_waited_for_are_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As of workers who keep a chunk while the process that handed it out is asked to end."""

    def unheard(problem: Toy, layout: Layout, *_: Any) -> Iterator[int]:
        store_of(problem, tmp_path / "a.zarr").write(layout.chunk(5), computed(problem, layout.chunk(5), 1))
        signal.raise_signal(signal.SIGTERM)
        return iter(())

    monkeypatch.setattr(execution, "_on_threads", unheard)
    with pytest.raises(Terminated, match="ended with 1 of 36 chunks done"):
        study(Toy(), store=tmp_path / "a.zarr")


def test_asked_to_end_while_the_map_is_judged(tmp_path: Path) -> None:
    def progress(done: int, total: int, stage: str) -> None:
        if stage == "judging" and done < total:
            signal.raise_signal(signal.SIGTERM)

    with pytest.raises(Terminated, match="how far the map can be trusted"):
        study(Toy(), store=tmp_path / "toy.zarr", progress=progress)
    toy = Toy(recipe_of(reliability="no"))
    assert study(toy, store=tmp_path / "toy.zarr").complete and toy.asked == 0


def test_interrupted_it_does_not_wait_for_a_chunk(tmp_path: Path) -> None:
    store = tmp_path / "toy.zarr"
    with child([sys.executable, "-m", "tests.toy_study", str(store), "30"]) as process:
        while not store.exists():
            assert process.poll() is None
            time.sleep(0.01)
        time.sleep(0.05)
        process.send_signal(signal.SIGINT)
        assert process.wait(10) == -signal.SIGINT
    assert study(Toy(), store=store).complete


def test_stored_arrays_are_indexed_like_any(copied: Path) -> None:
    flip(copied / "done" / "c.0.1.1")
    (copied / "done" / "c.1.2.5").unlink()
    store = found(copied)
    store.look(range(36))
    wanted = {name: values.copy() for name, values in expected(Toy()).items()}
    for chunk, (name, values) in itertools.product((store.layout.chunk(7), store.layout.chunk(35)), wanted.items()):
        values[chunk.place] = {"status": -128, "final": np.nan, "counts": -1}[name]
    rng = np.random.default_rng(0)
    some = rng.integers(0, 10, 40), rng.integers(-23, 23, 40)
    for name, values in wanted.items():
        stored = store.arrays[name]
        assert (stored.shape, stored.dtype, len(stored), stored.ndim) == (values.shape, values.dtype, 2, values.ndim)
        for index in (
            0, -1, np.s_[1, 3], np.s_[:, 2:9:3], np.s_[::-1, 8:2:-2, -5:], np.s_[1, 4, 4], np.s_[..., 0], np.s_[5:2],
            np.s_[:, None], values > 0, (rng.integers(0, 2, 40), *some), (0, *some), np.s_[1, [2, 3]],
        ):  # fmt: skip
            np.testing.assert_array_equal(stored[index], values[index], err_msg=f"{name} {index}")
        np.testing.assert_array_equal(stored[1][some], values[1][some])
        np.testing.assert_array_equal(stored[0][3:5, ::2], values[0][3:5, ::2])
        np.testing.assert_array_equal(2 - stored, 2 - values)
        np.testing.assert_array_equal(stored == values, values == values)
        assert (stored.astype(np.float32).dtype == np.float32 and stored.sum() == values.sum()) or name == "final"
        with pytest.raises(IndexError):
            stored[0, 99]


def test_a_store_alone_brings_its_study_back(made: Path, copied: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(opening, "problem_of", Toy)
    opened = opening.open_study(made)
    equal(opened.arrays, expected(Toy()))
    assert opened.reliability == study(Toy(), store=made).reliability and opened.problem.asked == 0
    for name in ("c.0.0.0", "c.0.0.1"):
        flip(copied / "final" / name)
    (copied / "done" / "c.0.0.2").unlink()
    shutil.rmtree(copied / "total")
    before = tree(copied)
    opened = opening.open_study(copied)
    assert opened.done == (33, 36) and (~opened.known).sum() == 48 and "total" not in opened.arrays
    assert np.isnan(opened.arrays["final"]).sum() == 48, "what is damaged or was never done is not read"
    state = opening.state(copied)
    assert (state.chunks, state.done, state.damaged, state.missing) == (36, 33, 2, 1)
    assert (state.files, state.size) == (len(before), sum(map(len, before.values())))
    assert tree(copied) == before
    monkeypatch.setattr(opening, "problem_of", lambda recipe: Toy(recipe, (3, 3)))
    with pytest.raises(OutputError, match="does not hold the cells"):
        opening.open_study(made)
    monkeypatch.setattr(opening, "problem_of", lambda recipe: Toy(recipe.updated(seed=4)))
    with pytest.warns(GdvizWarning, match="seed is 0 there and 4 here"):
        opening.open_study(made)


def test_exports_hold_the_same(made: Path, copied: Path, tmp_path: Path) -> None:
    (copied / "done" / "c.0.0.0").unlink()
    kept, wanted = study(Toy(), store=made), expected(Toy())
    with np.load(export(kept, tmp_path / "x.npz")) as arrays:
        equal(arrays, wanted)
        assert arrays["optimizer"].tolist() == list(Toy.labels) and len(arrays["lr.1"]) == 23
        assert arrays["flips_ulp"].shape == (2,)
    archive = export(kept, tmp_path / "x.zarr.zip")
    with zarr.storage.ZipStore(archive, mode="r") as inside:
        xarray.testing.assert_identical(xarray.open_zarr(inside, chunks=None).load(), kept.dataset.load())
    again = archive.read_bytes()
    assert export(kept, archive, force=True).read_bytes() == again
    with export(kept, tmp_path / "x.csv").open(newline="", encoding="utf-8") as file:
        head, *rows = csv.reader(file)
    assert head == ["optimizer", "y", "lr.1", "status", "final", "counts[0]", "counts[1]", "counts[2]"]
    assert len(rows) == 460
    for number in (0, 24, 459):
        i, j, k = np.unravel_index(number, (2, 10, 23))
        toy = Toy()
        told = [toy.labels[i], toy.axes[0].values[j], toy.axes[1].values[k], *(wanted[n][i, j, k] for n in wanted)]
        assert rows[number] == [str(x) for value in told for x in (value if np.ndim(value) else [value])]
    half = study(Toy(recipe_of(chunk=100)), part=(1, 2))
    with export(half, tmp_path / "x.csv", force=True).open(newline="", encoding="utf-8") as file:
        assert [*csv.reader(file)] == [head, *rows[:230]], "cells that are not computed are left out"
    with pytest.raises(OutputError, match="exists"):
        export(kept, tmp_path / "x.csv")
    with pytest.raises(OutputError, match=r"exported as .npz, .csv, .zarr.zip; did you mean '.csv'"):
        export(kept, tmp_path / "x.cvs")
    with pytest.raises(UsageError, match="in no store"):
        export(study(Toy()), tmp_path / "y.zarr.zip")
    assert sorted(path.name for path in tmp_path.glob("*.*")) == ["moved.zarr", "x.csv", "x.npz", "x.zarr.zip"]
