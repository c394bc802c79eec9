"""The compiled backend answers what NumPy answers, bit for bit, however the work is cut; and it compiles once."""

import contextlib
import dataclasses
import os
import platform
import re
import signal
import sys
import time
from pathlib import Path

import numba
import numpy as np
import pytest
from children import child, without_kernels
from rules import RULES, assert_same, marked, plan, sample, sample_of_rules

from gdviz.backends import cpu, flags, kernels, python
from gdviz.backends.addresses import address, call_int
from gdviz.backends.selection import choose
from gdviz.backends.texts import texts, width
from gdviz.cache import read_text
from gdviz.catalogue.lookup import definitions, find
from gdviz.emit.expression import EmissionError
from gdviz.emit.objective import objective_text
from gdviz.emit.step import step_text
from gdviz.formula import diagonal, dot, eigen, largest, min, norm, solve, times, where
from gdviz.objectives.landscape import derive
from gdviz.recipe.recipe import validate
from gdviz.registry.defining import describe, scalar
from gdviz.runs.simulation import simulate
from gdviz.words.entries import parse_optimizers

ROOT = Path(__file__).parents[1]
DTYPES = ("float64", "float32")
both_dtypes = pytest.mark.parametrize("dtype", DTYPES)
# A program rule takes ten seconds and more to compile; its text is the same in both dtypes but for F.
mostly_double = pytest.mark.parametrize("dtype", ["float64", pytest.param("float32", marks=pytest.mark.exhaustive)])
LANDSCAPES = definitions("landscape")
SAMPLE = sample(LANDSCAPES)
VECTOR = {name: d for name, d in definitions("optimizer").items() if d.rule == "vector"}
SOME = sample_of_rules(VECTOR)
"""Vector rules that are tried in float32 too; all of them under `exhaustive`."""


def each(chosen, dtype):
    """Names of all landscapes in a dtype; those that are not chosen are left to the exhaustive run."""
    marks = {name: () if name in chosen else pytest.mark.exhaustive for name in LANDSCAPES}
    return [pytest.param(name, dtype, id=f"{name}-{dtype}", marks=mark) for name, mark in marks.items()]


# By module, pytest puts the tests of one definition side by side: what one compiled, the next need not.
every_landscape = pytest.mark.parametrize(
    ("landscape", "dtype"), [*each(LANDSCAPES, "float64"), *each(SAMPLE, "float32")], scope="module"
)
both_at_once = pytest.mark.parametrize(
    ("landscape", "dtype"), [*each(SAMPLE, "float64"), *each(sorted(SAMPLE)[::3], "float32")], scope="module"
)
every_vector_rule = pytest.mark.parametrize(
    ("optimizer", "dtype"),
    [
        pytest.param(name, dtype, marks=() if dtype == "float64" or name in SOME else pytest.mark.exhaustive)
        for dtype in DTYPES
        for name in VECTOR
    ],
    scope="module",
)
WIDE = {"runs": 1024, "steps": 100, "every": 20}
"""NumPy is slow by the step, not by the run: four times the runs for a tenth of the steps cost it a seventh, and starts
all over the domain ask more of a formula than many steps do."""


@every_landscape
def test_every_landscape_descends_alike(landscape, dtype):
    given = plan(landscape, "adam", lr=0.05, dtype=dtype, **WIDE)
    assert_same(cpu.run(given), python.run(given))


def heeding(x, g, f, lr=0.05):
    """Goes the slower the higher it stands: takes value and gradient from one kernel."""
    return x - lr * g / (1 + f * f)


@both_at_once
def test_value_and_gradient_at_once_descend_alike(landscape, dtype):
    given = plan(landscape, describe("optimizer", heeding), dtype=dtype, **WIDE)
    assert_same(cpu.run(given), python.run(given))


@every_vector_rule
def test_every_optimizer_descends_alike(optimizer, dtype):
    for preset in (None, *VECTOR[optimizer].presets):
        given = plan("beale", optimizer, preset=preset, dtype=dtype, **WIDE)
        assert_same(cpu.run(given), python.run(given))


