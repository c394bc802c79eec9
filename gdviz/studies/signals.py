"""Being asked to end, as job schedulers and `kill` do by SIGTERM."""

from __future__ import annotations

import contextlib
import signal
import threading
from collections.abc import Callable, Iterator
from types import FrameType


@contextlib.contextmanager
def asked_to_end() -> Iterator[Callable[[], bool]]:
    """What tells whether SIGTERM has come since; the second one is taken as it was before, which ends at once.

    Outside the main thread, where nobody may say how signals are taken, it never has.
    """
    asked = threading.Event()
    if threading.current_thread() is not threading.main_thread():
        yield asked.is_set
        return

    def note(number: int, frame: FrameType | None) -> None:
        asked.set()
        signal.signal(signal.SIGTERM, kept)

    kept = signal.getsignal(signal.SIGTERM) or signal.SIG_DFL
    signal.signal(signal.SIGTERM, note)
    try:
        yield asked.is_set
    finally:
        signal.signal(signal.SIGTERM, kept)
