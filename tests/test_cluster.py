"""Chunks on Dask workers: what is handed out, lost and refused."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any, NamedTuple

import numpy as np
import pytest

from gdviz.catalogue.plugins import load_plugin
from gdviz.errors import DefinitionError, GdvizError, OutputError, UsageError
from gdviz.recipe.recipe import Recipe
from gdviz.runs.provenance import FUNCTION
from gdviz.studies.cluster import hand_out
from gdviz.studies.execution import study
from gdviz.studies.scratch import scratch
from gdviz.studies.store import store_of
from gdviz.studies.table import problem_of
from gdviz.studies.work import Work
from gdviz.studies.work import perform as perform_chunk
from tests.children import child


class Toy(NamedTuple):
    """A folder in which every chunk becomes a file, how long that takes, and what happens in some of them."""

    folder: str
    seconds: float = 0.0
    ends: int = -1
    fails: int = -1


def perform(toy: Toy, chunk: int) -> None:
    if chunk == toy.ends and not (Path(toy.folder) / "ended").exists():
        (Path(toy.folder) / "ended").touch()
        os._exit(3)
    if chunk == toy.fails:
        raise UsageError("this chunk cannot be")
    time.sleep(toy.seconds)
    (Path(toy.folder) / str(chunk)).write_text(str(os.getpid()))


def children() -> set[int]:
    """Processes that this one has started and that still run."""
    answer = subprocess.run(["ps", "-o", "pid=", "--ppid", str(os.getpid())], capture_output=True, text=True)
    return {int(line) for line in answer.stdout.split()}


def test_chunks_are_made_once_each_though_a_worker_is_lost(tmp_path: Path) -> None:
    before = children()
    toy = Toy(str(tmp_path), 0.05, ends=5)
    assert sorted(hand_out("local:2", perform, toy, range(20))) == list(range(20))
    files = [path for path in tmp_path.iterdir() if path.name != "ended"]
    assert (tmp_path / "ended").exists()
    assert {int(path.name) for path in files} == set(range(20))
    assert len({path.read_text() for path in files}) == 2
    assert len(children() - before) <= 1  # ps itself


def test_the_folder_of_a_killed_process_is_swept_by_the_next(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    (tmp_path / "gdviz-workers-of-nobody").mkdir()
    code = "from gdviz.studies.scratch import scratch\nwith scratch() as one: print(one, flush=True); input()"
    env = {**os.environ, **dict.fromkeys(("TMPDIR", "TEMP", "TMP"), str(tmp_path))}
    process = partial(child, [sys.executable, "-c", code], env=env, stdin=subprocess.PIPE)
    with process() as first, process() as second:
        lives, dies = (Path(one.stdout.readline().decode().strip()) for one in (first, second))
        second.kill()
        second.wait()
        assert lives.is_dir() and dies.is_dir()
        with scratch() as own:
            assert own.is_dir() and lives.is_dir() and not dies.exists()
    assert {path.name for path in tmp_path.iterdir()} == {lives.name, "gdviz-workers-of-nobody"}


PLUGIN = """
from gdviz.registry import define

@define("optimizer", title="Half a step", source="Tests")
def half_step(x, g, lr=0.1):
    return x - 0.5 * lr * g