def of_reductions(rule, dim, dtype):
    """Case of the test below: seven coordinates in float32 and three, which are written out as two are, in float64 are
    tried with one rule, which has every input and reduction."""
    tried = {(2, "float64"), (2, "float32"), (7, "float64")}
    if rule.name == "distance":
        tried |= {(3, "float64"), (7, "float32")}
    marks = () if (dim, dtype) in tried else pytest.mark.exhaustive
    return pytest.param(rule, dim, dtype, id=f"{rule.name}-{dim}-{dtype}", marks=marks)


@pytest.mark.parametrize(
    ("rule", "dim", "dtype"),
    [of_reductions(rule, dim, dtype) for rule in RULES for dim in (2, 3, 7) for dtype in DTYPES],
)
def test_reductions_and_numbers_of_the_run_descend_alike(rule, dim, dtype):
    given = plan("rastrigin", rule, dim=dim, dtype=dtype, steps=100, every=30)
    assert_same(cpu.run(given), python.run(given))
    swept = {name: value * np.linspace(0.5, 1.5, 256) for name, value in list(rule.parameters.items())[:2]}
    given = plan("rastrigin", rule, dim=dim, dtype=dtype, steps=20, every=30, **swept)
    assert_same(cpu.run(given), python.run(given))


@both_dtypes
def test_many_coordinates(dtype):
    given = plan("rastrigin", "nesterov", dim=40, dtype=dtype, steps=50, runs=70, nesterov_form="lookahead")
    assert_same(cpu.run(given), python.run(given))


@pytest.mark.parametrize("optimizer", ["gd", "nesterov", "rmsprop"])
def test_stopping_is_alike(optimizer):
    """Runs that converge, diverge and go on side by side, recorded every step."""
    given = plan("himmelblau", optimizer, tol=1e-3, every=1, steps=150, runs=100, lr=np.linspace(1e-3, 0.1, 100))
    theirs = python.run(given)
    assert np.bincount(theirs.status, minlength=3).min() > 0 or optimizer == "rmsprop"
    assert_same(cpu.run(given), theirs)


def drifting(x, g, mean, t, lr=0.1):
    """Gradient descent that records how far the mean of its points has come."""
    x = x - lr * g
    return x, mean + (x - mean) / t


@both_dtypes
@pytest.mark.parametrize("every", [1, 7])
def test_what_is_shown_stands_still_with_its_run(every, dtype):
    """Runs that converge, diverge and go on, whose recorded point is a mean of state that goes on changing."""
    rule = describe("optimizer", drifting, shown=lambda mean: mean)
    rates = np.linspace(1e-3, 0.1, 100)
    given = plan("himmelblau", rule, tol=1e-3, every=every, steps=150, runs=100, dtype=dtype, lr=rates)
    theirs = python.run(given)
    assert np.bincount(theirs.status, minlength=3).min() > 0
    assert_same(cpu.run(given), theirs)
    plain = python.run(dataclasses.replace(given, optimizer=find("optimizer", "gd"), every=1))
    for run in range(0, 100, 7):
        last = theirs.stopped_at[run]
        assert (theirs.status[run], last) == (plain.status[run], plain.stopped_at[run])
        mean = plain.x[run, 1 : last + 1].astype(np.float64).mean(axis=0)
        if np.isfinite(mean).all() and last > 0 and theirs.status[run] != 2:
            np.testing.assert_allclose(theirs.x[run, -1], mean, rtol=1e-4 if dtype == "float32" else 1e-12)


def fleeing(x, g, lr=0.05):
    """Goes off until it overflows from beyond 4; elsewhere it stays."""
    return x + lr * where(largest(x) > 4, x * x, 0.0 * g)


@both_dtypes
@pytest.mark.parametrize("dim", [2, 6])
@pytest.mark.parametrize("tol", [0.0, 0.5])
@pytest.mark.parametrize("shows", [False, True])
def test_without_guard_runs_that_stay_are_the_same_and_others_go_on(dim, tol, shows, dtype):
    rule = describe("optimizer", fleeing, **({"shown": lambda x: 0.5 * x} if shows else {}))
    given = plan("rastrigin", rule, dim=dim, dtype=dtype, runs=200, steps=60, every=7, tol=tol)
    watched, free = cpu.run(given), cpu.run(given.unguarded())
    assert_same(free, python.run(given.unguarded()))
    lost = watched.status == 2
    assert 0 < lost.sum() < 200
    assert not (free.status == 2).any()
    assert not np.isfinite(free.x[lost, -1]).all(axis=1).any()
    for name in ("x", "f", "status", "stopped_at", "evals"):
        np.testing.assert_array_equal(getattr(free, name)[~lost], getattr(watched, name)[~lost])


