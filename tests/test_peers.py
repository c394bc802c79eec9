"""The programs beside which gdviz is measured do the same work: their twins on the host answer what gdviz does.

They need a C++ compiler, code for devices nvcc as well, and the peer in JAX that package.
"""

from __future__ import annotations

import dataclasses
import importlib
import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

import gdviz
from gdviz.api import rerun
from gdviz.plans.plan import FAR

PEERS = Path(__file__).parent.parent / "scripts" / "peers"
SOURCES = sorted(path.name for path in PEERS.glob("*.cu"))


@pytest.fixture(scope="module")
def peers() -> Any:
    """Modules of the folder, which import each other as scripts do."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(PEERS))
        patch.syspath_prepend(str(PEERS.parent))
        names = ("works", "toolchain", "machines", "cuda_c", "bench_cuda")
        yield SimpleNamespace(**{name: importlib.import_module(name) for name in names})


@pytest.fixture(scope="module")
def host(peers) -> Any:
    if not any(map(shutil.which, ("g++", "clang++", "c++"))):
        pytest.skip("no C++ compiler")
    return peers.machines.Host()


def plan_of(landscape: str, start: np.ndarray, lr: float, steps: int) -> Any:
    small = gdviz.simulate(landscape, [f"adam:lr={lr}"], steps=steps, every=steps, dtype=start.dtype.name)
    return small.plans[0].with_start(start.astype(float))


def test_guards_of_the_peers_are_those_of_gdviz(peers):
    assert peers.works.FAR == FAR
    for landscape, (centre, reach) in peers.works.GUARDS.items():
        plan = plan_of(landscape, np.zeros((1, 2)), 0.01, 1)
        assert (plan.centre.tolist(), plan.reach.tolist()) == (list(centre), [reach, reach])
        assert plan.optimizer.name == "adam"
        assert {name: plan.options[name] for name in peers.works.ADAM} == peers.works.ADAM


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize(("lr", "steps", "ends"), [(0.01, 1000, {0}), (400.0, 200, {0, 2}), (3e38, 20, {2, 3})])
def test_paths_on_rosenbrock_are_those_of_gdviz_bit_for_bit(peers, host, dtype, lr, steps, ends):
    """Whether they stay inside the guard, leave it and go on, or get lost beyond it or at once."""
    start = np.random.default_rng(5).uniform(-2, 2, (300, 2)).astype(dtype)
    start[:150] *= 1 if ends == {0} else 900  # from near the guard's edge they are low enough beyond it
    call, made = peers.cuda_c.paths("rosenbrock", start, steps, lr=lr)
    host.run(call)
    ours = rerun(plan_of("rosenbrock", start, lr, steps), "cpu", 1)
    assert np.array_equal(made["status"], ours.status)
    assert np.array_equal(made["stopped"], ours.stopped_at)
    assert np.array_equal(made["left"], ours.left_at)
    assert np.array_equal(made["end"], ours.x[:, -1])
    assert np.array_equal(made["value"], ours.f[:, -1], equal_nan=True)
    assert {*ours.status.tolist()} <= ends
    assert (ours.left_at > 0).any() == (ends == {0, 2})


@pytest.mark.parametrize(("dtype", "tolerance"), [("float64", 1e-10), ("float32", 3e-3)])
def test_paths_on_rastrigin_are_those_of_gdviz(peers, host, dtype, tolerance):
    """To rounding, as sines are not gdviz's own; for so few steps that chaos has no time."""
    start = np.random.default_rng(6).uniform(-5, 5, (500, 2)).astype(dtype)
    call, made = peers.cuda_c.paths("rastrigin", start, 60)
    host.run(call)
    ours = rerun(plan_of("rastrigin", start, 0.01, 60), "cpu", 1)
    assert np.array_equal(made["status"], ours.status)
    assert np.allclose(made["end"], ours.x[:, -1], rtol=tolerance, atol=tolerance)
    assert np.allclose(made["value"], ours.f[:, -1], rtol=tolerance, atol=10 * tolerance)


def test_basins_are_those_of_a_study(peers, host):
    start, steps = peers.works.grid(16), 1000
    call, made = peers.cuda_c.basins(start, steps, lr=0.05)
    host.run(call)
    ours = gdviz.study(
        "basins",
        "rosenbrock",
        "adam:lr=0.05",
        domain=[(-2.0, 2.0), (-2.0, 2.0)],
        resolution=(16, 16),
        steps=steps,
        radius=peers.works.BASINS.radius,
        reliability=False,
        backend="cpu",
    ).arrays
    found = {name: np.asarray(array).ravel() for name, array in ours.items()}
    assert np.array_equal(made["status"], found["status"])
    assert np.array_equal(made["minimum"], found["minimum"])
    assert (made["minimum"] == 0).any()
    assert np.array_equal(np.where(made["minimum"] < 0, made["stopped"], made["since"]), found["steps"])
    assert np.array_equal(made["best"], found["best"])
    assert np.array_equal(made["value"], found["final"])


