"""Chunks handed to Dask workers, which compute them and write them where all machines see the store.

The store is the truth and Dask only hands out: neither workers nor schedulers that are lost cost what was written.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import os
import pickle
import subprocess
import sys
import threading
import time
import warnings
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from gdviz.errors import GdvizError, OutputError, UsageError, remark, short
from gdviz.studies.scratch import scratch

if TYPE_CHECKING:
    from distributed import Client, Future

Work = TypeVar("Work")
"""What workers are told of a study, which is pickled."""

PATIENCE = 8.0
"""Seconds in which a scheduler has to answer, and after which it is said that workers are missing."""

AHEAD = 4
"""Chunks handed out for each thread of a worker, so that none waits for the next."""

POLL = 0.02
"""Seconds between two looks at what is done."""

ONE = ("--nworkers=1", "--nthreads=1", "--no-nanny", "--no-dashboard", "--memory-limit=0", "--death-timeout=10")
"""How a worker of this machine is started: a process with one thread, which ends where its scheduler does."""

SETTINGS = {
    **dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1"),
    "DASK_DISTRIBUTED__WORKER__PROFILE__ENABLED": "False",
}
"""What keeps libraries below NumPy on that thread, and Dask from looking a hundred times a second where it is."""

FORMS = "tcp://HOST:PORT of a Dask scheduler, its scheduler file, or local:4 for 4 processes on this machine"


def hand_out(
    address: str,
    perform: Callable[[Work, int], None],
    work: Work,
    chunks: Sequence[int],
    stopped: Callable[[], bool] = lambda: False,
) -> Iterator[int]:
    """Numbers of chunks, each once a worker has made it by `perform(work, chunk)`, in no particular order.

    address: what `--cluster` is given. perform: a function of a module that workers can import. A worker that is lost
    costs its chunks, which others are handed. Once `stopped` says so no chunk is begun any more, and it ends with those
    that were. Raises UsageError where there is no such cluster, GdvizError where its scheduler is lost or a chunk ends
    every worker it is given to, and what `perform` raised.
    """
    with _quiet(), _cluster(address) as (scheduler, workers), _client(scheduler) as client:
        farm = _Farm(address, client, workers)
        try:
            yield from farm.made(perform, work, chunks, stopped)
        finally:
            farm.cancel()


def check(address: str) -> None:
    """Raise UsageError where what `--cluster` is given is no cluster."""
    with _quiet():
        _scheduler(address)


@dataclass(frozen=True)
class _Workers:
    """Processes of this machine that were started for a study, none where a cluster is somebody else's."""

    processes: Sequence[subprocess.Popen[bytes]] = ()
    log: Path | None = None

    def check(self) -> None:
        """Raise GdvizError once all have ended."""
        if self.log is not None and all(process.poll() is not None for process in self.processes):
            lines = self.log.read_text(errors="replace").split("\n") if self.log.exists() else []
            last = next((line for line in reversed(lines) if line.strip()), "they said nothing")
            raise GdvizError(f"all worker processes of --cluster have ended: {short(last, 200)}")


