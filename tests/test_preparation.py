"""Kernels looked at, compiled beforehand, kept and cleared."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
from children import without_kernels

from gdviz.about.preparation import COMPILED, kernel_text
from gdviz.cache import contents, limit
from gdviz.catalogue.lookup import definitions
from gdviz.errors import UsageError

EVERY = [
    (kind, name)
    for kind in COMPILED
    for name, d in definitions(kind).items()
    if kind == "landscape" or (d.rule != "host" and (kind != "schedule" or "f" in d.inputs))
]


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize(("kind", "name"), EVERY)
def test_every_definition_has_a_kernel(kind, name, dtype):
    text = kernel_text(name, None, dtype)
    compile(text, name, "exec")
    words = {"landscape": "def value(", "optimizer": "def ", "transform": "def alter(", "schedule": "def pace("}
    assert words[kind] in text


def test_switches_and_presets_are_folded():
    assert kernel_text("adam:eps_mode=inside") != kernel_text("adam")
    assert "if " not in kernel_text("adam:preset=lasagne").split("def step")[1]
    assert "for d in range(20)" in kernel_text("adam", 20)
    with pytest.raises(UsageError, match="did you mean 'adam'"):
        kernel_text("adm")
    with pytest.raises(UsageError, match="table of numbers"):
        kernel_text("cosine")
    with pytest.raises(UsageError, match="no option 'lrr'"):
        kernel_text("adam:lrr=3")
    with pytest.raises(UsageError, match="among the signals, of which no kernels are made"):
        kernel_text("spikes")


def gdviz(folder, *words):
    env = {**os.environ, "GDVIZ_CACHE_DIR": str(folder)}
    return subprocess.run(
        [sys.executable, "-m", "gdviz", *words], env=env, capture_output=True, text=True, encoding="utf-8", check=False
    )


def test_what_is_warmed_up_is_kept_and_can_be_cleared(tmp_path):
    folder = without_kernels(tmp_path / "қойма 1")
    made = gdviz(folder, "warmup", "beale", "adam")
    assert made.returncode == 0, made.stderr
    assert "compiling 100 %" in made.stderr
    before = contents(folder)
    assert set(before) == {"formulas", "kernels", "numba"}
    again = gdviz(folder, "warmup", "beale", "adam", "--quiet")
    assert (again.returncode, again.stdout, again.stderr) == (0, "", "")
    assert contents(folder) == before  # nothing was compiled a second time
    kept = sum(size for _, size in before.values()) // 2
    assert limit(kept, folder) > 0
    assert 0 < sum(size for _, size in contents(folder).values()) <= kept
    cleared = gdviz(folder, "cache", "--clear")
    assert cleared.returncode == 0 and "freed" in cleared.stdout
    assert contents(folder) == {}
    assert gdviz(folder, "cache", "--limit", "-1").returncode == 2
