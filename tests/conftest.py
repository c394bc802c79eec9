"""What all tests share, and which of them the default run leaves out.

Two thirds of the suite's time is compiling, so the default run compiles what differs and leaves repetitions to
`-m exhaustive`. What guards each definition without it:

- a landscape: in float64 its kernels `value` and `gradient` answer NumPy's bits at a thousand starts all over its
  domain and a hundred steps from there, and are packed instructions without calls; in float32 its text has typed
  literals. Bits and instructions in float32, and of the kernel `both`, are those of `rules.sample`, in which every
  function that any landscape calls is called; `both` in float32 those of every third of them.
- its minima: no grid of its domain, finer around its lowest basins, comes lower, and with forty digits they are where
  they are said to be (`test_landscapes.py`). That `gdviz.analyse` finds them from the formula alone is tried on the
  nine of the lectures and on every second of the sample.
- a vector rule: every preset in float64, bits and instructions; in float32 those of `rules.sample_of_rules`, in which
  every input that any rule asks for is asked for and every function called. A program rule: in float64. The text of
  either in float32 is the same but for `F`, and every literal of it is typed (`test_emit.py`). Reductions over seven
  coordinates in float32, and over three, which are written out as two are: by one rule that has all of them. States as
  they are kept: of the sample of rules.
- a transform: in both dtypes on seven coordinates and on two, there in float64 with a rule that looks ahead and in
  float32 with one that does not; on three, written out as two are, the one that adds up over them. `stable` is long to
  compile: in float32 on seven alone.
- a schedule: in both dtypes with hyperparameters that differ from run to run; each preset, alone and after another, in
  float64, and in float32 the first of each combination of inputs. Three program rules follow tables.
- an objective: its kernels in float64 with four rules, in float32 with one; it is descended in float32 with two.
- typed formulas: 150 of the 300 random ones.
- pictures: the scene of each landscape of `rules.sample`, and what it owes its viewer (`test_craft.py`) for every third
  of them and for all of the gallery; each recipe of the gallery in one language and theme, in turn, as a clip; each
  marker with one dash and each dash with one marker; each laid-out page at two of four sizes, in turn; names at heads
  at every third record and the last.
- `lr=auto`: every fourth rule that has a rate.
- the cache: two processes on a folder without kernels instead of sixteen on an empty one.

Ten minutes on two cores are what it may take, and cores without AVX-512 need nearly twice as long as those with it. It
stays below because hardly anything is compiled twice: workers read and write one cache folder, where a kernel is kept
under the hash of its text; tests of one definition stand side by side where `scope="module"` says so, and share what
the first of them compiled; children that try something else find what the suite has compiled of gdviz's own files
(`children.without_kernels`). Whatever comes is to bring a sample here and the whole to `exhaustive`, and
`pytest --durations=40` tells what is worth asking for its time.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import os
from collections.abc import Generator
from pathlib import Path

import pytest
from hypothesis import settings

# Compiling makes millions of objects beside those of ten thousand tests; to look through all takes a tenth of the time.
gc.set_threshold(50_000, 20, 100)

# A first call may compile for a second; a deadline would then fail at random.
settings.register_profile("gdviz", deadline=None)
settings.load_profile("gdviz")


@pytest.hookimpl(wrapper=True)
def pytest_collection(session: pytest.Session) -> Generator[None, object, object]:
    """Every second worker begins with the last files: pytest rewrites the asserts of a file for whoever comes first,
    which of all files takes ten seconds, and the other finds it done."""
    here = Path(__file__).parent
    worker = os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")
    if int(worker) % 2 and [session.config.rootpath / place for place in session.config.args] == [here]:
        for file in sorted(here.glob("test_*.py"), reverse=True):
            with contextlib.suppress(Exception, pytest.skip.Exception):  # is told when it is collected
                importlib.import_module(file.stem)
    return (yield)
