"""Measure gdviz on fixed work, alone or beside other programs that do the same work.

    python scripts/bench.py movie start
    python scripts/bench.py movie --json --peers FOLDER --python PYTHON --repeat 3
    python scripts/bench.py paths mlp trainability basins --backend cuda --out scripts/results/NAME.json

Every figure is one line, as JSON `{"name", "value", "unit"}` with --json. Names are GROUP/WORK/WHO. Programs in the
peers folder print the same lines and run in turn with gdviz: those that take seconds again after every figure of gdviz
that they have a counterpart to, others once a round. A table gives the median of the ratios of each figure to its
neighbours before and after it. Only such ratios say anything: machines differ, and the same machine differs from minute
to minute. --backend cuda takes the work and the peers of scripts/peers, see the README there.
"""

from __future__ import annotations

import argparse
import ast
import dataclasses
import functools
import importlib
import json
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

ROOT = Path(__file__).resolve().parent.parent
SLOWEST = 1800  # seconds that a peer may take for one round
QUICK = 5  # seconds up to which a peer runs beside every figure
CUDA = "cuda"
PROGRAM = 'if __name__ == "__main__":'
PACKAGES = ("numpy", "numba", "numba-cuda-mlir", "numba-cuda", "cuda-bindings", "jax", "jaxlib")  # that figures are of
VERSIONS = """
import importlib.metadata as installed, sys
names = {one.metadata["Name"].lower() for one in installed.distributions()}
for name in names.intersection(sys.argv[1:]):
    print(name, installed.version(name))
"""


class Figure(NamedTuple):
    """One measured number."""

    name: str
    value: float
    unit: str


@functools.cache
def walking_paths() -> Any:
    """Six random walks of 120 records on Rosenbrock's valley, as a run that gdviz can draw."""
    import numpy as np

    import gdviz

    walk = np.cumsum(np.random.default_rng(0).normal(0, 0.03, (120, 6, 2)), axis=0)
    names = ("gd", "momentum", "nesterov", "adagrad", "rmsprop", "adam")
    run = gdviz.simulate("rosenbrock", [f"{name}:lr=0.001" for name in names], start=(0.0, 0.0), steps=len(walk) - 1)
    x = np.ascontiguousarray(walk.transpose(1, 0, 2)[:, None])  # float64[optimizer, start, record, dim]
    f = (1 - x[..., 0]) ** 2 + 100 * (x[..., 1] - x[..., 0] ** 2) ** 2
    return dataclasses.replace(run, x=x, f=f, status=np.full_like(run.status, "unfinished"))


def beginning(run: Any, records: int) -> Any:
    """The first records of a run."""
    return dataclasses.replace(
        run, x=run.x[:, :, :records], f=run.f[:, :, :records], t=run.t[:records], evals=run.evals[:, :, :records]
    )


def movie() -> Iterator[Figure]:
    """1080p clips of six paths over 30 contour levels with legend: 120 frames of MP4 at 60 fps, 30 of GIF.

    Everything from the finished run to the file on disk is timed: scene, background, palette, frames, encoding. Every
    step takes one frame, and the clips hold their end for 15 % of their length; these frames are drawn and encoded but
    not counted. Paths are named in the legend alone, as by the peers.
    """
    import numpy as np

    import gdviz

    look: dict[str, Any] = {
        "panel": ("none",),
        "pace": "steps",
        "inset": "off",
        "labels": ("start",),
        "levels": tuple(np.expm1(np.linspace(0.2, 8.2, 30)).tolist()),  # evenly spaced in log(1 + f)
        "domain": ((-2.0, 2.0), (-2.0, 2.0)),
        "size": "1920x1080",
    }
    works = (("mp4", 120, 60.0, 21 / 60), ("gif", 30, 100 / 3, 5 * 3 / 100))  # seconds of the hold: 21 and 5 frames
    with tempfile.TemporaryDirectory() as folder:
        for ending, frames, fps, hold in works:
            run, path = beginning(walking_paths(), frames), Path(folder) / f"clip.{ending}"
            begin = time.perf_counter()
            gdviz.animate(run, path, fps=fps, seconds=frames / fps + hold, hold=(0.0, hold), **look)
            yield Figure(f"movie/{ending}/gdviz", frames / (time.perf_counter() - begin), "frame/s")


