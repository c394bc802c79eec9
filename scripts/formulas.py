"""Ten thousand random formulas, each of which must work or be refused in one sentence.

    python scripts/formulas.py [--count 10000] [--first 0] [--jobs 1] [--draw 500]

Every formula is read, derived, evaluated with its derivatives at a few points and emitted as a kernel's text; its value
must be that of the formula as it was read, its gradient that of differences. The heading of one in ten is set, as that
takes longer than the rest of a short formula, and one in --draw goes through the command line into a picture. What
fails, or takes longer than a minute of the processor, is printed with its number; the exit status is 1 if anything did.
Numbers from --first on are taken, so that several machines can share the work.
The grammar is tests/grammar.py, of which the suite takes three hundred.
"""

from __future__ import annotations

import argparse
import functools
import multiprocessing
import os
import signal
import sys
import tempfile
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))

from grammar import drawn, faults, picture  # type: ignore[import-not-found]

SECONDS = 60
"""What a formula may take of the processor; beside other work the clock would say nothing of the formula."""
HEADED = 10
"""One formula in so many has its heading set."""


class _Late(BaseException):
    """No Exception, which the formula's own reader would take for a fault of the formula."""


def main() -> int:
    """Draw formulas and print those that fail."""
    options = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    options.add_argument("--count", type=int, default=10_000)
    options.add_argument("--first", type=int, default=0)
    options.add_argument("--jobs", type=int, default=1)
    options.add_argument("--draw", type=int, default=500)
    chosen = options.parse_args()
    failed = late = done = 0
    numbers = range(chosen.first, chosen.first + chosen.count)
    with tempfile.TemporaryDirectory() as folder:
        os.environ["GDVIZ_CACHE_DIR"] = folder
        with multiprocessing.get_context("spawn").Pool(chosen.jobs, _begin) as pool:
            for number, found in pool.imap_unordered(functools.partial(_judged, draw=chosen.draw), numbers):
                for fault in found:
                    print(f"{number}: {drawn(number)}\n    {fault}", flush=True)
                failed += bool(found)
                late += LATE in found
                done += 1
                if done % 100 == 0:
                    print(f"{done} of {chosen.count}", file=sys.stderr, flush=True)
    print(f"{chosen.count} formulas, {failed} failed, {late} of them by taking too long")
    return int(failed > 0)


LATE = f"takes more than {SECONDS} s"


def _begin() -> None:
    signal.signal(signal.SIGPROF, _end)


def _end(number: int, frame: Any) -> None:
    raise _Late


def _judged(number: int, draw: int) -> tuple[int, list[str]]:
    """A formula's number, and what is wrong with how it is taken."""
    text = drawn(number)
    signal.setitimer(signal.ITIMER_PROF, SECONDS)
    try:
        found = list(faults(text, heading=number % HEADED == 0))
        if draw and number % draw == 0:
            with tempfile.TemporaryDirectory() as folder:
                found += picture(text, Path(folder))
    except _Late:
        found = [LATE]
    except Exception as error:
        found = [f"{type(error).__name__}: {error}".replace("\n", " ")]
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
    return number, found


if __name__ == "__main__":
    sys.exit(main())
