"""What gdviz keeps to be quick may be damaged by anything: it is made again, and said."""

from __future__ import annotations

import importlib
import os
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numba
import numpy as np
import pytest
from numba.core.errors import NumbaError
from numba.core.types import BaseFunction

from gdviz import cache
from gdviz.backends import kernels
from gdviz.catalogue.lookup import find
from gdviz.cli.program import program, run
from gdviz.compiling import compiled
from gdviz.errors import GdvizWarning
from gdviz.formula.derivation import derive


def cubed(x):
    return x * x * x


def flipped(place: float) -> Callable[[bytes], bytes]:
    """What turns one byte into another, at a place that is a share of the length."""

    def flip(data: bytes) -> bytes:
        at = int(place * (len(data) - 1))
        return data[:at] + bytes([data[at] ^ 0x15]) + data[at + 1 :]

    return flip


DAMAGE = {
    "empty": lambda data: b"",
    "ten bytes": lambda data: data[:10],
    "short": lambda data: data[:-1],
    "longer": lambda data: data + b"\0",
    "first": flipped(0),
    "middle": flipped(0.5),
    "late": flipped(0.9),
    "last": flipped(1),
    "other": lambda data: os.urandom(len(data)),
}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("GDVIZ_CACHE_DIR", str(tmp_path / "cache"))
    return tmp_path / "cache"


def damage(folder: Path, pattern: str, how: Callable[[bytes], bytes]) -> None:
    cache.damaged.clear()
    files = sorted(folder.rglob(pattern))
    assert files, f"nothing is kept as {pattern}"
    for file in files:
        file.write_bytes(how(file.read_bytes()))


def test_compiled_functions_are_compiled_again(folder: Path) -> None:
    def hits() -> int:
        made = compiled(numba.float64(numba.float64), cubed)
        assert made(3.0) == 27.0
        return sum(made.stats.cache_hits.values())

    assert [hits(), hits()] == [0, 1]
    for pattern in ("*.nbi", "*.nbc"):
        for how in DAMAGE.values():
            damage(folder, pattern, how)
            with pytest.warns(GdvizWarning, match=r"damaged files.*made again") as told:
                assert hits() == 0
            assert len(told) == 1 and hits() == 1
        damage(folder, pattern, DAMAGE["empty"])
        next(folder.rglob(pattern)).unlink()  # somebody tidied up, which is no damage
        assert [hits(), hits()] == [0, 1]


def test_a_folder_that_takes_nothing_more_is_no_error(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "no space left")

    monkeypatch.setattr(os, "replace", full)
    assert compiled(numba.float64(numba.float64), cubed)(2.0) == 8.0
    assert not list(folder.rglob("*.nb*"))


def test_numba_asks_as_before_once_a_function_is_compiled(folder: Path) -> None:
    """Also where compiling failed; meanwhile it remembers what operators answer."""
    before = BaseFunction.get_call_type
    assert compiled(numba.float64(numba.float64), cubed)(3.0) == 27.0
    with pytest.raises(NumbaError):
        compiled(numba.float64(numba.types.unicode_type), cubed)
    assert BaseFunction.get_call_type is before
    assert compiled(numba.int64(numba.int64), cubed)(3) == 27


@pytest.mark.parametrize("name", ["beale", "wobbly"])
@pytest.mark.parametrize("how", DAMAGE)
def test_formulas_are_derived_again(name: str, how: str, folder: Path) -> None:
    definition = find("landscape", name)
    first = derive.__wrapped__(definition)
    damage(folder, "formulas/*", DAMAGE[how])
    with pytest.warns(GdvizWarning, match=r"damaged files.*made again"):
        again = derive.__wrapped__(definition)
    assert (again.text, again.latex, again.kinks) == (first.text, first.latex, first.kinks)
    assert derive.__wrapped__(definition).text == first.text


def test_threads_never_see_half_a_module(folder: Path) -> None:
    text = "import time\n\ntime.sleep(0.05)\nF = 1.0\n"

    def made(_: int) -> float:
        name = kernels.module.__wrapped__(text).__name__
        return importlib.import_module(name).F

    with ThreadPoolExecutor(4) as pool:
        assert [*pool.map(made, range(8))] == [1.0] * 8


@pytest.mark.parametrize("how", DAMAGE)
def test_emitted_texts_are_written_again(how: str, folder: Path) -> None:
    text = "def shifted(x):\n    return x + 0.5  # ½\n"
    assert kernels.module.__wrapped__(text).shifted(1.0) == 1.5
    damage(folder, "kernels/*.py", DAMAGE[how])
    with pytest.warns(GdvizWarning, match=r"damaged files.*made again"):
        assert kernels.module.__wrapped__(text).shifted(1.0) == 1.5
    assert next(folder.rglob("kernels/*.py")).read_text(encoding="utf-8") == text


def test_the_command_line_says_it_once(folder: Path) -> None:
    command = [sys.executable, "-m", "gdviz", "show", "rosenbrock"]
    first = subprocess.run(command, capture_output=True, check=True, timeout=60)
    damage(folder, "*.*", DAMAGE["ten bytes"])
    second = subprocess.run(command, capture_output=True, check=True, timeout=60)
    assert second.stdout == first.stdout and not first.stderr
    assert second.stderr.count(b"\n") == 1 and second.stderr.startswith(b"note: the cache folder ")


def test_a_file_that_ends_early_is_no_interrupt(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def ends(*_: object, **__: object) -> None:
        raise EOFError("Ran out of input")

    monkeypatch.setattr(program.get_command(None, "list"), "callback", ends)  # type: ignore[arg-type]
    monkeypatch.delenv("GDVIZ_TRACEBACK", raising=False)
    assert run(["list"]) == 1
    assert "Ran out of input" in capsys.readouterr().err


def test_a_seal_is_of_its_data() -> None:
    for data in (b"", b"x", np.arange(300, dtype=np.uint8).tobytes()):
        assert cache.sealed(data).startswith(data) and cache.sealed(data) != cache.sealed(data + b"\0")
