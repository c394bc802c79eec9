"""A recipe made concrete for one optimizer: all that a backend is told."""
