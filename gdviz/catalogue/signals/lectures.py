"""The six sequences of a well-known comparison of how methods respond to gradients."""

from math import inf

from gdviz.formula import sin, where
from gdviz.registry import define

ARTICLE = "Siarshai 2017, Методы оптимизации нейронных сетей, https://habr.com/ru/articles/318970/"


@define("signal", range=(0.0, 1.0), limits={"period": (1.0, inf)}, source=ARTICLE)
def spikes(i, period=60):
    """A gradient of 1 once in a while, and none between: what rare features give."""
    return where(i % period < 1, 1.0, 0.0)


@define("signal", range=(-1.0, 1.0), limits={"half": (1.0, inf)}, source=ARTICLE)
def rectangles(i, half=20):
    """A gradient of 1 that turns its sign after every `half` points: a ravine crossed to and fro."""
    return where(i % (2 * half) < half, 1.0, -1.0)


@define("signal", range=(-1.5, 1.5), draws=(413, 0), limits={"noise": (0.0, inf)}, source=ARTICLE)
def noisy_sin(i, uniform, noise=1.0):
    """A slow wave under noise of half its height: the direction still shows."""
    return sin(i / 20) + noise * (uniform - 0.5)


@define("signal", range=(-0.7, 0.7), draws=(413, 300), limits={"noise": (0.0, inf)}, source=ARTICLE)
def very_noisy_sin(i, uniform, noise=1.0):
    """A slow wave that is lower than the noise on it: what single samples of a small batch give."""
    return sin(i / 20) / 5 + noise * (uniform - 0.5)


@define("signal", range=(0.0, 3.8), source=ARTICLE)
def uneven_sawtooth(i, last=80):
    """Rising teeth that become four times lower after the point `last`."""
    return where(i <= last, i % 20 / 5, i % 20 / 20)


@define("signal", range=(0.0, 1.0), limits={"period": (1.0, inf)}, source=ARTICLE)
def saturation(i, period=80):
    """A gradient of 1 for half of every period and none for the other: a unit that saturates."""
    return where(i % period < period / 2, 1.0, 0.0)
