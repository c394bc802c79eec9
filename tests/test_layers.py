"""Who may import whom, read from the source; ARCHITECTURE.md says why."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from gdviz.registry.kinds import KINDS

ROOT = Path(__file__).parent.parent
STANDARD = frozenset(sys.stdlib_module_names)

# The rooms of the house: each may import those on lower floors, and none on its own. Imports inside functions and by
# importlib count; those under `if TYPE_CHECKING:` are annotations only and do not.
FLOORS: tuple[tuple[str, ...], ...] = (
    ("errors", "version"),
    ("cache", "vmath", "scene"),
    ("compiling",),
    ("registry", "lang", "raster"),
    ("formula", "recipe", "encode", "draw"),
    ("catalogue", "emit"),
    ("objectives",),
    ("plans", "analyse"),
    ("backends",),
    ("runs",),
    ("studies",),
    ("words",),
    ("compose", "about"),
    ("jobs",),
    ("artefacts",),
    ("pictures",),
    ("api",),
    ("gallery",),
    ("cli",),
    ("__main__", "__init__"),
)
FLOOR = {room: floor for floor, rooms in enumerate(FLOORS) for room in rooms}

# Packages of others, and the only rooms that know them.
PACKAGES: dict[str, set[str]] = {
    "numba": {"backends", "compiling", "raster"},
    "numba_cuda_mlir": {"backends"},
    "sympy": {"formula", "analyse", "about"},
    "pydantic": {"recipe"},
    "tomli_w": {"recipe"},
    "matplotlib": {"draw", "about"},
    "contourpy": {"draw"},
    "av": {"encode", "about"},
    "imageio": {"encode"},
    "PIL": {"encode"},
    "click": {"cli"},
    "pptx": {"gallery"},
    "lxml": {"gallery"},
    "zarr": {"studies"},
    "numcodecs": {"studies"},
    "google_crc32c": {"studies"},
    "xarray": {"studies"},
    "dask": {"studies"},
    "distributed": {"studies"},
    "torch": {"catalogue/foreign"},
    "jax": {"catalogue/foreign"},
    "optax": {"catalogue/foreign"},
    "scipy": {"catalogue/foreign"},
}
NUMBERS = {"numpy"}  # in every room but these
WITHOUT_NUMBERS = {"errors", "cache", "version", "lang", "registry", "recipe", "words", "cli", "gallery"}
# Definitions are read by every backend, so they know nothing but these.
DEFINITIONS = {kind.plural for kind in KINDS.values()}
OF_DEFINITIONS = {"math", "gdviz.registry", "gdviz.formula", "gdviz.catalogue"}


@cache
def modules() -> list[Path]:
    return sorted(path for path in (ROOT / "gdviz").rglob("*.py"))


def room_of(path: Path) -> str:
    return path.relative_to(ROOT / "gdviz").parts[0].removesuffix(".py")


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def dotted(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


@cache
def syntax(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


def statements(node: ast.AST, *, types: bool = False) -> Iterator[ast.AST]:
    """Every node below this one, leaving out blocks that only type checkers read."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.If) and not types and "TYPE_CHECKING" in ast.unparse(child.test):
            continue
        yield child
        yield from statements(child)


@cache
def known() -> frozenset[str]:
    return frozenset(map(dotted, modules()))