@dataclass(eq=False)
class _Farm:
    """Chunks on their way: handed out and not yet back."""

    address: str
    client: Client
    workers: _Workers
    out: dict[Future, int] = field(default_factory=dict)
    threads: int = 0
    counted: float = -PATIENCE
    missed: float | None = None

    def made(
        self, perform: Callable[[Work, int], None], work: Work, chunks: Sequence[int], stopped: Callable[[], bool]
    ) -> Iterator[int]:
        """See `hand_out`."""
        from distributed import as_completed

        waiting, back = deque(chunks), as_completed(loop=self.client.loop)
        while waiting or self.out:
            if stopped():
                waiting.clear()
                self.cancel()
                self._settle()
                return
            self._count()
            while waiting and len(self.out) < AHEAD * self.threads:
                chunk = waiting.popleft()
                # Bytes, so that the scheduler, which reads what it hands on, needs none of the packages.
                call = pickle.dumps(_Call((perform, work, chunk)))
                future = self.client.submit(pickle.loads, call, pure=False)
                self.out[future] = chunk
                back.add(future)
            if not back.has_ready():
                time.sleep(POLL)
                continue
            for future in back.next_batch(block=False):
                chunk = self.out.pop(future)
                # "lost": its worker has ended since, with the answer, which is nothing; the chunk is written.
                if future.status in ("error", "cancelled"):
                    self._fail(future, chunk)
                yield chunk

    def _count(self) -> None:
        """How many threads there are now; workers come and go."""
        if time.monotonic() < self.counted + (0.1 if not self.threads else 2):
            return
        self.counted = time.monotonic()
        self.workers.check()
        self.threads = sum(self._asked(self.client.nthreads).values())
        if self.threads:
            self.missed = None
        elif self.missed is None:
            self.missed = self.counted
        elif self.missed < self.counted - PATIENCE:
            self.missed = float("inf")
            remark(f"the scheduler of --cluster {self.address} has no workers; the study waits for them")

    def _asked(self, question: Callable[..., Any], *words: Any) -> Any:
        """What the scheduler answers."""
        try:
            return question(*words)
        except (OSError, TimeoutError, RuntimeError, asyncio.CancelledError) as error:
            raise self._lost() from error

    def _settle(self) -> None:
        """Wait until no worker makes a chunk any more; those that were begun are written."""
        with contextlib.suppress(GdvizError):
            while any(self._asked(self.client.run, busy).values()):
                time.sleep(POLL)

    def cancel(self) -> None:
        """Take back what is handed out; a chunk that a worker has begun it also writes, if it lives on."""
        if self.out and self.client.status == "running":
            with contextlib.suppress(OSError, TimeoutError, asyncio.CancelledError):
                self.client.cancel(list(self.out))
        self.out.clear()

    def _lost(self) -> GdvizError:
        return GdvizError(
            f"the scheduler of --cluster {self.address} is lost; nothing that was written is: type the same again and "
            "the study goes on"
        )

    def _fail(self, future: Future, chunk: int) -> None:
        """Raise what became of a chunk that is not made."""
        from distributed import KilledWorker

        if future.status != "error":
            raise self._lost()
        error = future.exception()
        if isinstance(error, KilledWorker):
            raise GdvizError(
                f"chunk {chunk} ended every worker that was given it, as one does that takes more memory than there "
                "is; use a smaller --chunk"
            ) from error
        if isinstance(error, ModuleNotFoundError):
            raise UsageError(
                f"a worker of --cluster {self.address} lacks the package '{error.name}'; install the same packages "
                "there as here"
            ) from error
        if isinstance(error, GdvizError):
            raise type(error)(f"a worker of --cluster {self.address} says: {error}") from error
        if isinstance(error, OSError):
            raise OutputError(
                f"a worker of --cluster {self.address} cannot write chunk {chunk}: {error.strerror or error}"
            ) from error
        assert isinstance(error, BaseException)
        raise error


_busy: set[tuple[int, int]] = set()
"""Chunks that this process makes just now, and in which thread."""


@dataclass(frozen=True)
class _Call:
    """What becomes of its pickle where that is loaded: the call of `_performed`."""

    of: tuple[Any, ...]

    def __reduce__(self) -> tuple[Any, ...]:
        return _performed, self.of


def _performed(perform: Callable[[Work, int], None], work: Work, chunk: int) -> None:
    """A chunk made on a worker, which is counted meanwhile."""
    place = threading.get_ident(), chunk
    _busy.add(place)
    try:
        perform(work, chunk)
    finally:
        _busy.discard(place)


def busy() -> int:
    """How many chunks this process makes just now."""
    return len(_busy)


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Without what Dask logs and warns of: what matters of it is said in sentences."""
    try:
        from distributed.utils import silence_logging_cmgr
        from distributed.versions import VersionMismatchWarning
    except ImportError:
        raise UsageError('--cluster needs Dask; pip install "gdviz[cluster]"') from None
    with silence_logging_cmgr(logging.CRITICAL + 1), warnings.catch_warnings():
        warnings.simplefilter("ignore", VersionMismatchWarning)
        yield


@contextlib.contextmanager
def _cluster(address: str) -> Iterator[tuple[str, _Workers]]:
    """The scheduler's address, and processes that end with it. Raises UsageError where there is none."""
    scheduler = _scheduler(address)
    if isinstance(scheduler, int):
        with _local(scheduler) as found:
            yield found
    else:
        yield scheduler, _Workers()