def start() -> Iterator[Figure]:
    """Wall time of whole processes: the help, a first clip without any cache, a second one with it."""
    with tempfile.TemporaryDirectory() as folder:
        environment = {**os.environ, "PYTHONPATH": str(ROOT), "GDVIZ_CACHE_DIR": str(Path(folder) / "cache")}
        animate = ("animate", "beale", "--quiet", "--out", str(Path(folder) / "beale.mp4"))
        for name, arguments in (("help", ("--help",)), ("animate-cold", animate), ("animate-warm", animate)):
            begin = time.perf_counter()
            subprocess.run(
                [sys.executable, "-m", "gdviz", *arguments],
                env=environment,
                cwd=folder,
                check=True,
                stdout=subprocess.DEVNULL,
            )
            yield Figure(f"start/{name}", time.perf_counter() - begin, "s")


def paths() -> Iterator[Figure]:
    """Trajectory-steps a second of the compiled backend; see bench_paths.py for what varies."""
    sys.path.insert(0, str(Path(__file__).resolve().parent))
    import bench_paths

    for name, value, unit in bench_paths.paths(repeat=3):
        yield Figure(name, value, unit)


def beside_it(group: str, *modules: str) -> Iterator[Figure]:
    """A group of other scripts in this folder, which say what they measure."""
    sys.path.insert(0, str(Path(__file__).resolve().parent))
    for module in modules:
        for name, value, unit in importlib.import_module(module).GROUPS[group]():
            yield Figure(name, value, unit)


GROUPS: dict[str, Callable[[], Iterator[Figure]]] = {
    "movie": movie,
    "start": start,
    "paths": paths,
    "mlp": functools.partial(beside_it, "mlp", "bench_networks"),
    "trainability": functools.partial(beside_it, "trainability", "bench_networks", "bench_studies"),
    "basins": functools.partial(beside_it, "basins", "bench_studies"),
    "cluster": functools.partial(beside_it, "cluster", "bench_studies"),
    "memory": functools.partial(beside_it, "memory", "bench_studies"),
}
LOWER_IS_BETTER = {"s", "MB"}


def peers(
    folder: Path, python: str, groups: list[str], workshop: Path, words: Sequence[str] = ()
) -> dict[str, list[str]]:
    """Programs of a folder that print figures of these groups and can run here: name → command.

    words: what programs are told that can be told which groups are asked for; those that cannot name theirs.
    """
    found: dict[str, list[str]] = {}
    for source in sorted(folder.iterdir()):
        if source.suffix not in (".py", ".c"):
            continue
        text = source.read_text(encoding="utf-8")
        if not (PROGRAM in text if words else any(f'"{group}/' in text for group in groups)):
            continue
        if source.suffix == ".py":
            if missing := missing_packages(text, python, folder):
                print(f"{source.name} is left out: {python} has no {', '.join(missing)}", file=sys.stderr)
            else:
                found[source.name] = [python, str(source.resolve()), *words]
        else:
            found |= compiled(source, text, workshop)
    return found


def missing_packages(text: str, python: str, folder: Path) -> list[str]:
    """Packages that a program of a folder imports at its top, and that neither an interpreter nor the folder has."""
    wanted: set[str] = set()
    for node in ast.parse(text).body:
        if isinstance(node, ast.Import):
            wanted |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            wanted.add(node.module.split(".")[0])
    ask = "import importlib.util, sys; print(*(n for n in sys.argv[1:] if importlib.util.find_spec(n) is None))"
    command = [python, "-c", ask, *sorted(wanted)]
    answer = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True)
    return answer.stdout.split()


