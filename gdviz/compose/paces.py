"""Schedules on pictures: how the ledger states them, and the axis of the panel that shows them."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from gdviz.compose.words import told
from gdviz.lang import Texts
from gdviz.plans.plan import Plan
from gdviz.plans.tables import Part, Scheduled
from gdviz.scene import Axis

APART = 20.0
"""Ratio of the optimizers' largest values from which the axis is logarithmic: the smaller would lie on its floor."""


FALL = 1e3
"""A logarithmic axis reaches this far below the smallest of these largest values."""


def stated(plan: Plan, words: Texts) -> Mapping[str, str]:
    """For every scheduled hyperparameter of a plan, its schedule in words: `linear warm-up 20 → cosine decay`."""
    return {scheduled.parameter: _chain(scheduled, words) for scheduled in plan.schedules}


def _chain(scheduled: Scheduled, words: Texts) -> str:
    said = []
    for place, part in enumerate(scheduled.parts):
        length = words.number(part.last - part.first + 1) if place < len(scheduled.parts) - 1 else ""
        name = " ".join(filter(None, (_name(part, words), length)))
        said.append(": ".join(filter(None, (name, told(part.definition, part.options, words)))))
    return " → ".join(said)


def _name(part: Part, words: Texts) -> str:
    title = words.name("schedule", part.definition.name) or part.definition.title
    return title[:1].lower() + title[1:]


def pace_axis(values: NDArray[np.float64], decimal: str) -> Axis:
    """The axis of a hyperparameter float64[optimizer, start, record]: linear, so that shapes show, unless optimizers
    differ by decades."""
    tops = [float(np.nanmax(row)) for row in values if not np.isnan(row).all()]
    if min(tops) > 0 and max(tops) > APART * min(tops):
        positive = float(values[values > 0].min())
        return Axis(0.7 * max(positive, min(tops) / FALL), 1.5 * max(tops), "log", decimal=decimal)
    low, high = float(np.nanmin(values)), max(tops)
    pad = 0.06 * ((high - low) or abs(high) or 1.0)
    return Axis(low - pad, high + pad, decimal=decimal)
