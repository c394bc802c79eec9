"""What a picture of a gallery depends on, by value: the causes of a picture are compared with those of the last build.

All layouts know what pages say in every language, so that parts stand at the same places in each; a language's file is
still a cause of its own pictures alone, as a word that moves others by a pixel is no reason to draw all of them again.
"""

from __future__ import annotations

import functools
import importlib.metadata
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from gdviz import errors
from gdviz.catalogue.lookup import find
from gdviz.draw.fonts import packaged
from gdviz.errors import UsageError
from gdviz.gallery.entry import Entry
from gdviz.lang import FOLDER as LANGUAGES
from gdviz.registry.kinds import KINDS
from gdviz.registry.sources import sha256
from gdviz.scene.themes import THEMES

PACKAGES = ("numpy", "matplotlib", "av", "pillow")
"""Packages of which another version may draw, or encode, otherwise."""

GONE = "gone"
"""In place of a definition's digest."""

ROOT = Path(errors.__file__).parent


def hash_of(path: Path) -> str:
    """Of what a file holds; "none" where it cannot be read."""
    try:
        return sha256(path.read_bytes())
    except OSError:
        return "none"


def causes(
    entry: Entry,
    lang: str,
    theme: str,
    look: Mapping[str, str],
    digests: Mapping[str, str],
    hashed: Callable[[Path], str] = hash_of,
) -> dict[str, str]:
    """By what each is called: the recipe as written, the files that it reads, definitions by kind and name, gdviz's own
    sources, the language, the theme, fonts, versions of packages, and the look that a build asks for.

    hashed: what hashes a file; a build asks for the same ones again and again.
    """
    files = {f"file {name}": hashed(entry.file.parent / name) for name in entry.files}
    return {
        "recipe": _hash(entry.text),
        **files,
        **{f"{key.replace(':', ' ')}": digest for key, digest in digests.items()},
        "gdviz": own_sources(),
        f"language {lang}": hashed(LANGUAGES / f"{lang}.toml"),
        f"theme {theme}": _hash(repr(THEMES[theme])),
        "fonts": _fonts(),
        **_versions(),
        **{f"gallery's {key}": value for key, value in look.items()},
    }


def changed(now: Mapping[str, str], then: Mapping[str, str]) -> list[str]:
    """Names of the causes that are not what they were."""
    return [key for key in dict.fromkeys((*now, *then)) if now.get(key) != then.get(key)]


def digest_now(key: str) -> str:
    """The digest of a definition, by kind and name, as it is; GONE of one that is not there any more."""
    kind, _, name = key.partition(":")
    try:
        return find(kind, name).digest
    except UsageError:
        return GONE


@functools.cache
def own_sources() -> str:
    """Hash of gdviz's own text: modules, styles and scripts, but for definitions, languages and themes, which count one
    by one."""
    definitions = {ROOT / "catalogue" / kind.plural for kind in KINDS.values()}
    left_out = {*definitions, LANGUAGES, ROOT / "scene" / "themes.py", ROOT / "gallery" / "lectures"}

    def texts() -> Iterator[str]:
        for path in sorted(ROOT.rglob("*")):
            if path.is_file() and path.parent.name != "__pycache__" and left_out.isdisjoint((path, *path.parents)):
                yield f"{path.relative_to(ROOT).as_posix()} {hash_of(path)}"
        yield f"lang/__init__.py {hash_of(LANGUAGES / '__init__.py')}"

    return _hash("\n".join(texts()))


def _hash(text: str) -> str:
    return sha256(text.encode())


@functools.cache
def _fonts() -> str:
    return _hash("\n".join(map(hash_of, packaged())))


@functools.cache
def _versions() -> dict[str, str]:
    return {package: importlib.metadata.version(package) for package in PACKAGES}
