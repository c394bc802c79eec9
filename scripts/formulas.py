"""Ten thousand random formulas, each of which must work or be refused in one sentence.

    python scripts/formulas.py [--count 10000] [--seed 0] [--draw 100]

Every formula is read, derived, evaluated with its derivatives at a few points, emitted as a kernel's text and set as a
heading; its value must be that of the formula as it was read, its gradient that of differences. One in --draw goes
through the command line into a picture. What fails is printed with its number; the exit status is 1 if anything did.
The grammar is tests/grammar.py, of which the suite takes the first three hundred.
"""

from __future__ import annotations

import argparse
import os
import signal
import sys
import tempfile
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))

from grammar import drawn, faults, picture  # type: ignore[import-not-found]

SECONDS = 60
"""What a formula may take."""


def main() -> int:
    """Draw formulas and print those that fail."""
    options = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    options.add_argument("--count", type=int, default=10_000)
    options.add_argument("--seed", type=int, default=0)
    options.add_argument("--draw", type=int, default=100)
    chosen = options.parse_args()
    failed = 0
    with tempfile.TemporaryDirectory() as folder:
        os.environ["GDVIZ_CACHE_DIR"] = folder
        for number in range(chosen.seed, chosen.seed + chosen.count):
            text = drawn(number)
            signal.alarm(SECONDS)
            try:
                found = list(faults(text))
                if number % chosen.draw == 0:
                    found += picture(text, Path(folder))
            except Exception as error:
                found = [f"{type(error).__name__}: {error}".replace("\n", " ")]
            signal.alarm(0)
            for fault in found:
                print(f"{number}: {text}\n    {fault}", flush=True)
            failed += bool(found)
            if (number + 1) % 500 == 0:
                print(f"{number + 1 - chosen.seed} of {chosen.count}", file=sys.stderr)
    print(f"{chosen.count} formulas, {failed} failed")
    return int(failed > 0)


def _late(number: int, frame: Any) -> None:
    raise TimeoutError(f"it takes more than {SECONDS} s")


if __name__ == "__main__":
    signal.signal(signal.SIGALRM, _late)
    sys.exit(main())