@pytest.mark.parametrize("optimizer", VECTOR)
def test_a_kernel_without_guard_asks_nothing_and_keeps_nothing(optimizer):
    definition = VECTOR[optimizer]
    for dim in (2, 6):
        watched, free = (step_text(definition, definition.switches, dim, stopping=s) for s in (True, False))
        assert "lost |=" in watched.body
        assert "lost |=" not in free.body
        assert "box[" not in free.body
        assert free.layout.count == watched.layout.count - dim


PROGRAMS = [name for name, d in definitions("optimizer").items() if d.rule == "program"]


@mostly_double
@pytest.mark.parametrize("landscape", marked(["rosenbrock", "wobbly", "quadratic_1d"], ["rosenbrock"]))
@pytest.mark.parametrize("optimizer", PROGRAMS, scope="module")
def test_rules_that_call_back_descend_alike(optimizer, landscape, dtype):
    """Their calls are counted alike too. NumPy runs them one by one."""
    given = plan(landscape, optimizer, dtype=dtype, runs=12, steps=40, every=9, tol=1e-3)
    assert_same(cpu.run(given), python.run(given))
    assert_same(cpu.run(given.unguarded()), python.run(given.unguarded()))


def searching(x, f, g, value, d, t, s: scalar, lr=0.5, mode="halve", tries=5.0):
    """Loops, branches on numbers, state of both kinds, a switch."""
    rate = lr
    for k in range(int(tries)):
        if value(x - rate * g) < f:
            break
        if mode == "halve":
            rate = 0.5 * rate
        else:
            rate = rate / 3 if k < 2 else 0.1 * rate
    if norm(g) > 1 and t > 2:
        rate = min(rate, 1 / (1 + s))
    d = 0.5 * d + g
    return x - rate * d, d, s + rate**2


@mostly_double
@pytest.mark.parametrize("mode", ["halve", "thirds"])
def test_programs_may_loop_branch_and_keep_state(mode, dtype):
    rule = describe("optimizer", searching)
    given = plan("himmelblau", rule, dtype=dtype, runs=40, steps=60, every=20, mode=mode, lr=np.linspace(0.01, 1, 40))
    assert_same(cpu.run(given), python.run(given))


def halved(value, x, p, f, rate, tries=6):
    """A helper of a rule, called with a callback, by place and by name."""
    for _ in range(int(tries)):
        if value(x + rate * p) < f:
            return rate
        rate = 0.5 * rate
    return 0.0 * rate


def gathering(
    x,
    f,
    g,
    value,
    hessian,
    S: "memory,dim",
    B: "dim,dim",
    k: scalar,
    lr=1.0,
    memory=3.0,
    damping=0.5,
):
    """Two-dimensional state, functions of matrices, a helper, several returns."""
    S[int(k) % len(S)] = g
    for i in range(len(x)):
        for j in range(len(x)):
            B[i, j] = 0.5 * B[i, j] + g[i] * g[j]
    curvatures, directions = eigen(hessian(x) + B)
    p = -solve(B, g, damping) - 0.1 * times(B, S[0]) / (1 + norm(B[0]))
    if curvatures[0] < 0 and dot(directions[0], g) > 0:
        return x - 0.01 * directions[0], S, B, k + 1
    return x + halved(value, x, f=f, p=p, rate=lr) * p - 1e-3 * diagonal(B), S, B, k + 1


@mostly_double
@pytest.mark.parametrize("dim", [2, 4])
def test_programs_may_keep_matrices_and_call_functions(dim, dtype):
    rule = describe("optimizer", gathering)
    for memory in (3.0, np.array([1.0, 2.0, 5.0] * 4)):
        given = plan("rosenbrock", rule, dim=dim, dtype=dtype, runs=12, steps=30, every=10, memory=memory)
        assert_same(cpu.run(given), python.run(given))


def test_a_call_that_does_not_fit_is_named():
    def partial(x, f, g, value, lr=0.1):
        return x - halved(value, x, g[0]) * g

    with pytest.raises(EmissionError, match="does not fit halved"):
        cpu.run(plan("beale", describe("optimizer", partial), runs=2, steps=2, every=1))


