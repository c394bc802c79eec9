"""Formulas that are longer than their line: where they may be broken, and into how many lines."""

from __future__ import annotations

import re

from gdviz.draw.text import width

LINES = 2
"""A formula of more would be no heading any more."""

WHOLE = 0.75
"""Of their size, what the letters of a formula have at least where a fraction stands in a fraction, which halves them,
and what those of others have before they are set in two lines."""

_PART = re.compile(r"\\left(?![a-z])|\\right(?![a-z])|\\(?:[A-Za-z]+|.)|[{}()]|,\\quad|\s[+-]\s|.", re.DOTALL)


def parts(formula: str) -> list[str]:
    """A formula, without its dollars, cut before every sign, between brackets that are multiplied, and behind every
    comma of a list, where these stand in no bracket, bar or group."""
    found, depth, barred = [""], 0, False
    for match in _PART.finditer(formula):
        token = match[0]
        if token in (r"\left", "(") and not depth and not barred and re.search(r"\)(\^\{\d+\})?\s*$", found[-1]):
            found.append("")
        if token in (r"\left", "{", "("):
            depth += 1 if token != "(" or not found[-1].endswith(r"\left") else 0
        elif token in (r"\right", "}", ")"):
            depth -= 1 if token != ")" or not found[-1].endswith(r"\right") else 0
        elif token == "|":
            barred = not barred
        whole = not depth and not barred
        if whole and re.fullmatch(r"\s[+-]\s", token) and not found[-1].rstrip().endswith("="):
            found.append(token.lstrip())
        elif whole and found[-1].endswith(r",\quad"):
            found[-1] = found[-1].removesuffix(r"\quad")
            found.append(token)
        else:
            found[-1] += token
    return found


def nested(formula: str) -> bool:
    """Whether a fraction stands in a fraction."""
    inside, due = [False], [0]  # of each open group: whether it is a fraction's, and how many more that has
    for token in re.findall(r"\\frac|\\[A-Za-z]+|\\.|[{}]", formula):
        if token == r"\frac":
            if any(inside):
                return True
            due[-1] = 2
        elif token == "{":
            inside.append(due[-1] > 0)
            due[-1] = max(due[-1] - 1, 0)
            due.append(0)
        elif token == "}" and len(due) > 1:
            inside.pop()
            due.pop()
    return False


def lines(formula: str, room: float, size: float, smallest: float, font: str | None) -> tuple[list[str], float]:
    """A formula as text of one line or, where it would have to be smaller than three quarters of its size, of two, and
    the size at which they fit into `room` pixels; nothing where they fit at none that can be read."""
    if not formula:
        return [], size
    whole = f"${formula}$"
    fitting = min(size, size * room / max(width(whole, size, font, math=True), 1e-9) * 0.998)
    if fitting >= WHOLE * size:
        return [whole], fitting
    if nested(formula):
        smallest = max(smallest, WHOLE * size)
    if LINES * fitting < smallest:  # measuring takes its time
        return [], size
    best, chosen = fitting, [whole]
    cut = parts(formula)
    for place in range(1, len(cut)):
        sign = r"\cdot\," if cut[place][:1] in ("(", "\\") else ""  # a product that is broken shows it
        pair = [f"${''.join(cut[:place]).rstrip()}$", rf"$\quad {sign}{''.join(cut[place:])}$"]
        if not 0.3 < len(pair[0]) / (len(pair[0]) + len(pair[1])) < 0.8:  # measuring costs: lines of like length
            continue
        wide = max(width(line, size, font, math=True) for line in pair)
        if (at := min(size, size * room / wide * 0.998)) > 1.15 * best:
            best, chosen = at, pair
    return (chosen, best) if best >= smallest else ([], size)
