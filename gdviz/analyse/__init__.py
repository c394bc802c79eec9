"""What a landscape's formula alone tells: stationary points, conditioning, the largest stable rate."""

from gdviz.analyse.points import Stationary, minima, stationary

__all__ = ["Stationary", "minima", "stationary"]