def compiled(source: Path, text: str, workshop: Path) -> dict[str, list[str]]:
    """Build a C program, once for each precision that it offers."""
    compiler = shutil.which("gcc")
    if compiler is None:
        print(f"{source.name} is left out: there is no gcc", file=sys.stderr)
        return {}
    found: dict[str, list[str]] = {}
    for real in ("double", "float") if "REAL" in text else ("",):
        program = workshop / f"{source.stem}-{real}"
        flags = ["-O3", "-march=native", "-ffast-math", "-fopenmp", *([f"-DREAL={real}"] if real else [])]
        if platform.machine() in ("x86_64", "AMD64"):
            flags.append("-mprefer-vector-width=512")  # gcc would rather take half of an AVX-512 register
        subprocess.run([compiler, *flags, str(source), "-o", str(program), "-lm"], check=True)
        found[f"{source.name} {real}".strip()] = [str(program)]
    return found


def printed_figures(command: list[str], folder: Path) -> Iterator[Figure]:
    """Run a peer and read its lines as they come; lines that are no figures are passed over."""
    run = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=SLOWEST, check=False)
    if run.returncode:
        print(f"{' '.join(command)} failed: {''.join(run.stderr.strip().splitlines()[-1:])}", file=sys.stderr)
    for line in run.stdout.splitlines():
        try:
            row = json.loads(line)
            yield Figure(str(row["name"]), float(row["value"]), str(row["unit"]))
        except (ValueError, TypeError, KeyError):
            continue


def table(log: list[Figure]) -> str:
    """Medians of figures in the order they were measured, and the ratios of gdviz to others: above 1, gdviz is better.

    A ratio is that of a figure to the mean of its neighbours, the last one of the other before it and the first after.
    """
    rounds: dict[str, list[Figure]] = {}
    for figure in log:
        rounds.setdefault(figure.name, []).append(figure)
    medians = {name: statistics.median(figure.value for figure in figures) for name, figures in rounds.items()}
    width = max(map(len, medians))
    lines = [f"{'median':{width}}  {'value':>10}  unit"]
    lines += [f"{name:{width}}  {value:10.3f}  {rounds[name][0].unit}" for name, value in medians.items()]
    ratios = []
    for ours in medians:
        work, _, who = ours.rpartition("/")
        for theirs in medians:
            their_work, _, other = theirs.rpartition("/")
            if theirs == ours or their_work != work or not is_ours(who) or (is_ours(other) and who != "gdviz"):
                continue
            found = [value / beside(log, place, theirs) for place, (name, value, _) in enumerate(log) if name == ours]
            better = statistics.median(found)
            better = 1 / better if rounds[ours][0].unit in LOWER_IS_BETTER else better
            ratios.append(f"{ours:{width}}  {better:10.2f}  x {theirs}")
    if ratios:
        lines += ["", f"{'median of ratios':{width}}  {'':>10}", *ratios]
    return "\n".join(lines)


def is_ours(who: str) -> bool:
    """Whether the last part of a figure's name is gdviz or a variant of it."""
    return who.partition("-")[0] == "gdviz"


def beside(log: list[Figure], place: int, name: str) -> float:
    """Mean of the figures of a name that were measured last before a place and first after it."""
    before = [figure.value for figure in log[:place] if figure.name == name][-1:]
    after = [figure.value for figure in log[place:] if figure.name == name][:1]
    return statistics.mean(before + after)


def on_device(groups: list[str], largest: int, workshop: Path) -> dict[str, Callable[[], Iterator[Figure]]]:
    """The groups as bench_cuda.py measures them; what trainability is of is left for the peers in the workshop."""
    import bench_cuda
    import numpy as np

    if "trainability" in groups:
        held = bench_cuda.problem(bench_cuda.peer("works").TRAINABILITY.width)
        np.savez(workshop / "trainability.npz", X=held["X"], y=held["y"], start=held["start"])
    return {group: functools.partial(of_device, group, largest) for group in groups}


def of_device(group: str, largest: int) -> Iterator[Figure]:
    """Figures of a group on a CUDA device."""
    import bench_cuda

    for name, value, unit in bench_cuda.figures(group, CUDA, largest):
        yield Figure(name, value, unit)


