"""The table of backends: who runs what, who is taken, and what another row changes."""

from __future__ import annotations

import dataclasses
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

import gdviz
from gdviz.backends import selection, table
from gdviz.backends.table import BACKENDS, Backend
from gdviz.cli import main
from gdviz.emit.expression import EmissionError
from gdviz.errors import UsageError
from gdviz.plans.plan import Plan
from gdviz.words.choices import choices

RULES = {"vector": "adam", "program": "armijo", "host": "nelder_mead"}


def plan(optimizer: str = "adam", **options: Any) -> Plan:
    return gdviz.simulate("booth", [optimizer], backend="python", **{"steps": 3, **options}).plans[0]


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("row", BACKENDS.values(), ids=lambda row: row.name)
def test_a_row_runs_what_it_says_and_refuses_the_rest(row: Backend, dtype: str, rule: str) -> None:
    one = plan(RULES[rule], dtype=dtype)
    assert one.optimizer.rule == rule
    if row.takes(one) and not row.ready():
        with pytest.raises(UsageError, match="use --backend cpu"):
            selection.choose([one], row.name)
    elif row.takes(one):
        name, run = selection.choose([one], row.name, threads=1)
        assert name == row.name and run(one, ()).x.shape == (1, 4, 2) and run(one, ()).x.dtype == dtype
    else:
        others = " or ".join(other.name for other in BACKENDS.values() if rule in other.rules and other.ready())
        with pytest.raises(EmissionError, match=f"{RULES[rule]}, a {rule} rule, in {dtype}; use --backend {others}"):
            selection.choose([one], row.name)


def test_another_backend_is_another_row(monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[int | None] = []

    def run(plan: Plan, threads: int | None, progress: Any, states: Any, trackers: Any) -> Any:
        told.append(threads)
        return BACKENDS["python"].run(plan, None, None, states, trackers)

    changed: dict[str, Any] = {"rules": ("vector",), "dtypes": ("float64",), "worth": 10_000}
    row = dataclasses.replace(BACKENDS["python"], name="abacus", run=run, **changed)
    monkeypatch.setitem(BACKENDS, "abacus", row)
    small, large, single = plan(steps=10), plan(steps=100), plan(steps=100, dtype="float32")
    assert selection.choose([small])[0] == "python"
    assert selection.choose([large])[0] == "abacus", "it is worth it"
    assert selection.choose([large, single])[0] == "python", "but not where it cannot run all"
    made = gdviz.simulate("booth", ["adam:lr=0.1"], steps=3, backend="abacus", threads=7)
    assert made.recipe.backend == "abacus" and told == [7]
    with pytest.raises(EmissionError, match=r"armijo, a program rule, in float64; use --backend python or cpu"):
        gdviz.simulate("booth", ["armijo"], backend="abacus")
    (option,) = (one for one in gdviz_options() if one.key == "backend")
    assert choices(option) == ("auto", "python", "cpu", "cuda", "abacus")


def test_a_device_is_taken_for_much_work_where_there_is_one(monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[str] = []
    asked: list[bool] = []

    def ready() -> bool:
        asked.append(True)
        return True

    changed: dict[str, Any] = {"check": lambda plan: None, "ready": ready, "tell": lambda: told.append("taken")}
    row = dataclasses.replace(BACKENDS["cuda"], **changed)
    monkeypatch.setitem(BACKENDS, "cuda", row)
    few, many = plan(steps=10), plan(steps=10)
    object.__setattr__(many, "steps", 10**8)
    assert selection.choose([few])[0] == "python" and not asked, "nothing is looked for where little is to be done"
    assert selection.choose([many], "cpu")[0] == "cpu" and not told
    assert selection.choose([many])[0] == "cuda" and told == ["taken"]
    monkeypatch.setitem(BACKENDS, "cuda", dataclasses.replace(row, ready=lambda: False))
    assert selection.choose([many])[0] == "cpu"


def test_what_is_too_large_for_a_device_is_left_to_the_processor(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where nobody asked for the device; who did is told what to type."""
    monkeypatch.setattr("gdviz.backends.cuda.api.found", lambda: SimpleNamespace(local=16))
    row = dataclasses.replace(BACKENDS["cuda"], ready=lambda: True, tell=lambda: None)
    monkeypatch.setitem(BACKENDS, "cuda", row)
    monkeypatch.setitem(BACKENDS, "cpu", dataclasses.replace(BACKENDS["cpu"], check=lambda plan: None))
    one = plan("armijo", steps=10)
    object.__setattr__(one, "steps", 10**8)
    assert selection.choose([one])[0] == "cpu"
    told = r"armijo on booth keeps \d+ KiB for every run, and a thread of this GPU has room for 0; use --backend cpu"
    with pytest.raises(EmissionError, match=told):
        selection.choose([one], "cuda")


def gdviz_options() -> list[Any]:
    from gdviz.recipe.options import typed
    from gdviz.recipe.options.race import Race

    return list(typed(Race))


def test_a_backend_that_is_not_there_is_refused_before_any_work(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gdviz.runs.simulation.settle", None)  # nothing may be settled
    sentence = "there is no backend 'cup'; use one of auto, python, cpu, cuda; did you mean 'cpu'?"
    with pytest.raises(UsageError) as error:
        gdviz.simulate("booth", ["adam"], backend="cup")
    assert str(error.value) == sentence
    recipe = tmp_path / "race.toml"
    recipe.write_text('schema = 1\nlandscape = "booth"\nbackend = "cup"\noptimizer = [{ name = "adam" }]\n')
    with pytest.raises(SystemExit) as end:
        main(["plot", "--recipe", str(recipe), "--out", str(tmp_path / "a.png")])
    assert end.value.code == 2 and capsys.readouterr().err == f"gdviz: {sentence}\n"


def test_the_table_is_light() -> None:
    code = (
        "import sys, gdviz.words.choices; from gdviz.backends import table; table.names();"
        "print({'numba', 'numpy', 'pydantic', 'gdviz.backends.cpu', 'gdviz.plans'} & set(sys.modules))"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert run.stdout == "set()\n" and table.names() == ("auto", "python", "cpu", "cuda")
