"""GPUs as `gdviz doctor` shows them: what there is, and whether a device draws the random numbers that it should."""

from __future__ import annotations

from typing import Any, NamedTuple

from gdviz.about.installation import Finding
from gdviz.backends.cuda import api, diagnosis
from gdviz.backends.cuda.diagnosis import Survey
from gdviz.errors import GdvizError


class Report(NamedTuple):
    """survey: what there is; draws: whether random numbers are right, None where no device is there to try; failure:
    what was raised in place of an answer."""

    survey: Survey
    draws: bool | None = None
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
        return rows if self.failure is None else [*rows, Finding("GPU trial", self.failure, False)]

    @property
    def told(self) -> dict[str, Any]:
        """As JSON: driver and extra (null where there is none), package, version and toolkit of the compiler, devices
        with number, name, capability, memory and free bytes and watchdog, reason why there are none, philox (whether
        known words are answered, null if not tried), and failure."""
        survey = self.survey
        return {
            "driver": None if survey.driver is None else _dotted(survey.driver),
            "extra": survey.extra,
            "package": survey.package,
            "version": survey.version,
            "toolkit": survey.toolkit,
            "devices": [{**device._asdict(), "capability": _dotted(device.capability)} for device in survey.devices],
            "reason": survey.reason,
            "philox": self.draws,
            "failure": self.failure,
        }


def report() -> Report:
    """What this machine has, and where it has a device, whether that draws right."""
    survey = diagnosis.survey()
    if not survey.devices:
        return Report(survey)
    try:
        return Report(survey, diagnosis.draws_right(api.found()))
    except GdvizError as error:
        return Report(survey, failure=str(error))


def _dotted(version: tuple[int, int]) -> str:
    """As it is written."""
    return f"{version[0]}.{version[1]}"
