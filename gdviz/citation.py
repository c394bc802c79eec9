"""BibTeX of gdviz and of definitions, made from the one line of source that each definition carries."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

from gdviz.registry import Definition

_ENTRY = re.compile(r"(?P<authors>[^,;]*?(?:, [^,;]*?)*?) (?P<year>1[89]\d\d|20\d\d)\b,? ?(?P<rest>.*)", re.DOTALL)
_LOCATORS = {
    "doi": re.compile(r"doi:(10\.\S+)"),
    "eprint": re.compile(r"arXiv:(\d+\.\d+)"),
    "url": re.compile(r"(https?://\S+)"),
    "isbn": re.compile(r"ISBN ([\d-]+X?)"),
}


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
    taken: dict[str, int] = {}
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

    A line without a year is kept whole as the title.
    """
    fields: dict[str, str] = {}
    rest = source
    for name, pattern in _LOCATORS.items():
        if found := pattern.search(rest):
            fields[name] = found[1].rstrip(".,;")
            rest = rest.replace(found[0], "")
    if "eprint" in fields:
        fields["archiveprefix"] = "arXiv"
    match = _ENTRY.match(rest)
    if match is None:
        title = rest.strip(" ,")
        return _key(title.split(" ")[0] or "source"), {"title": title, **fields}
    # `centered: Graves 2013` and `forms after Sutskever et al. 2013` say what was taken before they say from whom.
    role = re.match(r"((?:[a-z]\S* )+)(?=[A-Z])", match["authors"])
    who = match["authors"][role.end() :] if role else match["authors"]
    authors = re.split(r", | & | and ", who.replace(" et al.", " & others"))
    title, _, note = match["rest"].strip(" ,").partition(", ")
    first = {
        "author": " and ".join(authors),
        "title": title,
        "year": match["year"],
        "note": ", ".join(filter(None, [role[0].strip(" :") if role else "", note.strip(" ,")])),
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
