"""Pages of a site: an index and a page of every entry, in each language, of the manifest alone.

They are static, ask for nothing but files beside them, and work from a folder as well as from a server.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable, Mapping
from html import escape
from importlib import resources
from pathlib import Path
from typing import Any

from gdviz.draw.mathematics import plain
from gdviz.encode import FORMATS
from gdviz.gallery import records, sheet
from gdviz.gallery.causes import hash_of, own_sources
from gdviz.gallery.entry import DATA
from gdviz.gallery.markup import sources, title_of
from gdviz.lang import FOLDER as LANGUAGES
from gdviz.lang import Texts, languages, texts
from gdviz.recipe.page import words_of
from gdviz.registry.sources import sha256

ASSETS = ("site.css", "site.js")
KINDS = {"optimizer": "page_optimizer", "landscape": "page_landscape"}
"""Kinds of definitions that an index can be filtered by, and what that is called."""

MEDIA = ("text/", "video/", "image/")
"""What a page shows of an entry's files, the best first, by how the web calls them: what can be touched, what plays, a
picture."""

Manifest = Mapping[str, Any]


def stamp(shown: Iterable[str]) -> str:
    """What pages in these languages are made by: with the same stamp and manifest they are the same."""
    return sha256("\n".join([own_sources(), *(hash_of(LANGUAGES / f"{lang}.toml") for lang in shown)]).encode())


def are_there(site: Path, manifest: Manifest) -> bool:
    """Whether there is a file for each page, and each thing that pages share."""
    shared = {site / "index.html", *(site / "assets" / name for name in ASSETS)}
    return all(path.is_file() for path in shared | _paths(site, manifest))


def write(site: Path, manifest: Manifest) -> None:
    """Write all pages of a site; those that are as they were are not touched, nor are those of no entry any more."""
    for name in ASSETS:
        text = resources.files("gdviz.gallery").joinpath("assets", name).read_text(encoding="utf-8")
        records.replace(site / "assets" / name, text)
    cells = sheet.cells(manifest)
    for lang in manifest["languages"]:
        listed = [entry for entry in manifest["entries"] if entry["name"] not in cells]
        shown = [(entry, found) for entry in listed if (found := _pictures(entry, lang))]
        records.replace(site / lang / "index.html", _index(manifest, lang, shown))
        for i, (entry, pictures) in enumerate(shown):
            around = [shown[k][0] if 0 <= k < len(shown) else None for k in (i - 1, i + 1)]
            page = _entry(site, manifest, lang, entry, pictures, around)
            records.replace(site / lang / f"{entry['name']}.html", page)
        if cells:
            title = escape(texts(lang).text("page_sheet"))
            body = sheet.body(manifest, lang, {entry["name"] for entry, _ in shown})
            records.replace(site / lang / sheet.PAGE, _page(manifest, lang, sheet.PAGE, title, body))
    records.replace(site / "index.html", _door(manifest))


def prune(site: Path, manifest: Manifest) -> list[str]:
    """Remove pages of entries and languages that a manifest does not name, which would show nothing; their names."""
    kept = _paths(site, manifest)
    gone = [path for lang in languages() for path in sorted((site / lang).rglob("*.html")) if path not in kept]
    for path in gone:
        path.unlink()
    return [path.relative_to(site).as_posix() for path in gone]


def _paths(site: Path, manifest: Manifest) -> set[Path]:
    """All pages in languages."""
    cells, found = sheet.cells(manifest), set[Path]()
    for lang in manifest["languages"]:
        shown = [one["name"] for one in manifest["entries"] if one["name"] not in cells and _pictures(one, lang)]
        found |= {site / lang / f"{name}.html" for name in shown} | {site / lang / "index.html"}
        found |= {site / lang / sheet.PAGE} if cells else set()
    return found


def _pictures(entry: Manifest, lang: str) -> dict[str, Any]:
    """An entry's pictures in a language by theme."""
    return {one["theme"]: one for one in entry["pictures"] if one["lang"] == lang}


def _door(manifest: Manifest) -> str:
    """The page that leads on to that of the reader's language."""
    languages = manifest["languages"]
    title = escape(words_of(manifest["title"], languages[0]))
    links = " ".join(f'<a href="{lang}/index.html" hreflang="{lang}">{_own_name(lang)}</a>' for lang in languages)
    known = ", ".join(f'"{lang}"' for lang in languages)
    return (
        f'<!doctype html>\n<html lang="{languages[0]}"><meta charset="utf-8"><title>{title}</title>\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<link rel="stylesheet" href="assets/site.css">\n'
        f"<main><h1>{title}</h1><p>{links}</p></main>\n"
        f"<script>\nconst known = [{known}];\n"
        "const wanted = (navigator.languages || []).map((one) => one.slice(0, 2)).find((one) => known.includes(one));\n"
        'location.replace((wanted || known[0]) + "/index.html" + location.hash);\n</script>\n</html>\n'
    )


