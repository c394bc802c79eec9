"""What sets gdviz up: its commands in the README, and the batch file of Windows, which is read, as none runs here."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parent.parent
BATCH = (ROOT / "scripts" / "demo.cmd").read_bytes()
LINES = [line.strip() for line in BATCH.decode("ascii").splitlines()]
CODE = [line for line in LINES if line and not line.lower().startswith("rem ")]


def test_the_batch_file_is_one_for_cmd() -> None:
    assert BATCH.count(b"\n") == BATCH.count(b"\r\n"), "labels are missed in files whose lines end with LF alone"
    assert LINES[0] == "@echo off" and LINES[-1] == "exit /b 0"
    assert all(line.count('"') % 2 == 0 for line in CODE)


def test_every_jump_of_the_batch_file_has_its_label_and_nothing_runs_on_into_another_part() -> None:
    labels = {line[1:] for line in CODE if line.startswith(":")}
    jumps = set(re.findall(r"(?:goto |call :)(\w+)", "\n".join(CODE)))
    assert jumps == labels == {"install", "demo", "try"}
    assert CODE[CODE.index(":try") - 1].startswith("exit /b")


def test_paths_in_the_batch_file_may_hold_spaces() -> None:
    for line in CODE:
        outside = "".join(line.split('"')[::2])
        assert not re.search(r"%(root|venv|python|stamp|~dp0|PYTHON|GDVIZ_VENV)", outside), line
        assert "~fI" not in outside, line


def test_the_batch_file_asks_of_python_what_the_shell_script_asks() -> None:
    shell = (ROOT / "scripts" / "environment").read_text(encoding="utf-8")
    asked = re.findall(r'-c "([^"]*)"', "\n".join(CODE))
    assert len(asked) == 2
    for question in asked:
        assert f"-c '{question}'" in shell
    for words in ("-m venv", "-m pip install --quiet --editable", "-m gdviz demo"):
        assert sum(words in line for line in CODE) == 1, words


def test_the_first_thing_of_the_readme_is_how_to_set_up() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    assert re.findall(r"^## (.*)$", text, re.MULTILINE)[:2] == ["Set up", "A tour of five minutes"]
    head = text.split("## A tour")[0]
    assert head.count("![") == 1
    for script in re.findall(r"scripts[/\\][\w.]+", head):
        assert (ROOT / script.replace("\\", "/")).is_file(), script
    windows = head.split("```powershell")[1].split("```")[0]
    assert "ctivate" not in windows and windows.count(r".venv\Scripts") == 2
