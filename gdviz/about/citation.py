"""BibTeX of gdviz and of definitions, made from the one line of source that each definition carries."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

from gdviz.registry.definition import Definition

_ENTRY = re.compile(r"(?P<authors>[^,;]*?(?:, [^,;]*?)*?) (?P<year>1[89]\d\d|20\d\d)\b,? ?(?P<rest>.*)", re.DOTALL)
_LOCATORS = {
    "doi": re.compile(r"doi:(10\.\S+)"),
    "eprint": re.compile(r"arXiv:(\d+\.\d+)"),
    "url": re.compile(r"(https?://\S+)"),
    "isbn": re.compile(r"ISBN ([\d-]+X?)"),
}
_LOCATED = "¦"
"""Stands where a locator was, which ends a title."""
_PLACE = re.compile(r"(sections?|algorithms?|functions?|problem|lecture|assumption|chapter) [\dIVX]")


def bibtex(used: Iterable[Definition], version: str) -> str:
    """Entries for gdviz and for the sources of the definitions, each source once, naming what it gave."""
    entries = [
        _entry(
            "software",
            "gdviz",
            {"author": "{The gdviz authors}", "title": "{gdviz}: gradient descent made visible", "version": version},
        )
    ]
    names: dict[str, list[str]] = {}
    for definition in used:
        for source in _sources(definition.source):
            names.setdefault(source, []).append(f"{definition.kind} {definition.name}")
    taken = {"gdviz": 1}
    for source, gave in names.items():
        key, fields = read(source)
        taken[key] = taken.get(key, 0) + 1
        suffix = "" if taken[key] == 1 else chr(ord("a") + taken[key] - 1)
        fields["note"] = ", ".join(filter(None, [fields.get("note", ""), f"gdviz: {', '.join(gave)}"]))
        entries.append(_entry("misc", key + suffix, fields))
    return "\n\n".join(entries)


def _sources(line: str) -> list[str]:
    """The works that one line names, separated by `; `; a part without a year belongs to the one before it."""
    parts: list[str] = []
    for part in filter(None, (part.strip() for part in line.split("; "))):
        if parts and not _ENTRY.match(part):
            parts[-1] += f", {part}"
        else:
            parts.append(part)
    return parts


def read(source: str) -> tuple[str, dict[str, str]]:
    """Key and fields of a source line such as `Kingma & Ba 2015, Adam: a method …, arXiv:1412.6980, algorithm 1`.

    A line without a year is kept whole as the title; `Zettl 1970, in: Schwefel 1981, …` gives Schwefel's work.
    """
    origin, _, host = source.rpartition(", in: ")
    if origin:
        key, fields = read(host)
        return key, fields | {"note": ", ".join(filter(None, [f"originally {origin}", fields.get("note", "")]))}
    fields = {}
    rest = source
    for name, pattern in _LOCATORS.items():
        if found := pattern.search(rest):
            located = found[1].rstrip(".,;")
            fields[name] = located
            rest = rest.replace(found[0].removesuffix(found[1]) + located, _LOCATED)
    if "eprint" in fields:
        fields["archiveprefix"] = "arXiv"
    match = _ENTRY.match(rest)
    if match is None:
        title = rest.replace(_LOCATED, "").strip(" ,")
        return _key(title.split(" ")[0] or "source"), {"title": title, **fields}
    # `centered: Graves 2013` and `forms after Sutskever et al. 2013` say what was taken before they say from whom.
    role = re.match(r"((?:[a-z]\S* )+)(?=[A-Z])", match["authors"])
    who = match["authors"][role.end() :] if role else match["authors"]
    authors = re.split(r", | & | and ", who.replace(" et al.", " & others"))
    pieces = match["rest"].strip(" ,").split(", ")
    # Titles have commas, too: what goes on in small letters belongs to the title, unless it names a place in the work.
    end = next((i for i, p in enumerate(pieces) if (i and not p[:1].islower()) or _PLACE.match(p)), len(pieces))
    parts = ([p.replace(_LOCATED, "").strip() for p in part] for part in (pieces[:end], pieces[end:]))
    title, note = (", ".join(filter(None, part)) for part in parts)
    first = {
        "author": " and ".join(authors),
        "title": title,
        "year": match["year"],
        "note": ", ".join(filter(None, [role[0].strip(" :") if role else "", note])),
    }
    return _key(authors[0].split(" ")[-1] + match["year"]), {k: v for k, v in first.items() if v} | fields


def _key(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return re.sub(r"\W", "", plain).lower() or "source"


def _entry(kind: str, key: str, fields: dict[str, str]) -> str:
    verbatim = {"url", "doi"}
    shown = {field: value if field in verbatim else _escape(value) for field, value in fields.items()}
    rows = "".join(f"  {field} = {{{value}}},\n" for field, value in shown.items())
    return f"@{kind}{{{key},\n{rows}}}"


def _escape(text: str) -> str:
    return re.sub(r"([&%#_$])", r"\\\1", text)