def _own_name(lang: str) -> str:
    return escape(texts(lang).text("page_language"))


def _page(manifest: Manifest, lang: str, path: str, title: str, body: str) -> str:
    """A whole page; path: its own from the language's folder."""
    words, up = texts(lang), "../" * (path.count("/") + 1)
    name = escape(words_of(manifest["title"], lang))
    others = " ".join(
        f'<a href="{up}{other}/{path}" hreflang="{other}" lang="{other}"'
        f"{' aria-current=true' if other == lang else ''}>{_own_name(other)}</a>"
        for other in manifest["languages"]
    )
    footer = escape(words_of(manifest["footer"], lang))
    compared = (
        f'<a href="{up}{lang}/{sheet.PAGE}">{escape(words.text("page_sheet"))}</a>' if sheet.cells(manifest) else ""
    )
    return (
        f'<!doctype html>\n<html lang="{lang}">\n<head>\n<meta charset="utf-8">\n<title>{title}</title>\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f'<meta name="generator" content="gdviz {escape(manifest["gdviz"])}">\n'
        f'<link rel="stylesheet" href="{up}assets/site.css">\n<script src="{up}assets/site.js" defer></script>\n'
        f'</head>\n<body>\n<a class="skip" href="#content">{escape(words.text("page_skip"))}</a>\n<header>\n'
        f'<p class="home"><a href="{up}{lang}/index.html">{name}</a></p>\n'
        f'{compared}<nav class="languages" aria-label="{escape(words.text("page_languages"))}">{others}</nav>\n'
        f'<button id="theme" type="button" aria-pressed="false">{escape(words.text("page_dark"))}</button>\n</header>\n'
        f'<main id="content">\n{body}\n</main>\n<footer>{footer}</footer>\n</body>\n</html>\n'
    )


def _index(manifest: Manifest, lang: str, shown: list[tuple[Manifest, dict[str, Any]]]) -> str:
    words = texts(lang)
    name = escape(words_of(manifest["title"], lang))
    body = [f'<h1 class="unseen">{name}</h1>', _search(manifest, lang, [entry for entry, _ in shown])]
    for chapter in manifest["chapters"]:
        cards = [_card(lang, entry, found) for entry, found in shown if entry["chapter"] == chapter["name"]]
        if not cards:
            continue
        text = escape(words_of(chapter["text"], lang))
        head = f"<h2>{escape(words_of(chapter['title'], lang))}</h2>" + (f"\n<p>{text}</p>" if text else "")
        body.append(
            f'<section class="chapter">\n{head}\n<ul class="cards">\n' + "\n".join(cards) + "\n</ul>\n</section>"
        )
    body += [f'<p class="stale">{escape(words.text("page_failed", name=entry["name"]))}</p>'
             for entry in manifest["entries"] if entry["state"] == "failed"]  # fmt: skip
    return _page(manifest, lang, "index.html", name, "\n".join(body))


def _search(manifest: Manifest, lang: str, entries: Iterable[Manifest]) -> str:
    words, listed = texts(lang), list(entries)
    fields = [
        f'<input type="search" name="q" placeholder="{escape(words.text("page_search"))}" '
        f'aria-label="{escape(words.text("page_search"))}">'
    ]
    for kind, word in KINDS.items():
        names = sorted({name for entry in listed for name in entry["named"].get(kind, ())})
        options = [(f"{kind}:{name}", title_of(kind, name, lang)) for name in names]
        fields.append(_select(kind, words.text(word), options))
    tags = sorted({tag for entry in listed for tag in entry["tags"]})
    fields.append(_select("tag", words.text("page_tag"), [(f"tag:{tag}", tag) for tag in tags]))
    fields.append(f'<button type="reset">{escape(words.text("page_all"))}</button>')
    count, none = escape(words.text("page_count")), escape(words.text("page_none"))
    inner = "\n".join(filter(None, fields))
    return (
        f'<form class="search" role="search" data-count="{count}" data-none="{none}">\n{inner}\n</form>\n'
        '<p class="count" aria-live="polite"></p>'
    )