def test_runs_that_all_stop_early_are_recorded_to_the_end():
    given = plan("simple_quad", "gd", lr=0.5, tol=1e-9, steps=1000, every=3, runs=10)
    ours = cpu.run(given)
    assert (ours.stopped_at < 5).all()
    assert_same(ours, python.run(given))


@both_dtypes
def test_hyperparameters_per_run_change_no_bit(dtype):
    """One number for all runs, or the same number for each of them; NumPy and tiles alike."""
    lr, beta1, acc = 0.03, 0.8, 0.25
    one = plan("rosenbrock", "adam", dtype=dtype, lr=lr, beta1=beta1, runs=90)
    each = plan("rosenbrock", "adam", dtype=dtype, lr=np.full(90, lr), beta1=np.full(90, beta1), runs=90)
    assert_same(cpu.run(each), cpu.run(one))
    assert_same(python.run(each), python.run(one))
    grid = np.linspace(0.0, 0.5, 90)
    given = plan("rosenbrock", "adagrad", dtype=dtype, acc_init=grid, lr=0.1 + grid, runs=90)
    assert_same(cpu.run(given), python.run(given))
    start = plan("rosenbrock", "adagrad", dtype=dtype, acc_init=acc, runs=90)
    assert_same(cpu.run(start), python.run(start))


def test_how_the_work_is_cut_changes_no_bit(monkeypatch):
    given = plan("hills_and_canyon", "adam", lr=0.05, runs=300, steps=200, every=40)
    whole = cpu.run(given, threads=1)
    assert_same(cpu.run(given, threads=1, lanes=64), whole)
    assert_same(cpu.run(given, lanes=1024), whole)
    monkeypatch.setattr(cpu, "BLOCK", 1)  # a tile at a time
    for threads in (2, 5):
        assert_same(cpu.run(given, threads=threads), whole)


@pytest.mark.parametrize("noisy", [False, True])
def test_neighbours_change_no_bit(noisy):
    noise = find("transform", "gaussian")
    given = plan("wobbly", "momentum", lr=0.05, runs=300, steps=200, every=40)
    given = dataclasses.replace(given, transforms=((noise, {"sigma": 0.5}),) if noisy else ())
    whole = cpu.run(given)
    order = np.random.default_rng(0).permutation(300)[:170]
    part = cpu.run(dataclasses.replace(given, start=given.start[order], runs=given.runs[order]))
    np.testing.assert_array_equal(part.x, whole.x[order])
    np.testing.assert_array_equal(part.f, whole.f[order])
    np.testing.assert_array_equal(part.status, whole.status[order])


def test_a_bit_that_differs_is_seen():
    """The comparison of this file is no formality: one unit in the last place of a rate is enough."""
    one, other = (plan("rosenbrock", "adam", lr=lr, runs=8) for lr in (0.01, np.nextafter(0.01, 1)))
    with pytest.raises(AssertionError):
        assert_same(cpu.run(one), python.run(other))


def recipe(**changes):
    given = {"landscape": "beale", "optimizer": tuple(parse_optimizers("adam,gd")), "steps": 50, **changes}
    return validate(given)


def test_the_backend_is_chosen_by_work():
    small, large = plan(runs=1, steps=300), plan(runs=100_000, steps=300)
    assert choose([small])[0] == "python"
    assert choose([large])[0] == "cpu"
    assert choose([large], "python")[0] == "python"
    assert choose([small], "cpu")[0] == "cpu"
    odd = plan("rastrigin", RULES[0], runs=100_000)
    object.__setattr__(odd, "optimizer", find_foreign())
    assert choose([large, odd])[0] == "python"
    with pytest.raises(EmissionError, match=r"no function of gdviz\.formula"):
        choose([odd], "cpu")


def find_foreign():
    def foreign(x, g, lr=0.1):
        return x - lr * np.cbrt(g)

    return describe("optimizer", foreign)


def test_recipes_name_the_backend_that_ran():
    by_hand, by_itself = simulate(recipe(backend="cpu", threads=1)), simulate(recipe())
    assert by_hand.recipe.backend == "cpu"
    assert by_itself.recipe.backend == "python"
    np.testing.assert_array_equal(by_hand.x, by_itself.x)
    np.testing.assert_array_equal(by_hand.f, by_itself.f)


