"""How many steps a launch makes: few at first, then as many as take a time that neither a display's watchdog minds nor
whoever presses Ctrl-C."""

from __future__ import annotations

from dataclasses import dataclass

GROWTH = 8
"""By how much a launch may be longer than the one before: what was measured of a short one says little."""

SECONDS, SECONDS_WATCHED = 1.0, 0.2
"""Of a launch, about. Windows ends kernels of a display's device after 2 s."""

BEGIN, BEGIN_WATCHED = 2**26, 2**18
"""Steps of runs that the first launch makes: of a network with some hundred samples half a second of a large device, or
some tenths of one of a small one."""


@dataclass
class Pieces:
    """Of the launches of a plan. most: steps of runs that the next may make; whole: whether launches cannot be cut."""

    seconds: float
    most: float
    whole: bool = False

    @classmethod
    def of(cls, watched: bool, whole: bool) -> Pieces:
        """As launches begin. watched: by a watchdog."""
        return cls(SECONDS_WATCHED, BEGIN_WATCHED, whole) if watched else cls(SECONDS, BEGIN, whole)

    def next(self, runs: int, left: int) -> int:
        """Steps of the next launch of so many runs, of which so many are left."""
        return left if self.whole else min(left, max(1, int(self.most / runs)))

    def told(self, runs: int, steps: int, seconds: float) -> None:
        """How long a launch took, as whoever waited saw it: with others beside it, longer than alone."""
        made = runs * steps
        fitting = made * self.seconds / max(seconds, 1e-9)
        self.most = fitting if fitting < self.most else max(self.most, min(fitting, made * GROWTH))