def _select(name: str, label: str, options: list[tuple[str, str]]) -> str:
    if len(options) < 2:
        return ""
    rows = "".join(f'<option value="{escape(value)}">{escape(said)}</option>' for value, said in options)
    said = escape(label)
    return f'<select name="{name}" aria-label="{said}"><option value="">{said}</option>{rows}</select>'


def _card(lang: str, entry: Manifest, pictures: Mapping[str, Any]) -> str:
    first = next(iter(pictures.values()))
    title = plain(first["title"])
    named = [title_of(kind, name, lang) for kind in KINDS for name in entry["named"].get(kind, ())]
    search = " ".join([title, plain(first["caption"]), entry["name"], *named, *entry["tags"]])
    tags = [f"{kind}:{name}" for kind in KINDS for name in entry["named"].get(kind, ())]
    tags += [f"tag:{tag}" for tag in entry["tags"]]
    wide, high = first["thumbnail"]
    image = (
        f'<img loading="lazy" decoding="async" width="{wide}" height="{high}" alt="" '
        f"{sources(pictures, 'thumb', '../' + _folder(entry))}>"
    )
    old = f'<span class="of stale">{escape(texts(lang).text("page_old"))}</span>' if entry["fault"] else ""
    told = ", ".join(named[:6]) + ("…" if len(named) > 6 else "")
    return (
        f'<li class="card" data-words="{escape(search)}" data-tags="{escape(" ".join(tags))}">'
        f'<a href="{escape(entry["name"])}.html">{image}<span class="name">{escape(title)}</span>'
        f'<span class="of">{escape(told)}</span>{old}</a></li>'
    )


def _folder(entry: Manifest) -> str:
    return f"{records.FILES}/{entry['name']}"


def _entry(
    site: Path,
    manifest: Manifest,
    lang: str,
    entry: Manifest,
    pictures: Mapping[str, Any],
    around: list[Manifest | None],
) -> str:
    words, first = texts(lang), next(iter(pictures.values()))
    path = f"{entry['name']}.html"
    up = "../" * (path.count("/") + 1)
    folder = up + _folder(entry)
    title, caption = plain(first["title"]), plain(first["caption"])
    recipe = (site / _folder(entry) / records.RECIPE).read_text(encoding="utf-8")
    stale = f'<p class="stale">{escape(words.text("page_stale", fault=entry["fault"]))}</p>' if entry["fault"] else ""
    parts = [
        f"<article>\n<h1>{escape(title)}</h1>",
        stale,
        f"<figure>\n{_shown(entry, pictures, folder)}\n<figcaption>{_said(caption, first['remarks'])}</figcaption>\n"
        "</figure>",
        _files(words, pictures, folder),
        _copy(words, "command", words.text("page_command"), first["command"]),
        f"<details>\n<summary>{escape(words.text('page_recipe'))}</summary>\n"
        + _copy(words, "recipe", "", recipe)
        + "\n</details>",
        _definitions(words, first["definitions"], caption),
        "</article>",
        _around(around, lang, up),
    ]
    return _page(manifest, lang, path, escape(title), "\n".join(filter(None, parts)))


def _said(caption: str, remarks: str) -> str:
    """What stands below a picture: the page's own words, and what the picture says there itself."""
    below = f'<p class="from">{escape(plain(remarks))}</p>' if remarks else ""
    return f"<p>{escape(caption)}</p>{below}"


def _shown(entry: Manifest, pictures: Mapping[str, Any], folder: str) -> str:
    first = next(iter(pictures.values()))
    alt, still = escape(plain(first["alt"])), entry["formats"][0]
    shown = [ending for ending in entry["formats"] if ending not in DATA]
    best = min(
        (ending for ending in shown if _mime(ending).startswith(MEDIA)),
        key=lambda ending: next(i for i, kind in enumerate(MEDIA) if _mime(ending).startswith(kind)),
    )
    source = sources(pictures, best, folder)
    if _mime(best).startswith("text/"):
        return f'<iframe title="{alt}" loading="lazy" allow="fullscreen" {source}></iframe>'
    if _mime(best).startswith("video/"):
        poster = sources(pictures, still, folder, "poster")
        return (
            f'<video controls loop muted playsinline preload="metadata" aria-label="{alt}" {source} {poster}></video>'
        )
    moving = next((one for one in shown if FORMATS[f".{one}"].film), still)
    return f'<img alt="{alt}" {sources(pictures, moving, folder)}>'


def _mime(ending: str) -> str:
    return FORMATS[f".{ending}"].mime