@pytest.mark.parametrize(("dtype", "tolerance"), [("float64", 1e-9), ("float32", 2e-2)])
def test_small_networks_are_those_of_gdviz(peers, host, dtype, tolerance):
    """On the same batches, whose numbers are drawn alike."""
    X, y = peers.works.samples(peers.works.MLP.samples)
    asked: dict[str, Any] = {"batch": 32, "replacement": True, "runs": 40, "task": "binary", "dtype": dtype}
    trained = gdviz.train(
        *("mlp:8", (X, y), "adam:lr=0.01"), steps=1, init="normal", validation=0.0, standardise=False, **asked
    )
    plan = dataclasses.replace(trained.plans[0], steps=100, every=100)
    ours = rerun(plan, "cpu", 1)
    call, made = peers.cuda_c.mlp(plan.start.astype(dtype), np.column_stack([X, y]).astype(dtype), 100)
    host.run(call)
    assert np.allclose(made["end"], ours.x[:, -1], rtol=tolerance, atol=tolerance)
    assert np.allclose(made["losses"], ours.f, rtol=tolerance, atol=tolerance)
    assert (made["losses"][:, 1] < made["losses"][:, 0]).mean() > 0.9
    asked_for = peers.works.MLP
    assert call.given[0].shape[1] == 4 * asked_for.hidden + 1
    assert asked_for.batch == asked["batch"]


@pytest.mark.parametrize(
    ("width", "options"), [(8, ("-DAT_ONCE=1",)), pytest.param(16, (), marks=pytest.mark.exhaustive)]
)
def test_scores_of_trainability_are_those_of_a_study(peers, host, width, options, tmp_path):
    steps, side = 30, 12
    ours = gdviz.study(
        *("trainability", None, "gd"),
        width=width,
        steps=steps,
        resolution=(side, side),
        reliability=False,
        backend="cpu",
    )
    np.savez(tmp_path / "trainability.npz", **peers.bench_cuda.problem(width))
    held = peers.works.problem(width, tmp_path)
    call, made = peers.cuda_c.trainability(held, peers.works.rates(side), steps, 20, options)
    host.run(call)
    score = np.asarray(ours.arrays["score"]).ravel()
    assert (score < 0).any()
    assert (score > 0).any()
    calm = np.isclose(made["score"], score, rtol=1e-6)  # on the border between both, roundings decide
    assert calm.mean() > 0.9
    assert (np.sign(made["score"]) == np.sign(score)).mean() > 0.97


@pytest.mark.skipif(shutil.which("nvcc") is None, reason="no nvcc")
@pytest.mark.parametrize("source", SOURCES)
def test_sources_become_code_for_devices_without_a_warning(peers, source):
    assert peers.toolchain.device_code(source, (9, 0)).startswith(b"\x7fELF")


@pytest.mark.parametrize("source", SOURCES)
def test_sources_become_code_at_run_time_where_there_is_no_nvcc(peers, source, monkeypatch):
    pytest.importorskip("cuda.bindings.nvrtc")
    monkeypatch.setattr(peers.toolchain.shutil, "which", lambda name: None)
    assert peers.toolchain.device_code(source, (9, 0)).startswith(b"\x7fELF")


JAX = """
import sys
import numpy as np
import vmap_scan
given = dict(np.load(sys.argv[1]))
runs = {
    "rosenbrock": vmap_scan.paths("rosenbrock", "f64", 40, 400.0)(given["wild"]),
    "rastrigin": vmap_scan.paths("rastrigin", "f64", 40)(given["calm"]),
    "basins": vmap_scan.basins(40, 400.0)(given["wild"]),
}
found = {f"{work} {name}": array for work, made in runs.items() for name, array in made.items()}
problem = vmap_scan.works.Problem(given["X"], given["y"], given["start"])
found["score"] = vmap_scan.trainability(25, 20)(*vmap_scan.shared(problem), *vmap_scan.works.rates(6))
found["losses"] = vmap_scan.mlp(50)(*vmap_scan.small_networks(20))[1]
np.savez(sys.argv[1], **found)
"""
"""Run by an interpreter that has JAX, as the suite's need not have it."""


def with_jax() -> str | None:
    """This interpreter, where it has JAX, or the one that GDVIZ_JAX_PYTHON names."""
    return sys.executable if importlib.util.find_spec("jax") else os.environ.get("GDVIZ_JAX_PYTHON")


