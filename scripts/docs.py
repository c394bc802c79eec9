"""Write the README's tables of definitions from the registry: python scripts/docs.py [--check]."""

from __future__ import annotations

import re
import sys
from pathlib import Path

# The folder of the repository comes first, so that the tables are those of this copy, installed or not.
sys.path.insert(0, str(Path(__file__).parent.parent))

from gdviz.registry import Definition, definitions

README = Path(__file__).parent.parent / "README.md"
MARKED = re.compile(
    r"(<!-- (landscape|optimizer|transform)s: made by scripts/docs\.py -->\n).*?(<!-- end -->)", re.DOTALL
)


def table(kind: str) -> str:
    """A Markdown table of every definition of a kind."""
    heads = ("name", "dimensions", "what it shows") if kind == "landscape" else ("name", "options", "what it does")
    rows = [heads, *[row(definition) for definition in definitions(kind).values()]]
    lines = [f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |" for cells in rows]
    return "\n".join([lines[0], "|---|---|---|", *lines[1:]]) + "\n"


def row(definition: Definition) -> tuple[str, str, str]:
    """Name, options (dimension of a landscape) and summary of one definition."""
    name = f"`{definition.name}`"
    if definition.kind == "landscape":
        options = "any" if definition.dimension is None else str(definition.dimension)
        constants = ", ".join(f"`{key}`" for key in definition.parameters)
        return name, f"{options}; {constants}" if constants else options, definition.summary
    return name, ", ".join(f"`{key}`" for key in (*definition.parameters, *definition.switches)), definition.summary


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
