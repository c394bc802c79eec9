"""Kernels compiled, loaded and launched by the package that is installed, without a device: `standin/` has a driver
that keeps a device's memory here, and runs kernels by what `ptx.py` makes of their assembly."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from rules import marked

from gdviz.backends.cuda import api

TESTS = Path(__file__).parent
COMPILER = shutil.which("cc")

pytestmark = [
    pytest.mark.skipif("numba_cuda_mlir" not in api.installed(), reason='needs pip install "numba-cuda-mlir[cu13]"'),
    pytest.mark.skipif(sys.platform != "linux" or COMPILER is None, reason="needs Linux and a compiler of C"),
]


@pytest.fixture(scope="module")
def driver(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The environment of processes that find it."""
    folder = tmp_path_factory.mktemp("driver")
    source = TESTS / "standin" / "driver.c"
    command = [COMPILER or "cc", "-O1", "-shared", "-fPIC", str(source), "-o", str(folder / "libcuda.so.1")]
    subprocess.run([*command, "-ldl", "-lpthread"], check=True, timeout=60)
    python = os.pathsep.join([str(TESTS), str(TESTS.parent)])
    return {**os.environ, "LD_LIBRARY_PATH": str(folder), "PYTHONPATH": python}


def passes(file: str, environment: dict[str, str]) -> None:
    """Fail unless all tests of a file pass on the device that is none."""
    plugins = ["-p", "no:cacheprovider", "-p", "standin.device"]
    command = [sys.executable, "-m", "pytest", "-q", "-x", *plugins, str(TESTS / file)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=1800)
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]


@pytest.mark.parametrize("name", marked(["launching", "programs", "plans"], {"launching"}))
def test_what_the_simulator_runs_a_device_runs(name: str, driver: dict[str, str]) -> None:
    passes(f"simulated/{name}.py", driver)


@pytest.mark.exhaustive
def test_fused_operations_stay_within_what_a_device_may_differ_by(driver: dict[str, str]) -> None:
    passes("test_cuda_device.py::test_devices_answer_as_the_processor", {**driver, "DRIVER_FUSED": "1"})


FAULTS = {
    "DRIVER_VERSION=11080": (2, "the NVIDIA driver knows CUDA 11.8, and gdviz needs one of CUDA 12 at least"),
    "DRIVER_VERSION=12040": (
        2,
        'CUDA 12.4, too old for gdviz[cuda13] that is installed; type python -m pip install "gdv',
    ),
    "DRIVER_INIT=100": (2, "no NVIDIA GPU can be used here"),
    "DRIVER_DEVICES=0": (2, "the NVIDIA driver shows no GPU; look at CUDA_VISIBLE_DEVICES"),
    "DRIVER_CAPABILITY=61": (2, "Stand-in has compute capability 6.1, and compilers for CUDA begin at 7.0"),
    "DRIVER_FAULT=2": (1, "the GPU has no memory left for this; close what else uses it"),
    "DRIVER_FAULT=700": (1, "the GPU failed at a kernel of adam on beale"),
    "DRIVER_LATE=702": (1, "the system's watchdog ended a kernel on the GPU that draws the screen"),
    "DRIVER_MEMORY=5000": (1, "the GPU has no memory left for this; close what else uses it"),
}


@pytest.mark.parametrize("fault", marked(list(FAULTS), {"DRIVER_INIT=100", "DRIVER_FAULT=700"}))
def test_every_fault_is_a_sentence_and_leaves_no_file(fault: str, driver: dict[str, str], tmp_path: Path) -> None:
    found = api.compiler()
    if fault == "DRIVER_VERSION=12040" and (found is None or found.toolkit == 12):
        pytest.skip("is new enough for what is installed")
    name, _, value = fault.partition("=")
    out = tmp_path / "never.png"
    words = ["plot", "beale", "-o", "adam", "--steps", "3", "--backend", "cuda", "--out", str(out)]
    command = [sys.executable, "-m", "gdviz", *words]
    done = subprocess.run(command, env={**driver, name: value}, capture_output=True, text=True, timeout=300)
    code, said = FAULTS[fault]
    assert done.returncode == code and said in done.stderr and done.stderr.endswith("use --backend cpu\n"), done.stderr
    assert done.stderr.count("\n") == 1 and not [*tmp_path.iterdir()]
