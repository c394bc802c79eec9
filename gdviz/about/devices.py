"""GPUs as `gdviz doctor` shows them: what there is, and on a device how right and how quick it is."""

from __future__ import annotations

import dataclasses
import time
from typing import Any, NamedTuple

import numpy as np

from gdviz.about.installation import Finding
from gdviz.backends import STATUSES, Paths
from gdviz.backends.cuda import api, diagnosis
from gdviz.backends.cuda.diagnosis import Survey
from gdviz.catalogue.lookup import find
from gdviz.errors import GdvizError
from gdviz.plans.plan import GUARD, Plan
from gdviz.plans.setting import make, settle
from gdviz.recipe.options.race import Race
from gdviz.recipe.recipe import checked
from gdviz.runs.simulation import rerun

COMPARED, STEPS = 2**12, 200
"""Runs and steps that are compared with the processor's: from everywhere in the domain, where Adam contracts, so that a
last digit stays one."""

TIMED, TIMED_STEPS = 2**22, 1000
"""Runs and steps that are timed: 2^32 steps, some tenths of a second of a large device."""


class Trial(NamedTuple):
    """How a device does at Adam on Rosenbrock's function in a dtype. difference: the largest of its positions from the
    processor's, in units of the last place of the domain's width; ends: the share of runs that end alike; speed: steps
    of runs in a second, with all copies."""

    dtype: str
    difference: float
    ends: float
    speed: float


class Report(NamedTuple):
    """survey: what there is; draws: whether random numbers are right, None where no device is there to try; trials: by
    dtype; failure: what was raised in place of further answers."""

    survey: Survey
    draws: bool | None = None
    trials: tuple[Trial, ...] = ()
    failure: str | None = None

    @property
    def findings(self) -> list[Finding]:
        """Lines of the doctor. No GPU is no fault; one that answers wrongly is."""
        survey = self.survey
        if not survey.devices:
            return [Finding("GPU", survey.reason or "none", True)]
        known = "" if survey.driver is None else f", the driver knows CUDA {_dotted(survey.driver)}"
        rows = [
            Finding(
                f"GPU {device.number}",
                f"{device.name}, compute capability {_dotted(device.capability)}, {device.free / 1e9:.1f} of "
                f"{device.memory / 1e9:.1f} GB free{', draws a screen' if device.watchdog else ''}{known}",
                True,
            )
            for device in survey.devices
        ]
        compiler = f"{survey.package} {survey.version}"
        rows.append(
            Finding("GPU compiler", f"{compiler} for CUDA {survey.toolkit}" if survey.toolkit else compiler, True)
        )
        if self.draws is not None:
            said = "Philox answers its known words" if self.draws else "Philox answers other words than it should"
            rows.append(Finding("GPU random numbers", said, self.draws))
        rows += [
            Finding(
                f"GPU {trial.dtype}",
                f"{trial.speed:.3g} steps/s of Adam on Rosenbrock's function; {trial.ends:.2%} of runs end as the "
                f"processor's, positions within {trial.difference:.2g} units in the last place of the domain",
                trial.ends > 0.99,
            )
            for trial in self.trials
        ]
        return rows if self.failure is None else [*rows, Finding("GPU trial", self.failure, False)]

    @property
    def told(self) -> dict[str, Any]:
        """As JSON: driver and extra (null where there is none), package, version and toolkit of the compiler, devices
        with number, name, capability, memory and free bytes and watchdog, reason why there are none, philox (whether
        known words are answered, null if not tried), trials by dtype with difference, ends and speed, and failure."""
        survey = self.survey
        trials = {dtype: {"difference": d, "ends": ends, "speed": speed} for dtype, d, ends, speed in self.trials}
        return {
            "driver": None if survey.driver is None else _dotted(survey.driver),
            "extra": survey.extra,
            "package": survey.package,
            "version": survey.version,
            "toolkit": survey.toolkit,
            "devices": [{**device._asdict(), "capability": _dotted(device.capability)} for device in survey.devices],
            "reason": survey.reason,
            "philox": self.draws,
            "trials": trials,
            "failure": self.failure,
        }


def report(runs: int = TIMED, steps: int = TIMED_STEPS) -> Report:
    """What this machine has, and where it has a device, trials of it that take some seconds."""
    survey = diagnosis.survey()
    if not survey.devices:
        return Report(survey)
    draws, trials = None, []
    try:
        draws = diagnosis.draws_right(api.found())
        for dtype in () if api.found().simulated else ("float64", "float32"):
            trials.append(_trial(dtype, runs, steps))
    except GdvizError as error:
        return Report(survey, draws, tuple(trials), str(error))
    return Report(survey, draws, tuple(trials))


def _trial(dtype: str, runs: int, steps: int) -> Trial:
    plan = _plan(dtype, min(runs, COMPARED), STEPS)
    difference, ends = _compared(plan, rerun(plan, "cuda"), rerun(plan, "cpu"))
    plan = _plan(dtype, runs, steps)
    plan = dataclasses.replace(plan, every=plan.steps)
    begun = time.perf_counter()
    rerun(plan, "cuda")
    return Trial(dtype, difference, ends, runs * steps / (time.perf_counter() - begun))


def _compared(plan: Plan, one: Paths, other: Paths) -> tuple[float, float]:
    """The largest difference of positions where both runs are unfinished, and the share of runs that end alike."""
    sound = (one.status == STATUSES.index("unfinished")) & (other.status == one.status)
    unit = float(np.finfo(plan.dtype).eps) * 2 * float(plan.reach.max()) / GUARD
    apart = np.abs(one.x - other.x)[sound]
    return float(apart.max(initial=0.0)) / unit, float((one.status == other.status).mean())


def _plan(dtype: str, runs: int, steps: int) -> Plan:
    """Adam on Rosenbrock's function, from a grid that is dense in the domain."""
    landscape = find("landscape", "rosenbrock")
    options = {"optimizer": [{"name": "adam", "lr": 0.01}], "dtype": dtype, "steps": steps, "every": steps}
    setting = settle(checked(Race, options), landscape)
    entry = setting.recipe.optimizer[0]
    plan = make(setting, entry, find("optimizer", entry.name))
    low, high = np.array(landscape.domain, float).T
    steps_of = np.array([0.7548776662466927, 0.5698402909980532])  # R2, after Roberts 2018
    return plan.with_start(low + (high - low) * (np.arange(runs)[:, None] * steps_of % 1.0))


def _dotted(version: tuple[int, int]) -> str:
    """As it is written."""
    return f"{version[0]}.{version[1]}"
