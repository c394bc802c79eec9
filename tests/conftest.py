"""What all tests share, and which of them the default run leaves out.

Two thirds of the suite's time is compiling, so the default run compiles what differs and leaves repetitions to
`-m exhaustive`. What guards each definition without it:

- a landscape: in float64 its kernels `value` and `gradient` answer NumPy's bits and are packed instructions without
  calls; in float32 its text has typed literals. Bits and instructions in float32, and the kernel `both` in both dtypes,
  are those of `rules.sample`, in which every function that any landscape calls is called.
- its minima: no grid of its domain, finer around its lowest basins, comes lower, and with forty digits they are where
  they are said to be (`test_landscapes.py`). That `gdviz.analyse` finds them from the formula alone is tried on the
  sample.
- a vector rule: every preset in both dtypes. A program rule: in float64; its text in float32 is the same but for `F`.
- a transform: in both dtypes on two and seven coordinates; on three, written out as two are, in float64.
- the cache: two processes on an empty folder instead of sixteen.

Tests of one definition stand side by side where `scope="module"` says so, and share what the first of them compiled.
"""

from __future__ import annotations

from hypothesis import settings

# A first call may compile for a second; a deadline would then fail at random.
settings.register_profile("gdviz", deadline=None)
settings.load_profile("gdviz")
