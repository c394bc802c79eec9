"""What all tests share."""

from __future__ import annotations

from hypothesis import settings

# A first call may compile for a second; a deadline would then fail at random.
settings.register_profile("gdviz", deadline=None)
settings.load_profile("gdviz")
