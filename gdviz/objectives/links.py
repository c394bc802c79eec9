"""What makes probabilities of logits: the links that losses state."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.floating]


def sigmoid(logits: Floats) -> Floats:
    """Probability of the second of two classes, in the shape of its logit; nothing overflows."""
    small = np.exp(-np.abs(logits))
    return np.asarray(np.where(logits < 0, small, 1) / (1 + small))


def softmax(logits: Floats) -> Floats:
    """Probability of every class: dtype[class, …], which sum to 1 along the first axis."""
    parts = np.exp(logits - logits.max(axis=0))
    return np.asarray(parts / parts.sum(axis=0))


LINKED: Mapping[str, Callable[[Floats], Floats]] = {"sigmoid": sigmoid, "softmax": softmax}
"""By their names in `loss` definitions; a loss without one answers no probabilities."""
