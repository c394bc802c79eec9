"""Files that one process holds, until it lets go of them or ends, however it ends."""

from __future__ import annotations

import sys
from typing import IO, Any

if sys.platform == "win32":
    import msvcrt

    FAR = 1 << 30
    """The byte that is locked: beyond what files hold, which others may then read all the same."""

    def lock(file: IO[Any]) -> bool:
        """Hold an open file as long as it is open, unless another process does: whether it is held now."""
        file.seek(FAR)
        try:
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

else:
    import fcntl

    def lock(file: IO[Any]) -> bool:
        """Hold an open file as long as it is open, unless another process does: whether it is held now.

        Raises OSError on file systems without locks.
        """
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True