def test_progress_is_told():
    told = []
    cpu.run(plan(runs=100_000, steps=200), progress=lambda done, runs: told.append((done, runs)))
    assert told[-1] == (100_000, 100_000)
    assert [done for done, _ in told] == sorted(done for done, _ in told)


# What a compiler made of the lane loops.

ASSEMBLY = pytest.mark.skipif(platform.machine() not in ("x86_64", "AMD64"), reason="reads x86-64 assembly")


def assembly(source, name, signature):
    """The instructions of one kernel; one that was loaded from the cache does not know them and is compiled anew."""
    compiled = kernels.compiled(source, (name,), signature)[name]
    if compiled.stats.cache_hits:
        compiled = numba.njit(signature, nogil=True, error_model="numpy", fastmath=False)(compiled.py_func)
    text = next(iter(compiled.inspect_asm().values()))
    blocks = re.split(r"\n(?=[\w.$]+:)", text)
    start = next(i for i, block in enumerate(blocks) if re.match(rf"_ZN\w*{len(name)}{name}B\w+:", block))
    body = [blocks[start]]
    for block in blocks[start + 1 :]:
        if not block.startswith((".L", "$", "LBB", ".B")):
            break
        body.append(block)
    return re.findall(r"^\s+([a-z]\w+)[ \t]*([^\n#]*)", "\n".join(body), re.MULTILINE)


def assert_packed(instructions, dtype):
    words = [word for word, _ in instructions]
    assert len(words) > 20
    assert not [operands for word, operands in instructions if word.startswith("call")]
    letter = "d" if dtype == "float64" else "s"
    assert any(re.fullmatch(rf"v?(add|sub|mul|div)p{letter}", word) for word in words)
    assert not [word for word in words if "fmadd" in word or "fmsub" in word or "fnmadd" in word]
    if dtype == "float32":
        assert not [
            word for word in words if re.search(r"(add|sub|mul|div|sqrt|max|min)[ps]d$|cvt\w*sd|cvt\w*pd", word)
        ]


def objective_source(landscape, dtype):
    text = objective_text(derive(LANDSCAPES[landscape]))
    return kernels.source(f"landscape {landscape}", dtype, width(2), text)


@ASSEMBLY
@every_landscape
def test_objectives_are_packed_instructions_without_calls(landscape, dtype):
    source, signature = objective_source(landscape, dtype), kernels.signatures(dtype)[0]
    # Together: a gradient may be signs alone, without any arithmetic.
    assert_packed(assembly(source, "value", signature) + assembly(source, "gradient", signature), dtype)


@ASSEMBLY
@both_at_once
def test_value_and_gradient_at_once_are_packed_instructions_without_calls(landscape, dtype):
    assert_packed(assembly(objective_source(landscape, dtype), "both", kernels.signatures(dtype)[0]), dtype)


def test_the_sample_calls_every_function_that_any_landscape_calls():
    called = {name: set(re.findall(r"\w+(?=\()", objective_text(derive(d)))) for name, d in LANDSCAPES.items()}
    assert set().union(*(called[name] for name in SAMPLE)) == set().union(*called.values())
    assert len(SAMPLE) < len(LANDSCAPES) / 2


@ASSEMBLY
@every_vector_rule
def test_steps_are_packed_instructions_without_calls(optimizer, dtype):
    definition = VECTOR[optimizer]
    seen = []
    for preset in ({}, *definition.presets.values()):
        switches = {key: preset.get(key, value) for key, value in definition.switches.items()}
        if switches not in seen:
            seen.append(switches)
            source = kernels.source(f"optimizer {optimizer}", dtype, width(2), step_text(definition, switches, 2).body)
            assert_packed(assembly(source, "step", kernels.signatures(dtype)[1]), dtype)


# What other processes see.