@pytest.mark.skipif(with_jax() is None, reason="no JAX; GDVIZ_JAX_PYTHON may name an interpreter that has it")
def test_the_peer_in_jax_answers_what_the_one_in_c_does(peers, host, tmp_path):
    calm = np.random.default_rng(7).uniform(-2, 2, (200, 2))
    wild = calm * np.where(np.arange(200) < 100, 900, 1)[:, None]
    problem, kept = peers.bench_cuda.problem(8), tmp_path / "given.npz"
    np.savez(kept, calm=calm, wild=wild, **problem)
    environment = {**os.environ, "PYTHONPATH": str(PEERS), "JAX_PLATFORMS": "cpu"}
    subprocess.run([with_jax(), "-c", JAX, str(kept)], env=environment, check=True)
    works = {
        "rosenbrock": peers.cuda_c.paths("rosenbrock", wild, 40, lr=400.0),
        "rastrigin": peers.cuda_c.paths("rastrigin", calm, 40),
        "basins": peers.cuda_c.basins(wild, 40, lr=400.0),
        "": peers.cuda_c.trainability(peers.works.Problem(**problem), peers.works.rates(6), 25, 20),
    }
    with np.load(kept) as found:
        for work, (call, made) in works.items():
            host.run(call)
            for name, array in made.items():
                near = np.isclose(found[f"{work} {name}".strip()], array, rtol=1e-6, atol=1e-9, equal_nan=True)
                assert near.mean() > (0.99 if work else 0.85), (work, name)  # on a border roundings decide
        assert {*found["rosenbrock status"].tolist()} == {0, 2}
        assert found["losses"][:, 1].mean() < found["losses"][:, 0].mean()


@pytest.mark.gpu
def test_on_a_device_the_peers_answer_what_their_twins_do(peers, host):
    """To what fused multiplication changes, where nothing is chaotic."""
    try:
        device = peers.machines.Device()
    except peers.toolchain.Missing as error:
        pytest.skip(str(error))
    start = np.random.default_rng(8).uniform(-2, 2, (1000, 2))
    held, (weights, data) = peers.works.problem(16), peers.cuda_c.small_networks(300)
    for make in (
        lambda: peers.cuda_c.paths("rosenbrock", start, 200),
        lambda: peers.cuda_c.paths("rosenbrock", start, 60, lr=400.0),
        lambda: peers.cuda_c.paths("rastrigin", start, 40),
        lambda: peers.cuda_c.basins(start, 200),
        lambda: peers.cuda_c.trainability(held, peers.works.rates(8), 20, 20),
    ):
        (call, made), (twin, expected) = make(), make()
        device.run(call)
        host.run(twin)
        for name, array in expected.items():
            assert np.isclose(made[name], array, rtol=1e-6, atol=1e-9, equal_nan=True).mean() > 0.85, (
                call.kernel,
                name,
            )
    (call, made), (twin, expected) = (peers.cuda_c.mlp(weights, data, 50) for _ in range(2))
    device.run(call)
    host.run(twin)
    assert np.allclose(made["losses"], expected["losses"], rtol=0.02, atol=0.02)


def test_gdviz_and_its_peers_have_figures_of_the_same_work(peers, monkeypatch):
    """By name; and what gdviz does for each of them runs."""
    works, width = peers.works, 8
    for name, fewer in (
        ("PATHS", tuple(work._replace(runs=32) for work in works.PATHS[::2])),
        ("MLP", works.MLP._replace(networks=(4,), steps=5)),
        ("TRAINABILITY", works.TRAINABILITY._replace(side=2, width=width, steps=5)),
        ("BASINS", works.BASINS._replace(side=4)),
        ("STEPS", 20),
    ):
        monkeypatch.setattr(works, name, fewer)
    for group in works.GROUPS:
        ours = [*peers.bench_cuda.GROUPS[group](2**62)]
        theirs = [*peers.cuda_c.calls(group, 2**62)]
        assert ours
        assert [work[:3] for work in ours] == [(name, amount, unit) for name, _, amount, unit, _ in theirs]
        assert not [*peers.bench_cuda.GROUPS[group](1)]
        for work in ours:
            work.done("cpu")


def test_the_peers_are_found(peers, tmp_path, capsys):
    bench = importlib.import_module("bench")
    words = ["paths", "--largest", "7"]
    found = bench.peers(PEERS, sys.executable, ["paths"], tmp_path, words)
    assert found["cuda_c.py"] == [sys.executable, str(PEERS / "cuda_c.py"), *words]
    assert set(found) <= {"cuda_c.py", "vmap_scan.py"}
    assert ("vmap_scan.py" in found) != ("vmap_scan.py is left out" in capsys.readouterr().err)


def test_without_a_device_nothing_is_measured_and_a_sentence_says_why(peers):
    try:
        peers.machines.Device()
    except peers.toolchain.Missing:
        pass
    else:
        pytest.skip("there is a device")
    words = [sys.executable, str(PEERS.parent / "bench.py"), "paths", "--backend", "cuda"]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert "NVIDIA driver" in done.stderr
    refused = subprocess.run([*words[:2], "movie", *words[2:]], capture_output=True, text=True, check=False)
    assert refused.returncode == 2
    assert "not movie" in refused.stderr
