"""Who may import whom, read from the source; ARCHITECTURE.md says why."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
STANDARD = frozenset(sys.stdlib_module_names)
DEFINITIONS = {"math", "registry", "formula"}

# Layer → what it may import besides itself: layers of gdviz by their first name, packages by theirs, `*` for the whole
# standard library. Imports inside functions count; those under `if TYPE_CHECKING:` are annotations only and do not.
ALLOWED: dict[str, set[str]] = {
    "transforms": DEFINITIONS,
    "schedules": DEFINITIONS,
    "landscapes": DEFINITIONS,
    "optimizers": DEFINITIONS,
    "signals": DEFINITIONS,
    "errors": {"*"},
    "cache": {"*", "errors"},
    # The one place that calls Numba's compiler for both of them.
    "compiling": {"*", "cache", "numba"},
    "contract": {"*", "errors"},
    "names": {"*"},
    "sources": {"*"},
    "definition": {"*", "errors", "sources", "names", "contract"},
    "registry": {"*", "errors", "names", "contract", "definition"},
    "plugins": {"*", "errors", "registry"},
    # Optimizers of other packages, imported when one is asked for.
    "foreign": {"*", "errors", "names", "registry", "numpy", "torch", "jax", "optax", "scipy"},
    "lang": {"*", "errors"},
    "vmath": {"*", "numpy"},
    "random": {"*", "vmath", "numpy"},
    "formula": {"*", "errors", "names", "cache", "registry", "vmath", "numpy", "sympy"},
    "callables": {"*", "errors", "sources", "registry", "formula", "recipe", "entries", "numpy"},
    "emit": {"*", "errors", "registry", "formula", "random", "numpy"},
    "sizes": {"*"},
    "quantities": {"*", "errors"},
    "tables": {"*", "errors"},
    "sequences": {"*", "errors", "names", "registry", "tables", "pydantic"},
    "recipe": {"*", "charts", "errors", "names", "registry", "sequences", "sizes", "pydantic", "tomli_w"},
    "entries": {"*", "errors", "names", "definition", "registry", "recipe", "pydantic"},
    "rows": {"*", "errors", "names", "registry", "recipe", "entries"},
    "pacing": {"*", "errors", "names", "registry", "recipe", "entries", "numpy"},
    "plan": {"*", "errors", "registry", "formula", "recipe", "entries", "pacing", "numpy"},
    "backends": {
        *(
            "*",
            "errors",
            "cache",
            "registry",
            "formula",
            "vmath",
            "random",
            "emit",
            "pacing",
            "plan",
            "compiling",
            "numpy",
            "numba",
        ),
    },
    "analyse": {"*", "errors", "registry", "formula", "plan", "numpy", "sympy"},
    "fairness": {"*", "errors", "registry", "formula", "recipe", "entries", "plan", "backends", "numpy"},
    "simulation": {
        *("*", "errors", "sources", "fairness", "registry", "plugins", "formula"),
        *("recipe", "entries", "pacing", "plan", "backends", "numpy"),
    },
    "response": {
        *("*", "errors", "registry", "plugins", "formula"),
        *("sequences", "recipe", "entries", "rows", "backends", "simulation", "numpy"),
    },
    "compose": {
        *("*", "errors", "registry", "formula", "recipe"),
        *("entries", "pacing", "plan", "simulation", "rows", "response"),
        *("analyse", "curves", "scene", "lang", "numpy"),
    },
    "scene": {"*", "errors", "numpy"},
    "raster": {"*", "errors", "compiling", "numpy", "numba"},
    "draw": {"*", "errors", "scene", "raster", "numpy", "matplotlib", "contourpy"},
    "render": {"*", "errors", "scene", "draw", "raster", "numpy", "matplotlib"},
    # Colour conversion is a pixel kernel: the one arrow from encode to raster.
    "encode": {"*", "errors", "raster", "numpy", "av", "imageio", "PIL"},
    "artefacts": {
        "*",
        "recipe",
        "curves",
        "errors",
        "simulation",
        "response",
        "compose",
        "scene",
        "render",
        "encode",
        "numpy",
    },
    "laws": {"*", "errors", "registry", "formula", "recipe", "simulation", "response", "numpy"},
    "description": {"*", "errors", "definition", "registry", "formula", "analyse", "sympy"},
    "citation": {"*", "registry"},
    "installation": {"*", "cache", "matplotlib", "av"},
    "preparation": {
        "*",
        "errors",
        "names",
        "registry",
        "formula",
        "recipe",
        "entries",
        "pacing",
        "plan",
        "simulation",
        "emit",
        "backends",
        "raster",
    },
    "starts": {"*", "errors", "numpy"},
    "demo": {"*", "errors", "api"},
    "charts": {"*", "pydantic"},
    "curves": {"*", "errors", "analyse", "formula", "recipe", "numpy"},
    "words": {
        "*",
        "charts",
        "errors",
        "quantities",
        "names",
        "registry",
        "formula",
        "sequences",
        "recipe",
        "entries",
        "pacing",
        "rows",
        "encode",
    },
    "command": {"*", "charts", "recipe", "pacing", "rows", "sequences", "words", "encode"},
    "cli": {
        "*",
        "errors",
        "cache",
        "names",
        "definition",
        "registry",
        "plugins",
        "api",
        "words",
        "command",
        "demo",
        "click",
    },
    "__main__": {"cli"},
}
EVERYTHING = {"api", "__init__"}  # these join the layers; only click stays out of them


def modules() -> list[Path]:
    return sorted(path for path in (ROOT / "gdviz").rglob("*.py"))


def layer_of(path: Path) -> str:
    inside = path.relative_to(ROOT / "gdviz")
    return inside.parts[0].removesuffix(".py")


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def syntax(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


def statements(node: ast.AST, *, types: bool = False) -> Iterator[ast.AST]:
    """Every node below this one, leaving out blocks that only type checkers read."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.If) and not types and "TYPE_CHECKING" in ast.unparse(child.test):
            continue
        yield child
        yield from statements(child)