COUNTING = f"""
import sys
sys.path[:0] = [{str(ROOT)!r}, {str(ROOT / "tests")!r}]
import numba.core.event as event
compiled = []
class Listener(event.Listener):
    def on_start(self, e):
        compiled.append(str(e.data["dispatcher"].py_func.__name__))
    def on_end(self, e):
        pass
event.register("numba:compile", Listener())
from rules import plan
from gdviz.backends import cpu
given = plan("simple_quad", "gd", runs=10, steps=20)
first = cpu.run(given)
entries = [name for name in compiled if name in ("value", "gradient", "both", "step", "descend")]
before = len(compiled)
second = cpu.run(given)
assert (first.x == second.x).all()
assert len(compiled) == before, compiled[before:]
print("COMPILED", len(entries), "sympy" in sys.modules)
"""


def start(code, folder):
    environment = {**os.environ, "GDVIZ_CACHE_DIR": str(folder)}
    environment.pop("NUMBA_CACHE_DIR", None)
    return child([sys.executable, "-c", code], env=environment, text=True)


@pytest.mark.slow
@pytest.mark.parametrize("count", [2, pytest.param(16, marks=pytest.mark.exhaustive)])
def test_processes_share_an_empty_cache_and_the_next_compiles_nothing(count, tmp_path):
    folder = without_kernels(tmp_path) if count == 2 else tmp_path
    with contextlib.ExitStack() as stack:
        for process in [stack.enter_context(start(COUNTING, folder)) for _ in range(count)]:
            out, err = process.communicate(timeout=300)
            assert process.returncode == 0, err
            assert out.startswith("COMPILED")
    with start(COUNTING, folder) as after:
        out, err = after.communicate(timeout=60)
    assert out.split() == ["COMPILED", "0", "False"], out + err


LONG = f"""
import sys
sys.path[:0] = [{str(ROOT)!r}, {str(ROOT / "tests")!r}]
from rules import plan
from gdviz.backends import cpu
cpu.run(plan("simple_quad", "gd", runs=10, steps=20))
print("READY", flush=True)
cpu.run(plan("simple_quad", "gd", runs=200_000, steps=1_000_000, every=1_000_000), progress=lambda done, runs: None)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="sends SIGINT")
def test_an_interrupt_ends_it_long_before_its_last_step(tmp_path):
    """Which would come after a minute and more; threads ask at every step."""
    with start(LONG, os.environ.get("GDVIZ_CACHE_DIR", tmp_path)) as process:
        assert process.stdout.readline() == "READY\n"
        time.sleep(0.5)
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=20)
    assert "KeyboardInterrupt" in err


def doubled(x):
    return 2.0 * x


def test_a_folder_that_cannot_be_written_is_no_hindrance(tmp_path, monkeypatch):
    """Neither to a driver, which is a function of gdviz's own files, nor to a kernel, whose text has no file then."""
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("GDVIZ_CACHE_DIR", str(tmp_path / "file" / "folder"))
    signature = numba.float64(numba.float64)
    assert flags.driver(signature, doubled)(1.5) == 3.0
    text = f"def tripled(x):\n    return 3.0 * x  # {tmp_path.name}\n"
    kernel = kernels.compiled(text, ("tripled",), signature)["tripled"]
    assert numba.njit(lambda x: kernel(x))(1.5) == 4.5
    assert derive.__wrapped__(LANDSCAPES["beale"]).value(3.0, 0.5) == 0.0


def counted(rows, start):
    """Of what it is handed."""
    if start < 0:
        raise ValueError("below 0")
    return rows.size + start


def counted_twice(where, rows, start):
    """By a function's address."""
    return call_int(where, (rows, start)) + call_int(where, (rows, 1))


def test_functions_are_called_by_their_addresses():
    """Also where they raise."""
    rows, whole = numba.float64[::1], numba.int64
    function = flags.kernel(whole(rows, whole), counted)
    made = flags.driver(whole(whole, rows, whole), counted_twice)
    assert made(address(function), np.ones(5), 2) == 13
    with pytest.raises(ValueError, match="below 0"):
        made(address(function), np.ones(5), -1)


@pytest.mark.parametrize("optimizer", ["adam", "armijo"])
def test_texts_are_what_is_compiled(optimizer):
    """`texts` answers the very modules that a run leaves in the cache."""
    given = plan("beale", optimizer, runs=3, steps=5)
    cpu.run(given)
    for text, word in zip(texts(given), ("landscape beale", f"optimizer {optimizer}"), strict=True):
        assert text.startswith(f'"""Made by gdviz from {word}')
        assert read_text(Path(kernels.module(text).__file__)) == text