"""


@pytest.fixture
def half_step(tmp_path: Path) -> Iterator[str]:
    """A rule of a plugin, which is forgotten in the end."""
    file = tmp_path / "plugin.py"
    file.write_text(PLUGIN)
    load_plugin(file)
    yield "half_step"
    file.write_text("")
    with pytest.raises(DefinitionError, match="defines nothing"):
        load_plugin(file)


def asked(name: str, **changes: Any) -> Any:
    """The problem of a small study."""
    usual = {"study": "basins", "landscape": "himmelblau", "resolution": "12x12", "steps": 30, "chunk": 4}
    given = {key: value for key, value in {**usual, **changes}.items() if value is not None}
    rate = {"lr": 0.02} if given["study"] == "basins" else {}
    return problem_of(Recipe(optimizer=[{"name": name, **rate}], **given))


def test_workers_compute_what_threads_do(half_step: str, tmp_path: Path) -> None:
    """Rules of plugins too, whose text they are sent."""
    problem = asked(half_step, backend="python")
    told: list[tuple[int, int, str]] = []
    found = study(problem, store=tmp_path / "a.zarr", cluster="local:1", progress=lambda *at: told.append(at))
    assert found.complete and (9, 9, "computing") in told
    expected = study(problem, threads=2)
    for name, values in expected.arrays.items():
        assert np.asarray(found.arrays[name]).tobytes() == values.tobytes(), name
    assert found.reliability is not None and found.reliability == expected.reliability
    assert found.reliability[0].boundary.cells > 10


def test_what_workers_refuse(tmp_path: Path) -> None:
    problem = asked("gd", backend="python")
    store = store_of(problem, tmp_path / "a.zarr")
    work = Work.of(problem, store.path)
    other = dict(problem.recipe.versions, numpy="1.0")
    with pytest.raises(
        UsageError, match=r"it has numpy [\d.]+, and the study is of numpy 1\.0; install the same there"
    ):
        perform_chunk(work._replace(recipe=problem.recipe.updated(versions=other).text()), 0)
    with pytest.raises(OutputError, match=r"it sees no store .*b\.zarr; keep it in a folder that all"):
        perform_chunk(work._replace(store=str(tmp_path / "b.zarr")), 0)
    with pytest.raises(OutputError, match=r"store of another study: steps is 30 there and 31 here"):
        perform_chunk(work._replace(recipe=asked("gd", steps=31, backend="python").recipe.text()), 0)
    assert store.look(range(9)) == list(range(9))
    perform_chunk(work, 3)
    assert store.look(range(9)) == [0, 1, 2, 4, 5, 6, 7, 8]


def test_functions_cannot_be_sent(tmp_path: Path) -> None:
    problem = asked("gd", backend="python")
    bare = SimpleNamespace(recipe=problem.recipe.updated(plugins={"bowl": FUNCTION}))
    with pytest.raises(UsageError, match=r"bowl is a Python function, which other machines cannot be sent"):
        Work.of(bare, tmp_path)  # type: ignore[arg-type]
    with pytest.raises(UsageError, match="1 to 256"):
        study(problem, store=tmp_path / "a.zarr", cluster="local:0")
    assert not any(tmp_path.iterdir())
    with pytest.raises(UsageError, match=r"--cluster write into a store that they see; add --out"):
        study(problem, cluster="local:1")


@pytest.mark.exhaustive
@pytest.mark.parametrize("workers", [1, 2])
@pytest.mark.parametrize(
    "kind", [{}, {"study": "trainability", "landscape": None, "width": 3, "depth": 1}], ids=["basins", "trainability"]
)
def test_no_bit_depends_on_workers(kind: dict[str, Any], workers: int, tmp_path: Path) -> None:
    problem = asked("gd", backend="cpu", **kind)
    found = study(problem, store=tmp_path / "a.zarr", cluster=f"local:{workers}")
    for threads in (1, 2):
        for name, values in study(problem, threads=threads).arrays.items():
            assert np.asarray(found.arrays[name]).tobytes() == values.tobytes(), name


@pytest.mark.exhaustive
def test_what_perform_raises_is_told(tmp_path: Path) -> None:
    made = []
    with pytest.raises(UsageError, match="this chunk cannot be"):
        made += hand_out("local:1", perform, Toy(str(tmp_path), fails=3), range(500))
    assert len(list(tmp_path.iterdir())) < 20


@pytest.mark.parametrize(
    ("address", "sentence"),
    [
        ("local:0", "1 to 256"),
        ("local:", "1 to 256"),
        ("local:two", "1 to 256"),
        ("nowhere.json", "No such file.*scheduler file, or local:4"),
        ("{folder}/empty.json", "no scheduler file"),
        ("tcp://nonsense", "missing port"),
        ("smoke://x:1", "unknown address scheme"),
        ("tcp://127.0.0.1:{closed}", "no Dask scheduler answers at .* within 0.3 s; start one or type another"),
        ("{folder}/gone.json", "no Dask scheduler answers"),
    ],
)
def test_no_cluster(address: str, sentence: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gdviz.studies.cluster.PATIENCE", 0.3)
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    (tmp_path / "empty.json").write_text("{}")
    (tmp_path / "gone.json").write_text(f'{{"address": "tcp://127.0.0.1:{port}"}}')
    typed = address.format(folder=tmp_path, closed=port)
    with pytest.raises(UsageError, match=sentence):
        list(hand_out(typed, perform, Toy(str(tmp_path)), range(3)))


def test_something_else_answers(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:

        def answer() -> None:
            there, _ = other.accept()
            there.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")
            there.close()

        thread = threading.Thread(target=answer)
        thread.start()
        with pytest.raises(UsageError, match="is no Dask scheduler"):
            list(hand_out(f"tcp://127.0.0.1:{other.getsockname()[1]}", perform, Toy(str(tmp_path)), range(3)))
        thread.join()


@pytest.mark.exhaustive
def test_scheduler_is_lost(tmp_path: Path) -> None:
    """What was made stays, and there is one sentence at once."""
    file = tmp_path / "scheduler.json"
    dask = [sys.executable, "-m"]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    scheduler = ["distributed.cli.dask_scheduler", "--host=127.0.0.1", "--port=0", "--no-dashboard"]
    worker = ["distributed.cli.dask_worker", "--nthreads=2", "--no-dashboard", f"--local-directory={tmp_path}"]
    (tmp_path / "out").mkdir()
    toy = Toy(str(tmp_path / "out"), 0.05)
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    processes = [subprocess.Popen([*dask, *scheduler, f"--scheduler-file={file}"], **quiet)]
    made = []
    try:
        while not file.exists():
            time.sleep(0.05)
        processes.append(subprocess.Popen([*dask, *worker, f"--scheduler-file={file}"], env=env, **quiet))
        with pytest.raises(GdvizError, match=r"scheduler .*is lost; nothing that was written is"):
            for chunk in hand_out(str(file), perform, toy, range(1000)):
                made.append(chunk)
                if len(made) == 10:
                    processes[0].kill()
    finally:
        for process in reversed(processes):
            process.terminate()
            process.wait()
    assert {str(chunk) for chunk in made} <= {path.name for path in (tmp_path / "out").iterdir()}
