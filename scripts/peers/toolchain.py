"""The sources in CUDA C made into something that runs: machine code for a device, or a library for the host."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

HERE = Path(__file__).resolve().parent
STANDARD = "-std=c++17"
STRICT = ("-Werror", "all-warnings")


class Missing(Exception):
    """What is needed is not on this machine; its message is one sentence."""


def device_code(source: str, capability: tuple[int, int], options: Sequence[str] = ()) -> bytes:
    """Machine code of a source for devices of a capability, by nvcc or, where there is none, NVRTC. Raises Missing."""
    target = f"sm_{capability[0]}{capability[1]}"
    if nvcc := shutil.which("nvcc"):
        with tempfile.TemporaryDirectory() as folder:
            made = Path(folder) / "code.cubin"
            _call(nvcc, "-cubin", f"-arch={target}", STANDARD, "-O3", *STRICT, *options, "-o", made, HERE / source)
            return made.read_bytes()
    return _by_nvrtc(source, target, options)


def _by_nvrtc(source: str, target: str, options: Sequence[str]) -> bytes:
    try:
        from cuda.bindings import nvrtc
    except ImportError:
        raise Missing("there is neither nvcc nor NVRTC; install cuda-bindings with nvidia-cuda-nvrtc") from None

    def checked(answer: tuple[object, ...]) -> object:
        if answer[0] != nvrtc.nvrtcResult.NVRTC_SUCCESS:
            raise RuntimeError(f"NVRTC: {answer[0]}")
        return answer[1] if len(answer) > 1 else None

    text = (HERE / source).read_bytes()
    program = checked(nvrtc.nvrtcCreateProgram(text, source.encode(), 0, [], []))
    given = [f"--gpu-architecture={target}", STANDARD, f"-I{HERE}", *options]
    made = nvrtc.nvrtcCompileProgram(program, len(given), [option.encode() for option in given])
    log = b" " * int(str(checked(nvrtc.nvrtcGetProgramLogSize(program))))
    checked(nvrtc.nvrtcGetProgramLog(program, log))
    if made[0] != nvrtc.nvrtcResult.NVRTC_SUCCESS or b"warning" in log:
        raise RuntimeError(f"NVRTC does not compile {source}: {log.decode(errors='replace').strip(chr(0))}")
    code = b" " * int(str(checked(nvrtc.nvrtcGetCUBINSize(program))))
    checked(nvrtc.nvrtcGetCUBIN(program, code))
    return code


def host_library(source: str, folder: Path, options: Sequence[str] = ()) -> Path:
    """The twin of a source: a library for this machine's processor, whose numbers are rounded one by one. Raises
    Missing."""
    compiler = next(filter(None, map(shutil.which, ("g++", "clang++", "c++"))), None)
    if compiler is None:
        raise Missing("there is no C++ compiler for the twins on the host; install g++")
    made = folder / f"{Path(source).stem}.so"
    flags = (STANDARD, "-O2", "-ffp-contract=off", "-Wall", "-Wextra", "-Werror", "-shared", "-fPIC")
    _call(compiler, "-x", "c++", *flags, *options, "-o", made, HERE / source)
    return made


def _call(*words: str | Path) -> None:
    done = subprocess.run([str(word) for word in words], capture_output=True, text=True, check=False)
    if done.returncode:
        sys.stderr.write(done.stderr)
        raise RuntimeError(f"{Path(words[0]).name} does not compile {Path(words[-1]).name}")
