"""Starts, ranges, heights and constants as people type them."""

from __future__ import annotations

import math

from gdviz.errors import UsageError, nearest


def parse_start(text: str) -> tuple[float, ...]:
    """Read `X,Y` or `X:Y` (or one number), as typed after --start."""
    return tuple(_number(part, "--start", "-1.5,2") for part in text.replace(":", ",").split(","))


def parse_domain(text: str, option: str = "--domain") -> tuple[tuple[float, float], ...]:
    """Read `X0:X1,Y0:Y1`, with colons alone `X0:X1:Y0:Y1`, or `X0:X1`, as typed after an option."""
    ends = [part.split(":") for part in text.split(",")]
    if len(ends) == 1:
        ends = [ends[0][i : i + 2] for i in range(0, len(ends[0]), 2)]
    if any(len(pair) != 2 for pair in ends):
        raise UsageError(f"{option} {text}: type low:high for each coordinate, as in -2:2,-1:3")
    numbers = [tuple(_number(end, option, "-2:2,-1:3") for end in pair) for pair in ends]
    return tuple((low, high) for low, high in numbers)


def parse_box(
    text: str, option: str = "--domain", words: tuple[str, ...] = ("whole",)
) -> str | tuple[tuple[float, float], ...]:
    """Read one of some words, or ranges as `parse_domain` does."""
    word = text.strip().lower()
    if word in words:
        return word
    if word.isalpha():
        known = f"{', '.join(words)}, or low:high for each coordinate, as in -2:2,-1:3"
        raise UsageError(f"{option} {text}: type {known}")
    return parse_domain(text, option)


def parse_range(text: str) -> tuple[float, float]:
    """Read `A:B` or `A,B`, as typed after --range."""
    ends = text.replace(",", ":").split(":")
    if len(ends) != 2:
        raise UsageError(f"--range {text}: type low:high, as in -2:2")
    low, high = (_number(end, "--range", "-2:2") for end in ends)
    return low, high


def parse_hold(text: str, option: str = "--hold") -> tuple[float, float]:
    """Read `START,END` or `START:END`, or one number for both, as typed after an option."""
    ends = text.replace(",", ":").split(":")
    if len(ends) not in (1, 2):
        raise UsageError(f"{option} {text}: type the seconds at the start and at the end, as in 0.5,1.5")
    start, end = (_number(part, option, "0.5,1.5") for part in (ends[0], ends[-1]))
    return start, end


def parse_plane(text: str) -> str | tuple[int, int]:
    """Read `pca`, `random`, or two numbers `I,J` or `I:J`, as typed after --plane."""
    word = text.strip().lower()
    if word in ("pca", "random"):
        return word
    numbers = [part.strip() for part in text.replace(":", ",").split(",")]
    if len(numbers) != 2 or not all(map(str.isdigit, numbers)):
        raise UsageError(f"--plane {text}: type pca, random, or two weights by their numbers, as in 0,1")
    return int(numbers[0]), int(numbers[1])


def parse_levels(text: str) -> str | tuple[float, ...]:
    """Read `log`, `quantile`, `linear` or heights `A,B,…` or `A:B:…`, as typed after --levels."""
    word = text.strip().lower()
    if word in ("log", "quantile", "linear"):
        return word
    if word[:1].isalpha():
        known = ("log", "quantile", "linear")
        raise UsageError(f"--levels {text}: type log, quantile, linear or heights such as 0,1,2{nearest(word, known)}")
    return tuple(sorted(_number(part, "--levels", "0,0.5,1,2") for part in text.replace(":", ",").split(",")))


def parse_constant(text: str) -> tuple[str, float]:
    """Read `NAME=VALUE`, as typed after --set."""
    name, equals, value = text.partition("=")
    if not equals:
        raise UsageError(f"--set {text}: type NAME=VALUE, as in --set a=25")
    return name.strip(), _number(value, f"--set {name}", "25")


def _number(text: str, where: str, example: str) -> float:
    try:
        value = float(text)
    except ValueError:
        raise UsageError(f"{where}: '{text.strip()}' is no number; type it as in {example}") from None
    if not math.isfinite(value):
        raise UsageError(f"{where}: '{text.strip()}' is not a finite number; type it as in {example}")
    return value