def _scheduler(address: str) -> str | int:
    """The address of a scheduler that answers, or how many processes are to be started. Raises UsageError."""
    kind, _, number = address.partition(":")
    if kind == "local":
        if not number.isdecimal() or not 1 <= int(number) <= 256:
            raise UsageError(f"--cluster {address}: give a number of processes from 1 to 256, as in local:4")
        return int(number)
    scheduler = _read(Path(address)) if ":" not in address or Path(address).is_file() else address
    _ask(scheduler, address)
    return scheduler


def _read(file: Path) -> str:
    """The address in a scheduler file. Raises UsageError."""
    try:
        found = json.loads(file.read_text(encoding="utf-8"))["address"]
    except OSError as error:
        raise UsageError(f"--cluster {file}: {error.strerror}; give {FORMS}") from None
    except (ValueError, KeyError, TypeError):
        raise UsageError(f"--cluster {file} is no scheduler file of Dask; give {FORMS}") from None
    return str(found)


def _ask(scheduler: str, address: str) -> None:
    """Raise UsageError where no scheduler answers. Nothing is left of the question, as there is of a Client's."""
    from distributed.core import rpc

    async def ask() -> Any:
        async with rpc(scheduler) as there:
            return await there.identity()

    async def ask_in_time() -> Any:
        return await asyncio.wait_for(ask(), PATIENCE)

    try:
        with ThreadPoolExecutor(1) as pool:  # a notebook has a loop of its own in this thread
            found = pool.submit(asyncio.run, ask_in_time()).result()
    except (TimeoutError, OSError):
        raise UsageError(
            f"no Dask scheduler answers at --cluster {address} within {PATIENCE:g} s; start one or type another"
        ) from None
    except ValueError as error:
        raise UsageError(f"--cluster {address}: {error}; give {FORMS}") from None
    except Exception:  # whatever else listens there answers whatever it likes
        found = None
    if not isinstance(found, dict) or found.get("type") != "Scheduler":
        raise UsageError(f"what answers at --cluster {address} is no Dask scheduler; give {FORMS}")


@contextlib.contextmanager
def _client(scheduler: str) -> Iterator[Client]:
    """A connection, closed in the end."""
    from distributed import Client

    client = Client(scheduler, timeout=PATIENCE, set_as_default=False)
    try:
        yield client
    finally:
        with contextlib.suppress(TimeoutError):
            client.close(timeout=2)


@contextlib.contextmanager
def _local(count: int) -> Iterator[tuple[str, _Workers]]:
    """A scheduler in this process and workers with one thread each beside it. They end with it, however it ends: at
    the latest once their connection to it breaks."""
    import dask
    from distributed import LocalCluster

    with contextlib.ExitStack() as stack:
        folder = stack.enter_context(scratch())
        stack.enter_context(dask.config.set({"temporary-directory": str(folder)}))
        # Port 0: any that is free, also for the page that Dask always serves.
        cluster = LocalCluster(
            n_workers=0, processes=False, protocol="tcp://", host="127.0.0.1", dashboard_address="127.0.0.1:0"
        )
        address = stack.enter_context(cluster).scheduler_address
        own = {**os.environ, **SETTINGS, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
        own |= dict.fromkeys(("TMPDIR", "TEMP", "TMP"), str(folder))
        command = [sys.executable, "-m", "distributed.cli.dask_worker", address, *ONE, "--local-directory", str(folder)]
        processes: list[subprocess.Popen[bytes]] = []
        stack.callback(_end, processes)
        log = stack.enter_context((folder / "log").open("wb"))
        for _ in range(count):
            processes.append(
                subprocess.Popen(
                    command,
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=log,
                    env=own,
                    # A group of their own: Ctrl-C on the terminal is for this process to answer.
                    start_new_session=True,
                    creationflags=getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0),
                )
            )
        yield address, _Workers(processes, folder / "log")


def _end(processes: Sequence[subprocess.Popen[bytes]]) -> None:
    """End what was started: kindly, and after two seconds not so."""
    for process in processes:
        process.terminate()
    last = time.monotonic() + 2
    for process in processes:
        try:
            process.wait(max(0, last - time.monotonic()))
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