def _files(words: Any, pictures: Mapping[str, Any], folder: str) -> str:
    many = len(pictures) > 1
    rows = []
    for theme, one in pictures.items():
        for ending, file in one["files"].items():
            if ending == "thumb":
                continue
            said = f"{ending.upper()}{f', {_theme(words, theme)}' if many else ''}"
            size = (
                f"{max(1, round(file['bytes'] / 1e3))} kB" if file["bytes"] < 1e6 else f"{file['bytes'] / 1e6:.1f} MB"
            )
            rows.append(f'<li><a href="{folder}/{escape(file["name"])}" download>{said} <small>{size}</small></a></li>')
    recipe = escape(words.text("page_recipe"))
    rows.append(f'<li><a href="{folder}/{records.RECIPE}" download>{recipe} <small>TOML</small></a></li>')
    return '<ul class="files">\n' + "\n".join(rows) + "\n</ul>"


def _theme(words: Texts, theme: str) -> str:
    """What a theme is called; one that no language has a word for has the name that recipes know it by."""
    return words.name("theme", theme) or theme


@functools.cache
def _copying(lang: str) -> list[str]:
    """What a button that copies says, before, after, and where it cannot: thousands of them are written."""
    return [escape(texts(lang).text(key)) for key in ("page_copy", "page_copied", "page_not_copied")]


def _copy(words: Any, id: str, label: str, text: str) -> str:
    said = f"<p>{escape(label)}</p>\n" if label else ""
    word, done, failed = _copying(words.code)
    return (
        f'{said}<div class="copy"><pre id="{id}">{escape(text)}</pre>'
        f'<button type="button" data-copy="{id}" data-done="{done}" data-failed="{failed}">{word}</button></div>'
    )


def _definitions(words: Any, told: list[Manifest], caption: str) -> str:
    """What is used, each with its mathematics, set by the browser, and the text that it is computed by; caption: what
    the page says already."""
    if not told:
        return ""
    inner = "\n".join(_definition(words, one, number, caption) for number, one in enumerate(told))
    return f'<section class="definitions">\n<h2>{escape(words.text("page_definitions"))}</h2>\n{inner}\n</section>'


def _definition(words: Any, one: Manifest, number: int, caption: str) -> str:
    name = f" <small><code>{escape(one['name'])}</code></small>" if one["name"] else ""
    parts = [f"<h3>{escape(one['title'])}{name}</h3>"]
    parts += [f"<p>{escape(one['summary'])}</p>"] if one["summary"] not in ("", caption) else []
    for place, formula in enumerate(one["formulas"]):
        parts += [_formula(one["title"], formula), _letters(formula["options"])]
        copied = _copy(words, f"tex-{number}-{place}", "", formula["tex"])
        parts.append(f"<details>\n<summary>LaTeX</summary>\n{copied}\n</details>")
    parts += [f'<p class="from">{escape(one["source"])}</p>'] if one["source"] else []
    if one["text"]:
        said = escape(words.text("page_source"))
        parts.append(f"<details>\n<summary>{said}</summary>\n<pre>{escape(one['text'])}</pre>\n</details>")
    return '<section class="definition">\n' + "\n".join(filter(None, parts)) + "\n</section>"


def _formula(title: str, formula: Manifest) -> str:
    """The lines of a rule, in a box of their own that scrolls where one is longer than the page is wide."""
    when = f"<p><code>{escape(formula['when'])}</code></p>\n" if formula["when"] else ""
    lines = "".join(f'<div style="--depth: {depth}">{line}</div>' for depth, line in formula["lines"])
    return f'{when}<div class="formula" role="group" aria-label="{escape(title)}">{lines}</div>'


def _letters(options: list[list[str]]) -> str:
    """What options the letters of a formula are, and their values."""
    rows = "".join(
        f"<li>{letter} = {escape(value)} <code>{escape(name)}</code></li>" for letter, name, value in options
    )
    return f'<ul class="letters">{rows}</ul>' if rows else ""


def _around(around: list[Manifest | None], lang: str, up: str) -> str:
    links = []
    for arrow, entry in zip(("←", "→"), around, strict=True):
        if entry is None:
            links.append("<span></span>")
            continue
        title = escape(plain(next(iter(_pictures(entry, lang).values()))["title"]))
        said = f"{arrow} {title}" if arrow == "←" else f"{title} {arrow}"
        links.append(f'<a href="{up}{lang}/{escape(entry["name"])}.html">{said}</a>')
    return '<nav class="around">' + " ".join(links) + "</nav>"
