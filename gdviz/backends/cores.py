"""Cores on which work may be shared out."""

from __future__ import annotations

import os


def affinity() -> int:
    """Number of cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0)) or 1
    return os.cpu_count() or 1