def imports(path: Path, tree: ast.AST) -> Iterator[str]:
    """Absolute dotted names of all that a module imports; `from gdviz import formula` counts as gdviz.formula."""
    package = path.relative_to(ROOT).parent.parts
    for node in statements(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = ".".join((*package[: len(package) - node.level + 1], *filter(None, [node.module])))
            base = base if node.level else node.module or ""
            if base == "gdviz":
                yield from (f"gdviz.{alias.name}" for alias in node.names)
            else:
                yield base


def reached(target: str) -> str:
    """The word of the table for one import."""
    parts = target.split(".")
    if parts[0] != "gdviz":
        return parts[0]
    if len(parts) == 1:
        return "api"  # what `import gdviz` offers comes from there
    if (ROOT / "gdviz" / parts[1]).is_dir() or (ROOT / "gdviz" / f"{parts[1]}.py").exists():
        return parts[1]
    return "errors" if parts[1] == "__version__" else "api"


@pytest.mark.parametrize("path", modules(), ids=name)
def test_a_layer_imports_only_what_its_row_allows(path: Path) -> None:
    layer = layer_of(path)
    targets = set(imports(path, syntax(path))) - {"__future__"}
    if layer in EVERYTHING:
        assert not {t for t in targets if reached(t) in {"click", "cli"}}, f"{name(path)}: click belongs to gdviz/cli"
        return
    assert layer in ALLOWED, f"{name(path)} belongs to no layer: add a row to ALLOWED and to ARCHITECTURE.md"
    allowed = ALLOWED[layer] | {layer}
    for target in sorted(targets):
        word = reached(target)
        if word in STANDARD and "*" in allowed:
            continue
        assert word in allowed, f"{name(path)} imports {target}, which the layer '{layer}' may not"


@pytest.mark.parametrize("path", sorted((ROOT / "scripts").glob("*.py")), ids=name)
def test_scripts_see_the_public_side_only(path: Path) -> None:
    for target in imports(path, syntax(path)):
        if target.startswith("gdviz"):
            assert reached(target) in {"api", "registry"} or target == "gdviz.cli", f"{name(path)} imports {target}"


@pytest.mark.parametrize("path", modules(), ids=name)
def test_modules_stay_readable(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert len(text.splitlines()) <= 400, f"{name(path)} is too long: split it by noun"
    assert path.stem not in {"utils", "util", "helpers", "misc", "common"}


@pytest.mark.parametrize("path", modules(), ids=name)
def test_compiler_flags_have_their_place(path: Path) -> None:
    tree = syntax(path)
    layer = layer_of(path)
    for node in ast.walk(tree):
        if isinstance(node, ast.keyword) and node.arg == "fastmath":
            off = isinstance(node.value, ast.Constant) and node.value.value is False
            assert off, f"{name(path)}:{node.value.lineno}: fast-math deletes isnan and changes results"
        if layer not in {"backends", "raster"} and isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            for decorator in node.decorator_list:
                words = {n.id for n in ast.walk(decorator) if isinstance(n, ast.Name)}
                words |= {n.attr for n in ast.walk(decorator) if isinstance(n, ast.Attribute)}
                compiled = words & {"jit", "njit", "vectorize", "guvectorize", "cfunc", "stencil", "kernel"}
                assert not compiled, f"{name(path)}:{node.lineno}: only backends/ and raster/ compile"


def is_name(node: ast.expr) -> bool:
    word = node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else ""
    return word == "name" or word.endswith("_name") or word in {"landscape", "optimizer"}


@pytest.mark.parametrize("path", modules(), ids=name)
def test_no_definition_is_known_by_name(path: Path) -> None:
    """`if name in ["adam", …]` means that the definition lacks a field."""
    from gdviz.registry import definitions

    known = {n for kind in ("landscape", "optimizer") for n in definitions(kind)}
    for node in ast.walk(syntax(path)):
        if isinstance(node, ast.Compare) and is_name(node.left):
            for operator, right in zip(node.ops, node.comparators, strict=True):
                words = {c.value for c in ast.walk(right) if isinstance(c, ast.Constant) and isinstance(c.value, str)}
                listed = isinstance(operator, (ast.In, ast.NotIn)) and isinstance(right, (ast.List, ast.Tuple, ast.Set))
                where = f"{name(path)}:{node.lineno}: {ast.unparse(node)}"
                assert not (listed and len(words) > 1), f"{where}: a list of names; give the definition a field"
                assert not words & known, f"{where}: asks for one definition; give it a field"


HEAVY = {"numba", "numpy", "matplotlib", "sympy"}
LOOK = f"""
import sys
from gdviz.cli import main
sys.argv[0] = "gdviz"
try:
    main()
except SystemExit as stop:
    assert not stop.code, stop.code
loaded = {sorted(HEAVY)!r}
loaded = [name for name in loaded if name in sys.modules]
print("LOADED", *loaded)
"""


@pytest.mark.parametrize(
    "arguments", [["--help"], ["list"], ["list", "optimizers"], ["animate", "--help"]], ids=" ".join
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