def circumstances(python: str) -> dict[str, str]:
    """What figures depend on beside the work: the machine, and versions here and of the interpreter of peers."""
    found = {"python": platform.python_version(), "system": f"{platform.system()} {platform.machine()}"}
    found["cores"] = str(len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count())
    for interpreter in (python, sys.executable):
        answer = subprocess.run([interpreter, "-c", VERSIONS, *PACKAGES], capture_output=True, text=True, check=True)
        found |= dict(line.split() for line in answer.stdout.splitlines())
    return found


def main() -> None:
    """Parse the command line and measure."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("groups", nargs="+", choices=sorted(GROUPS), help="what to measure")
    parser.add_argument("--json", action="store_true", help="one JSON line per figure; the table goes to stderr")
    parser.add_argument("--repeat", type=int, default=1, metavar="N", help="rounds; gdviz and its peers take turns")
    parser.add_argument("--peers", type=Path, metavar="DIR", help="a folder of programs that print the same lines")
    parser.add_argument("--python", default=sys.executable, help="the interpreter that runs Python peers")
    parser.add_argument("--backend", choices=("cpu", CUDA), default="cpu", help="what runs gdviz (default cpu)")
    parser.add_argument("--largest", type=int, default=2**62, metavar="N", help="on a device: no work of more runs")
    parser.add_argument("--out", type=Path, metavar="FILE.json", help="keep figures, ratios, machine and versions")
    options = parser.parse_args()
    if options.peers is not None and not options.peers.is_dir():
        parser.error(f"--peers {options.peers} is no folder")
    groups = list(dict.fromkeys(options.groups))
    words, told, works_of = [], circumstances(options.python) if options.out else {}, dict(GROUPS)
    if options.out is not None:
        options.out.parent.mkdir(parents=True, exist_ok=True)
    if options.backend == CUDA:
        import bench_cuda

        if other := sorted(set(groups) - set(bench_cuda.GROUPS)):
            parser.error(f"--backend cuda measures {', '.join(bench_cuda.GROUPS)}, and not {', '.join(other)}")
        if hindrance := bench_cuda.hindrance(CUDA):
            parser.exit(1, f"{hindrance}\n")
        machines = bench_cuda.peer("machines")
        told |= machines.facts(machines.Device())
        words = [*groups, "--largest", str(options.largest)]
        options.peers = options.peers or bench_cuda.PEERS
    log: list[Figure] = []

    def report(figure: Figure) -> None:
        log.append(figure)
        row = {"name": figure.name, "value": round(figure.value, 3), "unit": figure.unit}
        print(json.dumps(row) if options.json else f"{figure.name}  {figure.value:.3f} {figure.unit}", flush=True)

    with tempfile.TemporaryDirectory() as workshop:
        others = peers(options.peers, options.python, groups, Path(workshop), words) if options.peers else {}
        if options.backend == CUDA:
            works_of = on_device(groups, options.largest, Path(workshop))
        works: dict[str, set[str]] = {name: set() for name in others}  # what a quick peer has figures of

        def ask(name: str) -> None:
            begin = time.perf_counter()
            found = [f for f in printed_figures(others[name], Path(workshop)) if f.name.partition("/")[0] in groups]
            quick = time.perf_counter() - begin < QUICK
            works[name] = {f.name.rpartition("/")[0] for f in found} if quick else set()
            for figure in found:
                report(figure)

        if "movie" in groups:
            for _ in movie():  # compiles the kernels or loads them; not measured
                pass
        for _ in range(max(1, options.repeat)):
            for name in others:
                ask(name)
            for group in groups:
                for figure in works_of[group]():
                    report(figure)
                    for name in others:
                        if figure.name.rpartition("/")[0] in works[name]:
                            ask(name)
    print("\n" + table(log), file=sys.stderr if options.json else sys.stdout)
    if options.out is not None:
        kept = {"machine": told, "figures": [figure._asdict() for figure in log], "table": table(log).splitlines()}
        options.out.write_text(json.dumps(kept, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))  # the working copy, installed or not
    main()
