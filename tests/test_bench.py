"""scripts/bench.py as a program and in its parts; what it measures is not a test."""

from __future__ import annotations

import importlib.util
import json
import shutil
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

SCRIPT = Path(__file__).parent.parent / "scripts" / "bench.py"


@pytest.fixture(scope="module")
def bench() -> ModuleType:
    spec = importlib.util.spec_from_file_location("bench", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["bench"] = module  # NamedTuple looks its module up
    spec.loader.exec_module(module)
    return module


def call(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, str(SCRIPT), *arguments], capture_output=True, text=True, check=False)


def test_wrong_words_are_refused():
    assert call("cinema").returncode == 2
    run = call("movie", "--peers", "nowhere")
    assert run.returncode == 2
    assert "--peers nowhere is no folder" in run.stderr


def ratios(bench, *rows):
    """The lines of ratios that the table gives for figures (name, value, unit) in the order they were measured."""
    lines = bench.table([bench.Figure(*row) for row in rows]).partition("median of ratios")[2].splitlines()
    return [line.split() for line in lines if line.strip()]


def test_table_gives_ratios_above_one_where_gdviz_is_better(bench):
    ours = [("movie/mp4/gdviz", value, "frame/s") for value in (90.0, 100.0, 900.0)]
    others = [("movie/mp4/other", 10.0, "frame/s"), ("movie/gif/other", 1.0, "frame/s")]
    start = [("start/help/gdviz", 0.5, "s"), ("start/help/other", 2.0, "s")]
    assert ratios(bench, *ours, *others, *start) == [
        ["movie/mp4/gdviz", "10.00", "x", "movie/mp4/other"],
        ["start/help/gdviz", "4.00", "x", "start/help/other"],
    ]


def test_a_machine_that_grows_slower_changes_no_ratio(bench):
    """Every figure is compared with those measured just before and after it."""
    rows = []
    for speed in (1.0, 0.5, 0.25, 0.125):
        rows += [("paths/a/c", 100 * speed, "step/s"), ("paths/a/gdviz", 75 * speed, "step/s")]
        rows += [("paths/a/c", 50 * speed, "step/s"), ("paths/a/gdviz-unguarded", 60 * speed, "step/s")]
        rows += [("paths/a/c", 100 * speed, "step/s")]
    assert [row for row in ratios(bench, *rows) if row[-1] == "paths/a/c"] == [
        ["paths/a/gdviz", "1.00", "x", "paths/a/c"],
        ["paths/a/gdviz-unguarded", "0.80", "x", "paths/a/c"],
    ]


def test_peers_are_those_of_the_group_that_can_run_here(bench, tmp_path, capsys):
    (tmp_path / "fits.py").write_text('import json\nprint(json.dumps({"name": "movie/mp4/fits"}))\n')
    (tmp_path / "other.py").write_text('print("paths/")\n')
    (tmp_path / "lacks.py").write_text('import no_such_package.part\nprint("movie/x")\n')
    (tmp_path / "notes.md").write_text('"movie/')
    found = bench.peers(tmp_path, sys.executable, ["movie"], tmp_path)
    assert list(found) == ["fits.py"]
    assert "lacks.py is left out" in capsys.readouterr().err


def test_figures_are_read_between_other_lines(bench, tmp_path):
    row = {"name": "movie/mp4/x", "value": 3, "unit": "frame/s", "bytes": 7}
    (tmp_path / "peer.py").write_text(f"print('hello')\nprint({json.dumps(row)!r})\nprint('[1]')\n")
    figures = list(bench.printed_figures([sys.executable, str(tmp_path / "peer.py")], tmp_path))
    assert figures == [bench.Figure("movie/mp4/x", 3.0, "frame/s")]


@pytest.mark.skipif(shutil.which("gcc") is None, reason="no gcc")
def test_c_programs_are_built_for_each_precision(bench, tmp_path):
    source = tmp_path / "peer.c"
    source.write_text(
        "#include <stdio.h>\n"
        'int main(void) { printf("{\\"name\\": \\"movie/%d/c\\", \\"value\\": 1, \\"unit\\": \\"s\\"}\\n", '
        '(int)sizeof(REAL)); return 0; } // "movie/"\n'
    )
    found = bench.peers(tmp_path, sys.executable, ["movie"], tmp_path)
    names = [figure.name for command in found.values() for figure in bench.printed_figures(command, tmp_path)]
    assert names == ["movie/8/c", "movie/4/c"]
