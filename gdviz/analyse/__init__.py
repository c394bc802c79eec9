"""What a landscape's formula alone tells: stationary points, conditioning, the largest stable rate."""

from gdviz.analyse.followed import Stationary
from gdviz.analyse.lines import Line
from gdviz.analyse.lowest import lowest
from gdviz.analyse.points import Survey, minima, stationary, survey

__all__ = ["Line", "Stationary", "Survey", "lowest", "minima", "stationary", "survey"]
