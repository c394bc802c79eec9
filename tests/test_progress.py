"""What is said while a long job goes on."""

from __future__ import annotations

import json

import pytest

from gdviz.cli import progress
from gdviz.cli.progress import SILENT, Progress


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The time, which moves where a test says so."""
    now = [1000.0]
    monkeypatch.setattr(progress.time, "monotonic", lambda: now[0])
    return now


def test_what_is_at_work_is_said_where_nothing_else_is(clock: list[float], capsys: pytest.CaptureFixture[str]) -> None:
    told = Progress(timed=True)
    told(0, 40, "pictures")
    told.begins("lectures/bowl")
    clock[0] += SILENT - 1
    told.begins("lectures/wave")
    told.tell()
    assert capsys.readouterr().err.splitlines() == ["pictures 0 %"]
    clock[0] += 1
    told.tell()
    told.tell()
    assert capsys.readouterr().err.splitlines() == ["pictures 0 of 40; at lectures/bowl for 30 s"]
    told.ends("lectures/bowl")
    told(2, 40, "pictures")
    clock[0] += SILENT
    told.tell()
    assert capsys.readouterr().err.splitlines() == ["pictures 2 of 40, 19 min 0 s left; at lectures/wave for 31 s"]
    told.ends("lectures/wave")
    clock[0] += SILENT
    told.tell()
    assert not capsys.readouterr().err


def test_programs_are_told_all_that_is_at_work(clock: list[float], capsys: pytest.CaptureFixture[str]) -> None:
    told = Progress(as_json=True, timed=True)
    told(0, 2, "pictures")
    told.begins("a")
    clock[0] += 20
    told.begins("b")
    clock[0] += 20
    told.tell()
    line = json.loads(capsys.readouterr().err.splitlines()[-1])
    assert line == {"stage": "pictures", "done": 0, "total": 2, "working": {"a": 40, "b": 20}}


def test_a_quiet_job_says_nothing_and_its_clock_stands(capsys: pytest.CaptureFixture[str]) -> None:
    with Progress(quiet=True, timed=True) as told:
        told(0, 2, "pictures")
        told.begins("a")
        assert not told.clock.is_alive()
    with Progress(timed=True) as told:
        assert told.clock.is_alive()
    assert not told.clock.is_alive() and not capsys.readouterr().err
