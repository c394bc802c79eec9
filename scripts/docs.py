"""Write what the documentation lists: python scripts/docs.py [--check].

README.md gets its tables of definitions from the registry, gallery/options.md all of its tables from the schema of
recipes.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

# The folder of the repository comes first, so that the tables are those of this copy, installed or not.
sys.path.insert(0, str(Path(__file__).parent.parent))

from gdviz.api import schema as schema_of
from gdviz.catalogue.lookup import definitions
from gdviz.registry.definition import Definition
from gdviz.registry.kinds import KINDS

README = Path(__file__).parent.parent / "README.md"
OPTIONS = README.parent / "gallery" / "options.md"
OPTIONS_HEAD = """# What recipes may hold

Made by `python scripts/docs.py`. A recipe is TOML, begins with `schema = 1`, and is of the job whose keys it has: a
`model` that is trained, a `cut` around one, a `signal`, a `chart`, a `study` with the word of its kind, or else a race.
What is left out has its default; `gdviz recipe FILE` shows the recipe of any file.
"""
MARKED = re.compile(rf"(<!-- ({'|'.join(KINDS)})e?s: made by scripts/docs\.py -->\n).*?(<!-- end -->)", re.DOTALL)


def table(kind: str) -> str:
    """A Markdown table of every definition of a kind; landscapes, which are many, by the module they stand in."""
    return markdown(groups() if kind == "landscape" else rules(kind))


def markdown(rows: Sequence[Sequence[str]]) -> str:
    """Rows as a Markdown table, the first of them its head."""
    lines = [f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |" for cells in rows]
    return "\n".join([lines[0], "|" + "---|" * len(rows[0]), *lines[1:]]) + "\n"


def rules(kind: str) -> list[tuple[str, ...]]:
    """Name, options and summary of every definition of a kind; the table's first word is the kind."""
    rows: list[tuple[str, ...]] = [(kind, "options", "what it does")]
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


def options() -> str:
    """What recipes may hold: tables of every job, of all films, of all pictures, and of the values inside."""
    schema = schema_of()
    jobs = sorted(one["$ref"].rpartition("/")[2] for one in schema["anyOf"])
    models = schema["$defs"]
    fields = {job: models.pop(job)["properties"] for job in jobs}
    shared = set.intersection(*map(set, fields.values()))
    filmed = set.intersection(*(set(own) for own in fields.values() if "fps" in own)) - shared
    tables = {job: {k: v for k, v in own.items() if k not in shared | filmed} for job, own in fields.items()}
    tables["Every film"] = {k: v for k, v in fields["Race"].items() if k in filmed}
    tables["Every picture"] = {k: v for k, v in fields["Race"].items() if k in shared}
    parts = [f"## {title}\n\n{listed(own, models)}" for title, own in tables.items()]
    inside = [(name.lower(), known(model), keys(model)) for name, model in sorted(models.items()) if keys(model)]
    inner = markdown([("value", "what it is", "keys"), *inside])
    return "\n".join((OPTIONS_HEAD, *parts, f"## Values that are tables\n\n{inner}"))


def listed(fields: Mapping[str, Any], models: Mapping[str, Any]) -> str:
    """A table of those that people write: what has no description gdviz writes."""
    rows = [("key", "value", "default", "meaning")]
    for key, field in fields.items():
        kinds = [one["$ref"].rpartition("/")[2] for one in field.get("anyOf", ()) if "$ref" in one]
        if meaning := field.get("description") or " ".join(known(models[kind]) for kind in kinds):
            default = "" if field.get("default") in (None, [], {}) else f"`{json.dumps(field['default'])}`"
            rows.append((f"`{key}`", allowed(field), default, meaning))
    return markdown(rows)


def known(model: Mapping[str, Any]) -> str:
    """The first paragraph of what a class of values says of itself."""
    return " ".join(model.get("description", "").split("\n\n")[0].split())


def keys(model: Mapping[str, Any]) -> str:
    """Those of a class of values."""
    return ", ".join(f"`{key}`" for key in model.get("properties", ()))


def allowed(field: Mapping[str, Any]) -> str:
    """The values that a part of the schema allows, in a few words."""
    if "anyOf" in field:
        return " or ".join(dict.fromkeys(allowed(one) for one in field["anyOf"] if one.get("type") != "null"))
    if "$ref" in field:
        return field["$ref"].rpartition("/")[2].lower()
    if "enum" in field or "const" in field:
        return ", ".join(f"`{word}`" for word in field.get("enum", [field.get("const")]))
    match field["type"]:
        case "array" if "prefixItems" in field:
            return f"[{', '.join(map(allowed, field['prefixItems']))}]"
        case "array":
            return f"[{allowed(field['items'])}, …]"
        case "integer" | "number" as kind:
            low, high = field.get("minimum"), field.get("maximum", field.get("exclusiveMaximum"))
            bounds = [f"from {low:,.12g}"] if low is not None else []
            bounds += [f"{'to' if 'maximum' in field else 'below'} {high:,.12g}"] if high is not None else []
            return " ".join(("whole number" if kind == "integer" else "number", *bounds))
    return {"string": "text", "boolean": "true, false", "object": "table"}[field["type"]]


PAGES = {README: renewed, OPTIONS: lambda text: options()}
"""What is made anew, from what it is."""


def main() -> int:
    """Rewrite the pages, or with --check only tell whether they are up to date (exit code 1 if not)."""
    behind = 0
    for page, made in PAGES.items():
        text = page.read_text(encoding="utf-8") if page.exists() else ""
        if (new := made(text)) == text:
            continue
        behind = 1
        if "--check" in sys.argv[1:]:
            print(f"{page.name} is behind the code; run: python scripts/docs.py", file=sys.stderr)
        else:
            page.write_text(new, encoding="utf-8", newline="\n")
    return behind if "--check" in sys.argv[1:] else 0


if __name__ == "__main__":
    sys.exit(main())