@cache
def imports(path: Path) -> frozenset[str]:
    """Absolute dotted names of all that a module imports; of what importlib is handed, the part that is text."""
    found = set()
    package = path.relative_to(ROOT).parent.parts
    for node in statements(syntax(path)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            base = ".".join((*package[: len(package) - node.level + 1], *filter(None, [node.module])))
            base = base if node.level else node.module or ""
            inner = {f"{base}.{alias.name}" for alias in node.names}
            found |= (inner & known()) | ({base} if inner - known() else set())
        elif isinstance(node, ast.Call) and ast.unparse(node.func).endswith("import_module"):
            texts = (n.value for n in ast.walk(node.args[0]) if isinstance(n, ast.Constant))
            found |= {text.rstrip(".") for text in texts if isinstance(text, str) and text.startswith("gdviz.")}
    return frozenset(found - {"__future__"})


def reached(target: str) -> str:
    """The room, or the package of others, that an import leads to."""
    parts = target.split(".")
    return parts[0] if parts[0] != "gdviz" else parts[1] if len(parts) > 1 else "__init__"


def test_imports_go_down() -> None:
    for path in modules():
        room, inside = room_of(path), path.relative_to(ROOT / "gdviz").parts
        assert room in FLOOR, f"{name(path)} is in no room: add it to FLOORS and to ARCHITECTURE.md"
        for target in sorted(imports(path)):
            to = reached(target)
            if target.startswith("gdviz"):
                assert to == room or FLOOR[to] < FLOOR[room], f"{name(path)} imports {target}, which is not below it"
            elif to in NUMBERS:
                assert room not in WITHOUT_NUMBERS, f"{name(path)} imports {target}"
            elif to not in STANDARD:
                assert {room, "/".join(inside[:2])} & PACKAGES.get(to, set()), f"{name(path)} imports {target}"


def test_definitions_know_next_to_nothing() -> None:
    for path in modules():
        inside = path.relative_to(ROOT / "gdviz").parts
        if inside[0] == "catalogue" and inside[1] in DEFINITIONS:
            for target in imports(path):
                assert any(target == word or target.startswith(f"{word}.") for word in OF_DEFINITIONS), target


def test_no_imports_go_in_circles() -> None:
    """Inside a room as well: what depends on each other is one module."""
    below = {dotted(path): {t for t in imports(path) if t in known()} - {dotted(path)} for path in modules()}
    while free := {module for module, targets in below.items() if not targets}:
        below = {module: targets - free for module, targets in below.items() if module not in free}
    assert not below, f"these import each other, or what does: {sorted(below)}"


def test_few_modules_stand_at_the_root() -> None:
    assert len(list((ROOT / "gdviz").glob("*.py"))) <= 10


@pytest.mark.parametrize("path", sorted((ROOT / "scripts").glob("*.py")), ids=name)
def test_scripts_see_the_public_side_only(path: Path) -> None:
    for target in imports(path):
        if target.startswith("gdviz"):
            assert reached(target) in {"__init__", "api", "catalogue", "cli", "registry", "scene"}, (
                f"{name(path)}: {target}"
            )


def test_modules_stay_readable() -> None:
    for path in modules():
        text = path.read_text(encoding="utf-8")
        assert len(text.splitlines()) <= 400, f"{name(path)} is too long: split it by noun"
        assert path.stem not in {"utils", "util", "helpers", "misc", "common"}


def test_compiler_flags_have_their_place() -> None:
    for path in modules():
        tree = syntax(path)
        room = room_of(path)
        for node in ast.walk(tree):
            if isinstance(node, ast.keyword) and node.arg == "fastmath":
                off = isinstance(node.value, ast.Constant) and node.value.value is False
                assert off, f"{name(path)}:{node.value.lineno}: fast-math deletes isnan and changes results"
            if room not in {"backends", "raster"} and isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
                for decorator in node.decorator_list:
                    words = {n.id for n in ast.walk(decorator) if isinstance(n, ast.Name)}
                    words |= {n.attr for n in ast.walk(decorator) if isinstance(n, ast.Attribute)}
                    compiled = words & {"jit", "njit", "vectorize", "guvectorize", "cfunc", "stencil", "kernel"}
                    assert not compiled, f"{name(path)}:{node.lineno}: only backends/ and raster/ compile"


def is_name(node: ast.expr) -> bool:
    word = node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else ""
    return word == "name" or word.endswith("_name") or word in {"landscape", "optimizer"}


def test_no_definition_is_known_by_name() -> None:
    """`if name in ["adam", …]` means that the definition lacks a field."""
    from gdviz.catalogue.lookup import definitions

    taken = {n for kind in ("landscape", "optimizer") for n in definitions(kind)}
    compared = [(path, n) for path in modules() for n in ast.walk(syntax(path)) if isinstance(n, ast.Compare)]
    for path, node in [(path, node) for path, node in compared if is_name(node.left)]:
        for operator, right in zip(node.ops, node.comparators, strict=True):
            words = {c.value for c in ast.walk(right) if isinstance(c, ast.Constant) and isinstance(c.value, str)}
            listed = isinstance(operator, (ast.In, ast.NotIn)) and isinstance(right, (ast.List, ast.Tuple, ast.Set))
            where = f"{name(path)}:{node.lineno}: {ast.unparse(node)}"
            assert not (listed and len(words) > 1), f"{where}: a list of names; give the definition a field"
            assert not words & taken, f"{where}: asks for one definition; give it a field"


def test_no_format_backend_or_theme_is_known_by_name() -> None:
    """What code needs to know of one stands in its row; the defaults of options and files may name one."""
    from gdviz.backends.table import BACKENDS
    from gdviz.encode import FORMATS
    from gdviz.scene import THEMES

    taken = {*FORMATS, *(ending[1:] for ending in FORMATS), *BACKENDS, *THEMES}
    for path in modules():
        asked = [node for node in ast.walk(syntax(path)) if isinstance(node, (ast.Compare, ast.MatchValue))]
        for node in asked:
            words = {c.value for c in ast.walk(node) if isinstance(c, ast.Constant) and isinstance(c.value, str)}
            assert not words & taken, f"{name(path)}:{node.lineno}: {ast.unparse(node)}: give its row a field"


def test_what_belongs_to_a_row_stands_in_it() -> None:
    """A mapping that names all themes, languages, kinds or jobs of a table is a part of that table in another file."""
    from gdviz.backends.table import BACKENDS
    from gdviz.encode import FORMATS
    from gdviz.jobs import JOBS
    from gdviz.lang import languages
    from gdviz.scene import THEMES
    from gdviz.studies.table import KINDS as STUDIES

    jobs = {job.name for job in JOBS.values()} - set(STUDIES)
    tables = [set(table) for table in (BACKENDS, FORMATS, KINDS, STUDIES, THEMES, languages(), jobs)]
    for path in modules():
        for node in ast.walk(syntax(path)):
            keys = {k.value for k in node.keys if isinstance(k, ast.Constant)} if isinstance(node, ast.Dict) else set()
            assert not any(table <= keys for table in tables), f"{name(path)}:{node.lineno}: give each row a field"


@pytest.mark.parametrize("path", sorted((ROOT / "gdviz" / "draw").glob("*.py")), ids=name)
def test_drawers_ask_no_layer_what_it_is(path: Path) -> None:
    from gdviz.scene.layers import Layer

    layers = {kind.__name__ for kind in Layer.__subclasses__()}
    for node in ast.walk(syntax(path)):
        if isinstance(node, ast.Call) and ast.unparse(node.func) in ("isinstance", "issubclass", "type"):
            words = {part.id for part in ast.walk(node) if isinstance(part, ast.Name)}
            assert not words & layers, f"{name(path)}:{node.lineno}: a module of draw/layers says that"


HEAVY = {"numba", "numpy", "matplotlib", "sympy"}
LOOK = f"""
import sys
from gdviz.cli import main
sys.argv[0] = "gdviz"
try:
    main()
except SystemExit as stop:
    assert not stop.code, stop.code
loaded = {sorted({*HEAVY, "pydantic"})!r}
loaded = [name for name in loaded if name in sys.modules]
print("LOADED", *loaded)
"""


@pytest.mark.parametrize(
    "arguments",
    [["--help"], ["list"], ["list", "optimizers"], ["animate", "--help"], ["study", "--help"]],
    ids=" ".join,
)
def test_help_and_list_start_light(arguments: list[str]) -> None:
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "utf-8"}
    done = subprocess.run(
        [sys.executable, "-c", LOOK, *arguments], capture_output=True, env=environment, encoding="utf-8", check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == "LOADED", "these make every start slow"


@pytest.mark.parametrize(
    ("module", "heavy"),
    [
        ("gdviz", {*HEAVY, "pydantic", "click", "av", "PIL"}),
        # Runs and recipes need these two; the rest waits until something is derived, drawn or encoded.
        ("gdviz.api", {*HEAVY, "click", "av", "imageio", "PIL"} - {"numpy"}),
    ],
)
def test_imports_are_light(module: str, heavy: set[str]) -> None:
    code = f"import sys, {module}; print(*[name for name in {sorted(heavy)!r} if name in sys.modules])"
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, env=environment, encoding="utf-8", check=False
    )
    assert (done.returncode, done.stdout.strip()) == (0, ""), done.stderr
