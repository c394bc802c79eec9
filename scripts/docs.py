"""Write the README's tables of definitions from the registry: python scripts/docs.py [--check]."""

from __future__ import annotations

import re
import sys
from pathlib import Path

# The folder of the repository comes first, so that the tables are those of this copy, installed or not.
sys.path.insert(0, str(Path(__file__).parent.parent))

from gdviz.catalogue.lookup import definitions
from gdviz.registry.definition import Definition

README = Path(__file__).parent.parent / "README.md"
MARKED = re.compile(
    r"(<!-- (landscape|optimizer|transform|schedule)s: made by scripts/docs\.py -->\n).*?(<!-- end -->)", re.DOTALL
)


def table(kind: str) -> str:
    """A Markdown table of every definition of a kind; landscapes, which are many, by the module they stand in."""
    rows = groups() if kind == "landscape" else rules(kind)
    lines = [f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |" for cells in rows]
    return "\n".join([lines[0], "|" + "---|" * len(rows[0]), *lines[1:]]) + "\n"


def rules(kind: str) -> list[tuple[str, ...]]:
    """Name, options and summary of every optimizer, transform or schedule."""
    rows: list[tuple[str, ...]] = [("name", "options", "what it does")]
    for definition in definitions(kind).values():
        options = ", ".join(f"`{key}`" for key in (*definition.parameters, *definition.switches))
        rows.append((f"`{definition.name}`", options, definition.summary))
    return rows


def groups() -> list[tuple[str, ...]]:
    """For every module of landscapes, the first line of its docstring and its names; ⁿ marks those of any dimension."""
    members: dict[str, list[Definition]] = {}
    for definition in definitions("landscape").values():
        members.setdefault(definition.function.__module__, []).append(definition)
    rows: list[tuple[str, ...]] = [("what they show", "names")]
    for module, found in sorted(members.items()):
        words = (sys.modules[module].__doc__ or "").strip().split("\n")[0]
        names = (f"`{d.name}`ⁿ" if d.dimension is None else f"`{d.name}`" for d in found)
        rows.append((words, ", ".join(names)))
    return rows


def renewed(text: str) -> str:
    """The README with its tables made anew."""
    return MARKED.sub(lambda found: found[1] + table(found[2]) + found[3], text)


def main() -> int:
    """Rewrite the README, or with --check only tell whether it is up to date (exit code 1 if not)."""
    text = README.read_text(encoding="utf-8")
    new = renewed(text)
    if "--check" in sys.argv[1:]:
        if new != text:
            print("README.md is behind the registry; run: python scripts/docs.py", file=sys.stderr)
        return int(new != text)
    README.write_text(new, encoding="utf-8", newline="\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
